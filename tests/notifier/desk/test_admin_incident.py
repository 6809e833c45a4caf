"""Incidents through the admin: the priority is computed from all that was entered, and closing is a POST."""

from typing import Any

import pytest
import time_machine

from maintenance.incidents import open_incident
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


def test_close_closes_once() -> None:
    incident = open_incident(reference="INC-1", title="x", domain="mno", sims=1, now=factories.NOW)
    client = pages.planner()
    said = [pages.said_on_top(client.post(f"{LIST}{incident.pk}/close/", follow=True)) for _ in range(2)]
    assert said == [["Incident INC-1 is closed."], ["Incident INC-1 is closed already."]]
    incident.refresh_from_db()
    assert incident.closed_at == factories.NOW


def test_close_by_get_or_without_permission_changes_nothing() -> None:
    incident = open_incident(reference="INC-1", title="x", domain="mno", sims=1, now=factories.NOW)
    clients = pages.planner(), pages.planner("maintenance.view_incident", name="vera")
    with factories.nothing_changes():
        assert clients[0].get(f"{LIST}{incident.pk}/close/").status_code == 405
        assert clients[1].post(f"{LIST}{incident.pk}/close/").status_code == 403
        assert clients[0].post(f"{LIST}{incident.pk}/delete/", {"post": "yes"}).status_code == 403
