"""What a change means for each customer: which kind of notice, and until when it is in time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from maintenance.clocks import Clock
from maintenance.concerned import Concerned, Services, concerned
from maintenance.coverage import starts_not_covered
from maintenance.models import Maintenance, Window
from maintenance.notices import Row
from maintenance.policy import Verdict, deadline
from maintenance.promises import Gap, Piece, Reason, uncovered
from maintenance.rules import rules
from maintenance.standing import Standing
from maintenance.states import Basis, Kind


@dataclass
class Change:
    """What is wanted of the windows to come, against what each customer was told; everything by customer.

    ``gaps``: what needs notice of its own. ``reworded``: the words differ, which concerns everyone; ``firmed``: windows that are
    alternates no more, or only now. ``verdict`` and ``planned`` (windows that take place with full notice) are filled in when the
    policy has judged. ``at_work``: customers hit by a window that has begun and not ended; ``passed_over``: services (primary keys) that
    are not told now.
    """

    standing: Standing
    wanted: Mapping[int, Services]
    told: Mapping[int, Services]
    known: Mapping[int, Concerned]
    gaps: Mapping[int, Sequence[Gap]]
    reworded: bool = False
    firmed: frozenset[int] = frozenset()
    verdict: Verdict = field(default_factory=Verdict)
    planned: frozenset[int] = frozenset()
    at_work: frozenset[int] = frozenset()
    passed_over: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        maintenance: Maintenance,
        standing: Standing,
        wanted: Mapping[int, Services],
        *,
        over: frozenset[int],
        running: frozenset[int] = frozenset(),
    ) -> "Change":
        """Compare; ``over`` are the numbers of windows that have begun or ended: nothing is wanted of them any more. ``running``: begun, not ended."""
        promised = {customer: standing.promised(customer) for customer in standing.customers()}
        told = {customer: _without(services, over) for customer, services in promised.items()}
        at_work = frozenset(customer for customer, services in promised.items() if _numbers(services) & running)
        known = concerned({*wanted, *told}, maintenance, days=rules().days)
        remember = _Remembered()
        gaps = {customer: remember(services, told.get(customer, {})) for customer, services in wanted.items() if customer in known}
        return cls(standing, wanted, told, known, {customer: found for customer, found in gaps.items() if found}, at_work=at_work)

    def hits(self, windows: Iterable[Window]) -> list[tuple[Window, frozenset[int]]]:
        """Return the windows that need notice, with the customers who need it."""
        found: dict[int, set[int]] = {}
        for customer, gaps in self.gaps.items():
            for gap in gaps:
                found.setdefault(gap.window, set()).add(customer)
        return [(window, frozenset(found[window.number])) for window in windows if window.number in found]

    def add_unserved(self, windows: Iterable[Window], *, now: datetime) -> None:
        """Count as needing notice too whatever was said of these windows and can no longer arrive in time by itself."""
        numbers = {window.number for window in windows}
        found = dict(self.gaps)
        for customer, services in self.wanted.items():
            if customer not in self.known:
                continue
            clock = self.known[customer].clock
            lacking = {(gap.service, gap.window) for gap in found.get(customer, ())}
            late = [
                Gap(piece.window, service, piece.start, piece.end, Reason.NOT_SERVED, piece.start)
                for service, pieces in services.items()
                for piece in pieces
                if piece.window in numbers and (service, piece.window) not in lacking and self._is_past(customer, service, piece, clock, now=now)
            ]
            if late:
                found[customer] = [*found.get(customer, ()), *late]
        self.gaps = found

    def _is_past(self, customer: int, service: str, piece: Piece, clock: Clock, *, now: datetime) -> bool:
        if self.standing.has_heard_late(customer, piece.window):
            return False
        line = deadline(starts=[piece.start], clock=clock)
        return line is not None and line < now and not self.standing.is_covered(customer, {service: [piece]}, clock, heard=True)

    def outgrown(self) -> set[int]:
        """Return the windows that are more than was promised; one that merely hits another service keeps what the others were promised."""
        return {gap.window for gaps in self.gaps.values() for gap in gaps if gap.reason not in {Reason.NEW_SERVICE, Reason.NOT_SERVED}}

    def rows(self) -> list[Row]:
        """Return what each customer is told; whoever nothing changes for is not among them."""
        rows = [self._row(customer) for customer in sorted(self.known)]
        return [row for row in rows if row]

    def _row(self, customer: int) -> Row | None:
        wanted, told, gaps = self.wanted.get(customer, {}), self.told.get(customer, {}), self.gaps.get(customer, ())
        if not wanted and told:
            return Row(customer, Kind.EASED if customer in self.at_work else Kind.CANCELLED)
        if not wanted:
            return None
        if gaps:
            bases = {self._basis(customer, gap.window) for gap in gaps}
            waiting = self._waiting(customer)
            if waiting in {Kind.EMERGENCY, Kind.LATE}:
                bases |= {Basis(str(waiting))}
            kind = _kind(bases, otherwise=Kind.REVISED if customer in self.told and self.standing.has_heard(customer) else Kind.ANNOUNCED)
        elif _pieces(wanted) != _pieces(told) or any(number in self.firmed for number in _numbers(wanted)):
            kind = self._as_heard(customer, Kind.EASED)
        elif self.reworded:
            kind = self._as_heard(customer, Kind.CORRECTED)
        else:
            return None
        exceptions = {number: basis for number in sorted(_numbers(wanted)) if (basis := self._basis(customer, number)) != Basis.PLANNED}
        return Row(customer, kind, None if kind in _WITHOUT_LINE else self._deadline(customer, gaps), bases=exceptions)

    def _basis(self, customer: int, window: int) -> Basis:
        """Return by which rule the window is told to the customer: judged now, or as it was told before."""
        if any(gap.window == window for gap in self.gaps.get(customer, ())):
            return self.verdict.basis(window, self.known[customer].clock)
        before = self.standing.content(customer)
        return before.bases.get(window, Basis.PLANNED) if before else Basis.PLANNED

    def _as_heard(self, customer: int, kind: Kind) -> Kind:
        """Return the kind for whoever may not have heard before: this mail replaces the one that still waits, and is then the first."""
        waiting = self._waiting(customer)
        if waiting in _WITHOUT_LINE or waiting == Kind.REVISED:
            return waiting
        return kind if self.standing.has_heard(customer) else Kind.ANNOUNCED

    def _waiting(self, customer: int) -> Kind | None:
        """Return the kind of the newest word of what is to come, where it has not been accepted and something of it is still to come."""
        newest = self.standing.content(customer)
        return newest.kind if newest is not None and newest.accepted_at is None and self.told.get(customer) else None

    def _deadline(self, customer: int, gaps: Sequence[Gap]) -> datetime | None:
        """Return until when acceptance is in time: for what is new, and for what was told before and never accepted."""
        clock = self.known[customer].clock
        starts = {gap.window_start for gap in gaps if self._basis(customer, gap.window) == Basis.PLANNED}
        if self.standing.is_pending(customer) or not self.standing.has_heard(customer):
            wanted = self.wanted[customer]
            windows = [number for number in sorted(_numbers(wanted) & self.planned) if self._basis(customer, number) == Basis.PLANNED]
            starts |= set(starts_not_covered(self.standing, customer, clock, wanted, windows=windows))
        return deadline(starts=sorted(starts), clock=clock)


_WITHOUT_LINE = frozenset({Kind.EMERGENCY, Kind.LATE, Kind.JOINED})
"""First notices that need no ten days, or cannot keep them."""


def _kind(bases: set[Basis], *, otherwise: Kind) -> Kind:
    if Basis.EMERGENCY in bases:
        return Kind.EMERGENCY
    return Kind.LATE if Basis.LATE in bases else otherwise


def _without(services: Services, over: frozenset[int]) -> Services:
    kept = {service: [piece for piece in pieces if piece.window not in over] for service, pieces in services.items()}
    return {service: pieces for service, pieces in kept.items() if pieces}


def _pieces(services: Services) -> dict[str, set[Piece]]:
    return {service: set(pieces) for service, pieces in services.items()}


def _numbers(services: Services) -> set[int]:
    return {piece.window for pieces in services.values() for piece in pieces}


class _Remembered:
    """``uncovered``, asked once for each pair of what is wanted and what was told of a service: customers are mostly alike."""

    def __init__(self) -> None:
        self._found: dict[tuple[tuple[Piece, ...], tuple[Piece, ...]], list[Gap]] = {}

    def __call__(self, wanted: Services, told: Services) -> list[Gap]:
        """Return the gaps of one customer."""
        gaps: list[Gap] = []
        for service, pieces in wanted.items():
            key = tuple(pieces), tuple(told.get(service, ()))
            if key not in self._found:
                self._found[key] = uncovered({"": key[0]}, {"": key[1]})
            gaps += [Gap(gap.window, service, gap.start, gap.end, gap.reason, gap.window_start) for gap in self._found[key]]
        return gaps
