"""The dispatcher and what waits: mails composed anew without an account, of no use any more, and tried long after they were issued."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from maintenance import booking
from maintenance.models import NoticeCustomer, Served
from maintenance.states import Kind
from notifier.delivery import outbox, settle
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.send import dispatch
from tests.factories import BY, NOW, ContactFactory, ContactRoleFactory, CustomerFactory, ServiceFactory, draft
from tests.notifier.delivery.notices import issue, work

pytestmark = pytest.mark.django_db


def at(moment: datetime) -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: moment


def test_dispatch_composes_a_mail_anew_without_the_account_that_was_told_otherwise(mail_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the mail of two accounts is composed, one of them is cancelled: what leaves speaks of the other alone."""
    noc = ContactFactory.create(language="en", timezone="UTC")
    stays, leaves = (CustomerFactory.create(account=account) for account in ("STAYS", "LEAVES"))
    for customer in (stays, leaves):
        ServiceFactory.create(customer=customer)
        ContactRoleFactory.create(contact=noc, customer=customer)
    notice = booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    assert notice.maintenance is not None
    maintenance, handed_over = notice.maintenance, outbox.hand_over

    def cancel_first(pk: int, token: str, *, now: datetime) -> outbox.HandOver:
        if not NoticeCustomer.objects.filter(kind=Kind.CANCELLED).exists():
            issue(maintenance, {leaves: Kind.CANCELLED})
        return handed_over(pk, token, now=now)

    monkeypatch.setattr("notifier.delivery.outbox.hand_over", cancel_first)
    dispatch(clock=at(NOW))
    (file,) = mail_folder.glob("*.eml")
    assert (b"STAYS" in file.read_bytes(), b"LEAVES" in file.read_bytes()) == (True, False)
    assert list(Delivery.objects.values_list("kind", "state", "attempts")) == [("announced", "sent", 1)]
    assert list(Served.objects.values_list("customer", flat=True)) == [stays.pk]


def test_dispatch_withdraws_a_reminder_of_no_use_any_more(mail_folder: Path) -> None:
    """After an outage of ours: nobody is reminded of a night that is over."""
    customer = CustomerFactory.create()
    ServiceFactory.create(customer=customer)
    ContactRoleFactory.create(customer=customer)
    notice = booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    assert notice.maintenance is not None
    issue(notice.maintenance, {customer: Kind.REMINDER}, about=1, stale_at=NOW + timedelta(days=1), said_json=notice.said_json)
    fan_out_due(now=NOW)
    dispatch(clock=at(NOW + timedelta(days=1)))
    assert list(Delivery.objects.order_by("pk").values_list("kind", "state", "reason")) == [
        ("announced", "sent", ""),
        ("reminder", "withdrawn", "came too late to be of use"),
    ]
    assert len(list(mail_folder.glob("*.eml"))) == 1


@pytest.mark.parametrize(("days", "state"), [(2, "queued"), (4, "failed")])
def test_mail_that_waited_for_the_office_is_tried_for_three_days_from_then(days: int, state: str) -> None:
    """Not from the notice on: a long holiday would leave it a single try."""
    customer = CustomerFactory.create()
    ContactRoleFactory.create(customer=customer)
    opening = NOW + timedelta(days=9)
    issue(work(), {customer: Kind.ANNOUNCED})
    fan_out_due(now=NOW)
    Delivery.objects.update(due_at=opening, first_due_at=opening)
    claimed = outbox.claim(now=opening, most=1)
    row = Delivery.objects.select_related("notice").get()
    settle.again(row, claimed.token, at=opening + timedelta(days=days), reason="451 later")
    row.refresh_from_db()
    assert row.state == state


def test_mail_of_an_earlier_version_is_tried_for_three_days_from_its_notice() -> None:
    """It does not say when it was first due."""
    customer = CustomerFactory.create()
    ContactRoleFactory.create(customer=customer)
    issue(work(), {customer: Kind.ANNOUNCED})
    fan_out_due(now=NOW)
    Delivery.objects.update(first_due_at=None)
    claimed = outbox.claim(now=NOW, most=1)
    row = Delivery.objects.select_related("notice").get()
    assert settle.again(row, claimed.token, at=NOW + timedelta(days=3), reason="451 later")
    row.refresh_from_db()
    assert (row.state, row.reason) == ("failed", "given up after 1 attempts: 451 later")
