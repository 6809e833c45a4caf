"""The windows of a maintenance as its page shows them: state, what is to be known of each, and what can be done with it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.coverage import Unserved, unserved_by_window
from maintenance.models import Breach, Maintenance, Shortfall, Window
from maintenance.standing import account_sample
from maintenance.states import Basis, Cause, WindowState
from notifier.desk.shown import ShownMoment, utc

_OPEN = {WindowState.ANNOUNCED, WindowState.IN_PROGRESS}


@dataclass(frozen=True)
class Note:
    """A line under a window; ``alarm``: it needs an eye. ``shortfalls``: it leads to them."""

    text: str
    alarm: bool = False
    shortfalls: bool = False


@dataclass(frozen=True)
class WindowRow:
    """A window; ``waiting`` and ``late`` are the customers not served in time so far, before and after the last moment for it."""

    window: Window
    start: ShownMoment
    end: ShownMoment
    objects: tuple[str, ...]
    notes: tuple[Note, ...]
    can_start: bool
    waiting: tuple[Unserved, ...] = ()
    late: tuple[Unserved, ...] = ()


@dataclass(frozen=True)
class _Known:
    """What was counted for all windows at once, each by the window's key."""

    unserved: Mapping[int, Sequence[Unserved]] = field(default_factory=dict)
    shortfalls: Mapping[int, Counter[str]] = field(default_factory=dict)
    without_reason: Mapping[int, int] = field(default_factory=dict)
    breaches: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def window_rows(maintenance: Maintenance, *, now: datetime) -> list[WindowRow]:
    """Return all windows; the number of queries does not depend on how many there are."""
    windows = list(maintenance.windows.select_related("incident").prefetch_related("objects_named").order_by("number"))
    for window in windows:
        window.maintenance = maintenance
    told = maintenance.state != WindowState.DRAFT
    known = _known(maintenance, windows) if told else _Known()
    return [_row(window, known, now=now) for window in windows]


def _known(maintenance: Maintenance, windows: Sequence[Window]) -> _Known:
    coming = [window for window in windows if window.state in _OPEN]
    breached = Breach.objects.filter(window__maintenance=maintenance).order_by()
    breaches = breached.values_list("window_id").annotate(number=Count("pk"), owed=Count("pk", filter=Q(reason="")))
    causes: dict[int, Counter[str]] = defaultdict(Counter)
    without: dict[int, int] = defaultdict(int)
    rows = Shortfall.objects.filter(window__maintenance=maintenance, cleared_at__isnull=True).order_by()
    for window, cause, number, owed in rows.values_list("window_id", "cause").annotate(number=Count("pk"), owed=Count("pk", filter=Q(reason=""))):
        causes[window][cause] = number
        without[window] += owed
    unserved: dict[int, list[Unserved]] = {}
    if coming:
        recorded = set(breached.filter(window__in=coming).values_list("window_id", "customer_id"))
        by_number = unserved_by_window(maintenance, coming)
        unserved = {window.pk: [one for one in by_number[window.number] if (window.pk, one.customer_id) not in recorded] for window in coming}
    return _Known(unserved, causes, without, {window: (number, owed) for window, number, owed in breaches})


def _row(window: Window, known: _Known, *, now: datetime) -> WindowRow:
    zone = window.maintenance.timezone
    unserved = known.unserved.get(window.pk, ())
    waiting, late = tuple(one for one in unserved if one.line >= now), tuple(one for one in unserved if one.line < now)
    notes = [*_of_basis(window), *_of_progress(window, zone, now=now), *_of_notice(window, known, waiting, late)]
    return WindowRow(
        window=window,
        start=ShownMoment.of(window.start, zone),
        end=ShownMoment.of(window.end, zone),
        objects=tuple(named.object_id for named in window.objects_named.all()),
        notes=tuple(notes),
        can_start=window.state == WindowState.ANNOUNCED and not window.alternate and window.start <= now,
        waiting=waiting,
        late=late,
    )


def _of_basis(window: Window) -> Iterator[Note]:
    if window.basis == Basis.EMERGENCY and window.incident:
        yield Note(_("Emergency, for incident %(reference)s.") % {"reference": window.incident.reference})
    if window.basis == Basis.LATE:
        yield Note(_("Late: it counts as a breach. %(reason)s") % {"reason": window.late_reason}, alarm=True)


def _of_progress(window: Window, zone: ZoneInfo, *, now: datetime) -> Iterator[Note]:
    if window.presumed and window.state == WindowState.IN_PROGRESS:
        yield Note(_("Presumed: nobody has said that it began."), alarm=True)
    elif window.started_at and not window.presumed:
        yield Note(_("Started on %(when)s.") % {"when": ShownMoment.of(window.started_at, zone).local})
    if window.state == WindowState.PRESUMED_ENDED:
        yield Note(_("Presumed ended: nobody has said how it went."), alarm=True)
    elif window.ended_at:
        yield Note(_("Ended on %(when)s.") % {"when": ShownMoment.of(window.ended_at, zone).local})
    if window.overran_from:
        ends = {"end": ShownMoment.of(window.end, zone).local, "announced": ShownMoment.of(window.overran_from, zone).local}
        yield Note(_("Overrun: it ends on %(end)s; %(announced)s was announced.") % ends, alarm=True)
    if window.state == WindowState.IN_PROGRESS and window.end <= now:
        yield Note(_("Its end has passed, and nobody has said that it ended."), alarm=True)
    if window.state == WindowState.NOT_COMPLETED:
        words = {"outcome": window.get_outcome_display(), "service": window.get_service_now_display(), "next": window.get_follow_up_display()}
        yield Note(_("Not completed: %(outcome)s. Service: %(service)s. What comes next: %(next)s.") % words)


def _of_notice(window: Window, known: _Known, waiting: Sequence[Unserved], late: Sequence[Unserved]) -> Iterator[Note]:
    number, owed = known.breaches.get(window.pk, (0, 0))
    if number:
        text = ngettext("Breach recorded for %(count)d customer.", "Breach recorded for %(count)d customers.", number) % {"count": number}
        reasons = ngettext("%(count)d reason is still owed.", "%(count)d reasons are still owed.", owed) % {"count": owed} if owed else ""
        yield Note(f"{text} {reasons}".strip(), alarm=True)
    causes = known.shortfalls.get(window.pk)
    words = []
    if late:
        text = ngettext("%(count)d customer was not served in time: %(accounts)s.", "%(count)d customers were not served in time: %(accounts)s.", len(late))
        words.append(text % {"count": len(late), "accounts": account_sample(one.account for one in late)})
    if causes:
        listed = ", ".join(f"{cause.label} {causes[cause]}" for cause in Cause if causes[cause])
        words.append(_("Shortfalls: %(causes)s; without a reason: %(number)d.") % {"causes": listed, "number": known.without_reason[window.pk]})
    if words:
        yield Note(" ".join(words), alarm=True, shortfalls=bool(causes))
    if waiting:
        text = ngettext(
            "%(count)d customer is not served yet, in time until %(line)s: %(accounts)s.",
            "%(count)d customers are not served yet, in time until %(line)s: %(accounts)s.",
            len(waiting),
        )
        line = utc(min(one.line for one in waiting))
        yield Note(text % {"count": len(waiting), "line": line, "accounts": account_sample(one.account for one in waiting)})
