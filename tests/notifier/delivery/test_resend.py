"""What a person has remedied is sent by itself: to a contact that was added, to an address that was corrected; once, and only in time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Contact, ContactRole
from maintenance import booking
from maintenance.models import NoticeCustomer, Served, Shortfall
from maintenance.states import Kind
from notifier.delivery import outbox, resend, settle
from notifier.delivery.fanout import fan_out, fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.resend import resend_what_was_remedied
from notifier.delivery.shortfall_watch import keep, keep_shortfalls
from tests.factories import BY, NOW, ContactRoleFactory, CustomerFactory, ServiceFactory, nothing_changes, window
from tests.maintenance.telling import DAY, HOUR, p1
from tests.notifier.delivery.notices import issue
from tests.notifier.delivery.remedies import NEW, accept, broken, contact, correct, look, mails, open_causes
from tests.notifier.delivery.short import FAILED, START, alerts, unreachable, work

pytestmark = pytest.mark.django_db
LINE = NOW + 20 * DAY
INSTANT = timedelta(microseconds=1)
BOUNCED: dict[str, Any] = FAILED | {"reason": "bounced", "accepted_at": NOW, "hop": "relay", "hop_detail": "smtp:mx.example:25"}


def test_contact_that_was_added_gets_the_notice_and_the_shortfall_ends() -> None:
    customer = unreachable()
    work()
    look()
    assert (open_causes(), mails()) == ([("LOST", "no_contact")], [])
    contact(customer, reminders=False, progress=False)
    look(NOW + DAY)
    row = Delivery.objects.get()
    assert (mails(), row.kind, row.due_at, row.deadline) == ([(NEW, "queued", "LOST")], "announced", NOW + DAY, NoticeCustomer.objects.get().deadline)
    accept(NOW + DAY)
    look(NOW + DAY)
    assert (open_causes(), Shortfall.objects.get().cleared_at, mails()) == ([], NOW + DAY, [(NEW, "sent", "LOST")])
    assert list(Served.objects.values_list("customer__account", "accepted_at")) == [("LOST", NOW + DAY)]
    assert len(alerts("shortfall")) == 1


@pytest.mark.parametrize(("state", "cause"), [(FAILED, "failed"), (BOUNCED, "bounced")])
def test_address_that_was_corrected_gets_the_notice_and_the_shortfall_ends(state: dict[str, Any], cause: str) -> None:
    maintenance, before = broken()
    Delivery.objects.update(**state, attempts=7, lease_token="old")  # noqa: S106  # no password
    if cause == "bounced":
        Served.objects.create(notice=before.notice, customer=before.customers.get(), accepted_at=NOW, hop="relay", revoked_at=NOW)
    keep(maintenance, now=NOW)
    assert open_causes() == [("SLOW", cause)]
    correct()
    look(NOW + DAY)
    row = Delivery.objects.get()
    assert (mails(), row.due_at, row.first_due_at, row.deadline) == ([(NEW, "queued", "SLOW")], NOW + DAY, NOW + DAY, before.deadline)
    assert (row.attempts, row.lease_token, row.handed_over_at, row.settled_at, row.accepted_at, row.hop, row.hop_detail) == (0, "", None, None, None, "", "")
    assert row.reason == f"sent again, before to {before.address}: {state['reason']}"
    accept(NOW + DAY)
    look(NOW + DAY)
    assert (open_causes(), mails()) == ([], [(NEW, "sent", "SLOW")])
    assert list(Served.objects.filter(revoked_at__isnull=True).values_list("customer__account", "accepted_at")) == [("SLOW", NOW + DAY)]


def test_address_that_was_corrected_is_tried_as_long_as_a_first_one() -> None:
    broken()
    correct()
    look(NOW + 9 * DAY)
    claimed = outbox.claim(now=NOW + 9 * DAY, most=9)
    row = Delivery.objects.select_related("notice").get()
    assert settle.again(row, claimed.token, at=NOW + 9 * DAY, reason="451 later")
    assert Delivery.objects.get().state == "queued"


def test_mail_is_not_sent_again_to_the_same_address_nor_twice() -> None:
    broken()
    with nothing_changes():
        look(NOW + HOUR)
    correct()
    look(NOW + HOUR)
    with nothing_changes():
        resend_what_was_remedied(now=NOW + 2 * HOUR)
    Delivery.objects.update(**FAILED)
    keep_shortfalls(now=NOW + 2 * HOUR)
    with nothing_changes():
        look(NOW + 3 * HOUR)


def test_two_workers_send_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has seen that something is to be done, and waited while the first did it."""
    broken()
    customer = unreachable()
    fan_out_due(now=NOW)
    maintenance = work(reference="MNT-2", windows=(window(40),))
    keep(maintenance, now=NOW)
    correct()
    contact(customer, "two@customer.example")
    look()
    monkeypatch.setattr(resend, "_is_remedied", lambda _maintenance, *, now: now == NOW)
    with nothing_changes():
        resend_what_was_remedied(now=NOW)


