"""Who hears how a window goes."""

from datetime import datetime, timedelta

from customers.models import Customer
from maintenance.models import Maintenance, UpdateRule, Window
from maintenance.standing import Standing
from maintenance.states import Impact


def told_of_window(maintenance: Maintenance, window: Window) -> list[int]:
    """Return the customers who stand told that the window hits them."""
    return sorted(worst_impacts(maintenance, window))


def told_of_progress(maintenance: Maintenance, window: Window) -> list[int]:
    """Return those of them whose tier hears of start and completion, for the impact that the window has on them, if they have heard of the work."""
    wanted = {(tier, impact) for tier, impact in UpdateRule.objects.filter(progress=True).values_list("tier_id", "impact")}
    return _of_tiers(worst_impacts(maintenance, window, heard_by=window.end), wanted)


def told_by_reminder(maintenance: Maintenance, window: Window, *, hours: int) -> list[int]:
    """Return those of them whose tier is reminded so many hours before, and who have heard of the work as it is, longer ago than that."""
    wanted = {(tier, impact) for tier, impact in UpdateRule.objects.filter(reminder_hours=hours).values_list("tier_id", "impact")}
    return _of_tiers(worst_impacts(maintenance, window, heard_by=window.start - timedelta(hours=hours)), wanted)


def worst_impacts(maintenance: Maintenance, window: Window, *, heard_by: datetime | None = None) -> dict[int, Impact]:
    """Return the worst that each customer was told of the window; with ``heard_by`` only of those whose newest word was issued by then and accepted."""
    standing = Standing.of(maintenance)
    found = {}
    for customer in standing.customers():
        newest = standing.content(customer)
        if heard_by is not None and (newest is None or newest.accepted_at is None or newest.issued_at > heard_by):
            continue
        pieces = [piece for pieces in standing.promised(customer).values() for piece in pieces if piece.window == window.number]
        if pieces:
            found[customer] = max((piece.impact for piece in pieces), key=lambda impact: impact.severity)
    return found


def _of_tiers(impacts: dict[int, Impact], wanted: set[tuple[int, str]]) -> list[int]:
    if not wanted or not impacts:
        return []
    tiers = dict(Customer.objects.values_list("pk", "tier_id"))
    return sorted(customer for customer, impact in impacts.items() if (tiers[customer], str(impact)) in wanted)
