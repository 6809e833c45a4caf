"""The addresses of feeds: made, put right, looked up, and taken away."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from customers.models import Contact, Customer
from notifier.calendars.models import Feed
from notifier.calendars.tokens import feed_token, token_hash


def ensure_contacts(contact_ids: Iterable[int]) -> dict[int, str]:
    """Return the address of each contact's feed, making those that are missing; the number of queries is constant."""
    wanted = sorted(set(contact_ids))
    found = _feeds_of(wanted)
    missing = [one for one in wanted if one not in found]
    if missing:
        made = [Feed(contact_id=one, token_hash=token_hash(_token(Feed(contact_id=one)))) for one in missing]
        Feed.objects.bulk_create(made, ignore_conflicts=True)
        found = _feeds_of(wanted)  # somebody else may have made, and even rotated, one of them meanwhile
    _put_right([feed for feed in found.values() if not _is_right(feed)])
    return {one: address(found[one]) for one in wanted}


def address_for_customer(customer: Customer) -> str:
    """Return the address of the customer's feed; the feed is made when there is none."""
    return address(feed_of_customer(customer))


def address_for_contact(contact: Contact) -> str:
    """Return the address of the contact's feed; the feed is made when there is none."""
    return ensure_contacts([contact.pk])[contact.pk]


def feed_of_customer(customer: Customer) -> Feed:
    """Return the customer's feed, made when there is none."""
    made = token_hash(_token(Feed(customer=customer)))
    feed, _ = Feed.objects.get_or_create(customer=customer, defaults={"token_hash": made})
    _put_right([] if _is_right(feed) else [feed])
    return feed


def feed_of_contact(contact: Contact) -> Feed:
    """Return the contact's feed, made when there is none."""
    ensure_contacts([contact.pk])
    return Feed.objects.get(contact=contact)


def rotate(feed: Feed) -> str:
    """Raise the version: the old address dies at once. Return the new one."""
    with transaction.atomic():
        locked = Feed.objects.select_for_update().get(pk=feed.pk)
        locked.version += 1
        locked.token_hash = token_hash(_token(locked))
        locked.save(update_fields=["version", "token_hash"])
    return address(locked)


def address(feed: Feed) -> str:
    """Return the web address; it is a secret, never to be logged."""
    return _web_address(_token(feed))


def stored_address(contact_id: int, version: int, stored_hash: str) -> str | None:
    """Return the address of a contact's feed, given what is stored of it; nothing where that is not of the present SECRET_KEY (``ensure_contacts``)."""
    token = feed_token(key=settings.SECRET_KEY, purpose="contact", id=contact_id, version=version)
    return _web_address(token) if token_hash(token) == stored_hash else None


def find(token: str) -> Feed | None:
    """Return the feed of a token, with its owner; nothing where the token is unknown, rotated, or of another SECRET_KEY."""
    feed = Feed.objects.select_related("contact", "customer__region").filter(token_hash=token_hash(token)).first()
    return feed if feed and _is_right(feed) else None


def _feeds_of(contact_ids: list[int]) -> dict[int, Feed]:
    return {feed.contact_id: feed for feed in Feed.objects.filter(contact_id__in=contact_ids) if feed.contact_id is not None}


def _put_right(feeds: list[Feed]) -> None:
    """Store the hashes that the present SECRET_KEY gives."""
    if not feeds:
        return
    with transaction.atomic():
        locked = list(Feed.objects.select_for_update().filter(pk__in=[feed.pk for feed in feeds]))
        for feed in locked:
            feed.token_hash = token_hash(_token(feed))
        Feed.objects.bulk_update(locked, ["token_hash"])
    versions = {feed.pk: feed.version for feed in locked}
    for feed in feeds:
        feed.version = versions.get(feed.pk, feed.version)


def _is_right(feed: Feed) -> bool:
    return feed.token_hash == token_hash(_token(feed))


def _web_address(token: str) -> str:
    return f"{settings.SITE_URL}/calendar/{token}.ics"


def _token(feed: Feed) -> str:
    if feed.customer_id is not None:
        return feed_token(key=settings.SECRET_KEY, purpose="customer", id=feed.customer_id, version=feed.version)
    if feed.contact_id is None:
        raise ValueError("A feed belongs to a customer or to a contact.")
    return feed_token(key=settings.SECRET_KEY, purpose="contact", id=feed.contact_id, version=feed.version)
