"""Mails whose fate is unknown: found to have arrived, sent again as a person decides, or by the setting; no answer is lost or doubled."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from customers.models import Contact, ContactRole, Customer
from maintenance import booking
from maintenance.models import Maintenance
from maintenance.states import Kind
from notifier.delivery import outbox, settle
from notifier.delivery.compose import message
from notifier.delivery.fanout import fan_out
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.delivery.receipt import What
from notifier.delivery.unknown import IN_HAND, Verdict, resolve_due
from tests.factories import BY, NOW, ContactRoleFactory, CustomerFactory, ServiceFactory, nothing_changes
from tests.maintenance.telling import DAY, HOUR
from tests.notifier.delivery.coming_back import TOKEN, comes, mail, told
from tests.notifier.delivery.notices import issue
from tests.notifier.delivery.without_answer import FLAGGED, MINUTE, claim, resend, unknown

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(settings: Settings) -> None:
    """Prefer a copy to doubt, after 15 minutes."""
    settings.UNKNOWN_MAIL, settings.UNKNOWN_MINUTES = "again", 15


def test_unknown_waits_unless_the_setting_says_otherwise() -> None:
    """For the ESP's event, or a person."""
    told()
    unknown()
    with nothing_changes():
        assert resolve_due(now=NOW + 9 * DAY) == 0


@pytest.mark.usefixtures("again")
def test_unknown_is_sent_again_after_its_time() -> None:
    """Not a moment before; the earlier attempt is not forgotten."""
    told()
    before = unknown()
    with nothing_changes():
        assert resolve_due(now=FLAGGED + 15 * MINUTE - timedelta(microseconds=1)) == 0
    now = FLAGGED + 15 * MINUTE
    assert resolve_due(now=now) == 1
    row = mail()
    assert (row.state, row.due_at, row.first_due_at, row.attempts, row.settled_at) == ("queued", now, before.first_due_at, 1, None)
    assert (row.lease_token, row.handed_over_at, row.hop) == (TOKEN, NOW, "")
    assert (row.reason, row.in_doubt_since) == ("sent again, before to c0@customer.example: no word", now)


@pytest.mark.usefixtures("again")
def test_unknown_is_sent_again_only_once_by_itself() -> None:
    """Two copies at most, whatever the second attempt meets; then a person decides, as often as it likes."""
    told()
    unknown()
    for number in range(3):
        now = NOW + (1 + number) * DAY
        assert resolve_due(now=now) == (number == 0)
        if number:
            assert resend(now) == [Verdict.AGAIN]
        token = claim(now)
        assert outbox.hand_over(mail().pk, token, now=now) is outbox.HandOver.READY
        assert settle.unknown(mail(), token, at=now, reason="no word again")
    assert mail().attempts == 4


@pytest.mark.usefixtures("again")
@pytest.mark.parametrize(
    ("left", "number"),
    [
        (IN_HAND + timedelta(microseconds=1), 0),
        (IN_HAND, 1),
        (timedelta(0), 1),
        (-timedelta(microseconds=1), 0),
    ],
    ids=["time enough to wait", "five minutes", "the last moment", "too late"],
)
def test_unknown_is_sent_again_earlier_where_the_deadline_is_near(left: timedelta, number: int) -> None:
    """So that it is still in time, or else not at all."""
    told()
    deadline = unknown().deadline
    assert deadline is not None
    now = deadline - outbox.lease() - left
    Delivery.objects.update(settled_at=now)
    assert (resolve_due(now=now), mail().state) == (number, "queued" if number else "unknown")


@pytest.mark.usefixtures("again")
def test_unknown_that_an_event_settled_is_not_sent_again() -> None:
    told()
    comes(unknown(), What.ACCEPTED)
    assert (resolve_due(now=NOW + DAY), mail().state) == (0, "sent")


def test_message_is_the_same_in_both_attempts() -> None:
    """Message-ID, calendar and all: whoever gets both sees one mail."""
    told()
    first = message(load([unknown()])[0]).message().as_bytes()
    resend()
    second = message(load([mail()])[0]).message()
    assert second.as_bytes() == first
    assert second["Message-ID"].startswith(f"<{mail().name}@")


