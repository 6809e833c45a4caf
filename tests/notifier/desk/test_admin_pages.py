"""The list, the page of a maintenance, and the rows that machines write: what they show and what they cost."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from maintenance import booking, impact
from maintenance.draft import ScopeDraft
from maintenance.incidents import open_incident
from maintenance.models import Breach, Freeze, Maintenance, Served, Shortfall
from maintenance.said import SaidText
from maintenance.states import Cause, Hop, Impact
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.receipt import Receipt, What
from notifier.delivery.receipts import take_in
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
MACHINES = {
    "notice": "/admin/maintenance/notice/",
    "customers told": "/admin/maintenance/noticecustomer/",
    "served": "/admin/maintenance/served/",
    "breaches": "/admin/maintenance/breach/",
    "deliveries": "/admin/delivery/delivery/",
    "receipts": "/admin/delivery/storedreceipt/",
}


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def everything(reference: str) -> Maintenance:
    """Return an announced maintenance with a mail, a receipt, a customer served and a breach."""
    customer = factories.reader()
    maintenance = pages.announced(reference, supplier=factories.OperatorFactory.create())
    fan_out_due(now=factories.NOW)
    notice = maintenance.notices.get()
    Served.objects.create(notice=notice, customer=customer, accepted_at=factories.NOW, hop=Hop.FILE)
    take_in([Receipt("dsn", reference, "", "", What.OTHER, factories.NOW)], now=factories.NOW)
    Breach.objects.create(window=maintenance.windows.get(), customer=customer, recorded_at=factories.NOW, recorded_by="petra", reason="x")
    return maintenance


@pytest.mark.parametrize("url", [pages.LIST, *MACHINES.values(), "/admin/"])
def test_list_costs_same_at_one_row_and_three(url: str) -> None:
    client = pages.planner()
    everything("MNT-1")
    pages.booked("DRAFT-1", windows=(factories.window(12),))
    one = pages.cost(client, url)
    for number in (2, 3):
        everything(f"MNT-{number}")
        pages.booked(f"DRAFT-{number}", windows=(factories.window(12),))
    assert pages.cost(client, url) == one


def test_incident_list_costs_same_at_one_row_and_three() -> None:
    client = pages.planner()
    costs = []
    for number in range(3):
        open_incident(reference=f"INC-{number}", title="x", domain="mno", sims=1, operator=factories.OperatorFactory.create(), now=factories.NOW)
        costs.append(pages.cost(client, "/admin/maintenance/incident/"))
    assert costs[0] == costs[2]


def rows(client: Any, query: str = "") -> list[tuple[str, int]]:  # noqa: ANN401  # a browser
    """Return reference and customers of each row of the list."""
    found = client.get(f"{pages.LIST}{query}").context["cl"].result_list
    return [(row.reference, row.number_of_customers) for row in found]


def test_list_counts_customers_as_impact_does() -> None:
    operator = factories.OperatorFactory.create()
    for name in ("A", "B", "C"):
        factories.reader(object_id=name)
    twice = factories.reader(object_id="D")
    factories.ServiceFactory.create(customer=twice, object_id="E")
    factories.reader(service="platform.api", object_id="F")
    factories.ServiceFactory.create(slug="data.mobile-core", operator=operator)
    factories.ServiceFactory.create(slug="data.mobile-core", operator=factories.OperatorFactory.create())
    core = factories.component("data.mobile-core")
    drafts = {
        "ALL": pages.booked("ALL"),
        "OBJECTS": pages.booked("OBJECTS", objects=("A", "D", "F")),
        "NARROWED": pages.booked("NARROWED", windows=(factories.window(30, objects=("A", "B")), factories.window(31, objects=("B",)))),
        "HALF": pages.booked("HALF", windows=(factories.window(30, objects=("A",)), factories.window(31))),
        "OPERATOR": pages.booked("OPERATOR", scopes=(ScopeDraft(core, "mno", operator),)),
        "ANY": pages.booked("ANY", scopes=(ScopeDraft(core, "mno", None), ScopeDraft(factories.component(), "provider"))),
    }
    expected = {reference: impact.summary(maintenance).customers for reference, maintenance in drafts.items()}
    assert expected == {"ALL": 4, "OBJECTS": 2, "NARROWED": 2, "HALF": 4, "OPERATOR": 1, "ANY": 6}
    assert dict(rows(pages.planner())) == expected


def test_list_keeps_number_told_when_customers_change() -> None:
    factories.reader()
    pages.announced()
    factories.reader()
    assert rows(pages.planner()) == [("MNT-1", 1)]


def test_list_is_narrowed_to_open_shortfalls() -> None:
    customer = factories.reader()
    for reference, cleared_at in (("MNT-1", None), ("MNT-2", factories.NOW)):
        window = pages.announced(reference).windows.get()
        Shortfall.objects.create(window=window, customer=customer, cause=Cause.FAILED, found_at=factories.NOW, cleared_at=cleared_at)
    assert rows(pages.planner(), "?shortfalls=open") == [("MNT-1", 1)]


@pytest.mark.parametrize("query", ["?q=MNT-2", "?q=CHG-2", "?q=Title", "?state__exact=announced", "?impact__exact=degraded"])
def test_list_is_searched_and_filtered(query: str) -> None:
    pages.booked("MNT-1", texts={"en": SaidText("Other", "x", "x")})
    factories.reader()
    pages.announced("MNT-2", supplier_reference="CHG-2", impact=Impact.DEGRADED)
    assert rows(pages.planner(), query) == [("MNT-2", 1)]


def test_page_shows_whom_it_hits_and_what_is_wrong() -> None:
    factories.reader(object_id="A", region_slug="de")
    alone = factories.CustomerFactory.create()
    factories.ServiceFactory.create(customer=alone, object_id="B")
    maintenance = pages.booked(objects=("A", "B", "TYPO"), texts=factories.texts("en"), timezone=ZoneInfo("Europe/Madrid"))
    context = pages.planner().get(pages.change(maintenance)).context
    assert context["unmatched"] == ["TYPO"]
    assert context["without_contact"] == (alone.account,)
    assert [(row.code, row.readers, row.written, row.missing) for row in context["languages"]] == [("en", 0, True, False), ("de", 1, False, True)]
    assert [(row.name, row.number) for row in context["zones"]] == [("Europe/Berlin", 1), ("Europe/London", 1)]
    assert context["forecast"].against == (
        "The text is missing in de, which 1 contact reads. Write it, or accept that they get it in English (which must be written then).",
    )
    assert str(context["forecast"].earliest) == "2 Dec 2026, 10:00 UTC+01:00 (2 Dec 2026, 09:00 UTC)"
    assert str(context["forecast"].comfortable) == "3 Dec 2026, 10:00 UTC+01:00 (3 Dec 2026, 09:00 UTC)"
    assert str(context["forecast"].announce_by) == "11 Dec 2026, 10:00 UTC+01:00 (11 Dec 2026, 09:00 UTC)"
    assert [(str(row.start), str(row.end)) for row in context["windows"]] == [
        ("22 Dec 2026, 10:00 UTC+01:00 (22 Dec 2026, 09:00 UTC)", "22 Dec 2026, 12:00 UTC+01:00 (22 Dec 2026, 11:00 UTC)"),
    ]


def test_page_forecasts_emergency_for_p1() -> None:
    factories.reader()
    incident = open_incident(reference="INC-1", title="x", domain="provider", sims=501, now=factories.NOW)
    forecast = pages.planner().get(pages.change(pages.booked(incident=incident, windows=(factories.window(1),)))).context["forecast"]
    assert (forecast.against, forecast.emergency) == ((), True)


def test_page_forecasts_what_stands_in_the_way() -> None:
    factories.reader()
    pages.announced("OTHER")
    client, maintenance = pages.planner(), pages.booked()
    with factories.nothing_changes():
        conflict = client.get(pages.change(maintenance)).context["forecast"]
    start = maintenance.windows.get().start
    Freeze.objects.create(name="Year's end", start=start, end=start + timedelta(days=1))
    frozen = client.get(pages.change(maintenance)).context["forecast"]
    assert (conflict.against, [line.partition(",")[0] for line in conflict.in_the_way]) == (
        (),
        [
            "Window MNT-1.1 meets OTHER.1",
            "To go on all the same",
        ],
    )
    assert ([line.partition(" of ")[0] for line in frozen.against], frozen.in_the_way) == (["Window MNT-1.1 is in the freeze “Year's end”"], ())


def test_page_shows_delivery_and_shortfall() -> None:
    served, unserved = factories.reader(), factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    notice = maintenance.notices.get()
    assert [(row.progress.text, row.states) for row in client.get(pages.change(maintenance)).context["notices"]] == [("mails are being prepared", ())]
    fan_out_due(now=factories.NOW)
    Delivery.objects.filter(customers=unserved).update(state=DeliveryState.FAILED, reason="no such mailbox", settled_at=factories.NOW)
    Served.objects.create(notice=notice, customer=served, accepted_at=factories.NOW, hop=Hop.FILE)
    context = client.get(pages.change(maintenance)).context
    assert [(state.state, state.number) for state in context["notices"][0].states] == [("queued", 1), ("failed", 1)]
    (row,) = context["windows"]
    assert ([one.account for one in row.waiting], row.late) == ([unserved.account], ())


def test_page_of_draft_costs_same_however_many_it_hits() -> None:
    client = pages.planner()
    factories.reader()
    one = pages.cost(client, pages.change(pages.booked("MNT-1")))
    for language in ("de", "fr"):
        factories.reader(language=language, timezone="Asia/Kolkata")
    maintenance = pages.booked("MNT-2", windows=(factories.window(30), factories.window(31), factories.window(32)))
    assert pages.cost(client, pages.change(maintenance)) == one


@pytest.mark.parametrize("url", MACHINES.values())
def test_rows_of_machines_can_only_be_looked_at(url: str) -> None:
    everything("MNT-1")
    client = pages.planner()
    row = client.get(url).context["cl"].result_list[0]
    assert client.get(f"{url}{row.pk}/change/").status_code == 200
    with factories.nothing_changes():
        refused = [client.get(f"{url}add/"), client.post(f"{url}{row.pk}/change/", {}), client.post(f"{url}{row.pk}/delete/", {"post": "yes"})]
    assert [response.status_code for response in refused] == [403, 403, 403]


def test_maintenance_is_never_deleted() -> None:
    maintenance = pages.booked()
    client = pages.planner()
    with factories.nothing_changes():
        assert client.post(f"{pages.LIST}{maintenance.pk}/delete/", {"post": "yes"}).status_code == 403


def test_page_of_unknown_maintenance_is_not_found() -> None:
    client = pages.planner()
    assert [client.get(f"{pages.LIST}{name}/change/").status_code for name in ("99", "x")] == [404, 404]


def test_cancelled_draft_is_read_only() -> None:
    maintenance = pages.booked()
    booking.cancel(maintenance, by=factories.BY, now=factories.NOW)
    context = pages.planner().get(pages.change(maintenance)).context
    assert (context["form"], context["can_cancel"], context["forecast"]) == (None, False, None)
