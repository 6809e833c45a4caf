"""What was promised and what is wanted, as sets of (interval, service, impact at most, minutes at most): which part is not covered.

Pure: no clock, no query. Intervals are half open, ``start`` to ``end``; moments are aware and are compared as instants.
DESIGN.md section 4, Notice 3: a change needs fresh notice exactly where it is not covered by what was promised.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from maintenance.said import Interval
from maintenance.states import Impact


class Reason(StrEnum):
    """Why a part of what is wanted is not covered."""

    NEW_SERVICE = "new_service"  # no window was to hit the service
    NEW_WINDOW = "new_window"  # a window that was not announced
    MOVED = "moved"  # the window has no instant in common with what was announced
    EARLIER_START = "earlier_start"  # before an announced interval
    LATER_END = "later_end"  # after or between announced intervals
    WORSE_IMPACT = "worse_impact"  # within it, but worse than was said
    MORE_MINUTES = "more_minutes"  # within it and no worse, but for longer than was said
    NOT_SERVED = "not_served"  # it was said, and did not arrive in time


@dataclass(frozen=True)
class Piece:
    """One service in one window: from ``start`` to ``end``, with this impact at most, for so many minutes at most."""

    window: int
    start: datetime
    end: datetime
    impact: Impact
    minutes: int

    def names(self, other: "Piece") -> bool:
        """Tell whether what this says is at least as bad as the other: then its instants are covered."""
        return self.impact.severity >= other.impact.severity and (other.impact == Impact.NO_IMPACT or self.minutes >= other.minutes)


@dataclass(frozen=True)
class Gap:
    """A part of a wanted window that was not promised, for one service. ``window_start``: by which its notice is judged."""

    window: int
    service: str
    start: datetime
    end: datetime
    reason: Reason
    window_start: datetime


def uncovered(wanted: Mapping[str, Sequence[Piece]], promised: Mapping[str, Sequence[Piece]]) -> list[Gap]:
    """Return the parts of what is wanted, by service, that what was promised does not cover; nothing where all of it is."""
    gaps = []
    for service, pieces in wanted.items():
        said = promised.get(service, ())
        for piece in pieces:
            gaps += [Gap(piece.window, service, part.start, part.end, reason, piece.start) for part, reason in _missing(piece, said)]
    return gaps


def lacking(wanted: Piece, history: Iterable[tuple[bool, Sequence[Piece]]]) -> list[Interval]:
    """Return the parts of ``wanted`` for which no notice in time stands.

    ``history``: what was said of the service, the newest first, each with whether it was accepted in time for ``wanted``. What an
    older notice said counts only as far as every later one said it too: a later one that names less has taken it back.
    """
    open_parts = standing = [Interval(wanted.start, wanted.end)]
    for in_time, said in history:
        standing = _common(standing, [piece for piece in said if piece.names(wanted)])
        if in_time:
            open_parts = [part for one in open_parts for part in _without(one, standing)]
        if not standing or not open_parts:
            break
    return open_parts


def _missing(piece: Piece, said: Sequence[Piece]) -> list[tuple[Interval, Reason]]:
    whole = Interval(piece.start, piece.end)
    if not said:
        return [(whole, Reason.NEW_SERVICE)]
    impact = [one for one in said if one.impact.severity >= piece.impact.severity]
    enough = [one for one in said if one.names(piece)]
    outside = _without(whole, said)
    found = [(part, _why(part, piece, said)) for part in outside]
    found += [(part, Reason.WORSE_IMPACT) for part in _minus(_without(whole, impact), outside)]
    found += [(part, Reason.MORE_MINUTES) for part in _minus(_without(whole, enough), _without(whole, impact))]
    return sorted(found, key=lambda one: one[0].start)


def _why(part: Interval, piece: Piece, said: Sequence[Piece]) -> Reason:
    if part == Interval(piece.start, piece.end):
        return Reason.MOVED if any(one.window == piece.window for one in said) else Reason.NEW_WINDOW
    return Reason.EARLIER_START if part.start == piece.start else Reason.LATER_END


def _without(interval: Interval, taken: "Sequence[Piece | Interval]") -> list[Interval]:
    """Return what is left of an interval, in order."""
    left, begin = [], interval.start
    for one in sorted(taken, key=lambda one: one.start):
        if one.end <= begin or one.start >= interval.end:
            continue
        if one.start > begin:
            left.append(Interval(begin, one.start))
        begin = max(begin, one.end)
    return [*left, Interval(begin, interval.end)] if begin < interval.end else left


def _minus(intervals: Iterable[Interval], taken: Sequence[Interval]) -> list[Interval]:
    return [part for one in intervals for part in _without(one, taken)]


def _common(intervals: Sequence[Interval], pieces: Sequence[Piece]) -> list[Interval]:
    """Return the parts of the intervals that lie in some piece, each once: kept apart by piece, they would double with every notice."""
    return _minus(intervals, [part for one in intervals for part in _without(one, pieces)])
