"""Notices as a verb issues them, written row by row: whom each tells of what is the test's to say."""

from collections.abc import Mapping
from datetime import datetime

from customers.models import Customer
from maintenance.models import Maintenance, Notice, NoticeCustomer
from maintenance.said import Said
from maintenance.states import Impact, Kind
from tests.factories import BY, NOW


def work(reference: str = "MNT-1") -> Maintenance:
    """Return a maintenance without windows: delivery looks at its notices alone."""
    return Maintenance.objects.create(
        reference=reference,
        timezone="Europe/London",
        impact=Impact.OUTAGE,
        expected_outage_minutes=30,
        created_at=NOW,
        created_by=BY,
    )


def issue(
    maintenance: Maintenance,
    told: Mapping[Customer, Kind],
    *,
    about: int = 0,
    deadline: datetime | Mapping[Customer, datetime] | None = None,
    stale_at: datetime | None = None,
    said_json: Mapping[str, object] | None = None,
    now: datetime = NOW,
) -> Notice:
    """Return the maintenance's next notice, which tells each customer in its kind; ``deadline`` is everyone's, or given by customer."""
    maintenance.revision += 1
    maintenance.save()
    said = dict(
        Said(maintenance.reference, Impact(maintenance.impact), maintenance.expected_outage_minutes, (), {}).to_json() if said_json is None else said_json
    )
    notice = Notice.objects.create(maintenance=maintenance, revision=maintenance.revision, about=about, issued_at=now, issued_by=BY, said_json=said)
    for customer, kind in told.items():
        until = deadline.get(customer) if isinstance(deadline, Mapping) else deadline
        NoticeCustomer.objects.create(notice=notice, customer=customer, kind=kind, deadline=until, stale_at=stale_at)
    return notice
