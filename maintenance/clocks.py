"""The two clocks of the promise: elapsed hours, and the wall clock of a customer's zone (DESIGN.md section 4, Notice 1).

Pure: moments are aware, results are UTC. Subtracting two datetimes of one zone would be wall-clock arithmetic, so elapsed
time is always taken in UTC.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_INSTANT = timedelta(microseconds=1)


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clocks of ``zone`` show at ``moment``, as a naive datetime."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def enough(*, accepted_at: datetime, start: datetime, zone: ZoneInfo, days: int) -> bool:
    """Tell whether a notice accepted at ``accepted_at`` is in time for a start, by both clocks; exactly ``days`` is enough."""
    period = timedelta(days=days)
    return start.astimezone(UTC) - accepted_at.astimezone(UTC) >= period and wall(accepted_at, zone) + period <= wall(start, zone)


def earliest_start(*, accepted_at: datetime, zone: ZoneInfo, days: int) -> datetime:
    """Return the first start for which a notice accepted at ``accepted_at`` is in time."""
    period = timedelta(days=days)
    elapsed = accepted_at.astimezone(UTC) + period
    target = wall(accepted_at, zone) + period
    first = max(elapsed, _first_showing(target, zone, fold=0))
    if enough(accepted_at=accepted_at, start=first, zone=zone, days=days):
        return first
    # 240 hours are over in the hour that the clocks repeat: only its second passing shows the time again
    return max(elapsed, _first_showing(target, zone, fold=1))


def latest_acceptance(*, start: datetime, zone: ZoneInfo, days: int) -> datetime:
    """Return the last moment such that acceptance then, or at any time before, is in time for ``start``."""
    period = timedelta(days=days)
    elapsed = start.astimezone(UTC) - period
    target = wall(start, zone) - period
    shown = target.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if wall(shown, zone) != target:  # the clocks jumped over it: what they show after the jump is too late
        shown = _jump(target, zone) - _INSTANT
    return min(elapsed, shown)


def _first_showing(target: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    """Return the first moment from which the clocks show ``target`` or later (its ``fold``-th passing where it has two)."""
    moment = target.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    return moment if wall(moment, zone) == target else _jump(target, zone)


def _jump(target: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clocks jump over ``target``: halve the time between the two readings of it."""
    before, after = sorted(target.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    while after - before > _INSTANT:
        middle = before + (after - before) / 2
        if wall(middle, zone) > target:
            after = middle
        else:
            before = middle
    return after
