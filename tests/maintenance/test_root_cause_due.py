"""When a root-cause report is owed: for a P1 that is closed and was not refuted, unless customers are entered and none has a tier that gets one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pytest_django import Settings

from customers.models import Customer, Tier
from customers.office_hours import add_business_days
from maintenance.incidents import affect, assess, close_incident, disprove, open_incident, override_priority
from maintenance.models import Incident, RootCauseReport
from maintenance.root_cause_due import owed_to, still_owed
from tests.factories import BY, NOW, CustomerFactory

LATER = NOW + timedelta(hours=1)
DUE = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
"""NOW is a Sunday: five business days from then end on Friday."""


def opened(sims: int = 501) -> Incident:
    """Return an incident of the provider's domain."""
    return open_incident(reference="INC-1", title="Core down", domain="provider", sims=sims, now=NOW)


def enterprise() -> Customer:
    """Return a customer whose tier gets a report."""
    return CustomerFactory.create(tier_slug="enterprise")


def reports() -> list[tuple[str, datetime, datetime]]:
    """Return the reports that are open."""
    return list(RootCauseReport.objects.values_list("incident__reference", "opened_at", "due_at"))


@pytest.mark.parametrize(
    ("closed", "days", "expected"),
    [
        ("2026-11-23T10:00", 1, "2026-11-24T10:00"),  # Monday
        ("2026-11-23T10:00", 4, "2026-11-27T10:00"),  # Friday of the same week
        ("2026-11-23T10:00", 5, "2026-11-30T10:00"),  # over a weekend
        ("2026-11-27T23:59", 1, "2026-11-30T23:59"),  # Friday to Monday
        ("2026-11-28T10:00", 1, "2026-11-30T10:00"),  # Saturday to Monday
        ("2026-11-29T10:00", 1, "2026-11-30T10:00"),  # Sunday to Monday
        ("2026-11-28T10:00", 5, "2026-12-04T10:00"),
        ("2026-12-31T10:00", 2, "2027-01-04T10:00"),
        ("2026-11-23T10:00", 60, "2027-02-15T10:00"),
    ],
)
def test_due_counts_business_days(closed: str, days: int, expected: str) -> None:
    assert add_business_days(datetime.fromisoformat(f"{closed}+00:00"), days).isoformat(timespec="minutes") == f"{expected}+00:00"


def test_due_counts_in_utc() -> None:
    """Late on a Friday in New York is Saturday there."""
    assert add_business_days(datetime(2026, 11, 27, 21, 0, tzinfo=timezone(-timedelta(hours=5))), 1) == datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_closing_a_p1_opens_a_report() -> None:
    incident = opened()
    affect(incident, {enterprise(): 10, CustomerFactory.create(): 5}, now=NOW)
    assert reports() == []
    close_incident(incident, now=LATER)
    assert reports() == [("INC-1", LATER, DUE)]


@pytest.mark.django_db
def test_closing_with_other_business_days(settings: Settings) -> None:
    settings.ROOT_CAUSE_BUSINESS_DAYS = 6
    incident = opened()
    affect(incident, {enterprise(): 10}, now=NOW)
    close_incident(incident, now=LATER)
    assert reports() == [("INC-1", LATER, DUE + timedelta(days=3))]


@pytest.mark.django_db
def test_closing_what_was_a_p1_opens_a_report() -> None:
    """Lowered since, it was one all the same."""
    incident = opened()
    affect(incident, {enterprise(): 10}, now=NOW)
    override_priority(incident, priority="P3", reason="Workaround", by=BY, now=NOW)
    close_incident(incident, now=LATER)
    assert reports() == [("INC-1", LATER, DUE)]


@pytest.mark.django_db
@pytest.mark.parametrize(("sims", "tier", "refuted"), [(500, "enterprise", False), (501, "standard", False), (501, "plus", False), (501, "enterprise", True)])
def test_closing_without_anybody_to_tell(sims: int, tier: str, refuted: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """No P1, no tier that gets a report, or never a P1."""
    incident = opened(sims)
    affect(incident, {CustomerFactory.create(tier_slug=tier): 10}, now=NOW)
    if refuted:
        disprove(incident, reason="Probe broken", by=BY, now=NOW)
    close_incident(incident, now=LATER)
    assert reports() == []


@pytest.mark.django_db
def test_tiers_that_get_a_report_are_configuration() -> None:
    Tier.objects.filter(slug="plus").update(root_cause_report=True)
    incident = opened()
    plus = CustomerFactory.create(tier_slug="plus")
    affect(incident, {plus: 10, CustomerFactory.create(): 10}, now=NOW)
    assert list(owed_to(incident)) == [plus]


@pytest.mark.django_db
def test_customer_entered_after_closing_is_owed_one() -> None:
    """Counted from the closing all the same; a second one opens no second report."""
    incident = opened()
    affect(incident, {CustomerFactory.create(): 5}, now=NOW)
    close_incident(incident, now=LATER)
    first, second = enterprise(), enterprise()
    affect(incident, {first: 10}, now=LATER + timedelta(days=1))
    affect(incident, {second: 10}, now=LATER + timedelta(days=2))
    assert (reports(), list(owed_to(incident))) == ([("INC-1", LATER + timedelta(days=1), DUE)], [first, second])


@pytest.mark.django_db
def test_closing_with_no_customers_entered_opens_a_report() -> None:
    """Whom it hit is yet to be said: owed to nobody so far, and no more once those entered have no tier that gets one."""
    incident = opened()
    close_incident(incident, now=LATER)
    owed = []
    for customer in (None, CustomerFactory.create(), enterprise()):
        if customer:
            affect(incident, {customer: 10}, now=LATER + timedelta(days=1))
        owed.append((reports(), still_owed().count(), owed_to(incident).count()))
    report = [("INC-1", LATER, DUE)]
    assert owed == [(report, 1, 0), (report, 0, 0), (report, 1, 1)]


@pytest.mark.django_db
@pytest.mark.parametrize(("sims", "refuted"), [(500, False), (501, True)])
def test_closing_what_is_no_p1_with_no_customers_entered(sims: int, refuted: bool) -> None:  # noqa: FBT001  # a parameter of a test
    incident = opened(sims)
    if refuted:
        disprove(incident, reason="Probe broken", by=BY, now=NOW)
    close_incident(incident, now=LATER)
    assert reports() == []


@pytest.mark.django_db
def test_found_to_have_been_a_p1_after_closing() -> None:
    incident = opened(20)
    affect(incident, {enterprise(): 10}, now=NOW)
    close_incident(incident, now=LATER)
    incident.sims = 501
    assess(incident, now=LATER + timedelta(days=1))
    assert reports() == [("INC-1", LATER + timedelta(days=1), DUE)]
