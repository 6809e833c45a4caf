"""The verbs: the only functions that write maintenance and windows. Each is one transaction with its revision and notice.

All moments are aware; ``by`` names who does it. A refusal is a ValidationError in the planner's words and changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance import impact, notices
from maintenance.coverage import Shortfall, accounts, heard, shortfalls
from maintenance.decisions import decide, rules, when
from maintenance.draft import Draft
from maintenance.draft_rules import check
from maintenance.models import Breach, Maintenance, MaintenanceText, NamedObject, Notice, Scope, Window
from maintenance.preconditions import check_languages, check_not_over, deadlines, first_kind, not_a_draft, wrong_state
from maintenance.states import Basis, Kind, WindowState


@transaction.atomic
def book(draft: Draft, *, by: str, now: datetime) -> Maintenance:
    """Store a draft; nobody is told."""
    check(draft)
    maintenance = Maintenance(created_at=now, created_by=by)
    _write(maintenance, draft, now=now)
    return maintenance


@transaction.atomic
def rewrite(maintenance: Maintenance, draft: Draft, *, by: str, now: datetime) -> Maintenance:
    """Replace what a draft says. Raises ValidationError where it was announced already."""
    locked = _locked(maintenance)
    if locked.state != WindowState.DRAFT:
        raise not_a_draft(locked, _("only a draft can be rewritten"))
    check(draft)
    locked.scopes.all().delete()
    locked.objects_named.all().delete()
    locked.windows.all().delete()
    locked.texts.all().delete()
    locked.created_by = by
    _write(locked, draft, now=now)
    return locked


@transaction.atomic
def announce(maintenance: Maintenance, *, by: str, now: datetime) -> Notice:
    """Tell every customer hit. Raises ValidationError where notice is too short, or a reader's language is missing."""
    locked = _locked(maintenance)
    if locked.state != WindowState.DRAFT:
        raise not_a_draft(locked, _("only a draft can be announced"))
    windows = list(locked.windows.all())
    customers = impact.hit_customers(locked)
    check_not_over(windows, locked, now=now)
    check_languages(locked, customers)
    zones = impact.zones(customers)
    starts = [window.start for window in windows]
    basis, decision = decide(locked, starts=starts, zones=zones, now=now)
    for window in windows:
        _promise(window, basis, now=now)
        window.state = WindowState.ANNOUNCED
        _store(window, now=now)
    _close_revision(locked)
    notice = notices.issue(locked, said=notices.snapshot(locked), by=by, now=now, decision=decision)
    notices.tell(notice, customers, first_kind(basis), deadlines=deadlines(basis, starts=starts, zones=zones))
    notices.name_services(notice, locked)
    return notice


@transaction.atomic
def move(maintenance: Maintenance, *, number: int, start: datetime, end: datetime, by: str, now: datetime) -> Notice | None:
    """Give a window other times: inside the announced ones at once, otherwise with full fresh notice. A draft is just changed."""
    locked = _locked(maintenance)
    window = _window(locked, number)
    if end <= start:
        raise ValidationError(_("A window must end after it starts."), code="end")
    if (start, end) == (window.start, window.end):
        raise ValidationError(_("Window %(window)s has these times already."), code="same", params={"window": str(window)})
    if window.state not in {WindowState.DRAFT, WindowState.ANNOUNCED}:
        raise wrong_state(window, _("only a window that has not begun can be moved"))
    inside = window.start <= start and end <= window.end
    window.start, window.end = start, end
    if window.state == WindowState.DRAFT:
        _store(window, now=now)
        return None
    check_not_over([window], locked, now=now)
    return _move_announced(locked, window, inside=inside, by=by, now=now)


