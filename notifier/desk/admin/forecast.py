"""May a draft be announced now? Everything that stands against it, and the starts that would do; nothing is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError

from maintenance import impact, obstacles, policy
from maintenance.concerned import Concerned, concerned, count_clocks, services_hit
from maintenance.decisions import decide
from maintenance.models import Maintenance, Window
from maintenance.preconditions import check_languages, check_not_over
from maintenance.rules import rules
from maintenance.states import Basis
from notifier.desk.shown import ShownMoment


@dataclass(frozen=True)
class Forecast:
    """``against``: each reason why announcing would be refused; ``short``: the notice is, and the reason names the starts.

    ``announce_by``: until when (margin kept) these windows could be announced; ``in_the_way``: what a reason would overcome.
    """

    against: tuple[str, ...]
    in_the_way: tuple[str, ...]
    short: bool
    emergency: bool
    earliest: ShownMoment
    comfortable: ShownMoment
    announce_by: ShownMoment | None
    margin_hours: int
    days: int


def forecast(maintenance: Maintenance, *, now: datetime) -> Forecast:
    """Ask the same questions as ``booking.announce``, all of them."""
    in_force = rules()
    windows = list(maintenance.windows.all())
    hits, known = _hits(maintenance, windows)
    asked = [policy.Asked(window.number, window.start, count_clocks(customers, known)) for window, customers in hits]
    against = [
        *_refusals(partial(check_not_over, windows, maintenance, now=now)),
        *_refusals(partial(check_languages, maintenance, impact.hit_customers(maintenance))),
    ]
    bases: dict[int, Basis] = {}
    short = False
    try:
        verdict, _record = decide(maintenance, hits, known, now=now)
        bases = dict(verdict.bases)
    except ValidationError as error:
        against, short = against + error.messages, True
    hard, soft = _obstacles(maintenance, windows, bases, now=now)
    zone = maintenance.timezone
    earliest, comfortable = policy.earliest(asked, now=now, rules=in_force)
    lines = [policy.deadline(starts=[one.start], clock=clock) for one in asked for clock in policy.clocks_of([one], rules=in_force)]
    by = min((line for line in lines if line), default=None)
    by = by - in_force.margin if by else None
    return Forecast(
        against=(*against, *hard),
        in_the_way=tuple(soft),
        short=short,
        emergency=Basis.EMERGENCY in bases.values(),
        earliest=ShownMoment.of(earliest, zone),
        comfortable=ShownMoment.of(comfortable, zone),
        announce_by=ShownMoment.of(by, zone) if by and by > now else None,
        margin_hours=int(in_force.margin.total_seconds() // 3600),
        days=max((clock.days for clock in policy.clocks_of(asked, rules=in_force)), default=in_force.days),
    )


def _hits(maintenance: Maintenance, windows: list[Window]) -> tuple[list[tuple[Window, frozenset[int]]], dict[int, Concerned]]:
    """Return the customers whom each window hits, and how they count."""
    services = services_hit(maintenance, windows)
    numbers = {customer: {piece.window for pieces in hit.values() for piece in pieces} for customer, hit in services.items()}
    hits = [(window, frozenset(customer for customer, found in numbers.items() if window.number in found)) for window in windows]
    return hits, concerned(services, maintenance, days=rules().days)


def _obstacles(maintenance: Maintenance, windows: list[Window], bases: dict[int, Basis], *, now: datetime) -> tuple[list[str], list[str]]:
    """Return what no reason overcomes, and what one does."""
    for window in windows:
        window.basis = bases.get(window.number, Basis.PLANNED)
    try:
        obstacles.check(maintenance, windows, acknowledged="", by="", now=now)  # without a reason it keeps nothing
    except ValidationError as error:
        return (error.messages, []) if error.code == "freeze" else ([], error.messages)
    return [], []


def _refusals(check: Callable[[], None]) -> list[str]:
    try:
        check()
    except ValidationError as error:
        return error.messages
    return []
