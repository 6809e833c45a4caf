"""A planner says of mails whose fate is unknown that they have arrived, or has them sent again."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from pytest_django import DjangoCaptureOnCommitCallbacks

from maintenance import booking
from maintenance.models import Maintenance, Served
from notifier.delivery.models import Delivery
from tests import factories
from tests.factories import BY, NOW, nothing_changes
from tests.notifier.delivery.coming_back import TOKEN
from tests.notifier.desk import pages
from tests.notifier.desk.commands.wire import tasks_sent
from tests.notifier.desk.short import DAY, HOUR, work

pytestmark = pytest.mark.django_db
LIST = "/admin/delivery/delivery/"
UNKNOWN = f"{LIST}?state__exact=unknown"


def lost(*accounts: str) -> Maintenance:
    """Return work of whose mails nobody heard the answer."""
    for account in accounts:
        factories.reader(account=account)
    maintenance = work()
    Delivery.objects.update(state="unknown", reason="no word", handed_over_at=NOW, settled_at=NOW + timedelta(minutes=1), attempts=1, lease_token=TOKEN)
    return maintenance


def act(action: str, *, now: object = NOW + HOUR, **more: str) -> object:
    """Choose every delivery, do the action and return what comes."""
    with time_machine.travel(now, tick=False):  # type: ignore[arg-type]  # a moment
        keys = [str(pk) for pk in Delivery.objects.order_by("pk").values_list("pk", flat=True)]
        data = {"action": action, "index": "0", "select_across": "0", "_selected_action": keys, **more}
        return pages.planner(name=f"petra{Delivery.objects.count()}{LogEntry.objects.count()}{len(more)}").post(UNKNOWN, data, follow=True)


def test_unknown_mails_that_arrived_serve_their_customers() -> None:
    lost("A", "B")
    asked = pages.text_of(act("has_arrived"))
    assert "Record 2 mails as arrived" in asked
    said = act("has_arrived", note="log of mx1", at_date="2026-11-22", at_time="09:00")
    assert pages.said_on_top(said) == ["2 mails are recorded as arrived."]
    assert set(Delivery.objects.values_list("state", "accepted_at")) == {("sent", NOW)}
    assert list(Served.objects.order_by("customer__account").values_list("customer__account", "document", "recorded_at")) == [
        ("A", "log of mx1", NOW + HOUR),
        ("B", "log of mx1", NOW + HOUR),
    ]
    assert list(LogEntry.objects.values_list("change_message", flat=True)) == ["Found to have arrived: log of mx1"] * 2
    assert pages.said_on_top(act("has_arrived")) == ["The fate of none of these is unknown any more."]


def test_unknown_mails_that_arrived_without_a_time_count_from_when_the_answer_was_given_up() -> None:
    lost("A")
    assert pages.said_on_top(act("has_arrived", note="the customer has it")) == ["1 mail is recorded as arrived."]
    assert Delivery.objects.get().accepted_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"note": ""}, "This field is required."),
        ({"note": "log", "at_date": "2026-11-22", "at_time": "08:59"}, "The mail had not been handed over then."),
        ({"note": "log", "at_date": "2026-11-22", "at_time": "10:01"}, "This moment is still to come."),
        ({"note": "log", "at_date": "2026-11-22", "at_time": "nine"}, "nine"),
    ],
)
def test_what_is_wrong_on_the_page_is_said_and_nothing_recorded(entered: dict[str, str], said: str) -> None:
    """The page asks again, with what was typed."""
    lost("A", "B")
    with nothing_changes():
        page = pages.text_of(act("has_arrived", **entered))
    assert (said in page, "Record 2 mails as arrived" in page, LogEntry.objects.count()) == (True, True, 0)


def test_unknown_mails_are_sent_again(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    lost("A")
    with tasks_sent() as sent, django_capture_on_commit_callbacks(execute=True):
        assert pages.said_on_top(act("send_unknown_again")) == ["1 mail is sent again."]
    assert sent == ["notifier.delivery.dispatch"]
    row = Delivery.objects.get()
    assert (row.state, row.due_at, row.reason.startswith("sent again by petra")) == ("queued", NOW + HOUR, True)
    assert list(LogEntry.objects.values_list("object_id", "change_message")) == [(str(row.pk), "Sent again, though it may have arrived.")]
    assert pages.said_on_top(act("send_unknown_again")) == ["The fate of none of these is unknown any more."]


def test_unknown_mails_that_cannot_be_sent_again_say_why() -> None:
    lost("A", "B")
    with nothing_changes():
        assert pages.said_on_top(act("send_unknown_again", now=NOW + 25 * DAY)) == ["2 mails are not sent again: they would come too late."]
    booking.cancel(Maintenance.objects.get(), by=BY, now=NOW)
    with nothing_changes():
        assert pages.said_on_top(act("send_unknown_again", x="")) == ["2 mails are not sent again: newer notices say otherwise."]


@pytest.mark.parametrize(
    ("address", "offered"),
    [(UNKNOWN, {"has_arrived", "send_unknown_again"}), (LIST, {"send_again"}), (f"{LIST}?state__exact=failed", {"send_again"})],
)
def test_list_offers_what_is_of_use(address: str, offered: set[str]) -> None:
    """With the permission only; and says on the list of the unknown what to do."""
    lost("A")
    page = pages.text_of(pages.planner("delivery.view_delivery", "maintenance.announce_maintenance").get(address))
    assert {name for name in ("has_arrived", "send_unknown_again", "send_again") if f'value="{name}"' in page} == offered
    assert ("the answer was never seen" in page) is (address == UNKNOWN)
    other = pages.planner("delivery.view_delivery", name="vera")
    assert "_selected_action" not in pages.text_of(other.get(address))
    with nothing_changes():
        for action in ("has_arrived", "send_unknown_again"):
            other.post(UNKNOWN, {"action": action, "index": "0", "note": "log", "_selected_action": [str(Delivery.objects.get().pk)]})
