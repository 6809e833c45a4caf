"""May it be announced? The ten-day promise and its one exception, as plain functions of values (DESIGN.md section 4, Notice).

No clock and no query: whoever asks passes ``now``. Moments are aware, results UTC. What needs notice is found by ``promises``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from maintenance.clocks import Clock, common_earliest, enough, latest_acceptance, notice_given
from maintenance.states import Basis

VERSION = "2026-11.3"
"""Kept with each decision, so that it can be judged later by the rules of its time."""


@dataclass(frozen=True)
class Rules:
    """``days``: least notice, 10 or more. ``margin``: what a forecast keeps in hand. ``days_after_p1``: how long what was a P1 still justifies its repair."""

    days: int
    margin: timedelta
    days_after_p1: int


@dataclass(frozen=True)
class Asked:
    """A window that needs notice: its number and start, and how many of the customers concerned count by which clock."""

    window: int
    start: datetime
    clocks: Mapping[Clock, int]


@dataclass(frozen=True)
class Shortage:
    """Too little notice for a window by one clock. ``given``: what its customers would get, by the stricter reckoning, margin used up."""

    window: int
    start: datetime
    clock: Clock
    customers: int
    given: timedelta


@dataclass(frozen=True)
class P1:
    """An incident as the policy sees it; ``identified_at`` is empty where it never was a P1.

    ``ended_at``: when it ceased to be one, lowered or closed, whichever came first; empty while it is an open P1.
    """

    reference: str
    priority: str
    identified_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Verdict:
    """By which rule each window may be announced; ``refused``: the shortages of those that may not, the worst first.

    ``short``: the windows and clocks that are short of notice. A window's rule is that of its worst clock; whoever counts by another
    clock gets the full notice.
    """

    bases: Mapping[int, Basis] = field(default_factory=dict)
    refused: tuple[Shortage, ...] = ()
    short: frozenset[tuple[int, Clock]] = frozenset()

    def basis(self, window: int, clock: Clock) -> Basis:
        """Return by which rule a window is told to whoever counts by a clock."""
        return self.bases.get(window, Basis.PLANNED) if (window, clock) in self.short else Basis.PLANNED


def clocks_of(asked: Iterable[Asked], *, rules: Rules) -> set[Clock]:
    """Return every clock that matters; without any customer, UTC and the least number of days."""
    return {clock for one in asked for clock in one.clocks} or {Clock("UTC", rules.days)}


def shortages(asked: Iterable[Asked], *, now: datetime, rules: Rules) -> list[Shortage]:
    """Return where the notice would be too short if it went out now and took the whole margin to be accepted; the worst first."""
    accepted_at = now.astimezone(UTC) + rules.margin
    found = []
    for one in asked:
        for clock, customers in (one.clocks or {Clock("UTC", rules.days): 0}).items():
            if not enough(accepted_at=accepted_at, start=one.start, zone=clock.place, days=max(clock.days, rules.days)):
                given = notice_given(accepted_at=accepted_at, start=one.start, zone=clock.place)
                found.append(Shortage(one.window, one.start, clock, customers, given))
    return sorted(found, key=lambda short: (short.given - timedelta(days=short.clock.days), short.window, short.clock))


def judge(asked: Sequence[Asked], *, now: datetime, rules: Rules, incident: P1 | None = None, late: bool = False) -> Verdict:
    """Return by which rule each window may be announced now.

    Work that keeps the full notice is planned work, even where a P1 would have excused it. ``late``: what neither has is to be
    told all the same, as the breach that it is; what lacks nothing but the margin is not late, and goes out by its deadline.
    """
    short = shortages(asked, now=now, rules=rules)
    really = shortages(asked, now=now, rules=replace(rules, margin=timedelta(0))) if late else []
    bases: dict[int, Basis] = {}
    for one in asked:
        if not _concerns(one, short):
            bases[one.window] = Basis.PLANNED
        elif incident is not None and justifies(incident, start=one.start, rules=rules):
            bases[one.window] = Basis.EMERGENCY
        elif late:
            bases[one.window] = Basis.LATE if _concerns(one, really) else Basis.PLANNED
    refused = tuple(shortage for shortage in short if shortage.window not in bases)
    counted = [one for one in short if bases.get(one.window, Basis.EMERGENCY) == Basis.EMERGENCY]
    counted += [one for one in really if bases.get(one.window) == Basis.LATE]
    return Verdict(bases, refused, frozenset((shortage.window, shortage.clock) for shortage in counted))


def _concerns(asked: Asked, short: Iterable[Shortage]) -> bool:
    return any(shortage.window == asked.window for shortage in short)


def justifies(incident: P1, *, start: datetime, rules: Rules) -> bool:
    """Tell whether an incident allows emergency work that starts at ``start``: a P1, now or once.

    While it is open and a P1 it does; lowered or closed, for work that starts within the days allowed from then on (DOMAIN.md: the
    lasting repair belongs to the same P1).
    """
    if incident.identified_at is None:
        return False
    return incident.ended_at is None or start <= incident.ended_at + timedelta(days=rules.days_after_p1)


def earliest(asked: Sequence[Asked], *, now: datetime, rules: Rules) -> tuple[datetime, datetime]:
    """Return the first starts that would do for everyone concerned: if every mail is accepted at once, and with the margin kept."""
    clocks = clocks_of(asked, rules=rules)
    return common_earliest(accepted_at=now, clocks=clocks), common_earliest(accepted_at=now + rules.margin, clocks=clocks)


def deadline(*, starts: Iterable[datetime], clock: Clock) -> datetime | None:
    """Return the last moment at which acceptance is still in time for every start, by one clock; None without starts."""
    return min((latest_acceptance(start=start, zone=clock.place, days=clock.days) for start in starts), default=None)
