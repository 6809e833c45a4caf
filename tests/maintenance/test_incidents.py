"""Incidents: their priority is computed, and that one was a P1 is kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from maintenance.incidents import affect, as_p1, assess, close_incident, open_incident, override_priority
from maintenance.models import Incident, IncidentCustomer
from maintenance.policy import P1
from maintenance.states import Priority
from tests.factories import BY, NOW, CustomerFactory, OperatorFactory, ServiceFactory, nothing_changes

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def opened(sims: int = 501, **changes: Any) -> Incident:  # noqa: ANN401  # any field
    """Return an incident of the provider's domain, a P1 by its SIMs."""
    fields: dict[str, Any] = {"reference": "INC-1", "title": "Core down", "domain": "provider", "sims": sims, "now": NOW}
    return open_incident(**fields | changes)


def test_open_incident_computes_the_priority() -> None:
    """A P1 has the time at which it was identified."""
    operator = OperatorFactory.create()
    incident = open_incident(reference="INC-1", title="Core down", domain="mno", sims=3, private_apn="down", operator=operator, now=NOW)
    assert Incident.objects.values().get() == {
        "id": incident.pk,
        "reference": "INC-1",
        "title": "Core down",
        "domain": "mno",
        "operator_id": operator.pk,
        "sims": 3,
        "private_apn": "down",
        "computed_priority": "P1",
        "priority": "P1",
        "override_by": "",
        "override_reason": "",
        "override_at": None,
        "customer_view": "",
        "opened_at": NOW,
        "p1_identified_at": NOW,
        "p1_until": None,
        "refuted_at": None,
        "refuted_by": "",
        "refuted_reason": "",
        "closed_at": None,
    }


def test_open_incident_that_is_no_p1() -> None:
    """It has no time of identification."""
    incident = opened(500)
    assert (incident.priority, incident.p1_identified_at, as_p1(incident)) == (Priority.P2, None, P1("INC-1", "P2", None, None))


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"reference": ""}, {"reference": ["This field cannot be blank."]}),
        ({"title": "two\nlines"}, {"title": ["has a control character or line break (U+000A) at position 4; write it on one line"]}),
        ({"domain": "moon"}, {"domain": ["Value 'moon' is not a valid choice."]}),
        ({"private_apn": "down"}, {"private_apn": ["Counts in an MNO's domain only; elsewhere the number of SIMs decides."]}),
        ({"private_apn": "gone"}, {"private_apn": ["Value 'gone' is not a valid choice."]}),
    ],
)
def test_open_incident_refused(changes: dict[str, Any], messages: dict[str, list[str]]) -> None:
    """What is wrong is said by field, and nothing is stored."""
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        opened(**changes)
    assert refusal.value.message_dict == messages


def test_open_incident_twice() -> None:
    """A reference is used once."""
    opened()
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        opened()
    assert refusal.value.message_dict == {"reference": ["Incident with this Reference already exists."]}


def test_assess_by_the_customers_entered() -> None:
    """Customers count by their share of their base, and all together by their SIMs; a P1 stays identified when it falls."""
    incident = opened(20)
    customers = [CustomerFactory.create(sim_base=base) for base in (250, 10_000)]
    rows = [IncidentCustomer.objects.create(incident=incident, customer=customer, sims=5) for customer in customers]
    told: list[tuple[str, datetime | None]] = []
    for first, second in ((5, 5), (20, 6), (100, 151), (126, 5), (5, 5), (5, 496)):
        for row, sims in zip(rows, (first, second), strict=True):
            row.sims = sims
            row.save()
        assess(incident, now=LATER + timedelta(hours=len(told)))
        incident.refresh_from_db()
        told.append((incident.priority, incident.p1_identified_at))
    since = LATER + timedelta(hours=3)
    assert told == [("P4", None), ("P3", None), ("P2", None), ("P1", since), ("P4", since), ("P1", since)]


def test_close_incident_once() -> None:
    """The first closing counts."""
    incident = opened()
    close_incident(incident, now=LATER)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        close_incident(Incident.objects.get(), now=LATER + timedelta(hours=1))
    assert (incident.closed_at, Incident.objects.get().closed_at, refusal.value.messages) == (LATER, LATER, ["Incident INC-1 is closed already."])


def test_close_incident_before_it_was_opened() -> None:
    """Said in words, and not left to the database."""
    incident = opened()
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        close_incident(incident, now=NOW - timedelta(microseconds=1))
    assert (refusal.value.messages, incident.closed_at) == (["Incident INC-1 was opened on 2026-11-22 09:00 UTC and cannot be closed before."], None)
    close_incident(incident, now=NOW)
    assert Incident.objects.get().closed_at == NOW


def test_assess_with_an_old_copy() -> None:
    """What was closed or judged since the form was read stays."""
    incident = opened(300)
    stale = Incident.objects.get()
    override_priority(incident, priority="P1", reason="Hospitals", by=BY, now=LATER)
    close_incident(incident, now=LATER)
    stale.title = "Core down again"
    assess(stale, now=LATER + timedelta(hours=1))
    fields = ("title", "priority", "computed_priority", "override_reason", "p1_identified_at", "closed_at")
    assert Incident.objects.values_list(*fields).get() == ("Core down again", "P1", "P2", "Hospitals", LATER, LATER)


def test_affect_enters_and_changes() -> None:
    """A customer stands in it once, with the last number."""
    incident = opened(20)
    customer = CustomerFactory.create(sim_base=250)
    told = []
    for sims in (62, 63, 126, 250):
        affect(incident, {customer: sims}, now=LATER)
        told.append((incident.customers.get().sims, incident.priority))
    assert told == [(62, "P3"), (63, "P2"), (126, "P1"), (250, "P1")]


@pytest.mark.parametrize(("base", "sims"), [(250, 251), (0, 1)])
def test_affect_more_than_the_base(base: int, sims: int) -> None:
    """Nobody has more SIMs than these, and nothing of the call is stored."""
    incident = opened(20)
    large, small = CustomerFactory.create(account="LARGE"), CustomerFactory.create(account="SMALL", sim_base=base)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        affect(incident, {large: 10, small: sims}, now=LATER)
    said = f"SMALL has {base} SIMs, so no more can be affected; where that is wrong, correct the customer's SIM base first."
    assert refusal.value.message_dict == {"sims": [said]}


def test_priority_never_adds_up_services() -> None:
    """A customer's services share its SIMs: only what is entered for the customer counts."""
    customer = CustomerFactory.create(sim_base=300)
    for _ in range(4):
        ServiceFactory.create(customer=customer, sims=300)
    incident = opened(20)
    affect(incident, {customer: 10}, now=LATER)
    assert incident.priority == Priority.P4


def test_as_p1_without_incident() -> None:
    """Work that names none has none."""
    assert as_p1(None) is None
