"""Notice given otherwise, and consent, as planners record them."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from customers.models import Customer
from maintenance.models import Consent, Notice, NoticeCustomer, Served, Window
from maintenance.states import WindowState
from tests.factories import NOW, CustomerFactory, nothing_changes
from tests.maintenance.telling import p1
from tests.notifier.desk import pages
from tests.notifier.desk.short import DAY, START, night

pytestmark = pytest.mark.django_db
CALL = {"how": "phone", "at_0": "2026-11-23", "at_1": "10:30", "to_whom": "Ana Soler", "document": "TICKET-7"}
AGREED = {"given_at_0": "2026-11-23", "given_at_1": "10:30", "given_by": "Ana Soler", "document": "mail of 23 November"}
VIEWER = "maintenance.view_maintenance"


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        yield


def named(data: dict[str, str]) -> dict[str, str]:
    """Return the data under the names of the inputs."""
    return {name.replace("_0", "_date").replace("_1", "_time"): value for name, value in data.items()}


def work() -> tuple[Window, Customer]:
    """Return a window by Berlin's clocks and the customer not served."""
    window = night(broken=0, timezone="Europe/Berlin")
    return window, Customer.objects.get(account="LOST0")


def serving(window: Window, customer: Customer, query: str = "") -> str:
    """Return the form's address."""
    return reverse("admin:desk_serve", args=[window.maintenance.notices.get().pk, customer.pk]) + query


def consenting(window: Window, customer: Customer) -> str:
    """Return the form's address."""
    return reverse("admin:desk_consent", args=[window.maintenance_id, window.number, customer.pk])


def test_notice_given_by_telephone_is_recorded_and_leads_back() -> None:
    window, customer = work()
    client = pages.planner()
    response = client.post(serving(window, customer, "?window=1"), named(CALL), follow=True)
    back = reverse("admin:desk_go_no_go", args=[window.maintenance_id, 1])
    assert (pages.said_on_top(response), response.redirect_chain) == (["It is recorded that notice was given to LOST0."], [(back, 302)])
    assert "Nothing is open" in pages.text_of(response)
    (row,) = Served.objects.values()
    assert {name: value for name, value in row.items() if name != "id"} == {
        "notice_id": window.maintenance.notices.get().pk,
        "customer_id": customer.pk,
        "accepted_at": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "hop": "phone",
        "detail": "Ana Soler",
        "document": "TICKET-7",
        "recorded_by": "petra",
        "recorded_at": NOW + 2 * DAY,
        "revoked_at": None,
    }
    html = pages.text_of(client.get("/admin/maintenance/served/"))
    assert [word in html for word in ("Ana Soler", "TICKET-7", "petra")] == [True, True, True]


@pytest.mark.parametrize("query", ["", "?window=x", "?window=999999"])
def test_notice_recorded_leads_back_to_the_maintenance_otherwise(query: str) -> None:
    window, customer = work()
    response = pages.planner().post(serving(window, customer, query), named(CALL))
    assert (response.status_code, response["Location"]) == (302, pages.change(window.maintenance))


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"how": "relay"}, {"how": ["Select a valid choice. relay is not one of the available choices."]}),
        ({"how": ""}, {"how": ["This field is required."]}),
        ({"at_0": "2026-11-30"}, {"at": ["This moment is still to come."]}),
        ({"at_0": "2026-11-21"}, {"at": ["The notice was not issued then."]}),
        ({"at_1": ""}, {"at": ["This field is required."]}),
        (
            {"at_0": "2026-10-25", "at_1": "02:30"},
            {"at": ["2026-10-25T02:30 exists twice in Europe/Berlin: the clocks go back then; write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00"]},
        ),
        ({"to_whom": " "}, {"to_whom": ["This field is required."]}),
        ({"document": ""}, {"document": ["This field is required."]}),
        ({"document": "x" * 301}, {"document": ["Ensure this value has at most 300 characters (it has 301)."]}),
    ],
)
def test_notice_given_otherwise_refused(changes: dict[str, str], errors: dict[str, list[str]]) -> None:
    window, customer = work()
    client = pages.planner()
    client.get(serving(window, customer))
    with nothing_changes():
        response = client.post(serving(window, customer), named(CALL | changes))
    assert (response.status_code, response.context["form"].errors) == (200, errors)


def test_notice_to_a_customer_whom_it_does_not_tell_is_refused() -> None:
    window, _customer = work()
    response = pages.planner().post(serving(window, CustomerFactory.create(account="FAR")), named(CALL))
    assert response.context["form"].errors == {"__all__": ["FAR is not told by this notice."]}


