"""Why a customer is not served, from real mails in every state; and contacts whose mail fails while another's gets through."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from maintenance import booking
from maintenance.coverage import Unserved
from maintenance.models import Maintenance, Served
from maintenance.states import Cause, Kind
from notifier.delivery import outbox
from notifier.delivery.causes import ContactFault, contact_faults, tracks, unknown_mails
from notifier.delivery.fanout import fan_out, fan_out_due
from notifier.delivery.models import Delivery
from tests.factories import BY, NOW, ContactRoleFactory, CustomerFactory, ServiceFactory, reader
from tests.maintenance.telling import DAY, HOUR, announced
from tests.notifier.delivery.notices import issue

pytestmark = pytest.mark.django_db
LINE = NOW + 20 * DAY
INSTANT = timedelta(microseconds=1)


def told(*, contacts: int = 1) -> tuple[Maintenance, Customer]:
    """Return announced work whose mails are made, and the customer that it hits."""
    customer = CustomerFactory.create(account="ACC")
    ServiceFactory.create(customer=customer)
    for number in range(contacts):
        ContactRoleFactory.create(customer=customer, contact__email=f"c{number}@customer.example")
    maintenance = announced()
    fan_out_due(now=NOW)
    return maintenance, customer


def mail(number: int = 0, **changes: Any) -> None:  # noqa: ANN401  # any field
    """Change the mail to a contact."""
    assert Delivery.objects.filter(address=f"c{number}@customer.example").update(**changes) == 1


FAILED: dict[str, Any] = {"state": "failed", "reason": "550 No such person", "handed_over_at": NOW, "settled_at": NOW}
UNKNOWN: dict[str, Any] = {"state": "unknown", "reason": "no answer", "handed_over_at": NOW, "settled_at": NOW}
TOO_LATE: dict[str, Any] = {"state": "failed", "reason": "too late", "handed_over_at": None, "settled_at": LINE}
SENT: dict[str, Any] = {"state": "sent", "accepted_at": NOW, "settled_at": NOW}


def cause(maintenance: Maintenance, customer: Customer, *, now: datetime = NOW) -> Cause | None:
    """Return the cause that is found, or None where the notice is on its way."""
    item = Unserved(customer.pk, customer.account, LINE)
    return tracks(maintenance, [customer.pk]).causes([item], now=now).get(customer.pk)


def serve(maintenance: Maintenance, customer: Customer, at: datetime, *, revoked_at: datetime | None = None) -> None:
    """Record acceptance of the newest notice."""
    notice = maintenance.notices.latest("revision")
    Served.objects.create(notice=notice, customer=customer, accepted_at=at, hop="relay", revoked_at=revoked_at)


@pytest.mark.parametrize("state", ["queued", "sending"])
@pytest.mark.parametrize(("now", "found"), [(NOW, None), (LINE, None), (LINE + INSTANT, Cause.TOO_LATE)])
def test_cause_while_the_mail_waits(state: str, now: datetime, found: Cause | None) -> None:
    maintenance, customer = told()
    mail(state=state)
    assert cause(maintenance, customer, now=now) == found


@pytest.mark.parametrize(("now", "found"), [(NOW, None), (LINE + INSTANT, Cause.TOO_LATE)])
def test_cause_before_the_mails_are_made(now: datetime, found: Cause | None) -> None:
    customer = reader()
    assert cause(announced(), customer, now=now) == found


def test_cause_without_a_contact() -> None:
    assert cause(*told(contacts=0)) == Cause.NO_CONTACT


@pytest.mark.parametrize(("now", "found"), [(LINE - outbox.lease(), Cause.NO_CONTACT), (LINE - outbox.lease() + INSTANT, Cause.TOO_LATE)])
def test_cause_of_whoever_has_a_contact_and_no_mail(now: datetime, found: Cause) -> None:
    """A lease before the line, from when on it would not be handed over."""
    maintenance, customer = told(contacts=0)
    ContactRoleFactory.create(customer=customer)
    assert cause(maintenance, customer, now=now) == found


def test_cause_without_a_contact_stays_after_the_line() -> None:
    assert cause(*told(contacts=0), now=LINE + DAY) == Cause.NO_CONTACT


def test_cause_of_whoever_has_a_contact_and_no_mail_by_a_notice_without_a_deadline() -> None:
    """It may still be sent."""
    maintenance, customer = told(contacts=0)
    fan_out(issue(maintenance, {customer: Kind.EASED}), now=NOW)
    ContactRoleFactory.create(customer=customer)
    assert cause(maintenance, customer, now=LINE + DAY) == Cause.NO_CONTACT


def test_cause_where_the_notice_was_late_for_an_earlier_window() -> None:
    """The line of this one is still to come, and the notice is not sent any more."""
    maintenance, customer = told(contacts=0)
    fan_out(issue(maintenance, {customer: Kind.REVISED}, deadline=NOW + DAY), now=NOW)
    ContactRoleFactory.create(customer=customer)
    assert cause(maintenance, customer, now=NOW + 2 * DAY) == Cause.TOO_LATE


@pytest.mark.parametrize(("state", "found"), [(FAILED, Cause.FAILED), (UNKNOWN, Cause.UNKNOWN), (TOO_LATE, Cause.TOO_LATE)])
def test_cause_of_a_settled_mail(state: dict[str, Any], found: Cause) -> None:
    maintenance, customer = told()
    mail(**state)
    assert cause(maintenance, customer) == found


def test_cause_accepted_after_the_line() -> None:
    maintenance, customer = told()
    mail(**SENT)
    serve(maintenance, customer, LINE + INSTANT)
    assert cause(maintenance, customer) == Cause.TOO_LATE


def test_cause_accepted_and_bounced() -> None:
    maintenance, customer = told()
    mail(**SENT | {"state": "failed", "reason": "bounced", "handed_over_at": NOW})
    serve(maintenance, customer, NOW, revoked_at=NOW + HOUR)
    assert cause(maintenance, customer) == Cause.BOUNCED


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (FAILED, {"state": "queued"}, None),
        (UNKNOWN, {"state": "queued"}, None),
        (FAILED, UNKNOWN, Cause.UNKNOWN),
        (TOO_LATE, FAILED, Cause.TOO_LATE),
        (TOO_LATE, UNKNOWN, Cause.UNKNOWN),
    ],
)
def test_cause_with_two_contacts(one: dict[str, Any], other: dict[str, Any], found: Cause | None) -> None:
    maintenance, customer = told(contacts=2)
    mail(0, **one)
    mail(1, **other)
    assert cause(maintenance, customer) == found


def test_cause_is_that_of_the_newest_notice() -> None:
    maintenance, customer = told()
    mail(**FAILED)
    night = maintenance.windows.get()
    booking.move(maintenance, number=1, start=night.start + 2 * DAY, end=night.end + 2 * DAY, by=BY, now=NOW)
    assert cause(maintenance, customer) is None  # on its way again
    fan_out_due(now=NOW)
    Delivery.objects.filter(notice__revision=2).update(**UNKNOWN)
    assert cause(maintenance, customer) == Cause.UNKNOWN


def test_cause_of_a_reminder_that_fails_is_none() -> None:
    maintenance, customer = told()
    mail(**SENT)
    serve(maintenance, customer, LINE + INSTANT)
    booking.remind(maintenance.windows.get(), hours=48, now=NOW + 28 * DAY)
    fan_out_due(now=NOW + 28 * DAY)
    assert Delivery.objects.filter(kind="reminder").update(**FAILED) == 1
    assert cause(maintenance, customer) == Cause.TOO_LATE


def test_cause_of_a_record_that_was_wrong_is_told_by_coverage() -> None:
    maintenance, customer = told()
    item = Unserved(customer.pk, customer.account, LINE, Cause.RECORD)
    assert tracks(maintenance, [customer.pk]).causes([item], now=NOW) == {customer.pk: Cause.RECORD}


@pytest.mark.parametrize("number", [1, 3])
def test_tracks_cost_the_same_for_any_number_of_customers(number: int) -> None:
    customers = [reader() for _ in range(number)]
    maintenance = announced()
    fan_out_due(now=NOW)
    with CaptureQueriesContext(connection) as captured:
        assert len(tracks(maintenance, [customer.pk for customer in customers]).by_customer) == number
    assert len(captured) == 4


def test_contact_faults_of_a_customer_that_is_served() -> None:
    maintenance, customer = told(contacts=4)
    mail(0, **SENT)
    serve(maintenance, customer, NOW)
    mail(1, **FAILED)
    mail(2, **TOO_LATE | {"settled_at": Delivery.objects.all()[0].deadline})
    mail(3, **UNKNOWN)
    contact = Delivery.objects.get(address="c1@customer.example").contact_id
    assert contact is not None
    assert contact_faults(maintenance) == [ContactFault(contact, "c1@customer.example", "550 No such person", "ACC")]
    assert unknown_mails(maintenance) == 1


def test_contact_faults_end_with_the_next_mail() -> None:
    maintenance, _customer = told()
    mail(**FAILED)
    night = maintenance.windows.get()
    booking.move(maintenance, number=1, start=night.start + 2 * DAY, end=night.end + 2 * DAY, by=BY, now=NOW)
    assert len(contact_faults(maintenance)) == 1
    fan_out_due(now=NOW)
    assert contact_faults(maintenance) == []
