"""A notice becomes one mail per contact, language, time zone and kind."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from customers.models import Contact, ContactRole
from maintenance import booking
from maintenance.models import Maintenance, Notice
from notifier.delivery import outbox
from notifier.delivery.fanout import fan_out, fan_out_due
from notifier.delivery.models import Account, Delivery, DeliveryState
from notifier.delivery.outbox import HandOver
from tests.factories import BY, NOW, ContactFactory, ContactRoleFactory, CustomerFactory, ServiceFactory, draft, reader, window

pytestmark = pytest.mark.django_db


def announced(reference: str = "MNT-1", *, days: float = 30) -> Notice:
    """Book and announce work in so many days."""
    return booking.announce(booking.book(draft(reference, windows=(window(days),)), by=BY, now=NOW), by=BY, now=NOW)


def of(notice: Notice) -> Maintenance:
    """Return the maintenance that the notice tells of: it is no root cause."""
    assert notice.maintenance is not None
    return notice.maintenance


def mails() -> set[tuple[str, str, str, str, str]]:
    """Return (address, language, zone, kind, accounts) of every delivery that is not withdrawn."""
    return {
        (
            row.address,
            row.language,
            str(row.timezone),
            row.kind,
            " ".join(row.customers.order_by("account").values_list("account", flat=True)),
        )
        for row in Delivery.objects.exclude(state=DeliveryState.WITHDRAWN)
    }


def test_contact_without_language_reads_that_of_each_account() -> None:
    """One mail for each language and zone that results, listing the accounts that share them (data/README.md)."""
    noc = ContactFactory.create(email="noc@integrator.example")
    for account, region in [("A", "de"), ("B", "at"), ("C", "de"), ("D", "fr")]:
        customer = CustomerFactory.create(account=account, region_slug=region)
        ServiceFactory.create(customer=customer)
        ContactRoleFactory.create(contact=noc, customer=customer)
    fan_out(announced(), now=NOW)
    assert mails() == {
        ("noc@integrator.example", "de", "Europe/Berlin", "announced", "A C"),
        ("noc@integrator.example", "de", "Europe/Vienna", "announced", "B"),
        ("noc@integrator.example", "fr", "Europe/Paris", "announced", "D"),
    }


def test_contact_with_language_and_zone_gets_one_mail_for_all_accounts() -> None:
    """Their own language and zone win over the customers'."""
    noc = ContactFactory.create(email="noc@integrator.example", language="es", timezone="UTC")
    for account, region in [("A", "de"), ("B", "fr")]:
        customer = CustomerFactory.create(account=account, region_slug=region)
        ServiceFactory.create(customer=customer)
        ContactRoleFactory.create(contact=noc, customer=customer)
    CustomerFactory.create(account="NOT-HIT")
    fan_out(announced(), now=NOW)
    assert mails() == {("noc@integrator.example", "es", "UTC", "announced", "A B")}


def test_fan_out_repeated_makes_nothing_more() -> None:
    """By the same worker, by another, or after the row that says so was lost."""
    reader()
    notice = announced()
    assert fan_out_due(now=NOW) == 1
    assert fan_out_due(now=NOW) == 0
    notice.fannedout.delete()
    assert fan_out(notice, now=NOW) == 0
    assert (Delivery.objects.count(), Account.objects.count()) == (1, 1)


def test_deadline_of_a_mail_is_the_earliest_of_its_accounts() -> None:
    """A mail for accounts in several zones must be accepted in time for each of them."""
    noc = ContactFactory.create(language="en", timezone="UTC")
    for region in ("uk", "cn"):
        customer = CustomerFactory.create(region_slug=region)
        ServiceFactory.create(customer=customer)
        ContactRoleFactory.create(contact=noc, customer=customer)
    notice = announced()
    fan_out(notice, now=NOW)
    assert Delivery.objects.get().deadline == min(row.deadline for row in notice.customers.all() if row.deadline)


def test_move_withdraws_what_still_waits_of_the_announcement() -> None:
    """What it says is no longer so."""
    reader()
    notice = announced()
    fan_out_due(now=NOW)
    night, day = of(notice).windows.get(), timedelta(days=1)
    assert booking.move(of(notice), number=1, start=night.start + day, end=night.end + day, by=BY, now=NOW) is not None
    fan_out_due(now=NOW)
    assert list(Delivery.objects.order_by("pk").values_list("kind", "state", "reason")) == [
        ("announced", "withdrawn", "replaced by revision 2"),
        ("announced", "queued", ""),
    ]


def test_cancellation_goes_only_to_whoever_may_have_been_told() -> None:
    """An announcement that never left the queue is withdrawn, and its reader hears nothing of either."""
    told, untold, in_flight, lost = (reader(account=account) for account in ("TOLD", "UNTOLD", "IN-FLIGHT", "LOST"))
    notice = announced()
    fan_out_due(now=NOW)
    for customer, state in [(told, "sent"), (in_flight, "sending"), (lost, "unknown")]:
        Delivery.objects.filter(customers=customer).update(state=state, accepted_at=NOW, reason="-")
    booking.cancel(of(notice), reason="", by=BY, now=NOW)
    fan_out_due(now=NOW)
    cancelled = Delivery.objects.filter(kind="cancelled").values_list("customers__account", flat=True)
    assert set(cancelled) == {"TOLD", "IN-FLIGHT", "LOST"}
    assert Delivery.objects.get(customers=untold).state == DeliveryState.WITHDRAWN


