"""Deliveries -> letters."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from customers.models import Contact, ContactRole
from maintenance import booking
from maintenance.models import Notice, NoticeCustomer
from maintenance.states import Kind
from notifier.calendars import feeds
from notifier.delivery.compose import message
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from tests.factories import BY, NOW, ContactRoleFactory, draft, reader

pytestmark = pytest.mark.django_db


def announced(reference: str = "MNT-1") -> None:
    """Book, announce and fan out work that hits whoever is there."""
    booking.announce(booking.book(draft(reference), by=BY, now=NOW), acknowledged="works of one night", by=BY, now=NOW)
    fan_out_due(now=NOW + timedelta(seconds=1))


def test_load_gives_what_the_delivery_says() -> None:
    """Address, language and zone are the delivery's own, accounts come by code with what is hit of each."""
    second, first = reader(account="B2", object_id="B2-VPN", language="de", timezone="Europe/Berlin"), reader(account="A1", object_id="A1-VPN")
    contact = Contact.objects.get(roles__customer=second)
    ContactRole.objects.filter(customer=first).delete()
    ContactRoleFactory.create(contact=contact, customer=first)
    announced()
    (delivery,) = Delivery.objects.all()
    Contact.objects.update(language="fr", timezone="Europe/Paris")
    (letter,) = load([delivery])
    assert (letter.name, letter.address, letter.contact_name, letter.language, letter.zone, letter.kind) == (
        delivery.name,
        contact.email,
        contact.name,
        "de",
        ZoneInfo("Europe/Berlin"),
        "announced",
    )
    assert [(told.customer.account, [row.object_id for row in told.services]) for told in letter.accounts] == [("A1", ["A1-VPN"]), ("B2", ["B2-VPN"])]
    assert (letter.said, letter.notice) == (delivery.notice.said, delivery.notice)
    assert letter.feed_url == feeds.address_for_contact(contact)


def test_load_keeps_the_order_of_the_deliveries() -> None:
    """The caller matches them up."""
    for _number in range(3):
        reader()
    announced()
    deliveries = list(Delivery.objects.order_by("-pk"))
    assert [letter.name for letter in load(deliveries)] == [delivery.name for delivery in deliveries]


def test_load_for_a_contact_that_was_erased() -> None:
    """The delivery keeps the address; there is no feed any more."""
    reader()
    announced()
    Contact.objects.all().delete()
    (letter,) = load(list(Delivery.objects.all()))
    assert (letter.contact_name, letter.feed_url, letter.address != "") == ("", "", True)


def remind(*, now: datetime) -> list[Delivery]:
    """Remind everybody of the only work, and fan out; return the mails."""
    last = Notice.objects.order_by("-revision")[0]
    made = Notice.objects.create(maintenance=last.maintenance, revision=last.revision + 1, issued_at=now, issued_by=BY, said_json=last.said_json)
    NoticeCustomer.objects.bulk_create(NoticeCustomer(notice=made, customer_id=row.customer_id, kind=Kind.REMINDER) for row in last.customers.all())
    fan_out_due(now=now)
    return list(Delivery.objects.filter(notice=made).order_by("pk"))


def test_load_of_a_reminder_says_when_it_was_told() -> None:
    """By the last notice before it that said what is to come; other mails carry no such moment."""
    reader()
    announced()
    (first,) = load(list(Delivery.objects.all()))
    (reminder,) = load(remind(now=NOW + timedelta(days=20)))
    assert (first.told_at, reminder.told_at) == (None, NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_load_of_reminders_asks_once_more(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """However many there are."""
    for _number in range(count):
        reader()
    announced()
    deliveries = remind(now=NOW + timedelta(days=20))
    load(deliveries)  # makes the feeds
    fresh = list(Delivery.objects.filter(kind=Kind.REMINDER))
    with django_assert_num_queries(6):
        assert [letter.told_at for letter in load(fresh)] == [NOW] * count


def test_load_of_nothing() -> None:
    """An empty batch is no error."""
    assert load([]) == []


@pytest.mark.parametrize("count", [1, 3])
def test_load_asks_as_often_for_three_as_for_one(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Notices, contacts, accounts, services, feeds; and composing asks for nothing."""
    for _number in range(count):
        reader()
    announced()
    announced("MNT-2")
    chosen = list(Delivery.objects.order_by("notice", "pk"))[:count] + list(Delivery.objects.order_by("-notice", "pk"))[: count - 1]
    load(chosen)  # makes the feeds
    deliveries = list(Delivery.objects.filter(pk__in=[one.pk for one in chosen]))
    with django_assert_num_queries(5):
        letters = load(deliveries)
    with django_assert_num_queries(0):
        for letter in letters:
            message(letter).message().as_bytes()
