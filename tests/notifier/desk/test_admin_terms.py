"""What lets a change go on that would be refused: late notice, as a breach, and obstacles that are known."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from maintenance.models import Acknowledgement, Breach, Maintenance, Notice, Window
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
RIGHTS = ("maintenance.view_maintenance", "maintenance.announce_maintenance")
LATE = {
    "tell-late": "1",
    "late-reason": "The carrier cuts the fibre anyway.",
    "late-learned_at_date": "2026-11-21",
    "late-learned_at_time": "10:00",
    "late-supplier_notified_at_date": "2026-11-20",
    "late-supplier_notified_at_time": "08:00",
}


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def short() -> Maintenance:
    """Return a draft that cannot keep its notice."""
    return pages.booked(windows=(factories.window(3),))


def test_late_notice_is_not_offered_where_it_is_forbidden() -> None:
    factories.reader()
    response = pages.planner().post(pages.verb("announce", short()))
    assert (response.context["late_allowed"], response.context["late_form"]) == (False, None)
    assert "It cannot be told late either: late notice is forbidden here (LATE_NOTICE)." in pages.text_of(response)


def test_late_notice_forbidden_is_refused_even_if_asked_for() -> None:
    factories.reader()
    maintenance = short()
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("announce", maintenance), {**LATE, "confirmed": "1"}, follow=True)
    assert pages.said_on_top(response) == ["Late notice is not allowed here (LATE_NOTICE is forbid)."]


def test_late_notice_needs_its_right(settings: Settings) -> None:
    settings.LATE_NOTICE = "breach"
    factories.reader()
    maintenance = short()
    client = pages.planner(*RIGHTS)
    with factories.nothing_changes():
        shown = client.post(pages.verb("announce", maintenance))
        forced = [client.post(pages.verb("announce", maintenance), {**LATE, **button}) for button in ({}, {"confirmed": "1"}, {"preview": ""})]
    assert (shown.context["late_form"], "needs a right that you do not have" in pages.text_of(shown)) == (None, True)
    assert [response.status_code for response in forced] == [403, 403, 403]


def test_late_notice_is_shown_as_the_breach_that_it_is_and_told(settings: Settings) -> None:
    settings.LATE_NOTICE = "breach"
    customer = factories.reader()
    maintenance = short()
    client = pages.planner(*RIGHTS, "maintenance.send_late_notice")
    with factories.nothing_changes():
        offered = client.post(pages.verb("announce", maintenance))
        shown = client.post(pages.verb("announce", maintenance), LATE)
    assert offered.context["late_form"] is not None
    assert [(kind.name, kind.customers, kind.notice) for kind in shown.context["rehearsal"].kinds] == [("Late", 1, "cannot be in time: a breach")]
    assert shown.context["rehearsal"].breaches == (customer.account,)
    assert "This is late notice. It breaks the promise to 1 customer" in pages.text_of(shown)
    client.post(pages.verb("announce", maintenance), {**dict(shown.context["kept"]), "confirmed": "1"})
    said = Notice.objects.get().said
    assert (said.learned_at, said.supplier_notified_at) == (datetime(2026, 11, 21, 10, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert list(Breach.objects.values_list("customer", "recorded_by", "reason", "reason_by")) == [
        (customer.pk, "petra", "The carrier cuts the fibre anyway.", "petra"),
    ]
    assert list(Window.objects.values_list("basis", "late_reason")) == [("late", "The carrier cuts the fibre anyway.")]


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"late-reason": " "}, {"reason": ["This field is required."]}),
        ({"late-learned_at_date": "", "late-learned_at_time": ""}, {"learned_at": ["This field is required."]}),
        ({"late-learned_at_date": "2026-11-23"}, {"learned_at": ["This moment is still to come."]}),
        ({"late-supplier_notified_at_date": "2026-11-23"}, {"supplier_notified_at": ["This moment is still to come."]}),
        ({"late-learned_at_time": "noon"}, {"learned_at": ["'2026-11-21Tnoon' is not a time such as 2026-12-14T23:00"]}),
    ],
)
def test_late_notice_with_fault_is_not_sent(settings: Settings, changed: dict[str, str], errors: dict[str, list[str]]) -> None:
    settings.LATE_NOTICE = "breach"
    factories.reader()
    maintenance = short()
    client = pages.planner()
    with factories.nothing_changes():
        responses = [client.post(pages.verb("announce", maintenance), {**LATE, **changed, **button}) for button in ({}, {"confirmed": "1"})]
    assert [dict(response.context["late_form"].errors) for response in responses] == [errors, errors]


def test_late_notice_begins_with_the_time_at_which_the_supplier_told_us(settings: Settings) -> None:
    settings.LATE_NOTICE = "breach"
    factories.reader()
    maintenance = pages.booked(windows=(factories.window(3),), supplier_notified_at=datetime(2026, 11, 20, 8, tzinfo=UTC))
    form = pages.planner().post(pages.verb("announce", maintenance)).context["late_form"]
    assert (form["learned_at"].value(), form["supplier_notified_at"].value()) == ("2026-11-20T08:00", "2026-11-20T08:00")


def test_work_that_keeps_its_notice_is_never_called_late(settings: Settings) -> None:
    settings.LATE_NOTICE = "breach"
    factories.reader()
    maintenance = pages.booked()
    shown = pages.planner().post(pages.verb("announce", maintenance), LATE)
    assert ([kind.name for kind in shown.context["rehearsal"].kinds], shown.context["rehearsal"].breaches) == (["Announced"], ())


def test_move_can_be_told_late(settings: Settings) -> None:
    settings.LATE_NOTICE = "breach"
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    early = pages.moved("2026-11-25", "22:00", "2026-11-25", "23:00")
    shown = client.post(pages.verb("move", maintenance, 1), {**early, **LATE})
    client.post(pages.verb("move", maintenance, 1), {**dict(shown.context["kept"]), "confirmed": "1"})
    assert list(Window.objects.values_list("start", "basis")) == [(datetime(2026, 11, 25, 22, tzinfo=UTC), "late")]


def test_conflict_is_acknowledged_with_a_reason() -> None:
    factories.reader()
    pages.announced("OTHER")
    maintenance = pages.booked()
    client = pages.planner()
    with factories.nothing_changes():
        refused = client.post(pages.verb("announce", maintenance))
        empty = client.post(pages.verb("announce", maintenance), {"known-reason": " "})
        shown = client.post(pages.verb("announce", maintenance), {"known-reason": "Same crew."})
    assert (refused.context["code"], refused.context["refusal"][-1]) == ("acknowledge", "To go on all the same, give a reason.")
    assert dict(empty.context["known_form"].errors) == {"reason": ["This field is required."]}
    assert dict(shown.context["kept"]) == {"known-reason": "Same crew."}
    client.post(pages.verb("announce", maintenance), {"known-reason": "Same crew.", "confirmed": "1"})
    assert list(Acknowledgement.objects.filter(maintenance=maintenance).values_list("obstacle", "reason", "recorded_by")) == [
        ("conflict", "Same crew.", "petra"),
    ]


def test_late_notice_and_conflict_are_asked_for_one_after_the_other(settings: Settings) -> None:
    settings.LATE_NOTICE = "breach"
    factories.reader()
    pages.announced("OTHER", windows=(factories.window(13),))
    maintenance = pages.announced("MNT-1", windows=(factories.window(40),))
    client = pages.planner()
    times = pages.moved("2026-12-05", "09:00", "2026-12-05", "11:00")
    late = client.post(pages.verb("move", maintenance, 1), times | LATE)
    assert late.context["code"] == "acknowledge"
    kept = dict(late.context["kept"])
    done = client.post(pages.verb("move", maintenance, 1), {**kept, "known-reason": "Same crew.", "confirmed": "1"}, follow=True)
    assert pages.said_on_top(done) == ["Window MNT-1.1 is moved."]


def test_tell_it_late_to_whom_notice_in_time_cannot_reach(settings: Settings) -> None:
    """Offered on the work's page where somebody was not served and the line has passed; the same two steps."""
    settings.LATE_NOTICE = "breach"
    customer = factories.reader(account="LOST")
    maintenance = pages.announced()
    page = pages.verb("tell_late", maintenance)
    assert page not in pages.planner(*RIGHTS).get(pages.change(maintenance)).content.decode()
    with time_machine.travel(factories.NOW + timedelta(days=25), tick=False):
        client = pages.planner(*RIGHTS, "maintenance.send_late_notice", name="otto")
        assert page in client.get(pages.change(maintenance)).content.decode()
        with factories.nothing_changes():
            offered = client.post(page)
            shown = client.post(page, LATE)
        assert "1 customer was not served in time, and notice in time cannot reach them any more: LOST." in pages.text_of(offered)
        assert shown.context["rehearsal"].breaches == ("LOST",)
        client.post(page, {**dict(shown.context["kept"]), "confirmed": "1"})
    assert list(Breach.objects.values_list("customer", "reason")) == [(customer.pk, "The carrier cuts the fibre anyway.")]
