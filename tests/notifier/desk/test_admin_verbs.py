"""The verbs through the admin: what they do, refuse, ask first, and who may use them."""

from typing import Any

import pytest
import time_machine
from pytest_django import DjangoCaptureOnCommitCallbacks

from maintenance.models import Notice, NoticeCustomer
from maintenance.states import Kind
from notifier.desk.nudge import nudge
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
VIEW = ("maintenance.view_maintenance", "maintenance.change_maintenance")


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


@pytest.mark.parametrize("data", [{}, {"confirmed": "1"}, {"preview": ""}])
def test_announce_too_late_shows_earliest_starts_and_changes_nothing(data: dict[str, str]) -> None:
    customer = factories.reader()
    maintenance = pages.booked(windows=(factories.window(9),))
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("announce", maintenance), data)
    assert response.context["refusal"] == [
        (
            "Too little notice for window 1, which starts on 2026-12-01 09:00 +0000 Europe/London: 8 days for 1 customer in Europe/London, "
            "10 days needed (24 hours of margin are taken off)."
        ),
        f"Customers concerned: {customer.account}.",
        (
            "Earliest start: 2026-12-02 09:00 +0000 Europe/London if every mail is accepted at once; "
            "2026-12-03 09:00 +0000 Europe/London with the margin of 24 hours."
        ),
        "Less notice is allowed only for an emergency, which needs an incident that is a P1.",
    ]


def test_announce_of_announced_is_refused_on_page_of_maintenance() -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("announce", maintenance), follow=True)
    assert pages.said_on_top(response) == ["MNT-1 is announced; only a draft can be announced."]


_FORMS = [("cancel", None), ("revise", None), ("move", 1), ("take_alternate", 1), ("postpone", 1), ("extend", 1), ("not_completed", 1)]
_BUTTONS = [("announce", None), ("start", 1), ("finish", 1)]
_ALL = [*_FORMS, *_BUTTONS]


@pytest.mark.parametrize(("name", "number"), _ALL)
def test_get_changes_nothing(name: str, number: int | None) -> None:
    factories.reader()
    client = pages.planner()
    for maintenance in (pages.booked("DRAFT"), pages.announced("TOLD")):
        with factories.nothing_changes():
            response = client.get(pages.verb(name, maintenance, number), {"confirmed": "1", "reason": "x"})
        assert response.status_code == (200 if (name, number) in _FORMS else 405)


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
