"""Who was served in time for a window: read from Served alone, never from deliveries (DESIGN.md section 3)."""

from dataclasses import dataclass
from itertools import takewhile
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from maintenance.clocks import enough
from maintenance.models import Maintenance, Notice, NoticeCustomer, NoticeService, Served, Window
from maintenance.models.notice_service import EVERY_WINDOW
from maintenance.notices import told_by
from maintenance.states import Kind, WindowState


@dataclass(frozen=True)
class Shortfall:
    """A customer that the window hits and that was not served in time."""

    customer_id: int
    account: str


def heard(maintenance: Maintenance) -> QuerySet[Served, int]:
    """Return the ids of the customers that were served with any of the maintenance's notices."""
    return Served.objects.filter(notice__maintenance=maintenance, revoked_at__isnull=True).values_list("customer_id", flat=True)


def shortfalls(window: Window, *, days: int) -> list[Shortfall]:
    """Return the customers hit for whom no notice that named this interval was accepted ``days`` before it, by both clocks."""
    newest_first = list(Notice.objects.filter(maintenance=window.maintenance).order_by("-revision"))
    # a notice counts as long as no later one withdrew what it named: other times for all, a cancellation for one customer
    naming = [notice.pk for notice in takewhile(lambda notice: _names(notice, window), newest_first)]
    withdrawn = NoticeCustomer.objects.filter(
        notice__maintenance=window.maintenance,
        notice__revision__gte=OuterRef("notice__revision"),
        customer=OuterRef("customer"),
        kind=Kind.CANCELLED,
    )
    in_time = {
        customer
        for customer, accepted_at, zone in Served.objects.filter(~Exists(withdrawn), notice__in=naming, revoked_at__isnull=True).values_list(
            "customer_id",
            "accepted_at",
            "customer__timezone",
        )
        if enough(accepted_at=accepted_at, start=window.start, zone=ZoneInfo(str(zone)), days=days)
    }
    hit = _hit(window, newest_first[0]) if newest_first else []
    return [Shortfall(pk, account) for pk, account in hit if pk not in in_time]


def _names(notice: Notice, window: Window) -> bool:
    return any(
        said.number == window.number and said.state != WindowState.CANCELLED and said.start <= window.start and window.end <= said.end
        for said in notice.said.windows
    )


def _hit(window: Window, notice: Notice) -> list[tuple[int, str]]:
    """Return (primary key, account) of the customers with a service that the notice says this window hits."""
    number = window.number if window.objects_named.exists() else EVERY_WINDOW
    services = NoticeService.objects.filter(notice=notice, customer=OuterRef("pk"), window_number=number)
    return list(told_by(notice).filter(Exists(services)).values_list("pk", "account"))


def accounts(shortfalls_found: list[Shortfall], *, most: int = 10) -> str:
    """Return the first accounts as text, and how many more there are."""
    named = ", ".join(item.account for item in shortfalls_found[:most])
    return named if len(shortfalls_found) <= most else f"{named} (+{len(shortfalls_found) - most})"
