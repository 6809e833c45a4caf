"""Open, change and close incidents; their priority is computed, never typed (DOMAIN.md, Priorities)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Operator
from maintenance.models import Incident
from maintenance.policy import P1, classify
from maintenance.states import Priority, PrivateApn


def open_incident(
    *,
    reference: str,
    title: str,
    domain: str,
    sims: int,
    private_apn: str = PrivateApn.UNAFFECTED,
    operator: Operator | None = None,
    now: datetime,
) -> Incident:
    """Record an incident with its computed priority. Raises ValidationError where a value is wrong or the reference is taken."""
    incident = Incident(reference=reference, title=title, domain=domain, sims=sims, private_apn=private_apn, operator=operator, opened_at=now)
    assess(incident, now=now)
    return incident


@transaction.atomic
def assess(incident: Incident, *, now: datetime) -> None:
    """Compute the priority anew and store the incident; once a P1, the time at which it was identified stays."""
    pairs = list(incident.customers.values_list("sims", "customer__sim_base")) if incident.pk else []
    sims = max(incident.sims or 0, sum(sims for sims, _base in pairs))
    incident.priority = classify(domain=incident.domain, sims=sims, by_customer=pairs, private_apn=incident.private_apn)
    if incident._state.adding:  # noqa: SLF001  # Django's documented model API
        incident.opened_at = now
    if incident.priority == Priority.P1 and incident.p1_identified_at is None:
        incident.p1_identified_at = now
    incident.full_clean()
    incident.save()


def close_incident(incident: Incident, *, now: datetime) -> None:
    """Close it. Raises ValidationError where it is closed already."""
    if not Incident.objects.filter(pk=incident.pk, closed_at__isnull=True).update(closed_at=now):
        raise ValidationError(_("Incident %(reference)s is closed already."), code="closed", params={"reference": incident.reference})
    incident.closed_at = now


def as_p1(incident: Incident | None) -> P1 | None:
    """Return the incident as the policy sees it."""
    return P1(incident.reference, incident.priority, incident.p1_identified_at, incident.closed_at) if incident else None