@pytest.mark.parametrize(("early", "state"), [(timedelta(0), "queued"), (-INSTANT, "failed")])
def test_notice_is_sent_again_only_while_it_can_be_in_time(early: timedelta, state: str) -> None:
    """A lease before the deadline, as at the hand-over; a microsecond later is too late, and nothing happens."""
    _maintenance, row = broken()
    correct()
    assert row.deadline is not None
    resend_what_was_remedied(now=row.deadline - outbox.lease() - early)
    assert Delivery.objects.get().state == state


def test_contact_that_is_added_too_late_gets_nothing_and_the_cause_says_so() -> None:
    customer = unreachable()
    work()
    look()
    contact(customer)
    look(LINE + HOUR)
    assert (mails(), open_causes()) == ([], [("LOST", "too_late")])


@pytest.mark.parametrize(("early", "number"), [(INSTANT, 1), (timedelta(0), 0)])
def test_notice_without_a_deadline_is_sent_while_the_window_is_to_come(early: timedelta, number: int) -> None:
    """An emergency that is none any more for the second window."""
    customer = unreachable()
    work(windows=(window(1), window(30)), incident=p1())
    look()
    assert open_causes() == [("LOST", "no_contact")]
    contact(customer)
    Shortfall.objects.exclude(window__number=2).delete()
    look(START - early)
    assert [(kind, deadline) for kind, deadline in Delivery.objects.values_list("kind", "deadline")] == [("emergency", None)] * number


@pytest.mark.parametrize("state", ["sending", "sent", "delivered", "unknown"])
def test_contact_that_may_have_the_notice_gets_no_second_mail(state: str) -> None:
    """Whatever its address is now; another contact does get one."""
    maintenance, row = broken(state=FAILED | {"state": "unknown", "reason": "no answer"})
    assert open_causes() == [("SLOW", "unknown")]
    Delivery.objects.update(state=state, accepted_at=NOW)
    correct()
    with nothing_changes():
        resend_what_was_remedied(now=NOW)
    contact(row.customers.get(), "other@customer.example")
    resend_what_was_remedied(now=NOW)
    assert mails() == [(row.address, state, "SLOW"), ("other@customer.example", "queued", "SLOW")]
    assert maintenance.notices.count() == 1


def test_address_of_a_contact_that_serves_the_customer_no_more_gets_nothing() -> None:
    broken()
    correct()
    ContactRole.objects.all().delete()
    with nothing_changes():
        resend_what_was_remedied(now=NOW)


def test_mail_that_is_replaced_is_not_sent_again() -> None:
    maintenance, row = broken()
    newer = issue(maintenance, {row.customers.get(): Kind.REVISED}, deadline=row.deadline)
    correct()
    with nothing_changes():
        resend_what_was_remedied(now=NOW)  # issued, and its mails not made
    fan_out(newer, now=NOW)
    with nothing_changes():
        resend_what_was_remedied(now=NOW)
    Delivery.objects.filter(kind="revised").update(**FAILED)
    Contact.objects.update(email="third@customer.example")
    resend_what_was_remedied(now=NOW)
    assert [(kind, address, state) for kind, address, state in Delivery.objects.order_by("pk").values_list("kind", "address", "state")] == [
        ("announced", row.address, "failed"),
        ("revised", "third@customer.example", "queued"),
    ]


def test_contact_added_after_a_cancellation_gets_nothing() -> None:
    customer = unreachable()
    maintenance = work()
    look()
    contact(customer)
    booking.cancel(maintenance, by=BY, now=NOW)
    with nothing_changes():
        resend_what_was_remedied(now=NOW)


def test_reminders_and_progress_are_not_sent_again() -> None:
    maintenance, row = broken()
    Delivery.objects.update(state="sent", accepted_at=NOW)
    fan_out(issue(maintenance, {row.customers.get(): Kind.REMINDER}), now=NOW)
    Delivery.objects.filter(kind="reminder").update(**FAILED)
    correct()
    with nothing_changes():
        resend_what_was_remedied(now=NOW)


def test_work_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    customer = unreachable()
    bad, good = work(), work(reference="MNT-2", windows=(window(40),))
    look()
    contact(customer)
    send = resend._resend

    def fail(maintenance: int, *, now: datetime) -> None:
        if maintenance == bad.pk:
            raise RuntimeError("broken")
        send(maintenance, now=now)

    monkeypatch.setattr(resend, "_resend", fail)
    resend_what_was_remedied(now=NOW)
    assert list(Delivery.objects.values_list("notice__maintenance", flat=True)) == [good.pk]
    assert [record.getMessage() for record in caplog.records] == [f"what was remedied of maintenance {bad.pk} is not sent again"]


@pytest.mark.parametrize("number", [1, 3])
def test_looking_costs_the_same_for_any_number_of_customers_and_nights(number: int) -> None:
    """Where nobody is short of notice one query; where nothing was remedied four for each piece of work."""
    with CaptureQueriesContext(connection) as captured:
        resend_what_was_remedied(now=NOW)
    assert len(captured) == 1
    for one in range(number):
        unreachable(f"LOST{one}")
        customer = CustomerFactory.create()
        ServiceFactory.create(customer=customer)
        ContactRoleFactory.create(customer=customer)
    work(windows=tuple(window(30 + night) for night in range(number)))
    Delivery.objects.update(**FAILED)
    look()
    with CaptureQueriesContext(connection) as captured:
        resend_what_was_remedied(now=NOW)
    assert len(captured) == 4
