"""When a root-cause report is owed, until when, and to whom (DOMAIN.md, Priorities: after a P1, for the tiers that get one)."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from customers.models import Customer
from customers.office_hours import add_business_days
from maintenance.models import Incident, IncidentCustomer, RootCauseReport


def owed_to(incident: Incident) -> QuerySet[Customer]:
    """Return the customers entered as affected whose tier gets a report."""
    return Customer.objects.filter(incidentcustomer__incident=incident, tier__root_cause_report=True).order_by("account")


def still_owed() -> QuerySet[RootCauseReport]:
    """Return the reports that are to be filed: not refuted, and somebody entered gets one or nobody was entered yet."""
    entered = IncidentCustomer.objects.filter(incident=OuterRef("incident"))
    nobody_left = Exists(entered) & ~Exists(entered.filter(customer__tier__root_cause_report=True))
    return RootCauseReport.objects.filter(~nobody_left, filed_at__isnull=True, incident__refuted_at__isnull=True)


def owe(incident: Incident, *, now: datetime) -> None:
    """Open the report of a closed incident that is or was a P1 and was not refuted, unless nobody of those entered gets one.

    While no customer is entered at all it is owed as well: whom it hit is yet to be said, and somebody has to be chased to say it.
    """
    if incident.closed_at is None or incident.p1_identified_at is None or incident.refuted_at is not None:
        return
    if incident.customers.exists() and not owed_to(incident).exists():
        return
    until = add_business_days(incident.closed_at, settings.ROOT_CAUSE_BUSINESS_DAYS)
    RootCauseReport.objects.get_or_create(incident=incident, defaults={"opened_at": now, "due_at": until})
