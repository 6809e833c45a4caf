"""What a parser should find, told from the rows alone: none of the code that writes calendars is asked."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from maintenance.models import NoticeCustomer, NoticeService, Window

STATUSES = {
    "announced": "CONFIRMED",
    "in_progress": "IN-PROCESS",
    "completed": "COMPLETED",
    "not_completed": "COMPLETED",
    "cancelled": "CANCELLED",
    "postponed": "CANCELLED",
}
SEVERITY = ["no_impact", "reduced_redundancy", "degraded", "outage"]


def of_mail(told: Iterable[NoticeCustomer]) -> list[dict[str, Any]]:
    """Return what the calendar of a mail holds for the accounts that it speaks of."""
    return _sorted(entry for one in told for entry in _entries(one, live={}))


def of_feed(told: Iterable[NoticeCustomer]) -> list[dict[str, Any]]:
    """Return what a feed holds: the last that each customer was told of each maintenance, and what has become of it."""
    last = {(one.customer_id, one.notice.maintenance_id): one for one in sorted(told, key=lambda one: one.notice.revision)}
    found: list[dict[str, Any]] = []
    for one in last.values():
        begun = Window.objects.filter(maintenance=one.notice.maintenance_id, started_at__isnull=False)
        found += _entries(one, live={window.number: window for window in begun})
    return _sorted(found)


def _entries(told: NoticeCustomer, *, live: dict[int, Window]) -> Iterable[dict[str, Any]]:
    said, customer = told.notice.said_json, told.customer
    for window in said["windows"]:
        number = window["number"]
        hit = NoticeService.objects.filter(notice=told.notice, customer=customer, window_number=number if window["narrowed"] else 0)
        circuits = sorted([row.object_id, _word(row.impact)] for row in hit)
        if not circuits:
            continue
        cancelled = told.kind == "cancelled"
        now = None if cancelled else live.get(number)
        digest = hashlib.sha256(f"{said['reference']}\n{number}\n{customer.account}".encode()).hexdigest()
        yield {
            "provider": settings.PROVIDER_DOMAIN,
            "account": customer.account,
            "maintenance_id": f"{said['reference']}.{number}",
            "status": "CANCELLED" if cancelled else STATUSES[now.state if now else window["state"]],
            "circuits": circuits,
            "start": _seconds(window["start"]),
            "end": _seconds(window["end"]),
            "stamp": int((now.changed_at if now else told.notice.issued_at).timestamp()),
            "organizer": f"mailto:{customer.region.sender_email}",
            "uid": f"{digest[:40]}@{settings.PROVIDER_DOMAIN}",
            "sequence": now.sequence if now else window["sequence"],
        }


def _word(impact: str) -> str:
    return SEVERITY[SEVERITY.index(impact)].upper().replace("_", "-")


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _sorted(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entries, key=lambda entry: str(entry["uid"]))
