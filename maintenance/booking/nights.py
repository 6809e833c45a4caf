"""The night itself: a window starts, takes longer, ends, or is presumed to. None of it waits for anybody's permission."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from maintenance.booking.breaches import record_breaches
from maintenance.booking.progress import told_of_progress, told_of_window
from maintenance.booking.rows import SYSTEM, find_window, locked, raise_revision, restamp, store, sum_up
from maintenance.booking.taking_back import drop
from maintenance.decisions import when
from maintenance.draft_rules import check_year
from maintenance.models import Maintenance, Notice, Window
from maintenance.notices import Circumstances, Row, issue, repeat_services, snapshot, tell
from maintenance.preconditions import wrong_state
from maintenance.said import SaidEnding
from maintenance.states import Kind, WindowState

UNDER_WAY = (WindowState.IN_PROGRESS, WindowState.PRESUMED_ENDED)
STALE_AFTER = timedelta(hours=24)
"""After which nobody needs to hear any more that work has ended."""


@transaction.atomic
def start(maintenance: Maintenance, *, number: int | None = None, reason: str = "", by: str, now: datetime) -> Window:
    """Record that a window's work begins. Customers who were not served in time are recorded as breaches; an empty ``reason`` is then owed.

    A start that was presumed is confirmed. One that is reported only after the window's end is recorded at its start, and nobody is mailed.
    Raises ValidationError before the window.
    """
    held = locked(maintenance)
    window = find_window(held, number, states=(WindowState.ANNOUNCED,), at=now)
    presumed = window.state == WindowState.IN_PROGRESS and window.presumed
    if window.state != WindowState.ANNOUNCED and not presumed:
        raise wrong_state(window, _("only an announced window can start"))
    if window.alternate:
        raise wrong_state(window, _("an alternate must be taken before it can start"))
    if now < window.start:
        raise ValidationError(
            _("Window %(window)s lasts from %(start)s to %(end)s; work can start only within it. Move it first."),
            code="time",
            params={"window": str(window), "start": when(window.start, held.timezone), "end": when(window.end, held.timezone)},
        )
    if not presumed:
        record_breaches(window, reason=reason.strip(), by=by, now=now)
    is_over = now >= window.end
    window.state, window.started_at, window.presumed = WindowState.IN_PROGRESS, window.start if is_over else now, False
    told = [] if is_over else told_of_progress(held, window)
    rows = [Row(customer, Kind.STARTED, stale_at=window.end) for customer in told]
    _tell(held, window, rows, Circumstances(), by=by, now=now)
    return window


@transaction.atomic
def extend(maintenance: Maintenance, *, number: int | None = None, end: datetime, reason: str = "", by: str, now: datetime) -> Notice | None:
    """Give running work a later end, at once and always; what goes beyond the end announced is counted as overrun."""
    held = locked(maintenance)
    window = find_window(held, number, states=UNDER_WAY)
    if window.state not in UNDER_WAY:
        raise wrong_state(window, _("only a window in progress can be extended; move one that has not begun"))
    check_year(end)
    if end <= window.end or end <= now:
        raise ValidationError(
            _("The new end must be after %(end)s."),
            code="end",
            params={"end": when(max(window.end, now), held.timezone)},
        )
    window.overran_from = window.overran_from or window.end
    before = snapshot(held)
    window.end, window.state, window.ended_at = end, WindowState.IN_PROGRESS, None
    rows = [Row(customer, Kind.EXTENDED, stale_at=end) for customer in told_of_window(held, window)]
    return _tell(held, window, rows, Circumstances(before=before, reason=reason.strip()), by=by, now=now)


@transaction.atomic
def finish(maintenance: Maintenance, *, number: int | None = None, ending: SaidEnding | None = None, by: str, now: datetime) -> Window:
    """Record that a window's work is completed, or with ``ending`` how it ended otherwise; that everybody hit by it is told.

    When nothing but alternates is left to come, they are cancelled, and whoever was told of them hears of it.
    """
    held = locked(maintenance)
    window = find_window(held, number, states=UNDER_WAY)
    if window.state not in UNDER_WAY:
        raise wrong_state(window, _("only a window in progress can be finished"))
    window.ended_at, window.presumed = now, False
    kind = Kind.NOT_COMPLETED if ending else Kind.COMPLETED
    window.state = WindowState.NOT_COMPLETED if ending else WindowState.COMPLETED
    if ending:
        window.outcome, window.service_now, window.follow_up = ending.outcome, ending.service_now, ending.follow_up
    told = told_of_window(held, window) if ending else told_of_progress(held, window)
    rows = [Row(customer, kind, stale_at=None if ending else now + STALE_AFTER) for customer in told]
    _tell(held, window, rows, Circumstances(ending=ending), by=by, now=now)
    spare = [] if ending else _spare(held, window)
    if spare:
        drop(held, spare, beside=list(WindowState), by=by, now=now)
    return window


def _spare(held: Maintenance, window: Window) -> list[Window]:
    """Return the alternates that are of no use any more."""
    others = list(held.windows.filter(state__in=[WindowState.ANNOUNCED, WindowState.IN_PROGRESS, WindowState.POSTPONED]).exclude(pk=window.pk))
    return others if all(other.alternate for other in others) else []


def presume(*, now: datetime) -> int:
    """Presume that suppliers' work which nobody reports starts and ends when it was to; return how many windows that concerns.

    It is never called completed without word, and nobody is told of a presumption.
    """
    theirs = Window.objects.filter(maintenance__supplier__isnull=False, alternate=False)
    begun = Q(state=WindowState.ANNOUNCED, start__lte=now)
    ended = Q(state=WindowState.IN_PROGRESS, presumed=True, end__lte=now)
    due = list(theirs.filter(begun | ended).order_by("start", "pk").values_list("pk", "maintenance_id"))
    return sum(_presume(pk, maintenance, now=now) for pk, maintenance in due)


@transaction.atomic
def _presume(pk: int, maintenance: int, *, now: datetime) -> bool:
    held = Maintenance.objects.select_for_update().get(pk=maintenance)
    window = Window.objects.get(pk=pk)
    window.maintenance = held
    before = window.state
    if window.state == WindowState.ANNOUNCED and window.start <= now:
        record_breaches(window, reason="", by=SYSTEM, now=now)
        window.state, window.started_at, window.presumed = WindowState.IN_PROGRESS, window.start, True
    if window.state == WindowState.IN_PROGRESS and window.presumed and window.end <= now:
        window.state, window.ended_at = WindowState.PRESUMED_ENDED, window.end
    if window.state == before:
        return False
    _tell(held, window, [], Circumstances(), by=SYSTEM, now=now)
    return True


def _tell(
    held: Maintenance,
    window: Window,
    rows: Sequence[Row],
    around: Circumstances,
    *,
    by: str,
    now: datetime,
) -> Notice | None:
    """Store what has become of the window, and say so where somebody is to hear of it."""
    window.sequence += 1
    shown = [window if one.pk == window.pk else one for one in held.windows.order_by("number")]
    raise_revision(held)
    notice = None
    if rows:
        others = restamp(one for one in shown if one.pk != window.pk)
        said = snapshot(held, shown, around)
        decision = {"answer": f"{rows[0].kind}: no notice needed", "asked_at": now.isoformat()}
        notice = issue(held, said=said, by=by, now=now, decision=decision, about=window.number)
        tell(notice, rows)
        repeat_services(notice)
        store(others, now=now)
    store([window], now=now)
    sum_up(held)
    return notice
