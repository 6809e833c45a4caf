"""The page that finds a slot."""

from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse

from tests import factories
from tests.maintenance.works import START, freeze, work
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def address(**changes: str) -> str:
    """Return the page's address with everything that its form asks for: six hours of work on one component on a Monday."""
    asked = {"minutes": "360", "impact": "outage", "first": "2026-12-14", "last": "2026-12-14", "timezone": "Europe/Berlin", "objects": "", "supplier": ""}
    scope = {"component": "netpro.ipsec", "domain": "provider", "operator": ""}
    asked |= {"scope-TOTAL_FORMS": "1", "scope-INITIAL_FORMS": "0"} | {f"scope-0-{name}": value for name, value in scope.items()}
    return f"{reverse('admin:desk_slots')}?{urlencode(asked | changes)}"


def shown(url: str) -> list[tuple[str, str, int, tuple[str, ...]]]:
    """Return start (by both clocks), end, SIMs and conflicts of each slot."""
    page = pages.planner().get(url).context["page"]
    return [(str(slot.start), slot.end.local, slot.sims, slot.conflicts) for slot in page.found]


def refused(url: str) -> dict[str, list[str]]:
    """Return what the parts of the form say; nothing is found then."""
    page = pages.planner().get(url).context["page"]
    assert (page.slots, page.found) == (None, [])
    parts = [page.wish.errors, page.work_form.errors, *(row.errors for row in page.scopes.forms)]
    return {name: list(messages) for part in parts for name, messages in part.items()}


def test_page_asks_first() -> None:
    """It begins with two hours of an outage in sixty days from today on; the list leads to it."""
    client = pages.planner()
    page = client.get(reverse("admin:desk_slots")).context["page"]
    assert [page.wish[name].value() for name in ("minutes", "impact", "timezone")] == [120, "outage", "UTC"]
    assert [str(page.wish[name].value()) for name in ("first", "last")] == ["2026-11-22", "2027-01-20"]
    assert (page.slots, page.found) == (None, [])
    assert f'href="{reverse("admin:desk_slots")}"' in pages.text_of(client.get(pages.LIST))


def test_page_shows_the_best_slots_by_the_planners_clocks() -> None:
    """The UK's offices work from 10 to 19 by Berlin's clocks."""
    factories.reader(account="A")
    work("MNT-2", (datetime(2026, 12, 14, 4, tzinfo=UTC), datetime(2026, 12, 14, 5, tzinfo=UTC)))
    freeze(start=datetime(2026, 12, 14, 18, tzinfo=UTC), end=datetime(2026, 12, 20, tzinfo=UTC))
    meets = "MNT-2.1, 2026-12-14 05:00 +0100 Europe/Berlin to 2026-12-14 06:00 +0100 Europe/Berlin"
    assert shown(address()) == [
        ("14 Dec 2026, 06:00 UTC+01:00 (14 Dec 2026, 05:00 UTC)", "14 Dec 2026, 12:00 UTC+01:00", 100, ()),
        ("14 Dec 2026, 12:00 UTC+01:00 (14 Dec 2026, 11:00 UTC)", "14 Dec 2026, 18:00 UTC+01:00", 100, ()),
        ("14 Dec 2026, 00:00 UTC+01:00 (13 Dec 2026, 23:00 UTC)", "14 Dec 2026, 06:00 UTC+01:00", 0, (meets,)),
    ]


def test_slot_leads_to_the_booking_form() -> None:
    """With its moments and the planner's zone; only for those who may book."""
    link = unescape(f'href="{pages.ADD}?start=2026-12-13T23%3A00%3A00%2B00%3A00&end=2026-12-14T05%3A00%3A00%2B00%3A00&timezone=Europe%2FBerlin"')
    assert link in pages.text_of(pages.planner().get(address()))
    assert pages.ADD not in pages.text_of(pages.planner("maintenance.view_maintenance", name="vera").get(address()))


