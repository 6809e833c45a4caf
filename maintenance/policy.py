"""May it be announced? The ten-day promise and its one exception, as plain functions of values (DESIGN.md section 4, Notice).

No clock and no query: whoever asks passes ``now``. Moments are aware, results UTC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from maintenance.clocks import earliest_start, enough, latest_acceptance
from maintenance.states import Basis, Priority

VERSION = "2026-11"
"""Kept with each decision, so that it can be judged later by the rules of its time."""


@dataclass(frozen=True)
class Rules:
    """``days``: least notice, 10 or more. ``margin``: what a forecast keeps in hand. ``days_after_p1``: how long a closed P1 still justifies its repair."""

    days: int
    margin: timedelta
    days_after_p1: int


@dataclass(frozen=True)
class Shortage:
    """By how much the notice for a start would be too short in one zone. ``earliest`` is legal, ``comfortable`` keeps the margin too."""

    start: datetime
    zone: str
    customers: int
    short_by: timedelta
    earliest: datetime
    comfortable: datetime


@dataclass(frozen=True)
class P1:
    """An incident as the policy sees it; ``identified_at`` is empty where it never was a P1."""

    reference: str
    priority: str
    identified_at: datetime | None
    closed_at: datetime | None


def forecast(*, starts: Iterable[datetime], zones: Mapping[str, int], now: datetime, rules: Rules) -> Shortage | None:
    """Return the worst shortage if the notice went out now and took the whole margin to be accepted, or None where all is well.

    ``zones`` tells how many customers live by each zone's clocks; without any, UTC counts.
    """
    accepted_at = now.astimezone(UTC) + rules.margin
    places = zones or {"UTC": 0}
    worst: tuple[timedelta, datetime, str] | None = None
    for start in starts:
        for name in places:
            # later than the start asked for, not than the first that would do: in a repeated hour that can be the earlier one
            do = earliest_start(accepted_at=accepted_at, zone=ZoneInfo(name), days=rules.days, since=start)
            by = do - start.astimezone(UTC)
            if by and (worst is None or by > worst[0]):
                worst = by, start, name
    if worst is None:
        return None
    by, start, name = worst
    return Shortage(
        start=start,
        zone=name,
        customers=places[name],
        short_by=by,
        earliest=common_earliest(accepted_at=now, zones=places, days=rules.days),
        comfortable=common_earliest(accepted_at=accepted_at, zones=places, days=rules.days),
    )


def common_earliest(*, accepted_at: datetime, zones: Iterable[str], days: int) -> datetime:
    """Return the first start that is in time by the clocks of every zone, rounded up to the whole minute."""
    places = [ZoneInfo(name) for name in zones]
    start = max(_next_minute(earliest_start(accepted_at=accepted_at, zone=zone, days=days)) for zone in places)
    while not all(enough(accepted_at=accepted_at, start=start, zone=zone, days=days) for zone in places):
        start += timedelta(minutes=1)  # some zone's clocks go back just then: at most their repeated hour is stepped over
    return start


def deadline(*, starts: Iterable[datetime], zone: str, rules: Rules) -> datetime | None:
    """Return the last moment at which acceptance is still in time for every start, by one zone's clocks; None without starts."""
    return min((latest_acceptance(start=start, zone=ZoneInfo(zone), days=rules.days) for start in starts), default=None)


def justifies(incident: P1, *, start: datetime, rules: Rules) -> bool:
    """Tell whether an incident allows emergency work that starts at ``start``: a P1, now or once.

    An open one does; a closed one for work that starts within the days allowed (DOMAIN.md: the lasting repair belongs to the same P1).
    """
    if incident.identified_at is None:
        return False
    return incident.closed_at is None or start <= incident.closed_at + timedelta(days=rules.days_after_p1)


def basis(*, shortage: Shortage | None, incident: P1 | None, starts: Iterable[datetime], rules: Rules) -> Basis | None:
    """Return by which rule the work may be announced, or None where it may not.

    Work that keeps the full notice is planned work, even where a P1 would have excused it.
    """
    if shortage is None:
        return Basis.PLANNED
    if incident is not None and all(justifies(incident, start=start, rules=rules) for start in starts):
        return Basis.EMERGENCY
    return None


def classify(*, domain: str, sims: int, by_customer: Iterable[tuple[int, int]], private_apn: str) -> Priority:
    """Return an incident's priority by DOMAIN.md's table.

    ``sims``: affected over all customers; ``by_customer``: (affected, base) of each customer that is known. Exactly 25 is P4.
    """
    if domain == "customer":
        return Priority.NONE
    if domain == "mno":
        if private_apn == "down":
            return Priority.P1
        if private_apn == "impaired":
            return Priority.P2
        return Priority.P3 if sims > _FEW else Priority.P4
    pairs = list(by_customer)
    for priority, most, share in ((Priority.P1, 500, 2), (Priority.P2, 250, 4)):
        if sims > most or any(base >= _LARGE_BASE and affected * share > base for affected, base in pairs):
            return priority
    return Priority.P3 if sims > _FEW else Priority.P4


_FEW = 25
_LARGE_BASE = 250


def _next_minute(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