def test_cancellation_goes_to_a_contact_who_has_left_since() -> None:
    """Whoever was told hears of it, whoever serves the customer today; who came since hears of neither."""
    customer = reader(account="A")
    left = Contact.objects.get()
    notice = announced()
    fan_out_due(now=NOW)
    Delivery.objects.update(state="sent", accepted_at=NOW)
    customer.roles.all().delete()
    ContactRoleFactory.create(customer=customer)
    booking.cancel(of(notice), reason="", by=BY, now=NOW)
    fan_out_due(now=NOW)
    assert {(kind, address, accounts) for address, _language, _zone, kind, accounts in mails()} == {
        ("announced", left.email, "A"),
        ("cancelled", left.email, "A"),
    }


def test_work_cancelled_before_the_first_tick_is_told_to_nobody() -> None:
    """An announcement that a newer notice has replaced before it was fanned out makes no mail, so there is nothing to take back."""
    reader()
    booking.cancel(of(announced()), reason="", by=BY, now=NOW)
    assert (fan_out_due(now=NOW), Delivery.objects.count()) == (0, 0)


def test_cancellation_of_a_customer_let_go_survives_the_next_revision() -> None:
    """It is true whatever comes after it: neither withdrawn nor refused at the hand-over."""
    stays, leaves = reader(account="STAYS"), reader(account="LEAVES")
    notice = announced()
    fan_out_due(now=NOW)
    Delivery.objects.update(state="sent", accepted_at=NOW)
    leaves.held.all().delete()
    window, day = of(notice).windows.get(), timedelta(days=1)
    for days in (1, 2):
        booking.move(of(notice), number=1, start=window.start + days * day, end=window.end + days * day, by=BY, now=NOW)
        fan_out_due(now=NOW)
    waiting = Delivery.objects.filter(state="queued")
    assert {(row.kind, row.customers.get()) for row in waiting} == {("cancelled", leaves), ("announced", stays)}
    claimed = outbox.claim(now=NOW, most=9)
    assert {outbox.hand_over(pk, claimed.token, now=NOW) for pk in claimed.ids} == {HandOver.READY}


def test_contact_of_two_accounts_gets_a_mail_of_each_kind() -> None:
    """One account's services moved away: cancelled for it, and for the other, which has not heard so far, announced."""
    noc = ContactFactory.create(language="en", timezone="UTC")
    stays, leaves = CustomerFactory.create(account="STAYS"), CustomerFactory.create(account="LEAVES")
    for customer in (stays, leaves):
        ServiceFactory.create(customer=customer)
        ContactRoleFactory.create(contact=noc, customer=customer)
    notice = announced()
    fan_out_due(now=NOW)
    Delivery.objects.update(state="sent", accepted_at=NOW)
    leaves.held.all().delete()
    window = of(notice).windows.get()
    day = timedelta(days=1)
    booking.move(of(notice), number=1, start=window.start + day, end=window.end + day, by=BY, now=NOW)
    fan_out_due(now=NOW)
    assert {(kind, accounts) for _address, _language, _zone, kind, accounts in mails()} == {
        ("announced", "LEAVES STAYS"),
        ("announced", "STAYS"),
        ("cancelled", "LEAVES"),
    }


def test_fan_out_costs_the_same_for_one_and_three(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """However many contacts: the rows are made inside the database."""
    counts = []
    for number in (1, 3):
        for _ in range(number):
            reader()
        notice = announced(f"MNT-{number}", days=30 + number)
        with django_assert_num_queries(17 if connection.vendor == "sqlite" else 13) as queries:  # which is told to count its rows
            fan_out(notice, now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Delivery.objects.count() == 1 + 4


def test_shared_contacts_expected_set_equals_sql() -> None:
    """The same rule written in Python over 60 customers and 20 contacts with and without language and zone."""
    contacts = [ContactFactory.create(language=("", "en", "de")[n % 3], timezone=("", "UTC")[n % 2]) for n in range(20)]
    for number in range(60):
        customer = CustomerFactory.create(region_slug=("de", "fr", "cn", "us")[number % 4])
        ServiceFactory.create(customer=customer)
        for step in {number % 20, number * 7 % 20}:
            ContactRoleFactory.create(contact=contacts[step], customer=customer)
    fan_out(announced(), now=NOW)
    expected: dict[tuple[str, str, str], set[str]] = {}
    for role in ContactRole.objects.select_related("contact", "customer"):
        key = (role.contact.email, role.contact.language or role.customer.language, str(role.contact.timezone or role.customer.timezone))
        expected.setdefault(key, set()).add(role.customer.account)
    made: dict[tuple[str, str, str], set[str]] = {}
    for row in Account.objects.annotate(address=F("delivery__address")).select_related("delivery", "customer"):
        made.setdefault((row.delivery.address, row.delivery.language, str(row.delivery.timezone)), set()).add(row.customer.account)
    assert made == expected
    assert Maintenance.objects.count() == 1
