"""The night through the admin: start, extend, end, and what is presumed; cancel and postpone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from maintenance import booking
from maintenance.models import Breach, Maintenance, Notice, Window
from maintenance.states import Impact, Kind, WindowState
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
START = factories.NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def served(**changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return announced work with which everybody was served in time."""
    return pages.served(pages.announced(**changes))


def running(**changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return work in progress since its start."""
    maintenance = served(**changes)
    booking.start(maintenance, number=1, by=factories.BY, now=START)
    return maintenance


def kinds(maintenance: Maintenance) -> list[str]:
    """Return the kinds that the newest notice tells."""
    return sorted(set(maintenance.notices.latest("revision").customers.values_list("kind", flat=True)))


def test_start_of_which_nobody_hears_is_done_at_once() -> None:
    factories.reader()
    maintenance = served(impact=Impact.NO_IMPACT)
    with time_machine.travel(START, tick=False):
        response = pages.planner().post(pages.verb("start", maintenance, 1), follow=True)
    assert pages.said_on_top(response) == ["Window MNT-1.1 has started."]
    assert Window.objects.get().state == WindowState.IN_PROGRESS


def test_start_that_is_told_shows_first_how_many_hear_of_it() -> None:
    factories.reader()
    maintenance = served()
    with time_machine.travel(START, tick=False):
        client = pages.planner()
        with factories.nothing_changes():
            shown = client.post(pages.verb("start", maintenance, 1))
        assert shown.context["rehearsal"].sentence() == "1 mail to 1 customer in 1 language will go out."
        assert 'name="reason"' not in shown.content.decode()
        client.post(pages.verb("start", maintenance, 1), {"confirmed": "1"})
    assert (Window.objects.get().state, kinds(maintenance)) == (WindowState.IN_PROGRESS, [Kind.STARTED])


@pytest.mark.parametrize(("reason", "by"), [("The supplier will not wait.", "petra"), ("", "")])
def test_start_with_shortfall_is_not_blocked_and_records_breach(reason: str, by: str) -> None:
    customers = [factories.reader() for _number in range(12)]
    maintenance = pages.announced()
    with time_machine.travel(START, tick=False):
        client = pages.planner()
        with factories.nothing_changes():
            response = client.post(pages.verb("start", maintenance, 1))
        first = ", ".join(customer.account for customer in customers[:10])
        assert f"recorded as a breach with your name: {first} (+2)" in pages.text_of(response)
        assert 'name="reason"' in response.content.decode()
        client.post(pages.verb("start", maintenance, 1), {"reason": reason, "confirmed": "1"})
    expected = [(1, customer.pk, "petra", START, reason, by) for customer in customers]
    assert list(Breach.objects.values_list("window__number", "customer", "recorded_by", "recorded_at", "reason", "reason_by")) == expected


def test_start_before_window_is_refused() -> None:
    maintenance = pages.announced()
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("start", maintenance, 1), follow=True)
    assert pages.said_on_top(response) == [
        "Window MNT-1.1 lasts from 2026-12-22 09:00 +0000 Europe/London to 2026-12-22 11:00 +0000 Europe/London; work can start only within it. Move it first.",
    ]


def test_presumed_start_is_confirmed() -> None:
    factories.reader()
    maintenance = served(impact=Impact.NO_IMPACT, supplier=factories.OperatorFactory.create())
    booking.presume(now=START + timedelta(minutes=1))
    assert Window.objects.get().presumed is True
    with time_machine.travel(START + timedelta(minutes=5), tick=False):
        pages.planner().post(pages.verb("start", maintenance, 1))
    assert list(Window.objects.values_list("state", "presumed", "started_at")) == [(WindowState.IN_PROGRESS, False, START + timedelta(minutes=5))]


def test_extend_asks_shows_and_does() -> None:
    factories.reader()
    maintenance = running()
    later = {"end_date": "2026-12-22", "end_time": "13:00", "reason": "A router does not come up."}
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        client = pages.planner()
        with factories.nothing_changes():
            shown = client.post(pages.verb("extend", maintenance, 1), later)
            too_early = client.post(pages.verb("extend", maintenance, 1), {**later, "end_time": "10:30"})
        assert [kind.name for kind in shown.context["rehearsal"].kinds] == ["Extended"]
        assert dict(too_early.context["form"].errors) == {"end": ["The new end must be after 2026-12-22 11:00 +0000 Europe/London."]}
        response = client.post(pages.verb("extend", maintenance, 1), {**dict(shown.context["kept"]), "confirmed": "1"}, follow=True)
    assert pages.said_on_top(response) == ["Window MNT-1.1 is extended."]
    ends = (datetime(2026, 12, 22, 13, tzinfo=UTC), datetime(2026, 12, 22, 11, tzinfo=UTC))
    assert list(Window.objects.values_list("end", "overran_from")) == [ends]
    assert Notice.objects.latest("revision").said.reason == "A router does not come up."


def test_finish_shows_who_hears_of_it_and_completes() -> None:
    factories.reader()
    maintenance = running()
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        client = pages.planner()
        with factories.nothing_changes():
            shown = client.post(pages.verb("finish", maintenance, 1))
        assert [kind.name for kind in shown.context["rehearsal"].kinds] == ["Completed"]
        response = client.post(pages.verb("finish", maintenance, 1), {"confirmed": "1"}, follow=True)
    assert pages.said_on_top(response) == ["Window MNT-1.1 is completed."]
    assert Maintenance.objects.get().state == WindowState.COMPLETED


def test_not_completed_asks_how_it_ended_and_tells_it() -> None:
    factories.reader()
    maintenance = running()
    ending = {"outcome": "rolled_back", "service_now": "as_before", "follow_up": "new_date", "note": "A card broke {{ twice }}."}
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        client = pages.planner()
        with factories.nothing_changes():
            empty = client.post(pages.verb("not_completed", maintenance, 1), {})
            shown = client.post(pages.verb("not_completed", maintenance, 1), ending)
        assert sorted(empty.context["form"].errors) == ["follow_up", "outcome", "service_now"]
        assert [kind.name for kind in shown.context["rehearsal"].kinds] == ["Not completed"]
        client.post(pages.verb("not_completed", maintenance, 1), {**ending, "confirmed": "1"})
    assert list(Window.objects.values_list("state", "outcome", "service_now", "follow_up")) == [("not_completed", "rolled_back", "as_before", "new_date")]
    told = Notice.objects.latest("revision").said.ending
    assert told is not None
    assert told.note == "A card broke {{ twice }}."


def test_presumed_end_is_reported() -> None:
    factories.reader()
    maintenance = served(supplier=factories.OperatorFactory.create())
    booking.presume(now=START + timedelta(hours=3))
    assert Window.objects.get().state == WindowState.PRESUMED_ENDED
    with time_machine.travel(START + timedelta(hours=4), tick=False):
        pages.planner().post(pages.verb("finish", maintenance, 1), {"confirmed": "1"})
    assert list(Window.objects.values_list("state", "presumed")) == [(WindowState.COMPLETED, False)]


@pytest.mark.parametrize(("verb", "kind", "state"), [("cancel", Kind.CANCELLED, WindowState.CANCELLED), ("postpone", Kind.POSTPONED, WindowState.POSTPONED)])
def test_withdrawal_asks_for_reason_shows_and_does(verb: str, kind: Kind, state: WindowState) -> None:
    customer = factories.reader()
    maintenance = pages.announced()
    url = pages.verb(verb, maintenance, 1 if verb == "postpone" else None)
    client = pages.planner()
    with factories.nothing_changes():
        without = client.post(url, {"reason": " "})
        shown = client.post(url, {"reason": "<b>Storm</b>"})
    assert dict(without.context["form"].errors) == {"reason": ["This field is required."]}
    assert [row.kind for row in shown.context["rehearsal"].kinds] == [kind]
    assert "<b>Storm</b>" not in shown.content.decode()
    client.post(url, {**dict(shown.context["kept"]), "confirmed": "1"})
    notice = Notice.objects.get(revision=2)
    assert (notice.said.reason, Window.objects.get().state) == ("<b>Storm</b>", state)
    assert list(notice.customers.values_list("customer", "kind")) == [(customer.pk, kind)]


def test_cancel_of_draft_needs_no_reason_and_tells_nobody() -> None:
    maintenance = pages.booked()
    pages.planner().post(pages.verb("cancel", maintenance), {"reason": "", "confirmed": "1"})
    assert Maintenance.objects.get().state == WindowState.CANCELLED
    assert not Notice.objects.exists()


def test_postponed_window_is_given_a_new_date_with_full_notice() -> None:
    factories.reader()
    maintenance = served()
    booking.postpone(maintenance, number=1, reason="Storm", by=factories.BY, now=factories.NOW)
    client = pages.planner()
    early, later = pages.moved("2026-11-25", "22:00", "2026-11-25", "23:00"), pages.moved("2027-01-11", "22:00", "2027-01-11", "23:00")
    refused, shown = (client.post(pages.verb("move", maintenance, 1), times) for times in (early, later))
    assert refused.context["code"] == "notice"
    assert [(kind.name, kind.until is not None) for kind in shown.context["rehearsal"].kinds] == [("Revised", True)]
