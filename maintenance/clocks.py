"""The two clocks of the promise: elapsed hours, and the wall clock of a customer's zone (DESIGN.md section 4, Notice 1).

Pure: moments are aware, results are UTC. Subtracting two datetimes of one zone would be wall-clock arithmetic, so elapsed
time is always taken in UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, order=True)
class Clock:
    """By what a customer's notice is counted: an IANA time zone, and days of notice."""

    zone: str
    days: int

    @property
    def place(self) -> ZoneInfo:
        """The zone's rules."""
        return ZoneInfo(self.zone)


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clocks of ``zone`` show at ``moment``, as a naive datetime."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def enough(*, accepted_at: datetime, start: datetime, zone: ZoneInfo, days: int) -> bool:
    """Tell whether a notice accepted at ``accepted_at`` is in time for a start, by both clocks; exactly ``days`` is enough."""
    period = timedelta(days=days)
    return start.astimezone(UTC) - accepted_at.astimezone(UTC) >= period and wall(accepted_at, zone) + period <= wall(start, zone)


def earliest_start(*, accepted_at: datetime, zone: ZoneInfo, days: int, since: datetime | None = None) -> datetime:
    """Return the first start, or the first not before ``since``, for which a notice accepted at ``accepted_at`` is in time.

    They differ where clocks go back: a start in the first passing of the repeated hour can be in time, and one at its second too early.
    """
    period = timedelta(days=days)
    elapsed = accepted_at.astimezone(UTC) + period
    if since is not None:
        elapsed = max(elapsed, since.astimezone(UTC))
    target = wall(accepted_at, zone) + period
    # a time that the clocks jump over needs no care: the elapsed hours are the stricter clock then
    first = max(elapsed, target.replace(tzinfo=zone).astimezone(UTC))
    if enough(accepted_at=accepted_at, start=first, zone=zone, days=days):
        return first
    # we are past the first passing, in the hour that the clocks repeat: only its second passing shows the time again
    return max(elapsed, target.replace(tzinfo=zone, fold=1).astimezone(UTC))


def latest_acceptance(*, start: datetime, zone: ZoneInfo, days: int) -> datetime:
    """Return the last moment such that acceptance then, or at any time before, is in time for ``start``."""
    period = timedelta(days=days)
    elapsed = start.astimezone(UTC) - period
    target = wall(start, zone) - period
    # the first passing of a time shown twice: between the two the clocks show later ones; a time jumped over as above
    return min(elapsed, target.replace(tzinfo=zone).astimezone(UTC))


def common_earliest(*, accepted_at: datetime, clocks: Iterable[Clock]) -> datetime:
    """Return the first start that is in time by every clock, rounded up to the whole minute. Raises ValueError without clocks."""
    known = sorted(set(clocks))
    start = max(_next_minute(earliest_start(accepted_at=accepted_at, zone=clock.place, days=clock.days)) for clock in known)
    while not all(enough(accepted_at=accepted_at, start=start, zone=clock.place, days=clock.days) for clock in known):
        start += timedelta(minutes=1)  # some zone's clocks go back just then: at most their repeated hour is stepped over
    return start


def notice_given(*, accepted_at: datetime, start: datetime, zone: ZoneInfo) -> timedelta:
    """Return how much notice acceptance at ``accepted_at`` gives, by the stricter clock; negative where it comes after the start."""
    return min(start.astimezone(UTC) - accepted_at.astimezone(UTC), wall(start, zone) - wall(accepted_at, zone))


def _next_minute(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
