"""Who was served in time for a window: read from Served alone, never from deliveries (DESIGN.md section 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from maintenance.clocks import Clock, latest_acceptance
from maintenance.concerned import Concerned, Services, concerned, count_clocks, services_hit
from maintenance.decisions import excuses
from maintenance.models import Maintenance, Window
from maintenance.promises import Piece
from maintenance.rules import rules
from maintenance.standing import Standing
from maintenance.states import TOLD_STATES, Basis, Cause


@dataclass(frozen=True)
class Unserved:
    """A customer hit for whom the promise does not hold as things stand. ``line``: the last moment (UTC) at which acceptance is in time.

    ``cause`` is set where the record was wrong: a service that was held all along and that no notice has named.
    """

    customer_id: int
    account: str
    line: datetime
    cause: Cause | None = None


def unserved(window: Window) -> list[Unserved]:
    """Return the customers hit for whom no notice in time names all of it: each instant, each service, at least that impact.

    An emergency needs no notice, so nobody is short of it; where its P1 does not allow it any more it counts as planned work.
    """
    return unserved_by_window(window.maintenance, [window])[window.number]


def unserved_by_window(maintenance: Maintenance, windows: Sequence[Window]) -> dict[int, list[Unserved]]:
    """Return ``unserved`` for several windows of one maintenance, by number."""
    standing = Standing.of(maintenance)
    standing.excuses = excuses(maintenance)
    planned = [window for window in windows if window.state in TOLD_STATES and not (window.basis == Basis.EMERGENCY and standing.excuses(window.start))]
    hit_now = services_hit(maintenance, planned) if planned else {}
    known = concerned({*standing.customers(), *hit_now}, maintenance, days=rules().days)
    found: dict[int, list[Unserved]] = {window.number: [] for window in windows}
    for customer, who in known.items():
        told = standing.promised(customer)
        hit = hit_now.get(customer, {})
        for window in planned:
            named, now = _of_window(told, window), _of_window(hit, window)
            wanted = {service: [*pieces, *now.get(service, ())] for service, pieces in named.items()}  # as told, and as bad as it is now
            unnamed = {service: pieces for service, pieces in now.items() if service not in named}
            short = _short(standing, customer, who.clock, wanted=wanted, unnamed=unnamed)
            if short is not None:
                found[window.number].append(_line(customer, who, window, cause=short[0]))
    return found


def clocks_hit(window: Window) -> list[tuple[str, int, int]]:
    """Return zone, days and number of customers for each clock by which somebody counts whom the window hits now."""
    hit = services_hit(window.maintenance, [window])
    known = concerned(hit, window.maintenance, days=rules().days)
    return [(clock.zone, clock.days, number) for clock, number in count_clocks(hit, known).items()]


def _short(
    standing: Standing,
    customer: int,
    clock: Clock,
    *,
    wanted: dict[str, list[Piece]],
    unnamed: dict[str, list[Piece]],
) -> tuple[Cause | None] | None:
    """Return why the customer is short of notice (None within: because of delivery), or nothing where it is not."""
    if wanted and not standing.is_covered(customer, wanted, clock):
        return (None,)
    if unnamed:
        return (Cause.RECORD,)
    return None


def _of_window(services: dict[str, list[Piece]], window: Window) -> dict[str, list[Piece]]:
    """Return the pieces of one window, with the window's own times: what was named may be wider, or narrower."""
    found = {}
    for service, pieces in services.items():
        of_it = [
            Piece(piece.window, window.start, window.overran_from or window.end, piece.impact, piece.minutes)
            for piece in pieces
            if piece.window == window.number
        ]
        if of_it:
            found[service] = of_it
    return found


def _line(customer: int, who: Concerned, window: Window, *, cause: Cause | None) -> Unserved:
    return Unserved(customer, who.account, latest_acceptance(start=window.start, zone=who.clock.place, days=who.clock.days), cause)


def starts_not_covered(standing: Standing, customer: int, clock: Clock, wanted: Services, *, windows: Iterable[int]) -> list[datetime]:
    """Return the starts of those windows for which the customer has not been served in time so far, and that need ten days."""
    starts = set()
    for number in windows:
        pieces = {service: [piece for piece in pieces if piece.window == number] for service, pieces in wanted.items()}
        if not standing.is_covered(customer, pieces, clock, heard=True):
            starts |= {piece.start for some in pieces.values() for piece in some}
    return sorted(starts)
