"""When could it be done? Slots on a grid of quarter hours, ranked by whom they touch at work.

Pure: no clock, no query. Moments are aware, results UTC. Each number of SIMs is that of customers who live by the same clocks and
office hours, each customer counted once.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, takewhile
from zoneinfo import ZoneInfo

from customers.office_hours import OfficeHours, sessions
from maintenance.clocks import Clock, common_earliest, enough

STEP = timedelta(minutes=15)
"""Every zone's offset is a whole number of these, so that wall-clock quarter hours are the same moments everywhere."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Taken:
    """A time that stands against work in it, from ``start`` up to, but not with, ``end``; ``what`` says why."""

    start: datetime
    end: datetime
    what: str


@dataclass(frozen=True)
class Office:
    """Customers with ``sims`` in all who work in these hours (by their own clocks)."""

    hours: OfficeHours
    sims: int


@dataclass(frozen=True)
class Wanted:
    """A length of work that starts on one of the days from ``first`` to ``last`` of ``zone``; ``felt``: customers would notice it."""

    length: timedelta
    first: date
    last: date
    zone: ZoneInfo
    felt: bool = True


@dataclass(frozen=True)
class Slot:
    """``sims``: of the customers for whom a part of it falls into working hours; ``conflicts``: other work at that time."""

    start: datetime
    end: datetime
    sims: int
    conflicts: tuple[str, ...] = ()


def days_between(wanted: Wanted) -> tuple[datetime, datetime]:
    """Return the first moment of the first day and the one after the last day, UTC."""
    begin, after = (datetime.combine(day, time(), wanted.zone).astimezone(UTC) for day in (wanted.first, wanted.last + _DAY))
    return begin, after


def earliest(clocks: Sequence[Clock], *, accepted_at: datetime) -> datetime:
    """Return the first moment on the grid at which work is in time by every clock (one at least), if each notice is accepted at ``accepted_at``."""
    start = _on_grid(common_earliest(accepted_at=accepted_at, clocks=clocks))
    while not in_time(start, clocks, accepted_at=accepted_at):
        start += STEP  # some zone's clocks go back just then: at most their repeated hour is stepped over
    return start


def in_time(start: datetime, clocks: Iterable[Clock], *, accepted_at: datetime) -> bool:
    """Tell whether work at ``start`` keeps every promise."""
    return all(enough(accepted_at=accepted_at, start=start, zone=clock.place, days=clock.days) for clock in clocks)


def best(
    wanted: Wanted,
    *,
    clocks: Sequence[Clock],
    accepted_at: datetime,
    freezes: Iterable[Taken],
    conflicts: Sequence[Taken],
    offices: Iterable[Office],
    most: int = 10,
) -> list[Slot]:
    """Return at most ``most`` slots that are legal and without a freeze, the best first, none of which overlap.

    Those without a conflict come first, then those with the fewest SIMs in working hours (of work that nobody notices they do not
    count), then the earliest. Among equals each day of the planner's has its turn before any gets a second slot.
    """
    grid = _Grid.of(wanted, since=earliest(clocks, accepted_at=accepted_at))
    frozen, meeting, sims = grid.counts(freezes), grid.counts(conflicts), grid.at_work(offices)
    ranks: dict[tuple[bool, int], list[int]] = {}
    for index in range(grid.size):
        if not frozen[index]:
            ranks.setdefault((meeting[index] > 0, sims[index] if wanted.felt else 0), []).append(index)
    picked: list[int] = []
    for rank in sorted(ranks):
        picked += grid.spread(ranks[rank], apart_from=picked, most=most - len(picked), clocks=clocks, accepted_at=accepted_at)
    return [grid.slot(index, sims[index], conflicts) for index in picked]


@dataclass(frozen=True)
class _Grid:
    """``size`` starts, a step apart, from ``begin`` on."""

    begin: datetime
    size: int
    wanted: Wanted

    @classmethod
    def of(cls, wanted: Wanted, *, since: datetime) -> "_Grid":
        first, after = days_between(wanted)
        begin = _on_grid(max(first, since))
        return cls(begin, max(0, -((begin - after) // STEP)), wanted)

    def start(self, index: int) -> datetime:
        return self.begin + index * STEP

    def touching(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Return from which index up to which one a slot shares a moment with the half-open time from start to end."""
        low = (start - self.wanted.length - self.begin) // STEP + 1
        high = -((self.begin - end) // STEP)
        return min(max(low, 0), self.size), min(max(high, 0), self.size)

    def counts(self, taken: Iterable[Taken]) -> list[int]:
        """Return for each start how many of the times the slot touches."""
        return self._sums((self.touching(one.start, one.end), 1) for one in taken)

    def at_work(self, offices: Iterable[Office]) -> list[int]:
        """Return for each start the SIMs of the customers at work in some part of the slot."""
        return self._sums((span, office.sims) for office in offices for span in self._joined(office))

    def _sums(self, spans: Iterable[tuple[tuple[int, int], int]]) -> list[int]:
        steps = [0] * (self.size + 1)
        for (low, high), number in spans:
            if low < high:
                steps[low] += number
                steps[high] -= number
        return list(accumulate(steps))[: self.size]

    def _joined(self, office: Office) -> list[tuple[int, int]]:
        """Return the indices whose slots touch working hours; a long slot that touches two days counts once."""
        after = self.start(self.size) + self.wanted.length
        joined: list[tuple[int, int]] = []
        for opens, closes in takewhile(lambda session: session[0] < after, sessions(self.begin, office.hours)):
            low, high = self.touching(opens, closes)
            if joined and low <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(joined[-1][1], high)
            else:
                joined.append((low, high))
        return joined

    def spread(self, indices: Sequence[int], *, apart_from: Sequence[int], most: int, clocks: Sequence[Clock], accepted_at: datetime) -> list[int]:
        """Return the first of equals that do not overlap with others: at first one a day, then more; in order of time."""
        length = -(-self.wanted.length // STEP)
        used = sorted(apart_from)
        chosen: list[int] = []
        days: set[date] = set()
        for every_day in (True, False):
            for index in indices:
                if len(chosen) >= most:
                    break
                day = self.start(index).astimezone(self.wanted.zone).date()
                place = bisect_left(used, index - length + 1)
                free = place == len(used) or used[place] >= index + length
                if free and not (every_day and day in days) and in_time(self.start(index), clocks, accepted_at=accepted_at):
                    used.insert(place, index)
                    chosen.append(index)
                    days.add(day)
        return sorted(chosen)

    def slot(self, index: int, sims: int, conflicts: Sequence[Taken]) -> Slot:
        start = self.start(index)
        end = start + self.wanted.length
        return Slot(start, end, sims, tuple(one.what for one in conflicts if one.start < end and start < one.end))


def _on_grid(moment: datetime) -> datetime:
    """Return the first moment of the grid that is not before ``moment``."""
    return _EPOCH - (_EPOCH - moment.astimezone(UTC)) // STEP * STEP
