"""What people decide about an incident, through the admin: asked, shown, confirmed; a GET changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoCaptureOnCommitCallbacks

from maintenance import booking
from maintenance.incidents import affect, disprove, open_incident, override_priority
from maintenance.models import Incident, RootCauseReport, Window
from tests import factories
from tests.notifier.desk import pages
from tests.notifier.desk.commands.wire import tasks_sent

pytestmark = pytest.mark.django_db
LIST = "/admin/maintenance/incident/"
JUDGE = ("maintenance.view_incident", "maintenance.override_priority")


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def opened(sims: int = 501) -> Incident:
    """Return an incident that was opened an hour ago."""
    return open_incident(reference="INC-1", title="Core down", domain="provider", sims=sims, now=factories.NOW - timedelta(hours=1))


def emergency(incident: Incident) -> None:
    """Announce emergency work for it, tomorrow and the day after."""
    factories.reader()
    work = booking.book(factories.draft(windows=(factories.window(1), factories.window(2)), incident=incident), by="petra", now=factories.NOW)
    booking.announce(work, by="petra", now=factories.NOW)


def address(incident: Incident, verb: str) -> str:
    """Return the address of a verb."""
    return f"{LIST}{incident.pk}/{verb}/"


def judged() -> tuple[str, str, str]:
    """Return what counts, by whom and why."""
    return Incident.objects.values_list("priority", "override_by", "override_reason").get()


def test_override_asks_shows_and_does() -> None:
    incident, client = opened(300), pages.planner(*JUDGE)
    entered = {"priority": "P1", "reason": "Hospitals"}
    with factories.nothing_changes():
        asked = pages.text_of(client.get(address(incident, "override")))
        shown = pages.text_of(client.post(address(incident, "override"), entered))
    assert ('name="priority"' in asked, "The priority is P1 (computed P2), until this is taken back." in shown) == (True, True)
    assert "It allows emergency maintenance." in shown
    done = pages.said_on_top(client.post(address(incident, "override"), {**entered, "confirmed": "1"}, follow=True))
    assert (done[0], judged()) == ("The priority of incident INC-1 is set.", ("P1", "petra", "Hospitals"))


def test_override_that_lowers_a_p1_says_that_it_was_one() -> None:
    incident = opened()
    page = pages.text_of(pages.planner(*JUDGE).post(address(incident, "override"), {"priority": "P3", "reason": "Workaround"}))
    assert "That it was a P1 is kept: it still allows its lasting repair as an emergency. If it never was one, say that instead." in page


def test_override_that_brings_a_refuted_one_back_says_so() -> None:
    incident = opened()
    disprove(incident, reason="Probe broken", by="paul", now=factories.NOW)
    page = pages.text_of(pages.planner(*JUDGE).post(address(incident, "override"), {"priority": "P1", "reason": "It was right"}))
    assert "That it was found never to have been a P1 does not count any more." in page


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ({"priority": "P1", "reason": " "}, "This field is required."),
        ({"priority": "", "reason": "x"}, "This field is required."),
        ({"priority": "none", "reason": "x"}, "Select a valid choice. none is not one of the available choices."),
        ({"priority": "P2", "reason": "x"}, "Incident INC-1 is P2 already."),
    ],
)
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}])
def test_override_refused_stays_on_the_form(entered: dict[str, str], message: str, confirmed: dict[str, str]) -> None:
    incident, client = opened(300), pages.planner(*JUDGE)
    with factories.nothing_changes():
        page = pages.text_of(client.post(address(incident, "override"), entered | confirmed))
    assert (message in page, 'name="priority"' in page) == (True, True)


def test_take_back_asks_shows_and_does() -> None:
    incident, client = opened(300), pages.planner(*JUDGE)
    override_priority(incident, priority="P4", reason="Test SIMs", by="paul", now=factories.NOW)
    with factories.nothing_changes():
        assert client.get(address(incident, "take-back")).status_code == 200
        assert "The priority is P2." in pages.text_of(client.post(address(incident, "take-back"), {"reason": "Real ones"}))
    client.post(address(incident, "take-back"), {"reason": "Real ones", "confirmed": "1"})
    assert judged() == ("P2", "", "")


def test_refute_shows_what_stops_and_stops_it() -> None:
    """The planner hears which windows, before and after, and the mails are on their way."""
    incident, client = opened(), pages.planner(*JUDGE)
    emergency(incident)
    assert "MNT-1.1" in pages.text_of(client.get(f"{LIST}{incident.pk}/change/"))
    with factories.nothing_changes(), tasks_sent() as sent:
        shown = pages.text_of(client.post(address(incident, "refute"), {"reason": "Probe broken"}))
    assert ("Emergencies that stop: MNT-1.1, MNT-1.2." in shown, "1 customer is told." in shown, sent) == (True, True, [])
    done = pages.said_on_top(client.post(address(incident, "refute"), {"reason": "Probe broken", "confirmed": "1"}, follow=True))
    assert done == [
        "Incident INC-1 is recorded as never having been a P1.",
        "Emergencies that stop: MNT-1.1, MNT-1.2.",
        "1 customer is told.",
    ]
    assert list(Window.objects.values_list("state", flat=True)) == ["postponed", "postponed"]
    assert Incident.objects.get().refuted_by == "petra"


def test_refute_has_the_mails_sent(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    incident, client = opened(), pages.planner(*JUDGE)
    emergency(incident)
    with tasks_sent() as sent, django_capture_on_commit_callbacks(execute=True):
        client.post(address(incident, "refute"), {"reason": "Probe broken", "confirmed": "1"})
    assert sent == ["notifier.delivery.dispatch"]


def test_refute_without_emergencies() -> None:
    incident, client = opened(), pages.planner(*JUDGE)
    page = pages.text_of(client.post(address(incident, "refute"), {"reason": "Probe broken"}))
    assert "No emergency that has not begun rests on it." in page


def test_refute_what_never_was_one() -> None:
    incident, client = opened(500), pages.planner(*JUDGE)
    with factories.nothing_changes():
        page = pages.text_of(client.post(address(incident, "refute"), {"reason": "x", "confirmed": "1"}))
    assert "Incident INC-1 is P2 and never counted as a P1." in page


def test_close_shows_the_report_owed_and_closes_once() -> None:
    incident, client = opened(), pages.planner()
    affect(incident, {factories.CustomerFactory.create(account="A", tier_slug="enterprise"): 10}, now=factories.NOW)
    with factories.nothing_changes():
        shown = pages.text_of(client.post(address(incident, "close")))
    line = "A root-cause report is due on 27 Nov 2026, 09:00 UTC for A."
    assert line in shown
    said = [pages.said_on_top(client.post(address(incident, "close"), {"confirmed": "1"}, follow=True)) for _ in range(2)]
    assert said == [["Incident INC-1 is closed.", line], ["Incident INC-1 is closed already."]]
    assert (Incident.objects.get().closed_at, RootCauseReport.objects.count()) == (factories.NOW, 1)


def test_close_with_no_customers_entered_says_what_is_missing() -> None:
    page = pages.text_of(pages.planner().post(address(opened(), "close")))
    assert "A root-cause report is due on 27 Nov 2026, 09:00 UTC. No customer is entered yet; enter whom it hit." in page


def test_close_without_a_report() -> None:
    assert "No root-cause report is owed." in pages.text_of(pages.planner().post(address(opened(20), "close")))


def test_verbs_without_the_right() -> None:
    """Who may only enter incidents cannot judge them, and is not offered to; who may only judge cannot close."""
    incident = opened()
    enters = pages.planner("maintenance.view_incident", "maintenance.change_incident", name="ed")
    judges = pages.planner(*JUDGE, name="judy")
    entered = {"priority": "P2", "reason": "x", "confirmed": "1"}
    with factories.nothing_changes():
        assert [enters.post(address(incident, verb), entered).status_code for verb in ("override", "take-back", "refute")] == [403, 403, 403]
        assert judges.post(address(incident, "close"), entered).status_code == 403
        assert judges.get(address(incident, "close")).status_code == 403 or judges.get(address(incident, "close")).status_code == 405
    offered = [
        [f"/{verb}/" in pages.text_of(client.get(f"{LIST}{incident.pk}/change/")) for verb in ("override", "refute", "close")] for client in (enters, judges)
    ]
    assert offered == [[False, False, True], [True, True, False]]


def test_verbs_by_get_change_nothing() -> None:
    incident, client = opened(), pages.planner()
    with factories.nothing_changes():
        query = "?priority=P4&reason=x&confirmed=1"
        codes = [client.get(address(incident, verb) + query).status_code for verb in ("override", "take-back", "refute", "close")]
    assert codes == [200, 200, 200, 405]


def test_verbs_of_nothing() -> None:
    client = pages.planner()
    assert [client.post(f"{LIST}99/{verb}/").status_code for verb in ("override", "take-back", "refute", "close")] == [404] * 4