def test_notice_about_an_incident_is_recorded_in_utc() -> None:
    """A root-cause report has no maintenance and no zone."""
    _window, customer = work()
    said = Notice.objects.get()
    told = Notice.objects.create(incident=p1(), revision=1, issued_at=said.issued_at, issued_by="x", said_json=said.said_json)
    NoticeCustomer.objects.create(notice=told, customer=customer, kind="root_cause")
    response = pages.planner().post(reverse("admin:desk_serve", args=[told.pk, customer.pk]), named(CALL))
    assert (response["Location"], Served.objects.get().accepted_at) == ("/admin/maintenance/served/", datetime(2026, 11, 23, 10, 30, tzinfo=UTC))
    assert Served.objects.get().notice == told


def test_consent_is_recorded_and_settles_the_shortfall() -> None:
    window, customer = work()
    response = pages.planner().post(consenting(window, customer), named(AGREED), follow=True)
    assert pages.said_on_top(response) == ["The consent of LOST0 is recorded."]
    points = response.context["points"]
    assert (points.short, points.wanting, points.agreed) == (1, 0, 1)
    (row,) = Consent.objects.values()
    assert {name: value for name, value in row.items() if name != "id"} == {
        "window_id": window.pk,
        "customer_id": customer.pk,
        "start": window.start,
        "end": window.end,
        "impact": "outage",
        "minutes": 30,
        "given_at": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "given_by": "Ana Soler",
        "document": "mail of 23 November",
        "recorded_at": NOW + 2 * DAY,
        "recorded_by": "petra",
    }


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"given_at_0": "2026-11-30"}, {"given_at": ["This moment is still to come."]}),
        ({"given_by": ""}, {"given_by": ["This field is required."]}),
        ({"document": ""}, {"document": ["This field is required."]}),
    ],
)
def test_consent_refused(changes: dict[str, str], errors: dict[str, list[str]]) -> None:
    window, customer = work()
    client = pages.planner()
    client.get(consenting(window, customer))
    with nothing_changes():
        response = client.post(consenting(window, customer), named(AGREED | changes))
    assert (response.status_code, response.context["form"].errors) == (200, errors)


def test_consent_given_after_the_start_is_refused() -> None:
    window, customer = work()
    with time_machine.travel(START + DAY, tick=False):
        response = pages.planner().post(consenting(window, customer), named(AGREED | {"given_at_0": "2026-12-22", "given_at_1": "10:00"}))
    assert response.context["form"].errors == {"given_at": ["Consent is given before the work starts."]}


def test_consent_to_a_window_that_is_gone_is_refused() -> None:
    window, customer = work()
    Window.objects.update(state=WindowState.CANCELLED)
    response = pages.planner().post(consenting(window, customer), named(AGREED))
    assert response.context["form"].errors == {"__all__": ["Window MNT-1.1 will not take place."]}


def test_forms_show_the_day_and_leave_the_time_to_be_typed() -> None:
    window, customer = work()
    client = pages.planner()
    with nothing_changes():
        shown = [(client.get(url).context["form"], name) for url, name in ((serving(window, customer), "at"), (consenting(window, customer), "given_at"))]
    assert [form[name].value() for form, name in shown] == ["2026-11-24", "2026-11-24"]


def test_forms_need_the_right_to_announce() -> None:
    window, customer = work()
    viewer, anton = pages.planner(VIEWER, name="vera"), pages.planner("maintenance.announce_maintenance", name="anton")
    for url, data in ((serving(window, customer), CALL), (consenting(window, customer), AGREED)):
        with nothing_changes():
            assert [viewer.get(url).status_code, viewer.post(url, named(data)).status_code, anton.get(url).status_code] == [403, 403, 200]
        assert anton.post(url, named(data)).status_code == 302


def test_forms_of_nothing_are_not_found() -> None:
    window, customer = work()
    client, huge = pages.planner(), 10**30
    urls = [reverse("admin:desk_serve", args=arguments) for arguments in ([huge, customer.pk], [window.maintenance.notices.get().pk, huge])]
    urls += [
        reverse("admin:desk_consent", args=arguments)
        for arguments in ([huge, 1, customer.pk], [window.maintenance_id, 2, customer.pk], [window.maintenance_id, 1, huge])
    ]
    assert [client.get(url).status_code for url in urls] == [404] * 5
