"""Incidents through the admin: the priority is computed from all that was entered, and shown with what people decided."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from maintenance.incidents import affect, open_incident, override_priority
from maintenance.models import Incident
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
LIST = "/admin/maintenance/incident/"


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def entered(*affected: tuple[int, int], **changes: str) -> dict[str, str]:
    """Return what the form posts; ``affected``: a customer's key and its SIMs."""
    data = {"reference": "INC-1", "title": "Core down", "domain": "provider", "operator": "", "sims": "10", "private_apn": "unaffected", **changes}
    data |= {"customers-TOTAL_FORMS": str(len(affected)), "customers-INITIAL_FORMS": "0"}
    for number, (customer, sims) in enumerate(affected):
        data |= {f"customers-{number}-customer": str(customer), f"customers-{number}-sims": str(sims)}
    return data


def test_priority_comes_from_customers_entered_with_it() -> None:
    customer = factories.CustomerFactory.create(sim_base=250)
    pages.planner().post(f"{LIST}add/", entered((customer.pk, 126)))
    incident = Incident.objects.get()
    assert (incident.priority, incident.p1_identified_at, incident.opened_at) == ("P1", factories.NOW, factories.NOW)


def test_change_is_judged_by_what_is_entered_not_by_what_was() -> None:
    customer = factories.CustomerFactory.create(sim_base=250)
    client = pages.planner()
    client.post(f"{LIST}add/", entered((customer.pk, 126), domain="mno"))
    incident = Incident.objects.get()
    row = incident.customers.get()
    data = entered((customer.pk, 126)) | {
        "customers-INITIAL_FORMS": "1",
        "customers-0-id": str(row.pk),
        "customers-0-incident": str(incident.pk),
        "customers-0-DELETE": "on",
    }
    client.post(f"{LIST}{incident.pk}/change/", data)
    incident.refresh_from_db()
    assert (incident.priority, incident.p1_identified_at) == ("P4", None)


def test_more_than_the_base_is_refused() -> None:
    """On the page, and nothing is stored."""
    customer = factories.CustomerFactory.create(account="A", sim_base=250)
    client = pages.planner()
    with factories.nothing_changes():
        page = pages.text_of(client.post(f"{LIST}add/", entered((customer.pk, 251))))
    assert "A has 250 SIMs, so no more can be affected; where that is wrong, correct the customer's SIM base first." in page


def test_page_shows_base_and_computed_priority() -> None:
    """What counts, what is computed, who decided so and why, and every decision."""
    customer = factories.CustomerFactory.create(sim_base=4321)
    incident = open_incident(reference="INC-1", title="x", domain="provider", sims=300, now=factories.NOW)
    affect(incident, {customer: 10}, now=factories.NOW)
    override_priority(incident, priority="P1", reason="<b>Hospitals</b> {{ 7 }}", by="paul", now=factories.NOW)
    client = pages.planner()
    html = client.get(f"{LIST}{incident.pk}/change/").content.decode()
    assert "P1 (computed P2), set by paul: &lt;b&gt;Hospitals&lt;/b&gt; {{ 7 }}" in html
    assert ("4321" in html, "<b>Hospitals" in html, "Priority set: P1" in html) == (True, False, True)
    assert "P1 (computed P2)" in client.get(LIST).content.decode()


def test_page_shows_until_when_it_was_a_p1() -> None:
    incident = open_incident(reference="INC-1", title="x", domain="provider", sims=501, now=factories.NOW - timedelta(days=1))
    override_priority(incident, priority="P2", reason="Workaround", by="paul", now=factories.NOW - timedelta(hours=1))
    page = pages.text_of(pages.planner().get(f"{LIST}{incident.pk}/change/"))
    assert [text in page for text in ("Was a P1 until:", "22 Nov 2026, 08:00 UTC")] == [True, True]


def test_page_costs_as_much_for_three_customers_as_for_one() -> None:
    incident = open_incident(reference="INC-1", title="x", domain="provider", sims=300, now=factories.NOW)
    client, costs = pages.planner(), []
    for number in (1, 2):
        affect(incident, {factories.CustomerFactory.create(): 10 for _ in range(number)}, now=factories.NOW)
        costs.append(pages.cost(client, f"{LIST}{incident.pk}/change/"))
    assert costs[0] == costs[1]


def test_page_of_nothing() -> None:
    """Neither a number nor a word finds a page by accident."""
    client = pages.planner()
    assert [client.get(f"{LIST}{key}/change/").status_code for key in ("99", "x")] == [302, 302]


def test_deleting_is_for_nobody() -> None:
    incident = open_incident(reference="INC-1", title="x", domain="mno", sims=1, now=factories.NOW)
    client = pages.planner()
    with factories.nothing_changes():
        assert client.post(f"{LIST}{incident.pk}/delete/", {"post": "yes"}).status_code == 403