def test_draft_says_itself_what_is_to_be_done() -> None:
    """Length, impact, zone and what it is on; whatever is asked beside it counts instead. There is nothing to book."""
    factories.reader(account="A", object_id="one")
    factories.reader(account="B", object_id="two")
    mine = work("MNT-1", (START, START + (factories.NOW - datetime(2026, 11, 22, 6, tzinfo=UTC)), ("two",)), state="draft", impact="degraded")
    client = pages.planner()
    url = f"{reverse('admin:desk_slots')}?reference=MNT-1"
    page = client.get(url).context["page"]
    wish = {name: str(page.wish.cleaned_data[name]) for name in ("minutes", "impact", "first", "last", "timezone")}
    assert wish == {"minutes": "180", "impact": "degraded", "first": "2026-11-22", "last": "2027-01-20", "timezone": "Europe/London"}
    assert (page.slots.customers, len(page.found), str(page.found[0].start.local)) == (1, 10, "3 Dec 2026, 18:00 UTC+00:00")
    assert pages.ADD not in pages.text_of(client.get(url))
    other = urlencode({"minutes": "60", "impact": "outage", "first": "2026-12-14", "last": "2026-12-14", "timezone": "UTC"})
    assert [str(slot.end) for slot in client.get(f"{url}&{other}").context["page"].found][:1] == ["14 Dec 2026, 01:00 UTC+00:00"]
    assert mine.reference in pages.text_of(client.get(url))


def test_page_without_slots_says_why() -> None:
    freeze("all of it", start=datetime(2026, 11, 20, tzinfo=UTC), end=datetime(2026, 12, 20, tzinfo=UTC))
    html = pages.text_of(pages.planner().get(address(timezone="UTC")))
    lines = [
        "There is no slot on these days",
        "3 Dec 2026, 09:00 UTC+00:00",
        "“all of it” of everything, 2026-11-20 00:00 +0000 UTC to 2026-12-20 00:00 +0000 UTC",
    ]
    assert [line in html for line in lines] == [True, True, True]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"minutes": "0"}, {"minutes": ["Ensure this value is greater than or equal to 1."]}),
        ({"last": "2026-12-13"}, {"last": ["must not be before the first day"]}),
        ({"first": "1999-12-31", "last": "1999-12-31"}, {"first": ["must be in a year from 2000 to 2100"]}),
        ({"first": "tomorrow"}, {"first": ["Enter a valid date."]}),
        ({"timezone": "Mars/Olympus"}, {"timezone": ["Select a valid choice. Mars/Olympus is not one of the available choices."]}),
        ({"scope-0-domain": "mno"}, {"__all__": ["netpro.ipsec cannot be in the domain mno"]}),
        ({"scope-0-component": "", "scope-0-domain": ""}, {"__all__": ["name at least one component"]}),
        ({"scope-0-domain": ""}, {"domain": ["This field is required."]}),
        ({"objects": "x\n" * 1001}, {"objects": ["1001 are too many; 1000 are allowed"]}),
    ],
)
def test_page_says_what_is_wrong_where(changes: dict[str, str], errors: dict[str, list[str]]) -> None:
    assert refused(address(**changes)) == errors


def test_page_changes_nothing_and_needs_permission() -> None:
    reader, other = pages.planner("maintenance.view_maintenance", name="vera"), pages.planner("maintenance.view_incident", name="ingo")
    with factories.nothing_changes():
        assert [client.get(address()).status_code for client in (reader, other)] == [200, 403]
    assert reader.get(f"{reverse('admin:desk_slots')}?reference=MNT-9").status_code == 404


@pytest.mark.parametrize("url", [address(), "/admin/maintenance/maintenance/slots/?reference=MNT-0"])
def test_page_costs_the_same_for_one_and_for_three(url: str) -> None:
    client = pages.planner()
    costs = []
    work("MNT-0")
    for number in range(1, 4):
        factories.reader()
        factories.OperatorFactory.create()
        work(f"MNT-{number}")
        freeze(f"freeze {number}")
        client.get(url)
        costs.append(pages.cost(client, url))
    assert costs == [costs[0]] * 3
