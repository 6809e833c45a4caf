"""What the tests of the verbs read from the tables."""

from datetime import datetime, timedelta
from typing import Any

from maintenance import booking
from maintenance.incidents import open_incident
from maintenance.models import Incident, Maintenance, Notice, Served
from maintenance.said import SaidWindow
from tests.factories import BY, NOW, draft


def booked(**changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return a draft that is stored."""
    return booking.book(draft(**changes), by=BY, now=NOW)


def announced(*, now: datetime = NOW, **changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return maintenance that is announced."""
    maintenance = booked(**changes)
    booking.announce(maintenance, acknowledged="the other work is known", by=BY, now=now)
    maintenance.refresh_from_db()
    return maintenance


def p1(reference: str = "INC-1", *, sims: int = 501) -> Incident:
    """Return an open incident in the provider's domain, a P1 by its SIMs."""
    return open_incident(reference=reference, title="Core down", domain="provider", sims=sims, now=NOW)


def told(notice: Notice | None) -> dict[str, tuple[str, datetime | None]]:
    """Return kind and deadline by account."""
    assert notice is not None
    return {account: (kind, deadline) for account, kind, deadline in notice.customers.values_list("customer__account", "kind", "deadline")}


def kinds(notice: Notice | None) -> dict[str, str]:
    """Return the kind by account."""
    return {account: kind for account, (kind, _deadline) in told(notice).items()}


def named(notice: Notice | None) -> set[tuple[str, str, int]]:
    """Return (account, object id, window number) of the services that the notice names."""
    assert notice is not None
    return set(notice.services.values_list("customer__account", "object_id", "window_number"))


def windows_said(notice: Notice | None) -> tuple[SaidWindow, ...]:
    """Return the windows of the snapshot."""
    assert notice is not None
    return notice.said.windows


def states(maintenance: Maintenance) -> tuple[str, int, list[tuple[str, int, datetime]]]:
    """Return the maintenance's state and revision, and each window's state, sequence and time of change."""
    maintenance = Maintenance.objects.get(pk=maintenance.pk)
    return maintenance.state, maintenance.revision, [(row.state, row.sequence, row.changed_at) for row in maintenance.windows.order_by("number")]


def serve(maintenance: Maintenance, *accounts: str, at: datetime | None = None) -> None:
    """Record that the accounts (all told by it, without any) were served with the newest notice, as soon as it was issued unless told otherwise."""
    notice = maintenance.notices.latest("revision")
    for row in notice.customers.select_related("customer"):
        if not accounts or row.customer.account in accounts:
            Served.objects.create(notice=notice, customer=row.customer, accepted_at=at or notice.issued_at, hop="relay")


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
