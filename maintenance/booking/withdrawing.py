"""Take back what was announced: for good, or until a new date is announced."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from maintenance import notices
from maintenance.booking.rows import OPEN, SYSTEM, find_window, locked, raise_revision, store, sum_up
from maintenance.concerned import concerned
from maintenance.decisions import rules
from maintenance.models import Incident, Maintenance, Notice, Window
from maintenance.notices import Circumstances, Row
from maintenance.policy import deadline
from maintenance.preconditions import wrong_state
from maintenance.standing import Standing
from maintenance.states import Basis, Kind, WindowState


@transaction.atomic
def cancel(maintenance: Maintenance, *, reason: str = "", by: str, now: datetime) -> Notice | None:
    """Withdraw every window that has not begun, and tell whoever was told. A draft is cancelled without a word."""
    held = locked(maintenance)
    windows = list(held.windows.filter(state__in=[*OPEN, WindowState.POSTPONED]))
    if not windows or held.windows.filter(state=WindowState.IN_PROGRESS).exists():
        raise ValidationError(
            _("%(reference)s is %(state)s; only work that has not begun can be cancelled."),
            code="state",
            params={"reference": held.reference, "state": held.get_state_display()},
        )
    for window in windows:
        window.state = WindowState.CANCELLED
        window.sequence += 1
    if notices.latest(held) is None:
        raise_revision(held)
        store(windows, now=now)
        sum_up(held)
        return None
    return _withdraw(held, windows, Kind.CANCELLED, reason=reason, by=by, now=now)


@transaction.atomic
def postpone(maintenance: Maintenance, *, number: int, reason: str = "", by: str, now: datetime) -> Notice:
    """Withdraw a window that has not begun, without a new date, at once; ``move`` gives it one, with notice of its own."""
    held = locked(maintenance)
    window = find_window(held, number)
    if window.state != WindowState.ANNOUNCED:
        raise wrong_state(window, _("only an announced window that has not begun can be postponed"))
    return _postpone(held, [window], reason=reason, by=by, now=now)


@transaction.atomic
def stop_emergencies(incident: Incident, *, reason: str, by: str = SYSTEM, now: datetime) -> list[Notice]:
    """Postpone every emergency that has not begun and that the incident alone allowed: it was found never to have been a P1."""
    found = []
    stopped = Window.objects.filter(incident=incident, basis=Basis.EMERGENCY, state=WindowState.ANNOUNCED)
    for maintenance in Maintenance.objects.filter(pk__in=stopped.values("maintenance")).order_by("pk"):
        held = locked(maintenance)
        windows = list(held.windows.filter(incident=incident, basis=Basis.EMERGENCY, state=WindowState.ANNOUNCED))
        if windows:
            found.append(_postpone(held, windows, reason=reason, by=by, now=now))
    return found


def _postpone(held: Maintenance, windows: Sequence[Window], *, reason: str, by: str, now: datetime) -> Notice:
    for window in windows:
        window.state = WindowState.POSTPONED
        window.sequence += 1
    return _withdraw(held, windows, Kind.POSTPONED, reason=reason, by=by, now=now)


def _row(held: Maintenance, standing: Standing, customer: int, kind: Kind, windows: Sequence[Window]) -> Row:
    """Return what one customer is told. Whoever never heard of the work, and is hit by what is still to come of it, hears of that first.

    A withdrawal goes to whoever may have been told; what still waits of the announcement is replaced by it.
    """
    numbers = {piece.window for pieces in standing.promised(customer).values() for piece in pieces}
    coming = [window for window in windows if window.state == WindowState.ANNOUNCED and window.number in numbers]
    newest = standing.newest(customer)
    if kind == Kind.CANCELLED or not coming or newest is None or standing.has_heard(customer):
        return Row(customer, kind)
    for basis, hurried in ((Basis.EMERGENCY, Kind.EMERGENCY), (Basis.LATE, Kind.LATE)):
        if any(window.basis == basis for window in coming):
            return Row(customer, hurried)
    if newest.kind == Kind.JOINED:
        return Row(customer, Kind.JOINED)
    clock = concerned([customer], held, days=rules().days)[customer].clock
    return Row(customer, Kind.ANNOUNCED, deadline(starts=sorted(window.start for window in coming), clock=clock))


def _withdraw(held: Maintenance, windows: Sequence[Window], kind: Kind, *, reason: str, by: str, now: datetime) -> Notice:
    """Tell whoever stands told of one of the windows; cancelling, of any."""
    standing = Standing.of(held)
    numbers = {window.number for window in windows}
    told = [
        customer
        for customer in standing.customers()
        if kind == Kind.CANCELLED or any(piece.window in numbers for pieces in standing.promised(customer).values() for piece in pieces)
    ]
    changed = {window.pk: window for window in windows}
    shown = [changed.get(window.pk, window) for window in held.windows.order_by("number")]
    raise_revision(held)
    notice = notices.issue(
        held,
        said=notices.snapshot(held, shown, Circumstances(reason=reason)),
        by=by,
        now=now,
        decision={"answer": f"{kind}: no notice needed", "asked_at": now.isoformat()},
        about=windows[0].number if kind == Kind.POSTPONED and len(windows) == 1 else 0,
    )
    notices.tell(notice, [_row(held, standing, customer, kind, shown) for customer in sorted(told)])
    store(windows, now=now)
    sum_up(held)
    notices.repeat_services(notice)
    return notice
