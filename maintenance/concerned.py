"""Whom a change concerns, as values for the policy: which services are hit in which windows, and by which clock each customer counts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Coalesce

from customers.models import Customer
from maintenance.clocks import Clock
from maintenance.impact import hit_services
from maintenance.models import Maintenance, Window
from maintenance.promises import Piece
from maintenance.states import Impact

Services = Mapping[str, Sequence[Piece]]
"""Of one customer: object id -> in which windows, and how badly."""


@dataclass(frozen=True)
class Concerned:
    """A customer as refusals name it and as the clocks count it."""

    account: str
    clock: Clock


def concerned(customers: Iterable[int], maintenance: Maintenance, *, days: int) -> dict[int, Concerned]:
    """Return account and clock by customer: the most days that we, the region, the supplier or the contract ask for. One query."""
    wanted = set(customers)
    least = max(days, (maintenance.supplier and maintenance.supplier.notice_days) or 0)
    rows = Customer.objects.values_list(
        "pk",
        "account",
        "timezone",
        Coalesce("notice_days", 0),
        Coalesce("region__notice_days", 0),
    ).order_by("account")
    if len(wanted) <= _FEW:
        rows = rows.filter(pk__in=wanted)
    return {pk: Concerned(account, Clock(str(zone), max(least, own, regional))) for pk, account, zone, own, regional in rows if pk in wanted}


_FEW = 500
"""Up to so many keys go into the query; above, all customers are read."""


def count_clocks(customers: Iterable[int], known: Mapping[int, Concerned]) -> dict[Clock, int]:
    """Return how many of the customers count by each clock, in the order of zones and days."""
    return dict(sorted(Counter(known[customer].clock for customer in customers if customer in known).items()))


def services_hit(maintenance: Maintenance, windows: Sequence[Window]) -> dict[int, dict[str, list[Piece]]]:
    """Return what the windows hit, by customer and object id, as the work stands now: one query, and one more for each narrowed window.

    The windows' times are taken as they are in memory; objects that narrow one are those stored.
    """
    numbers = maintenance.objects_named.filter(window__isnull=False).values_list("window_id", flat=True)
    narrowed = set(numbers)
    found: dict[int, dict[str, list[Piece]]] = defaultdict(lambda: defaultdict(list))
    wide = [window for window in windows if window.pk not in narrowed]
    groups: list[tuple[Window | None, list[Window]]] = [(window, [window]) for window in windows if window.pk in narrowed]
    if wide:
        groups.insert(0, (None, wide))
    for owner, members in groups:
        pieces = pieces_of(maintenance, members)
        for customer, name in hit_services(maintenance, owner).order_by("customer_id", "object_id").values_list("customer_id", "object_id"):
            found[customer][name] += pieces
    return {customer: dict(services) for customer, services in found.items()}


def pieces_of(maintenance: Maintenance, windows: Iterable[Window]) -> list[Piece]:
    """Return what each window does to a service that it hits; service is never affected for longer than the window lasts."""
    return [
        Piece(
            window.number, window.start, end, Impact(maintenance.impact), min(maintenance.expected_outage_minutes, (end - window.start) // timedelta(minutes=1))
        )
        for window in windows
        for end in (window.overran_from or window.end,)
    ]
