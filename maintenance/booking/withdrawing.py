"""Take back what was announced: for good, or until a new date is announced."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from maintenance import notices
from maintenance.booking.rows import OPEN, SYSTEM, find_window, locked, raise_revision, store, sum_up
from maintenance.booking.taking_back import drop, take_back
from maintenance.models import Incident, Maintenance, Notice, Window
from maintenance.preconditions import wrong_state
from maintenance.states import Basis, Kind, WindowState


@transaction.atomic
def cancel(maintenance: Maintenance, *, reason: str = "", by: str, now: datetime) -> Notice | None:
    """Withdraw every window that has not begun, and tell whoever was told; one in progress goes on. A draft is cancelled without a word."""
    held = locked(maintenance)
    windows = list(held.windows.filter(state__in=[*OPEN, WindowState.POSTPONED]))
    if not windows:
        raise ValidationError(
            _("%(reference)s is %(state)s; only work that has not begun can be cancelled."),
            code="state",
            params={"reference": held.reference, "state": held.get_state_display()},
        )
    if held.windows.filter(state=WindowState.IN_PROGRESS).exists():
        return drop(held, windows, beside=[WindowState.IN_PROGRESS], reason=reason, by=by, now=now)
    for window in windows:
        window.state = WindowState.CANCELLED
        window.sequence += 1
    if notices.latest(held) is None:
        raise_revision(held)
        store(windows, now=now)
        sum_up(held)
        return None
    return take_back(held, windows, Kind.CANCELLED, reason=reason, by=by, now=now)


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
    return take_back(held, windows, Kind.POSTPONED, reason=reason, by=by, now=now)
