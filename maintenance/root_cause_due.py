"""When a root-cause report is owed, until when, and to whom (DOMAIN.md, Priorities: after a P1, for the tiers that get one)."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from customers.models import Customer
from maintenance.models import Incident, RootCauseReport

_SATURDAY = 5


def due(closed_at: datetime, *, days: int) -> datetime:
    """Return the moment that many business days (Monday to Friday, UTC) after closing, at the same time of day.

    A Saturday or Sunday counts as the end of the Friday before: its first business day is the Monday.
    """
    moment = closed_at.astimezone(UTC)
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < _SATURDAY
    return moment


def owed_to(incident: Incident) -> QuerySet[Customer]:
    """Return the customers entered as affected whose tier gets a report."""
    return Customer.objects.filter(incidentcustomer__incident=incident, tier__root_cause_report=True).order_by("account")


def owe(incident: Incident, *, now: datetime) -> None:
    """Open the report of a closed incident that is or was a P1 and was not refuted, as soon as somebody is owed one."""
    if incident.closed_at is None or incident.p1_identified_at is None or incident.refuted_at is not None or not owed_to(incident).exists():
        return
    until = due(incident.closed_at, days=settings.ROOT_CAUSE_BUSINESS_DAYS)
    RootCauseReport.objects.get_or_create(incident=incident, defaults={"opened_at": now, "due_at": until})
