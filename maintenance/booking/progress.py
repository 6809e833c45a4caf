"""Who hears how a window goes."""

from customers.models import Customer
from maintenance.models import Maintenance, UpdateRule, Window
from maintenance.standing import Standing
from maintenance.states import Impact


def told_of_window(maintenance: Maintenance, window: Window) -> list[int]:
    """Return the customers who stand told that the window hits them."""
    return sorted(worst_impacts(maintenance, window))


def told_of_progress(maintenance: Maintenance, window: Window) -> list[int]:
    """Return those of them whose tier hears of start and completion, for the impact that the window has on them."""
    wanted = {(tier, impact) for tier, impact in UpdateRule.objects.filter(progress=True).values_list("tier_id", "impact")}
    return _of_tiers(worst_impacts(maintenance, window), wanted)


def told_by_reminder(maintenance: Maintenance, window: Window, *, hours: int) -> list[int]:
    """Return those of them whose tier is reminded so many hours before."""
    wanted = {(tier, impact) for tier, impact in UpdateRule.objects.filter(reminder_hours=hours).values_list("tier_id", "impact")}
    return _of_tiers(worst_impacts(maintenance, window), wanted)


def worst_impacts(maintenance: Maintenance, window: Window) -> dict[int, Impact]:
    """Return the worst that each customer was told of the window."""
    standing = Standing.of(maintenance)
    found = {}
    for customer in standing.customers():
        pieces = [piece for pieces in standing.promised(customer).values() for piece in pieces if piece.window == window.number]
        if pieces:
            found[customer] = max((piece.impact for piece in pieces), key=lambda impact: impact.severity)
    return found


def _of_tiers(impacts: dict[int, Impact], wanted: set[tuple[int, str]]) -> list[int]:
    if not wanted or not impacts:
        return []
    tiers = dict(Customer.objects.values_list("pk", "tier_id"))
    return sorted(customer for customer, impact in impacts.items() if (tiers[customer], str(impact)) in wanted)
