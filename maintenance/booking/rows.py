"""What every verb does with the rows: lock, find, store, sum up."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from maintenance.models import Incident, Maintenance, Window
from maintenance.states import WindowState

SYSTEM = "system"
"""Who does what the clock alone brings about."""
OPEN = (WindowState.DRAFT, WindowState.ANNOUNCED)
"""States of a window that is still to come."""
BEGUN = (WindowState.IN_PROGRESS, WindowState.COMPLETED, WindowState.NOT_COMPLETED, WindowState.PRESUMED_ENDED)
"""States of a window whose calendar entry is stamped with its own last change."""
_RANKED = (
    WindowState.IN_PROGRESS,
    WindowState.ANNOUNCED,
    WindowState.DRAFT,
    WindowState.POSTPONED,
    WindowState.PRESUMED_ENDED,
    WindowState.NOT_COMPLETED,
    WindowState.COMPLETED,
    WindowState.CANCELLED,
)


def locked(maintenance: Maintenance, *, incident: Incident | None = None) -> Maintenance:
    """Return the row as it is now, held until the transaction ends: of two planners one waits and then sees what the other did.

    The incident that it names, or is to name, is held too, and first: whoever finds that it never was a P1 goes the same way round.
    """
    named = Maintenance.objects.filter(pk=maintenance.pk, incident__isnull=False).values_list("incident", flat=True)
    keys = sorted({*named, *([incident.pk] if incident else [])})
    if keys:
        list(Incident.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    return Maintenance.objects.select_for_update().get(pk=maintenance.pk)


def raise_revision(maintenance: Maintenance) -> None:
    """Begin the next revision: its notice comes first, then the windows that it promises (a trigger looks for it)."""
    maintenance.revision += 1
    Maintenance.objects.filter(pk=maintenance.pk).update(revision=F("revision") + 1)


def restamp(windows: Iterable[Window]) -> list[Window]:
    """Raise SEQUENCE of those that have not begun, as a notice is issued: entries are stamped with it, and every other stamp is another SEQUENCE."""
    stamped = [window for window in windows if window.state not in BEGUN]
    for window in stamped:
        window.sequence += 1
    return stamped


def store(windows: Iterable[Window], *, now: datetime) -> None:
    """Store windows that have changed; each change that a calendar shows raises SEQUENCE."""
    for window in windows:
        window.changed_at = now
        window.full_clean(validate_unique=False)
        window.save()


def sum_up(maintenance: Maintenance) -> None:
    """Store the maintenance, its state summing up the windows'."""
    states = set(maintenance.windows.values_list("state", flat=True))
    maintenance.state = next(state for state in _RANKED if state in states)
    maintenance.save()


def find_window(maintenance: Maintenance, number: int | None, *, states: tuple[WindowState, ...] = (), at: datetime | None = None) -> Window:
    """Return the window of that number; without one that in ``states`` which lasts ``at`` that moment, or the first in them, or the first."""
    windows = maintenance.windows.order_by("start", "number")
    if number is not None:
        found = windows.filter(number=number).first()
    else:
        fitting = windows.filter(state__in=states)
        found = fitting.filter(start__lte=at, end__gt=at).first() if at else None
        found = found or fitting.first() or windows.first()
    if found is None:
        raise ValidationError(
            _("%(reference)s has no window %(number)s."),
            code="window",
            params={"reference": maintenance.reference, "number": number},
        )
    found.maintenance = maintenance
    return found