def _move_announced(locked: Maintenance, window: Window, *, inside: bool, by: str, now: datetime) -> Notice:
    """Tell those who were told before and are still hit; outside the old times also those newly hit, and those no longer hit."""
    earlier = notices.latest(locked)
    told = notices.told_by(earlier)
    hit = told if inside else impact.hit_customers(locked)
    newcomers = hit.exclude(pk__in=told.values("pk"))
    zones, new_zones = impact.zones(hit), impact.zones(newcomers)
    decision: dict[str, object] = {"answer": "inside what was announced", "asked_at": now.isoformat()}
    until: dict[str, datetime | None] = {}
    starts, new_basis = [window.start], Basis(window.basis)
    others = list(locked.windows.filter(state=WindowState.ANNOUNCED).exclude(pk=window.pk))
    if not inside:
        check_languages(locked, hit)
        open_starts = [other.start for other in others] + starts
        if new_zones:
            new_basis, _record = decide(locked, starts=open_starts, zones=new_zones, now=now)
        basis, decision = decide(locked, starts=starts, zones=zones, now=now)
        _promise(window, basis, now=now)
        until = deadlines(basis, starts=starts, zones=zones)
        starts = open_starts
    for shown in (window, *others):  # the others' calendar entries change too: their stamp is the new notice's, and what is hit is asked anew
        shown.sequence += 1
        _store(shown, now=now)
    _close_revision(locked)
    said = notices.snapshot(locked, previous={window.number: notices.intervals(earlier)[window.number]})
    notice = notices.issue(locked, said=said, by=by, now=now, decision=decision)
    # work that is moved into an emergency says so to those who knew of it, too; old and new times stand in it
    changed = Kind.REVISED if inside else first_kind(Basis(window.basis), otherwise=Kind.REVISED)
    known = hit.filter(pk__in=told.values("pk"))
    notices.tell(notice, known.filter(pk__in=heard(locked)), changed, deadlines=until)
    # for whoever was not reached yet this is the first notice, of every window: it may not come as if in time when it does not
    first = deadlines(Basis.PLANNED, starts=[w.start for w in (window, *others) if w.basis == Basis.PLANNED], zones=zones)
    notices.tell(notice, known.exclude(pk__in=heard(locked)), changed, deadlines={} if changed == Kind.EMERGENCY else first)
    if inside:
        if earlier:
            notices.repeat_services(notice, earlier, kinds=[changed])
        return notice
    notices.tell(notice, newcomers, first_kind(new_basis), deadlines=deadlines(new_basis, starts=starts, zones=new_zones))
    notices.tell(notice, told.exclude(pk__in=hit.values("pk")), Kind.CANCELLED)
    notices.name_services(notice, locked)
    if earlier:
        notices.repeat_services(notice, earlier, kinds=[Kind.CANCELLED])
    return notice


@transaction.atomic
def cancel(maintenance: Maintenance, *, reason: str = "", by: str, now: datetime) -> Notice | None:
    """Withdraw every window that has not begun, and tell whoever was told. A draft is cancelled without a word."""
    locked = _locked(maintenance)
    windows = list(locked.windows.filter(state__in=[WindowState.DRAFT, WindowState.ANNOUNCED]))
    if not windows or locked.windows.filter(state=WindowState.IN_PROGRESS).exists():
        raise ValidationError(
            _("%(reference)s is %(state)s; only work that has not begun can be cancelled."),
            code="state",
            params={"reference": locked.reference, "state": locked.get_state_display()},
        )
    earlier = notices.latest(locked)
    for window in windows:
        window.state = WindowState.CANCELLED
        window.sequence += 1
        _store(window, now=now)
    _close_revision(locked)
    if earlier is None:
        return None
    said = notices.snapshot(locked, reason=reason)
    notice = notices.issue(locked, said=said, by=by, now=now, decision={"answer": "cancelling needs no notice", "asked_at": now.isoformat()})
    notices.tell(notice, notices.told_by(earlier), Kind.CANCELLED)
    notices.repeat_services(notice, earlier, kinds=[Kind.CANCELLED])
    return notice


@transaction.atomic
def start(maintenance: Maintenance, *, number: int | None = None, reason: str = "", by: str, now: datetime) -> Window:
    """Record that a window's work begins. With customers not served in time it needs a reason, and is recorded as a breach."""
    locked = _locked(maintenance)
    window = _window(locked, number, state=WindowState.ANNOUNCED, at=now)
    if window.state != WindowState.ANNOUNCED:
        raise wrong_state(window, _("only an announced window can start"))
    if not window.start <= now < window.end:
        raise ValidationError(
            _("Window %(window)s lasts from %(start)s to %(end)s; work can start only within it. Move it first."),
            code="time",
            params={"window": str(window), "start": when(window.start, locked.timezone), "end": when(window.end, locked.timezone)},
        )
    if window.basis == Basis.PLANNED:
        _record_breaches(window, shortfalls(window, days=rules().days), reason=reason.strip(), by=by, now=now)
    window.state = WindowState.IN_PROGRESS
    window.started_at = now
    window.sequence += 1
    _store(window, now=now)
    _close_revision(locked)
    return window


