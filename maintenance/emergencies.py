"""Emergencies whose incident was found never to have been a P1: what rests on it stops, in one transaction with the finding."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from maintenance import booking, incidents
from maintenance.models import Incident, Notice, Window
from maintenance.states import Basis, WindowState


@transaction.atomic
def refute(incident: Incident, *, reason: str, by: str, now: datetime) -> list[Notice]:
    """Record that it never was a P1, and stop the emergencies announced for it that have not begun.

    Returns the notices that withdraw them. Raises ValidationError where it never counted as a P1, was refuted already, or no
    reason is given.
    """
    incidents.disprove(incident, reason=reason, by=by, now=now)
    return booking.stop_emergencies(incident, reason=incident.refuted_reason, by=by, now=now)


def resting_on(incident: Incident) -> QuerySet[Window]:
    """Return the windows that were announced as emergencies for this incident and have not begun."""
    found = Window.objects.filter(incident=incident, basis=Basis.EMERGENCY, state=WindowState.ANNOUNCED)
    return found.select_related("maintenance").order_by("start", "maintenance_id", "number")


def stopped(notices: Iterable[Notice]) -> list[str]:
    """Return the windows that these notices withdrew, as ``REF.n``."""
    withdrawn = Window.objects.filter(state__in=[WindowState.CANCELLED, WindowState.POSTPONED]).select_related("maintenance")
    return [str(window) for notice in notices for window in withdrawn.filter(maintenance=notice.maintenance_id, changed_at=notice.issued_at)]
