"""Open, change, judge and close incidents; their priority is computed, and only a person with the right sets another (DOMAIN.md, Priorities).

Whoever calls ``override_priority``, ``take_back_override`` or ``disprove`` has checked the right ``maintenance.override_priority``.
Moments are aware; ``by`` names who decides. A refusal is a ValidationError and changes nothing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Customer, Operator
from maintenance.models import Incident, IncidentCustomer, IncidentJudgement
from maintenance.models.incident_judgement import Verdict
from maintenance.policy import P1
from maintenance.priorities import classify
from maintenance.root_cause_due import owe
from maintenance.states import Priority, PrivateApn

BY_HAND = (Priority.P1, Priority.P2, Priority.P3, Priority.P4)
"""What a person can set."""
_NEVER_ENTERED = (
    "priority",
    "override_by",
    "override_reason",
    "override_at",
    "opened_at",
    "p1_identified_at",
    "p1_until",
    "refuted_at",
    "refuted_by",
    "refuted_reason",
    "closed_at",
)
"""What no form has: it is read anew under a lock, as somebody may have judged or closed the incident in the meantime."""


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
    """Compute the priority anew and store the incident; once a P1, the time at which it was identified stays, and its end is kept."""
    if incident._state.adding:  # noqa: SLF001  # Django's documented model API
        incident.opened_at = now
    else:
        incident.refresh_from_db(fields=_NEVER_ENTERED, from_queryset=Incident.objects.select_for_update())
    _settle(incident, now=now)


@transaction.atomic
def affect(incident: Incident, affected: Mapping[Customer, int], *, now: datetime) -> None:
    """Enter how many SIMs of which customer are affected, or other numbers for customers entered before. Raises ValidationError for more than a base."""
    for customer, sims in affected.items():
        row = IncidentCustomer.objects.filter(incident=incident, customer=customer).first() or IncidentCustomer(incident=incident, customer=customer)
        row.sims = sims
        row.full_clean()
        row.save()
    assess(incident, now=now)


@transaction.atomic
def override_priority(incident: Incident, *, priority: str, reason: str, by: str, now: datetime) -> None:
    """Let a person's priority count instead of the computed one, until it is taken back. As P1 also what was refuted counts again."""
    _hold(incident)
    reason = _given(reason)
    if priority not in BY_HAND:
        raise ValidationError({"priority": _("Set one of %(allowed)s.") % {"allowed": ", ".join(BY_HAND)}})
    if priority == incident.priority:
        raise _refusal(_("Incident %(reference)s is %(priority)s already."), incident)
    incident.priority = priority
    incident.override_by, incident.override_reason, incident.override_at = by, reason, now
    if priority == Priority.P1:
        incident.refuted_by, incident.refuted_reason, incident.refuted_at = "", "", None
    _settle(incident, now=now)
    _note(incident, Verdict.SET, reason=reason, by=by, now=now)


@transaction.atomic
def take_back_override(incident: Incident, *, reason: str, by: str, now: datetime) -> None:
    """Let the computed priority count again."""
    _hold(incident)
    reason = _given(reason)
    if not incident.override_reason:
        raise _refusal(_("The priority of incident %(reference)s is the computed one."), incident)
    if incident.priority == Priority.P1 and incident.judgements.filter(verdict=Verdict.REFUTED).exists():
        # the refutation would have to count again, and with it stop what was announced since
        raise _refusal(_("Incident %(reference)s was found before never to have been a P1; say so again instead, which also stops its emergencies."), incident)
    _drop_override(incident)
    _settle(incident, now=now)
    _note(incident, Verdict.TAKEN_BACK, reason=reason, by=by, now=now)


@transaction.atomic
def disprove(incident: Incident, *, reason: str, by: str, now: datetime) -> None:
    """Record that it never was a P1: it justifies nothing any more. ``emergencies.refute`` also stops what rests on it."""
    _hold(incident)
    reason = _given(reason)
    if incident.refuted_at is not None:
        raise _refusal(_("Incident %(reference)s was found never to have been a P1 already."), incident)
    if incident.p1_identified_at is None:
        raise _refusal(_("Incident %(reference)s is %(priority)s and never counted as a P1."), incident)
    if incident.priority == Priority.P1:
        _drop_override(incident)
    incident.refuted_by, incident.refuted_reason, incident.refuted_at = by, reason, now
    _settle(incident, now=now)
    _note(incident, Verdict.REFUTED, reason=reason, by=by, now=now)


@transaction.atomic
def close_incident(incident: Incident, *, now: datetime) -> None:
    """Close it; a P1 then owes its root-cause report. Raises ValidationError where it is closed already or was opened later."""
    _hold(incident)
    if incident.closed_at is not None:
        raise _refusal(_("Incident %(reference)s is closed already."), incident)
    if now < incident.opened_at:
        message = _("Incident %(reference)s was opened on %(opened)s and cannot be closed before.")
        opened = incident.opened_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        raise ValidationError(message, code="closed", params={"reference": incident.reference, "opened": opened})
    incident.closed_at = now
    _keep_p1(incident, now=now)
    incident.save(update_fields=["closed_at", "p1_until"])
    owe(incident, now=now)


def as_p1(incident: Incident | None) -> P1 | None:
    """Return the incident as the policy sees it: one that was refuted was never identified."""
    if incident is None:
        return None
    identified_at = None if incident.refuted_at else incident.p1_identified_at
    return P1(incident.reference, incident.priority, identified_at, incident.p1_until if identified_at else None)


def _hold(incident: Incident) -> None:
    """Lock the stored row until the transaction ends, and read it anew."""
    incident.refresh_from_db(from_queryset=Incident.objects.select_for_update())


def _settle(incident: Incident, *, now: datetime) -> None:
    """Let the priority follow from what was entered and judged, and store it."""
    pairs = list(incident.customers.values_list("sims", "customer__sim_base")) if incident.pk else []
    sims = max(incident.sims or 0, sum(sims for sims, _base in pairs))
    incident.computed_priority = classify(domain=incident.domain, sims=sims, by_customer=pairs, private_apn=incident.private_apn)
    if not incident.override_reason:
        refuted_p1 = incident.refuted_at is not None and incident.computed_priority == Priority.P1
        incident.priority = Priority.P2 if refuted_p1 else incident.computed_priority
    _keep_p1(incident, now=now)
    incident.full_clean()
    incident.save()
    owe(incident, now=now)


def _keep_p1(incident: Incident, *, now: datetime) -> None:
    """Let since when and until when it is or was a P1 follow from priority and closing; what ceased to be one keeps its first end."""
    if incident.priority == Priority.P1:
        incident.p1_identified_at = incident.p1_identified_at or now
        incident.p1_until = incident.closed_at
    elif incident.p1_identified_at is not None:
        incident.p1_until = incident.p1_until or now


def _drop_override(incident: Incident) -> None:
    incident.override_by, incident.override_reason, incident.override_at = "", "", None


def _given(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": _("Give a reason.")})
    return reason.strip()


def _note(incident: Incident, verdict: Verdict, *, reason: str, by: str, now: datetime) -> None:
    IncidentJudgement.objects.create(
        incident=incident,
        verdict=verdict,
        priority=incident.priority,
        computed_priority=incident.computed_priority,
        reason=reason,
        made_by=by,
        made_at=now,
    )


def _refusal(message: str, incident: Incident) -> ValidationError:
    return ValidationError(message, code="state", params={"reference": incident.reference, "priority": incident.get_priority_display()})