@pytest.mark.parametrize(("by_person", "same"), [(False, True), (True, False)])
def test_key_for_an_esp_is_the_same_unless_a_person_sends_again(*, by_person: bool, same: bool, settings: Settings) -> None:
    """By itself the ESP is asked for the answer that was lost; a person wants another mail."""
    settings.UNKNOWN_MAIL = "again"
    told()
    before = load([unknown()])[0].once
    if by_person:
        resend()
    else:
        resolve_due(now=NOW + HOUR)
    assert (load([mail()])[0].once == before) is same


def test_sent_again_by_a_person_says_by_whom() -> None:
    told()
    unknown()
    assert resend() == [Verdict.AGAIN]
    row = mail()
    assert (row.state, row.due_at, row.reason) == ("queued", NOW + HOUR, f"sent again by {BY}, before to c0@customer.example: no word")
    assert resend() == [Verdict.NOT_UNKNOWN]


def test_sent_again_goes_to_the_address_of_today() -> None:
    told()
    unknown()
    Contact.objects.update(email="new@customer.example")
    resend()
    assert Delivery.objects.get().address == "new@customer.example"


def test_unknown_beyond_its_deadline_is_not_sent_again() -> None:
    told()
    deadline = unknown().deadline
    assert deadline is not None
    with nothing_changes():
        assert resend(deadline - outbox.lease() + timedelta(microseconds=1)) == [Verdict.TOO_LATE]


def test_unknown_without_a_deadline_is_of_use_until_the_work_begins() -> None:
    maintenance, customer = told()
    fan_out(issue(maintenance, {customer: Kind.EASED}, said_json=maintenance.notices.get().said_json), now=NOW)
    Delivery.objects.filter(kind="announced").delete()
    unknown()
    start = maintenance.windows.get().start
    with nothing_changes():
        assert resend(start) == [Verdict.TOO_LATE]
    assert resend(start - MINUTE) == [Verdict.AGAIN]


def test_unknown_that_is_replaced_is_not_sent_again() -> None:
    maintenance, _customer = told()
    unknown()
    booking.cancel(maintenance, by=BY, now=NOW)
    with nothing_changes():
        assert resend() == [Verdict.REPLACED]


@pytest.mark.parametrize("gone", [Contact.objects.all, ContactRole.objects.all])
def test_unknown_without_a_reader_is_not_sent_again(gone: Callable[[], Any]) -> None:
    told()
    unknown()
    gone().delete()
    with nothing_changes():
        assert resend() == [Verdict.NO_READER]


def of_two_accounts() -> Maintenance:
    """Return work of which one mail tells two accounts; its fate is unknown."""
    leaves = CustomerFactory.create(account="LEAVES")
    ServiceFactory.create(customer=leaves, object_id="GONE")
    ContactRoleFactory.create(customer=leaves, contact__email="c0@customer.example")
    maintenance, _customer = told(account="STAYS")
    unknown()
    assert mail().customers.count() == 2
    return maintenance


def test_unknown_of_two_accounts_is_sent_whole_or_not_at_all() -> None:
    """Without the account that is not served any more it would be another mail under the same name."""
    of_two_accounts()
    ContactRole.objects.filter(customer__account="LEAVES").delete()
    with nothing_changes():
        assert resend() == [Verdict.NO_READER]


def test_waiting_mail_of_two_accounts_of_which_one_is_told_otherwise_is_unknown_as_before() -> None:
    """It keeps both: an event may yet say that both were served, and whoever is told of the cancellation is found by them."""
    maintenance = of_two_accounts()
    resend()
    fan_out(issue(maintenance, {Customer.objects.get(account="LEAVES"): Kind.CANCELLED}), now=NOW)
    row = Delivery.objects.get(kind="announced")
    assert (row.state, row.customers.count()) == ("unknown", 2)
    assert [cancelled.customers.get().account for cancelled in Delivery.objects.filter(kind="cancelled")] == ["LEAVES"]


def test_claimed_mail_of_two_accounts_of_which_one_is_told_otherwise_is_not_trimmed() -> None:
    maintenance = of_two_accounts()
    resend()
    token = claim()
    issue(maintenance, {Customer.objects.get(account="LEAVES"): Kind.CANCELLED})
    assert outbox.hand_over(mail().pk, token, now=NOW + HOUR) is outbox.HandOver.REPLACED
    assert mail().customers.count() == 2
