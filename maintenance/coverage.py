"""Who was served in time for a window: read from Served alone, never from deliveries (DESIGN.md section 3)."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from maintenance.clocks import enough
from maintenance.models import Notice, Served, Window
from maintenance.notices import latest, told_by
from maintenance.states import WindowState


@dataclass(frozen=True)
class Shortfall:
    """A customer that the window hits and that was not served in time."""

    customer_id: int
    account: str


def shortfalls(window: Window, *, days: int) -> list[Shortfall]:
    """Return the customers hit for whom no notice that named this interval was accepted ``days`` before it, by both clocks."""
    naming = [
        notice.pk
        for notice in Notice.objects.filter(maintenance=window.maintenance)
        if any(_names(said.number, said.state, window) and said.start <= window.start and window.end <= said.end for said in notice.said.windows)
    ]
    in_time = {
        customer
        for customer, accepted_at, zone in Served.objects.filter(notice__in=naming, revoked_at__isnull=True).values_list(
            "customer_id",
            "accepted_at",
            "customer__timezone",
        )
        if enough(accepted_at=accepted_at, start=window.start, zone=ZoneInfo(str(zone)), days=days)
    }
    hit: list[tuple[int, str]] = list(told_by(latest(window.maintenance)).values_list("pk", "account"))
    return [Shortfall(pk, account) for pk, account in hit if pk not in in_time]


def _names(number: int, state: str, window: Window) -> bool:
    return number == window.number and state != WindowState.CANCELLED


def accounts(shortfalls_found: list[Shortfall], *, most: int = 10) -> str:
    """Return the first accounts as text, and how many more there are."""
    named = ", ".join(item.account for item in shortfalls_found[:most])
    return named if len(shortfalls_found) <= most else f"{named} (+{len(shortfalls_found) - most})"
