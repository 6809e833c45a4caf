"""Sending again to contacts who read for several accounts: one mail for all, and never a second one."""

import pytest

from customers.models import Contact, ContactRole, Customer
from maintenance.models import NoticeCustomer, Shortfall
from maintenance.states import Cause, Kind
from notifier.delivery import outbox, settle
from notifier.delivery.models import Delivery
from notifier.delivery.resend import resend_what_was_remedied
from tests.factories import NOW, ContactFactory, ContactRoleFactory, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR
from tests.notifier.delivery.remedies import NEW, accept, broken, contact, correct, listed, look, mails, open_causes
from tests.notifier.delivery.short import FAILED, unreachable, work

pytestmark = pytest.mark.django_db


def test_contact_that_has_the_notice_for_another_account_gets_no_second_mail() -> None:
    """Its row of this notice is that which was sent."""
    reader(account="TOLD")
    lost = unreachable()
    work()
    accept()
    look()
    ContactRoleFactory.create(contact=Contact.objects.get(), customer=lost)
    with nothing_changes():
        look()
    assert open_causes() == [("LOST", "no_contact")]


def test_mail_to_a_shared_contact_lists_all_accounts_that_resolve_to_it() -> None:
    """Also one that is served by another contact; not those of another language, which have a mail of their own, or none."""
    first, second = unreachable("LOST1"), unreachable("LOST2")
    fine, spanish, aside = reader(account="FINE"), unreachable("SPANISH"), reader(account="ASIDE", language="es")
    Customer.objects.filter(account__in=("SPANISH", "ASIDE")).update(language="es")
    work()
    accept()
    look()
    noc = contact(first)
    for customer in (second, fine, spanish, aside):
        ContactRoleFactory.create(contact=noc, customer=customer)
    look()
    assert sorted((row.address, row.language, listed(row)) for row in Delivery.objects.filter(state="queued")) == [
        (NEW, "en", "FINE LOST1 LOST2"),
        (NEW, "es", "ASIDE SPANISH"),
    ]


def test_mail_put_back_speaks_of_the_accounts_that_its_contact_serves_now() -> None:
    """One has left it, one has come."""
    noc = ContactFactory.create(language="en", timezone="UTC")
    stays, leaves = (unreachable(account) for account in ("STAYS", "LEAVES"))
    comes = unreachable("COMES")
    for customer in (stays, leaves):
        ContactRoleFactory.create(contact=noc, customer=customer)
    work()
    Delivery.objects.update(**FAILED)
    look()
    ContactRole.objects.filter(customer=leaves).delete()
    ContactRoleFactory.create(contact=noc, customer=comes)
    correct()
    look()
    assert mails() == [(NEW, "queued", "COMES STAYS")]


def test_account_that_comes_to_a_contact_whose_mail_fails_waits_for_another_address() -> None:
    _maintenance, row = broken()
    lost = unreachable()
    NoticeCustomer.objects.create(notice=row.notice, customer=lost, kind=Kind.ANNOUNCED, deadline=row.deadline)
    Shortfall.objects.create(window=row.notice.maintenance.windows.get(), customer=lost, cause=Cause.NO_CONTACT, found_at=NOW)  # type: ignore[union-attr]  # it has one
    ContactRoleFactory.create(contact=Contact.objects.get(), customer=lost)
    resend_what_was_remedied(now=NOW)
    assert mails() == [(row.address, "failed", "LOST SLOW")]
    correct()
    resend_what_was_remedied(now=NOW)
    assert mails() == [(NEW, "queued", "LOST SLOW")]


def test_account_that_comes_to_a_mail_held_back_as_too_late_lets_it_go_out_for_itself() -> None:
    reader(account="STRICT", notice_days=20)
    lost = unreachable("LOST")
    work(windows=(window(22),))
    late = NOW + 3 * DAY
    claimed = outbox.claim(now=late, most=9)
    settle.failed(Delivery.objects.get(), claimed.token, at=late, reason="too late")
    look(late)
    assert open_causes() == [("LOST", "no_contact"), ("STRICT", "too_late")]
    ContactRoleFactory.create(contact=Contact.objects.get(), customer=lost)
    look(late)
    claimed = outbox.claim(now=late, most=9)
    assert outbox.hand_over(claimed.ids[0], claimed.token, now=late) is outbox.HandOver.TRIMMED
    accept(late)
    look(late)
    assert ([(state, names) for _address, state, names in mails()], open_causes()) == ([("sent", "LOST")], [("STRICT", "too_late")])


def test_waiting_mail_takes_up_an_account_that_comes_to_its_contact() -> None:
    reader(account="TOLD")
    lost = unreachable()
    work()
    look()
    ContactRoleFactory.create(contact=Contact.objects.get(), customer=lost)
    due_at = Delivery.objects.get().due_at
    look(NOW + HOUR)
    row = Delivery.objects.get()
    assert (listed(row), row.state, row.due_at) == ("LOST TOLD", "queued", due_at)
