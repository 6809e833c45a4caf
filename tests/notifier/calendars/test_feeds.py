"""Addresses of feeds: for many contacts at once, put right, rotated, found."""

import pytest
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries, Settings

from notifier.calendars import feeds
from notifier.calendars.models import Feed
from notifier.calendars.tokens import feed_token, token_hash
from tests.notifier.calendars.rows import contact, customer

pytestmark = pytest.mark.django_db
KEYS = ("a" * 40, "b" * 40)


def token_of(address: str) -> str:
    """Return the token in an address."""
    return address.removeprefix("https://site.example/calendar/").removesuffix(".ics")


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.SITE_URL, settings.SECRET_KEY = "https://site.example", KEYS[0]


def test_ensure_contacts_derives_addresses() -> None:
    """One feed for each contact; the address is derived, only its hash is stored."""
    people = [contact(f"{name}@acme.example") for name in "abc"]
    tokens = {one.pk: feed_token(key=KEYS[0], purpose="contact", id=one.pk, version=1) for one in people}
    assert feeds.ensure_contacts(one.pk for one in people) == {pk: f"https://site.example/calendar/{token}.ics" for pk, token in tokens.items()}
    stored = dict(Feed.objects.values_list("contact", "token_hash"))
    assert stored == {pk: token_hash(token) for pk, token in tokens.items()}
    assert feeds.address_for_contact(people[0]) == f"https://site.example/calendar/{tokens[people[0].pk]}.ics"


@pytest.mark.parametrize("number", [1, 3])
def test_ensure_contacts_queries(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Missing: look, make, look again. There: look."""
    people = [contact(f"{name}@acme.example").pk for name in range(number)]
    with django_assert_num_queries(3):
        made = feeds.ensure_contacts(people)
    with django_assert_num_queries(1):
        assert feeds.ensure_contacts([*people, *people]) == made
    assert feeds.ensure_contacts([]) == {}


def test_ensure_contacts_keeps_a_rotated_address() -> None:
    """The version that is stored counts."""
    one = contact("a@acme.example")
    feeds.ensure_contacts([one.pk])
    rotated = feeds.rotate(Feed.objects.get(contact=one))
    assert feeds.ensure_contacts([one.pk]) == {one.pk: rotated}


@pytest.mark.parametrize("number", [1, 3])
def test_ensure_contacts_after_another_key(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Stored hashes follow the present SECRET_KEY: old addresses are dead from its first day, new ones work once they are made."""
    people = [contact(f"{name}@acme.example").pk for name in range(number)]
    old = feeds.ensure_contacts(people)
    with override_settings(SECRET_KEY=KEYS[1]):
        assert [feeds.find(token_of(address)) for address in old.values()] == [None] * number
        with django_assert_num_queries(5):
            new = feeds.ensure_contacts(people)
        assert [feeds.find(token_of(new[pk])).contact_id for pk in people] == people  # type: ignore[union-attr]  # found
    assert set(old.values()).isdisjoint(new.values())


def test_address_for_customer_is_made_once() -> None:
    """The same address each time, found by its token."""
    one = customer("ACME-1")
    address = feeds.address_for_customer(one)
    assert feeds.address_for_customer(one) == address
    found = feeds.find(token_of(address))
    assert (Feed.objects.count(), found and found.customer) == (1, one)


def test_address_for_customer_after_another_key() -> None:
    """It is put right like a contact's."""
    one = customer("ACME-1")
    feeds.address_for_customer(one)
    with override_settings(SECRET_KEY=KEYS[1]):
        assert feeds.find(token_of(feeds.address_for_customer(one))) is not None


def test_rotate_kills_the_old_address() -> None:
    """The old token finds nothing any more, the new one does."""
    one = customer("ACME-1")
    old = feeds.address_for_customer(one)
    new = feeds.rotate(feeds.feed_of_customer(one))
    assert feeds.find(token_of(old)) is None
    assert feeds.find(token_of(new)) == Feed.objects.get()
    assert feeds.address_for_customer(one) == new


def test_find_unknown() -> None:
    """Anything else finds nothing."""
    assert [feeds.find(token) for token in ("", "x", "a" * 43, "\x00", "ü")] == [None] * 5
