"""A planner has failed mails sent again from the list of deliveries; what cannot be says why."""

from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from pytest_django import DjangoCaptureOnCommitCallbacks

from customers.models import Contact, ContactRole, Customer
from maintenance import booking
from maintenance.models import Maintenance
from maintenance.states import Kind
from notifier.delivery import outbox
from notifier.delivery.fanout import fan_out
from notifier.delivery.models import Delivery
from tests import factories
from tests.factories import BY, NOW, nothing_changes
from tests.notifier.delivery.notices import issue
from tests.notifier.desk import pages
from tests.notifier.desk.commands.wire import tasks_sent
from tests.notifier.desk.short import DAY, FAILED, HOUR, START, work

pytestmark = pytest.mark.django_db
LIST = "/admin/delivery/delivery/"


def fail(*accounts: str, **changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return work whose mails all failed."""
    for account in accounts:
        factories.reader(account=account)
    maintenance = work(**changes)
    Delivery.objects.update(**FAILED)
    return maintenance


def send(*, now: Any = NOW, **more: str) -> list[str]:  # noqa: ANN401  # a moment, as time_machine takes it
    """Choose every delivery, do the action and return what is said."""
    with time_machine.travel(now, tick=False):
        keys = [str(pk) for pk in Delivery.objects.order_by("pk").values_list("pk", flat=True)]
        data = {"action": "send_again", "index": "0", "select_across": "0", "_selected_action": keys, **more}
        return pages.said_on_top(pages.planner(name=f"petra{now:%d%H%M}").post(LIST, data, follow=True))


def states() -> list[str]:
    """Return the state of every delivery."""
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_failed_mails_are_sent_again() -> None:
    """The customer says that its mailbox works again; where the address is another one now, to that."""
    fail("A", "B")
    first, second = Delivery.objects.order_by("pk")
    Contact.objects.filter(deliveries=second).update(email="new@customer.example")
    assert send(now=NOW + DAY) == ["2 mails are sent again."]
    rows = Delivery.objects.order_by("pk").values_list("address", "state", "attempts", "due_at", "first_due_at", "deadline", "handed_over_at", "reason")
    by = f"sent again by petra{NOW + DAY:%d%H%M}, before to"
    assert list(rows) == [
        (first.address, "queued", 0, NOW + DAY, NOW + DAY, first.deadline, None, f"{by} {first.address}: 550 No such person"),
        ("new@customer.example", "queued", 0, NOW + DAY, NOW + DAY, second.deadline, None, f"{by} {second.address}: 550 No such person"),
    ]
    assert sorted(LogEntry.objects.values_list("object_id", "change_message")) == sorted([(str(first.pk), "Sent again."), (str(second.pk), "Sent again.")])


def test_mail_that_is_sent_again_is_sent_by_the_dispatcher(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    fail("A")
    for expected in (["notifier.delivery.dispatch"], []):
        with tasks_sent() as sent, django_capture_on_commit_callbacks(execute=True):
            send(now=NOW + HOUR * (2 - len(expected)))
        assert sent == expected


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "delivered", "unknown", "withdrawn"])
def test_mail_that_has_not_failed_is_left_as_it_is(state: str) -> None:
    fail("A")
    Delivery.objects.update(state=state, accepted_at=NOW)
    with nothing_changes():
        assert send() == ["1 mail is not sent again: it has not failed."]


@pytest.mark.parametrize(("late", "said"), [(0, "1 mail is sent again."), (1, "1 mail is not sent again: it would come too late.")])
def test_mail_that_would_come_too_late_is_left_as_it_is(late: int, said: str) -> None:
    fail("A")
    deadline = Delivery.objects.get().deadline
    assert deadline is not None
    assert send(now=deadline - outbox.lease() + late * HOUR / 3600) == [said]


def test_mail_without_a_deadline_is_of_use_until_the_work_begins() -> None:
    maintenance = fail("A")
    fan_out(issue(maintenance, {Customer.objects.get(): Kind.EASED}, said_json=maintenance.notices.get().said_json), now=NOW)
    Delivery.objects.filter(kind="announced").delete()
    Delivery.objects.update(**FAILED)
    assert send(now=START - HOUR) == ["1 mail is sent again."]
    Delivery.objects.update(**FAILED)
    assert send(now=START) == ["1 mail is not sent again: it would come too late."]


def test_reminder_of_no_use_is_left_as_it_is() -> None:
    maintenance = fail("A")
    fan_out(issue(maintenance, {Customer.objects.get(): Kind.REMINDER}, stale_at=NOW + DAY, said_json=maintenance.notices.get().said_json), now=NOW)
    Delivery.objects.filter(kind="announced").delete()
    Delivery.objects.update(**FAILED)
    assert send(now=NOW + DAY) == ["1 mail is not sent again: it would come too late."]
    assert send(now=NOW + DAY - HOUR) == ["1 mail is sent again."]


def test_mails_that_are_replaced_are_left_as_they_are() -> None:
    maintenance = fail("A", "B")
    booking.cancel(maintenance, by=BY, now=NOW)
    with nothing_changes():
        assert send() == ["2 mails are not sent again: newer notices say otherwise."]


def test_mails_without_a_reader_are_left_as_they_are() -> None:
    """One contact is gone, the other serves the account no more."""
    fail("A", "B")
    Contact.objects.filter(roles__customer__account="A").delete()
    ContactRole.objects.all().delete()
    with nothing_changes():
        assert send() == ["2 mails are not sent again: their contacts are gone, or serve none of their accounts any more."]


def test_cancellation_goes_to_whoever_was_told_serving_or_not() -> None:
    fail("A")
    Delivery.objects.update(state="sent", accepted_at=NOW)
    booking.cancel(Maintenance.objects.get(), by=BY, now=NOW)
    fan_out(Maintenance.objects.get().notices.latest("revision"), now=NOW)
    Delivery.objects.filter(kind="cancelled").update(**FAILED)
    ContactRole.objects.all().delete()
    assert send() == ["1 mail is sent again.", "1 mail is not sent again: it has not failed."]
    row = Delivery.objects.get(kind="cancelled")
    assert (row.state, row.customers.get().account) == ("queued", "A")


def test_mail_of_two_accounts_goes_out_for_the_one_that_is_served_still() -> None:
    noc = factories.ContactFactory.create(language="en", timezone="UTC")
    for account in ("LEAVES", "STAYS"):
        customer = factories.CustomerFactory.create(account=account)
        factories.ServiceFactory.create(customer=customer)
        factories.ContactRoleFactory.create(customer=customer, contact=noc)
    fail()
    ContactRole.objects.filter(customer__account="LEAVES").delete()
    assert (send(), Delivery.objects.get().customers.get().account) == (["1 mail is sent again."], "STAYS")


def test_all_that_the_filter_shows_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifier.delivery.resend._FEW", 2)
    fail("A", "B", "C", "D", "E")
    assert send(select_across="1", _selected_action="1") == ["5 mails are sent again."]
    assert states() == ["queued"] * 5


def test_action_needs_the_permission() -> None:
    fail("A")
    client = pages.planner("delivery.view_delivery")
    with nothing_changes():
        client.post(LIST, {"action": "send_again", "index": "0", "_selected_action": [str(Delivery.objects.get().pk)]})
    assert "send_again" not in pages.text_of(client.get(LIST))
    other = pages.planner("delivery.view_delivery", "maintenance.announce_maintenance", name="vera")
    assert 'value="send_again"' in pages.text_of(other.get(LIST))
