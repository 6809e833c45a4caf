"""Freezes through the admin: wall times of a zone go in, UTC is kept; what was acknowledged can only be read."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry

from maintenance.models import Acknowledgement, Freeze
from tests import factories
from tests.maintenance.works import freeze, work
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
LIST = "/admin/maintenance/freeze/"
KEPT = "/admin/maintenance/acknowledgement/"
FIELDS = ("name", "start", "end", "region__slug", "component__slug", "customer__account", "asked_for_by")


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def entered(**changes: object) -> dict[str, object]:
    """Return what the form posts."""
    data = {"name": "Black Friday", "timezone": "Europe/Madrid", "start_date": "2026-11-27", "start_time": "00:00", "end_date": "2026-11-30"}
    return {**data, "end_time": "06:00", "region": "", "component": "", "customer": "", "asked_for_by": "", **changes}


def errors(response: Any) -> dict[str, list[str]]:  # noqa: ANN401  # the stubs' response of a test has a private type
    """Return what the form refuses."""
    return dict(response.context["adminform"].form.errors)


def rows() -> list[tuple[object, ...]]:
    """Return the freezes stored."""
    return list(Freeze.objects.order_by("pk").values_list(*FIELDS))


def test_add_keeps_utc_and_says_who_did_it() -> None:
    customer = factories.CustomerFactory.create(account="A")
    client = pages.planner("maintenance.add_freeze", "maintenance.view_freeze")
    client.post(f"{LIST}add/", entered(customer=customer.pk, asked_for_by="Ms Smith"))
    times = datetime(2026, 11, 26, 23, tzinfo=UTC), datetime(2026, 11, 30, 5, tzinfo=UTC)
    assert rows() == [("Black Friday", *times, None, None, "A", "Ms Smith")]
    assert [(str(entry.user), entry.is_addition()) for entry in LogEntry.objects.all()] == [("petra", True)]


def test_change_shows_utc_and_keeps_what_is_not_changed() -> None:
    row = freeze(start=datetime(2026, 11, 26, 23, tzinfo=UTC), end=datetime(2026, 11, 30, 5, tzinfo=UTC))
    client = pages.planner()
    form = client.get(f"{LIST}{row.pk}/change/").context["adminform"].form
    assert [form[name].value() for name in ("timezone", "start", "end")] == ["UTC", "2026-11-26T23:00", "2026-11-30T05:00"]
    client.post(f"{LIST}{row.pk}/change/", entered(timezone="UTC", start_date="2026-11-26", start_time="23:00", end_time="07:00"))
    assert rows() == [("Black Friday", row.start, datetime(2026, 11, 30, 7, tzinfo=UTC), None, None, None, "")]
    assert LogEntry.objects.get().get_change_message() == "Changed End."


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"end_date": "2026-11-26"}, "__all__", "A freeze must end after it starts."),
        ({"start_date": "2027-03-28", "start_time": "02:30", "end_date": "2027-04-01"}, "start", "2027-03-28T02:30 does not exist in Europe/Madrid"),
        ({"end_date": "2027-10-31", "end_time": "02:30"}, "end", "2027-10-31T02:30 exists twice in Europe/Madrid"),
        ({"start_date": ""}, "start", "This field is required."),
        ({"timezone": "Mars/Olympus"}, "timezone", "Select a valid choice."),
        ({"name": "a\nb"}, "name", "has a control character"),
    ],
)
def test_add_refuses_times_that_are_none(changes: dict[str, object], field: str, message: str) -> None:
    client = pages.planner()
    with factories.nothing_changes():
        (said,) = errors(client.post(f"{LIST}add/", entered(**changes)))[field]
    assert said[: len(message)] == message


def test_add_refuses_a_freeze_of_two_things() -> None:
    customer = factories.CustomerFactory.create()
    answer = pages.planner().post(f"{LIST}add/", entered(customer=customer.pk, region=customer.region.pk))
    assert errors(answer) == {"__all__": ["A freeze is of everything, or of one region, component or customer."]}


def test_list_is_searched_and_filtered() -> None:
    """By name, who asked, customer, component or region."""
    customer = factories.CustomerFactory.create(account="ACC-7", region_slug="fr")
    freeze("first", customer=customer, asked_for_by="Ms Smith")
    freeze("second", component=factories.component("platform.api"))
    freeze("third", start=datetime(2026, 1, 1, tzinfo=UTC), end=factories.NOW, region=customer.region)
    client = pages.planner()
    asked = ["q=ACC-7", "q=smith", "q=platform", "q=second", "q=fr", "when=ahead", "when=over", ""]
    found = [[row.name for row in client.get(f"{LIST}?{query}").context["cl"].result_list] for query in asked]
    assert found == [["first"], ["first"], ["second"], ["second"], ["third"], ["first", "second"], ["third"], ["first", "second", "third"]]
    html = pages.text_of(client.get(LIST))
    assert [text in html for text in ("ACC-7 Customer ACC-7", "platform.api (provider's APIs)", "France", "22 Dec 2026, 09:00 UTC")] == [True] * 4


def test_pages_need_permission() -> None:
    client = pages.planner("maintenance.view_maintenance")
    row = freeze()
    with factories.nothing_changes():
        answers = [client.get(LIST), client.post(f"{LIST}add/", entered()), client.post(f"{LIST}{row.pk}/change/", entered())]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_acknowledgement_is_read_only_for_everybody() -> None:
    row = _acknowledged(1)
    client = pages.planner()
    with factories.nothing_changes():
        codes = [client.post(f"{KEPT}{path}", {"reason": "x"}).status_code for path in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/")]
    assert codes == [403, 403, 403]
    shown = pages.text_of(client.get(f"{KEPT}?q=insists"))
    assert [text in shown for text in ("MNT-1", "known 1", "insists 1", "22 Nov 2026, 09:00 UTC", "petra")] == [True] * 5


@pytest.mark.parametrize("url", [LIST, KEPT])
def test_list_costs_the_same_for_one_and_for_three(url: str) -> None:
    client = pages.planner()
    _row(1)
    client.get(url)
    one = pages.cost(client, url)
    _row(2)
    _row(3)
    assert pages.cost(client, url) == one


def _row(number: int) -> None:
    freeze(f"freeze {number}", customer=factories.CustomerFactory.create())
    _acknowledged(number)


def _acknowledged(number: int) -> Acknowledgement:
    words = {"what": f"known {number}", "reason": f"insists {number}", "recorded_at": factories.NOW, "recorded_by": factories.BY}
    return Acknowledgement.objects.create(maintenance=work(f"MNT-{number}"), obstacle="conflict", **words)
