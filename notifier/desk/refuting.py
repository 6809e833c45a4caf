"""Find that an incident never was a P1: what rests on it stops, and the planners hear of it, in one transaction."""

from datetime import datetime

from django.db import transaction

from maintenance import emergencies
from maintenance.models import Incident, Notice
from notifier.delivery.alerts import raise_alert
from notifier.delivery.models import AlertKind


@transaction.atomic
def refute(incident: Incident, *, reason: str, by: str, now: datetime) -> list[Notice]:
    """Return the notices that postpone its emergencies. Raises ValidationError as ``emergencies.refute`` does."""
    issued = emergencies.refute(incident, reason=reason, by=by, now=now)
    windows = emergencies.stopped(issued)
    if windows:
        facts = {
            "incident": incident.pk,
            "reference": incident.reference,
            "title": incident.title,
            "by": by,
            "reason": incident.refuted_reason,
            "stopped": windows,
        }
        raise_alert(AlertKind.NOT_A_P1, f"not_a_p1:{incident.pk}:{now.isoformat()}", facts, now=now)
    return issued