@transaction.atomic
def finish(maintenance: Maintenance, *, number: int | None = None, by: str, now: datetime) -> Window:  # noqa: ARG001  # every verb says by whom; the notice of completion will
    """Record that a window's work is completed."""
    locked = _locked(maintenance)
    window = _window(locked, number, state=WindowState.IN_PROGRESS)
    if window.state != WindowState.IN_PROGRESS:
        raise wrong_state(window, _("only a window in progress can be finished"))
    window.state = WindowState.COMPLETED
    window.ended_at = now
    window.sequence += 1
    _store(window, now=now)
    _close_revision(locked)
    return window


def _locked(maintenance: Maintenance) -> Maintenance:
    """Return the row as it is now, held until the transaction ends: of two planners one waits and then sees what the other did."""
    return Maintenance.objects.select_for_update().get(pk=maintenance.pk)


def _write(maintenance: Maintenance, draft: Draft, *, now: datetime) -> None:
    maintenance.reference = draft.reference
    maintenance.supplier = draft.supplier
    maintenance.supplier_reference = draft.supplier_reference
    maintenance.timezone = draft.timezone
    maintenance.impact = draft.impact
    maintenance.expected_outage_minutes = draft.expected_outage_minutes
    maintenance.incident = draft.incident
    maintenance.accept_english = draft.accept_english
    maintenance.full_clean()
    maintenance.save()
    Scope.objects.bulk_create(Scope(maintenance=maintenance, component=scope.component, domain=scope.domain, operator=scope.operator) for scope in draft.scopes)
    windows = Window.objects.bulk_create(
        Window(maintenance=maintenance, number=number, start=window.start, end=window.end, changed_at=now)
        for number, window in enumerate(draft.windows, start=1)
    )
    named: list[NamedObject] = [NamedObject(maintenance=maintenance, object_id=name) for name in dict.fromkeys(draft.objects)]
    for window, wanted in zip(windows, draft.windows, strict=True):
        named += [NamedObject(maintenance=maintenance, window=window, object_id=name) for name in dict.fromkeys(wanted.objects)]
    NamedObject.objects.bulk_create(named)
    MaintenanceText.objects.bulk_create(
        MaintenanceText(maintenance=maintenance, language=language, title=text.title, impact=text.impact, description=text.description)
        for language, text in draft.texts.items()
    )


def _store(window: Window, *, now: datetime) -> None:
    window.changed_at = now
    window.full_clean(validate_unique=False)
    window.save()


def _close_revision(maintenance: Maintenance) -> None:
    """Raise the revision and sum up the windows' states."""
    states = set(maintenance.windows.values_list("state", flat=True))
    ranked = [
        WindowState.IN_PROGRESS,
        WindowState.ANNOUNCED,
        WindowState.DRAFT,
        WindowState.POSTPONED,
        WindowState.NOT_COMPLETED,
        WindowState.COMPLETED,
        WindowState.CANCELLED,
    ]
    maintenance.state = next(state for state in ranked if state in states)
    maintenance.revision += 1
    maintenance.save()


def _window(maintenance: Maintenance, number: int | None, *, state: WindowState | None = None, at: datetime | None = None) -> Window:
    """Return the window of that number; without one that in ``state`` which lasts ``at`` that moment, or the first in it, or the first."""
    windows = maintenance.windows.order_by("start", "number")
    if number is not None:
        found = windows.filter(number=number).first()
    else:
        fitting = windows.filter(state=state)
        found = fitting.filter(start__lte=at, end__gt=at).first() if at else None
        found = found or fitting.first() or windows.first()
    if found is None:
        raise ValidationError(
            _("%(reference)s has no window %(number)s."),
            code="window",
            params={"reference": maintenance.reference, "number": number},
        )
    return found


def _promise(window: Window, basis: Basis, *, now: datetime) -> None:
    window.basis = basis
    window.incident = window.maintenance.incident if basis == Basis.EMERGENCY else None
    window.promised_since = now


def _record_breaches(window: Window, found: Sequence[Shortfall], *, reason: str, by: str, now: datetime) -> None:
    if not found:
        return
    if not reason:
        raise ValidationError(
            ngettext(
                "%(number)d customer was not served in time for window %(window)s: %(accounts)s. "
                "Starting it breaks the promise; give a reason and it is recorded as a breach.",
                "%(number)d customers were not served in time for window %(window)s: %(accounts)s. "
                "Starting it breaks the promise; give a reason and it is recorded as a breach.",
                len(found),
            ),
            code="shortfall",
            params={"number": len(found), "window": str(window), "accounts": accounts(list(found))},
        )
    Breach.objects.bulk_create(Breach(window=window, customer_id=item.customer_id, recorded_at=now, recorded_by=by, reason=reason) for item in found)
