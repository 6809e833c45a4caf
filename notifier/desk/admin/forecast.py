"""May a draft be announced now? Everything that stands against it, and the starts that would do; nothing is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError

from maintenance import impact
from maintenance.decisions import decide, rules
from maintenance.models import Maintenance
from maintenance.policy import common_earliest
from maintenance.preconditions import check_languages, check_not_over, deadlines
from maintenance.states import Basis
from notifier.desk.shown import ShownMoment


@dataclass(frozen=True)
class Forecast:
    """``against``: each reason why announcing would be refused; ``short``: the notice is, and the reason names the starts.

    ``announce_by``: until when (margin kept) these windows could be announced.
    """

    against: tuple[str, ...]
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
    customers = impact.hit_customers(maintenance)
    windows = list(maintenance.windows.all())
    starts = [window.start for window in windows]
    zones = impact.zones(customers) or {"UTC": 0}
    against = [
        *_refusals(partial(check_not_over, windows, maintenance, now=now)),
        *_refusals(partial(check_languages, maintenance, customers)),
    ]
    basis, short = Basis.PLANNED, False
    try:
        basis, _record = decide(maintenance, starts=starts, zones=zones, now=now)
    except ValidationError as error:
        against, short = against + error.messages, True
    last = min((moment for moment in deadlines(Basis.PLANNED, starts=starts, zones=zones).values() if moment), default=None)
    by = last - in_force.margin if last else None
    return Forecast(
        against=tuple(against),
        short=short,
        emergency=basis == Basis.EMERGENCY,
        earliest=ShownMoment.of(common_earliest(accepted_at=now, zones=zones, days=in_force.days), maintenance.timezone),
        comfortable=ShownMoment.of(common_earliest(accepted_at=now + in_force.margin, zones=zones, days=in_force.days), maintenance.timezone),
        announce_by=ShownMoment.of(by, maintenance.timezone) if by and by > now else None,
        margin_hours=int(in_force.margin.total_seconds() // 3600),
        days=in_force.days,
    )


def _refusals(check: Callable[[], None]) -> list[str]:
    try:
        check()
    except ValidationError as error:
        return error.messages
    return []
