"""The verbs through the admin: what they do, refuse, ask first, and who may use them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoCaptureOnCommitCallbacks

from maintenance.models import Breach, Maintenance, Notice, NoticeCustomer, Window
from maintenance.states import Kind, WindowState
from notifier.desk.nudge import nudge
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
VIEW = ("maintenance.view_maintenance", "maintenance.change_maintenance")
START = factories.NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def test_announce_shows_first_what_would_go_out() -> None:
    factories.reader()
    factories.reader(language="de")
    noc = factories.reader(language="fr")
    factories.ContactRoleFactory.create(customer=noc)
    alone = factories.CustomerFactory.create()
    factories.ServiceFactory.create(customer=alone)
    maintenance = pages.booked()
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("announce", maintenance))
    assert response.context["rehearsal"].sentence() == "4 mails to 3 customers in 3 languages will go out."
    assert response.context["rehearsal"].unreached == (alone.account,)
    assert "4 mails to 3 customers in 3 languages will go out." in pages.text_of(response)


def test_announce_confirmed_issues_notice_and_nudges(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    customer = factories.reader()
    maintenance = pages.booked()
    client = pages.planner()
    with django_capture_on_commit_callbacks() as callbacks:
        response = client.post(pages.verb("announce", maintenance), {"confirmed": "1"}, follow=True)
    assert pages.said_on_top(response) == ["MNT-1 is announced."]
    assert callbacks == [nudge]
    assert list(Notice.objects.values_list("issued_by", "issued_at")) == [("petra", factories.NOW)]
    assert list(NoticeCustomer.objects.values_list("customer", "kind")) == [(customer.pk, Kind.ANNOUNCED)]


@pytest.mark.parametrize("data", [{}, {"confirmed": "1"}])
def test_announce_too_late_shows_earliest_starts_and_changes_nothing(data: dict[str, str]) -> None:
    factories.reader()
    maintenance = pages.booked(windows=(factories.window(9),))
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("announce", maintenance), data, follow=True)
    assert response.redirect_chain == [(pages.change(maintenance), 302)]
    assert pages.said_on_top(response) == [
        (
            "Too little notice by 2 days for the window that starts on 2026-12-01 09:00 +0000 Europe/London: "
            "10 days and a margin of 24 hours are needed for 1 customer in Europe/London."
        ),
        (
            "Earliest start: 2026-12-02 09:00 +0000 Europe/London if every mail is accepted at once; "
            "2026-12-03 09:00 +0000 Europe/London with the margin of 24 hours."
        ),
        "Less notice is allowed only for an emergency, which needs an incident that is a P1.",
    ]


def test_move_asks_shows_and_does() -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    later = pages.moved("2026-12-30", "22:00", "2026-12-31", "02:00")
    with factories.nothing_changes():
        asked = client.get(pages.verb("move", maintenance, 1))
        shown = client.post(pages.verb("move", maintenance, 1), later)
    assert asked.context["form"]["start"].value() == "2026-12-22T09:00"
    assert shown.context["rehearsal"].sentence() == "1 mail to 1 customer in 1 language will go out."
    assert shown.context["inside"] is False
    response = client.post(pages.verb("move", maintenance, 1), {**later, "confirmed": "1"}, follow=True)
    assert pages.said_on_top(response) == ["Window MNT-1.1 is moved."]
    window = Window.objects.get()
    assert (window.start, window.end) == (datetime(2026, 12, 30, 22, tzinfo=UTC), datetime(2026, 12, 31, 2, tzinfo=UTC))


def test_move_too_early_is_refused_and_keeps_what_was_typed() -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("move", maintenance, 1), pages.moved("2026-11-25", "22:00", "2026-11-25", "23:00"))
    assert "Earliest start: 2026-12-02 09:00 +0000 Europe/London if every mail is accepted at once" in pages.text_of(response)
    assert response.context["form"]["start"].value() == ["2026-11-25", "22:00"]


def test_move_to_ambiguous_time_offers_both_readings() -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("move", maintenance, 1), pages.moved("2027-10-31", "01:30", "2027-10-31", "04:00"))
    assert dict(response.context["form"].errors) == {
        "start": ["2027-10-31T01:30 exists twice in Europe/London: the clocks go back then; write 2027-10-31T01:30+01:00 or 2027-10-31T01:30+00:00"],
    }


def test_cancel_asks_for_reason_shows_and_does() -> None:
    customer = factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    with factories.nothing_changes():
        without = client.post(pages.verb("cancel", maintenance), {"reason": " "})
        shown = client.post(pages.verb("cancel", maintenance), {"reason": "<b>Storm</b>"})
    assert dict(without.context["form"].errors) == {"reason": ["This field is required."]}
    assert "<b>Storm</b>" not in shown.content.decode()
    response = client.post(pages.verb("cancel", maintenance), {"reason": "<b>Storm</b>", "confirmed": "1"}, follow=True)
    assert pages.said_on_top(response) == ["MNT-1 is cancelled."]
    notice = Notice.objects.get(revision=2)
    assert notice.said.reason == "<b>Storm</b>"
    assert list(notice.customers.values_list("customer", "kind")) == [(customer.pk, Kind.CANCELLED)]


def test_cancel_of_draft_needs_no_reason_and_tells_nobody() -> None:
    maintenance = pages.booked()
    pages.planner().post(pages.verb("cancel", maintenance), {"reason": "", "confirmed": "1"})
    assert Maintenance.objects.get().state == WindowState.CANCELLED
    assert not Notice.objects.exists()


def test_start_without_shortfall_starts_at_once() -> None:
    maintenance = pages.announced()
    with time_machine.travel(START, tick=False):
        client = pages.planner()
        response = client.post(pages.verb("start", maintenance, 1), follow=True)
    assert pages.said_on_top(response) == ["Window MNT-1.1 has started."]
    assert Window.objects.get().state == WindowState.IN_PROGRESS


def test_start_with_shortfall_asks_for_reason_and_records_breach() -> None:
    customer = factories.reader()
    maintenance = pages.announced()
    with time_machine.travel(START, tick=False):
        client = pages.planner()
        with factories.nothing_changes():
            response = client.post(pages.verb("start", maintenance, 1))
        assert response.context["warning"] == [
            (
                f"1 customer was not served in time for window MNT-1.1: {customer.account}. "
                "Starting it breaks the promise; give a reason and it is recorded as a breach."
            ),
        ]
        client.post(pages.verb("start", maintenance, 1), {"reason": "The supplier will not wait."})
    assert list(Breach.objects.values_list("window__number", "customer", "recorded_by", "recorded_at", "reason")) == [
        (1, customer.pk, "petra", START, "The supplier will not wait."),
    ]


def test_start_before_window_is_refused() -> None:
    maintenance = pages.announced()
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("start", maintenance, 1), follow=True)
    assert pages.said_on_top(response) == [
        "Window MNT-1.1 lasts from 2026-12-22 09:00 +0000 Europe/London to 2026-12-22 11:00 +0000 Europe/London; work can start only within it. Move it first.",
    ]


def test_finish_completes_window() -> None:
    maintenance = pages.announced()
    with time_machine.travel(START, tick=False):
        client = pages.planner()
        client.post(pages.verb("start", maintenance, 1), follow=True)
        response = client.post(pages.verb("finish", maintenance, 1), follow=True)
    assert pages.said_on_top(response) == ["Window MNT-1.1 is finished."]
    assert Maintenance.objects.get().state == WindowState.COMPLETED


_ALL = [("announce", None), ("cancel", None), ("move", 1), ("start", 1), ("finish", 1)]


@pytest.mark.parametrize(("name", "number"), _ALL)
def test_get_changes_nothing(name: str, number: int | None) -> None:
    factories.reader()
    client = pages.planner()
    for maintenance in (pages.booked("DRAFT"), pages.announced("TOLD")):
        with factories.nothing_changes():
            response = client.get(pages.verb(name, maintenance, number), {"confirmed": "1", "reason": "x"})
        assert response.status_code == (200 if name in {"cancel", "move"} else 405)


@pytest.mark.parametrize(("name", "number"), _ALL)
def test_verb_without_permission_is_forbidden(name: str, number: int | None) -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner(*VIEW)
    with factories.nothing_changes():
        response = client.post(pages.verb(name, maintenance, number), {"confirmed": "1", "reason": "x"})
    assert response.status_code == 403


def test_page_without_permission_shows_no_verbs() -> None:
    factories.reader()
    maintenance = pages.announced()
    content = pages.planner(*VIEW).get(pages.change(maintenance)).content.decode()
    assert [name for name, number in _ALL if pages.verb(name, maintenance, number) in content] == []


@pytest.mark.parametrize("url", [pages.ADD, pages.LIST])
def test_staff_without_any_permission_is_forbidden(url: str) -> None:
    client = pages.planner("customers.view_customer")
    assert (client.get(url).status_code, client.post(url, pages.booking_data()).status_code) == (403, 403)


def test_viewer_cannot_rewrite_draft() -> None:
    maintenance = pages.booked()
    client = pages.planner("maintenance.view_maintenance")
    assert client.get(pages.change(maintenance)).context["form"] is None
    with factories.nothing_changes():
        assert client.post(pages.change(maintenance), pages.booking_data()).status_code == 403
