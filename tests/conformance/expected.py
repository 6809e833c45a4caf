"""What a parser should find, told from the rows alone: none of the code that writes calendars is asked (DESIGN.md section 4, Calendars)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from maintenance.models import NoticeCustomer, NoticeService, Window

STATUSES = {
    "announced": "CONFIRMED",
    "in_progress": "IN-PROCESS",
    "presumed_ended": "IN-PROCESS",  # nobody has said that it is done
    "completed": "COMPLETED",
    "not_completed": "COMPLETED",
    "cancelled": "CANCELLED",
    "postponed": "CANCELLED",
}
BEGUN = ("in_progress", "presumed_ended", "completed", "not_completed")
ENDED = ("presumed_ended", "completed", "not_completed")
OVER = (*ENDED, "cancelled", "postponed")
FIRST = ("announced", "joined", "emergency", "late")
SILENT = ("reminder", "root_cause")
"""Kinds that change nothing in a feed."""


def of_mail(told: Iterable[NoticeCustomer]) -> list[dict[str, Any]] | None:
    """Return what the calendar of a mail holds for the accounts that it speaks of; None where it has no calendar."""
    told = list(told)
    if any(one.kind == "root_cause" for one in told):
        return None
    found: list[dict[str, Any]] = []
    for one in told:
        spared = {window["number"] for window in one.notice.said_json["windows"] if one.kind in FIRST and window["state"] in OVER}
        found += _entries(one, spared=spared, live={})
    return _sorted(found)


def of_feed(told: Iterable[NoticeCustomer]) -> list[dict[str, Any]]:
    """Return what a feed holds: the last that each customer was told of each maintenance, and what has become of it."""
    by_work = defaultdict(list)
    for one in sorted(told, key=lambda one: one.notice.revision):
        if one.kind not in SILENT:
            by_work[one.customer_id, one.notice.maintenance_id].append(one)
    found: list[dict[str, Any]] = []
    for (_customer, work), history in by_work.items():
        windows = {window.number: window for window in Window.objects.filter(maintenance=work)}
        live = {number: window for number, window in windows.items() if window.state in BEGUN}
        for number in windows:
            spoken = [one for one in history if _speaks_of(one, number)]
            found += _last_word(spoken or [one for one in history if _has_begun(one, number)][:1], number, spared=set(windows) - {number}, live=live)
    return _sorted(found)


def _last_word(spoken: list[NoticeCustomer], number: int, *, spared: set[int], live: dict[int, Window]) -> Iterable[dict[str, Any]]:
    """Return the entry by the last notice that names services in the window; one after it that names none has taken the window away."""
    place, last = max(((place, one) for place, one in enumerate(spoken) if _hit(one, number)), default=(0, None), key=lambda found: found[0])
    for entry in _entries(last, spared=spared, live=live) if last else ():
        if place + 1 == len(spoken):
            yield entry
        else:
            taken = spoken[place + 1].notice
            window = next(window for window in taken.said_json["windows"] if window["number"] == number)
            yield {**entry, "status": "CANCELLED", "stamp": int(taken.issued_at.timestamp()), "sequence": window["sequence"]}


def _has_begun(told: NoticeCustomer, number: int) -> bool:
    return any(window["number"] == number and window["state"] == "in_progress" for window in told.notice.said_json["windows"])


def _hit(told: NoticeCustomer, number: int) -> QuerySet[NoticeService]:
    narrowed = any(window["number"] == number and window["narrowed"] for window in told.notice.said_json["windows"])
    return NoticeService.objects.filter(notice=told.notice, customer=told.customer, window_number=number if narrowed else 0)


def _speaks_of(told: NoticeCustomer, number: int) -> bool:
    """Tell whether it says anything of a window: what has begun goes on as it was told before, and what is called off was never a newcomer's."""
    state = next((window["state"] for window in told.notice.said_json["windows"] if window["number"] == number), None)
    return state is not None and state not in BEGUN and not (told.kind in FIRST and state in OVER)


def _entries(told: NoticeCustomer, *, spared: set[int], live: dict[int, Window]) -> Iterable[dict[str, Any]]:
    said, customer = told.notice.said_json, told.customer
    for window in said["windows"]:
        number = window["number"]
        circuits = sorted([row.object_id, row.impact.upper().replace("_", "-")] for row in _hit(told, number))
        if number in spared or not circuits:
            continue
        withdrawn = window["state"] in ("cancelled", "postponed") or (told.kind == "cancelled" and window["state"] not in BEGUN)
        now = None if withdrawn else live.get(number)
        digest = hashlib.sha256(f"{said['reference']}\n{number}\n{customer.account}".encode()).hexdigest()
        yield {
            "provider": settings.PROVIDER_DOMAIN,
            "account": customer.account,
            "maintenance_id": f"{said['reference']}.{number}",
            "status": "CANCELLED" if withdrawn else _status(now.state if now else window["state"], alternate=window["alternate"]),
            "circuits": circuits,
            "start": _seconds(window["start"]),
            "end": int(now.end.timestamp()) if now else _seconds(window["end"]),
            "stamp": int((now.changed_at if now else told.notice.issued_at).timestamp()),
            "organizer": f"mailto:{customer.region.sender_email}",
            "uid": f"{digest[:40]}@{settings.PROVIDER_DOMAIN}",
            "sequence": now.sequence if now else window["sequence"],
        }


def _status(state: str, *, alternate: bool) -> str:
    return "TENTATIVE" if alternate and state == "announced" else STATUSES[state]


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _sorted(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entries, key=lambda entry: str(entry["uid"]))
