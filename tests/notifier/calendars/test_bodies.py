"""What feeds show: the last word to each customer, what became of the windows since, and for how long."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from customers.models import Contact, Customer, Service
from maintenance import booking
from notifier.calendars import feeds
from notifier.calendars.bodies import published
from notifier.calendars.entry import Calendar
from notifier.calendars.ics import write
from notifier.calendars.models import Feed
from tests.notifier.calendars.golden import golden
from tests.notifier.calendars.rows import NIGHT, NOW, announced, contact, customer, draft, night

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def shown(owner: Customer | Contact, *, now: datetime = LATER) -> Calendar:
    """Return what the owner's feed shows."""
    feed = feeds.feed_of_customer(owner) if isinstance(owner, Customer) else feeds.feed_of_contact(owner)
    return published(Feed.objects.select_related("contact", "customer__region").get(pk=feed.pk), now=now)


def lines(calendar: Calendar) -> list[tuple[str, str, str, int, datetime]]:
    """Return account, id, state, sequence and stamp of each entry."""
    return [(entry.account, entry.maintenance_id, entry.maintnote_status, entry.sequence, entry.stamp) for entry in calendar.entries]


def test_published_whole_feed_of_a_customer() -> None:
    """Two windows, one of them narrowed, one moved across a week, and a cancelled work: whole."""
    one = customer("ACME-1", language="en", services=("vpn-1", "vpn;2, b"))
    work, _notice = announced("MNT-1", night(0), night(1, "vpn;2, b"))
    booking.move(work, number=1, start=NIGHT + timedelta(hours=1), end=NIGHT + timedelta(hours=3), by="planner", now=LATER)
    gone, _notice = announced("MNT-2", night(7))
    booking.cancel(gone, reason="Spare parts, {{ late }}", by="planner", now=LATER)
    made = write(shown(one))
    assert made == golden("feed-customer.ics", made)


def test_published_whole_feed_of_a_contact() -> None:
    """All accounts of the contact, in one language and zone, however the customers read."""
    people = customer("ACME-1"), customer("ACME-2", language="en", zone="Europe/London", services=("gw-1", "gw-2"))
    noc = contact("noc@noc.example", *people, language="de", zone="Asia/Shanghai")
    announced("MNT-1")
    made = write(shown(noc))
    assert made == golden("feed-contact.ics", made)


def test_published_draft_shows_nothing() -> None:
    """Nobody sees what nobody was told."""
    one = customer("ACME-1")
    draft("MNT-1")
    assert lines(shown(one)) == []


def test_published_sequence_rises_with_each_change() -> None:
    """Announced, moved, started, finished: every change is a later revision with its own stamp."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1")
    seen = [lines(shown(one))]
    booking.move(work, number=1, start=NIGHT, end=NIGHT + timedelta(hours=3), by="planner", now=LATER)
    seen.append(lines(shown(one)))
    started, finished = NIGHT + timedelta(minutes=5), NIGHT + timedelta(hours=1)
    booking.start(work, number=1, reason="nobody was served", by="planner", now=started)
    seen.append(lines(shown(one, now=finished)))
    booking.finish(work, number=1, by="planner", now=finished)
    seen.append(lines(shown(one, now=finished)))
    assert seen == [
        [("ACME-1", "MNT-1.1", "CONFIRMED", 0, NOW)],
        [("ACME-1", "MNT-1.1", "CONFIRMED", 1, LATER)],
        [("ACME-1", "MNT-1.1", "IN-PROCESS", 2, started)],
        [("ACME-1", "MNT-1.1", "COMPLETED", 3, finished)],
    ]


def test_published_customer_let_go_sees_cancellation() -> None:
    """A move outside the old times asks anew whom the work hits: one is let go, one is new, and each feed says what its owner was told."""
    stays, goes = customer("ACME-1"), customer("ACME-2")
    work, _notice = announced("MNT-1")
    Service.objects.filter(customer=goes).delete()
    comes = customer("ACME-3")
    assert lines(shown(comes)) == []
    booking.move(work, number=1, start=NIGHT + timedelta(days=3), end=NIGHT + timedelta(days=3, hours=4), by="planner", now=LATER)
    assert [lines(shown(one)) for one in (stays, goes, comes)] == [
        [("ACME-1", "MNT-1.1", "CONFIRMED", 1, LATER)],
        [("ACME-2", "MNT-1.1", "CANCELLED", 1, LATER)],
        [("ACME-3", "MNT-1.1", "CONFIRMED", 1, LATER)],
    ]


def test_published_cancelled_stays_for_thirty_days() -> None:
    """From the notice that cancelled it, however far away the window was."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1")
    booking.cancel(work, reason="Not needed", by="planner", now=LATER)
    expected = ("ACME-1", "MNT-1.1", "CANCELLED", 1, LATER)
    assert lines(shown(one, now=LATER + timedelta(days=30))) == [expected]
    assert lines(shown(one, now=LATER + timedelta(days=30, seconds=1))) == []


def test_published_past_stays_for_ninety_days() -> None:
    """From the window's end; the other windows of the work go by themselves."""
    one = customer("ACME-1")
    announced("MNT-1", night(0), night(10))
    end = NIGHT + timedelta(hours=4, days=90)
    assert [entry.maintenance_id for entry in shown(one, now=end).entries] == ["MNT-1.1", "MNT-1.2"]
    assert [entry.maintenance_id for entry in shown(one, now=end + timedelta(seconds=1)).entries] == ["MNT-1.2"]
    assert lines(shown(one, now=end + timedelta(days=11))) == []


def test_published_time_of_asking_changes_nothing() -> None:
    """The bytes depend on data; the clock only lets old entries go."""
    one = customer("ACME-1")
    announced("MNT-1")
    assert write(shown(one, now=LATER)) == write(shown(one, now=LATER + timedelta(days=60)))


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (("", ""), ("de", "Europe/Berlin")),
        (("fr", ""), ("fr", "Europe/Berlin")),
        (("", "Europe/Madrid"), ("de", "Europe/Madrid")),
    ],
)
def test_published_language_and_zone_of_a_contact(own: tuple[str, str], expected: tuple[str, str]) -> None:
    """The contact's own where set, else those of its first account by account."""
    second, first = customer("ACME-2", language="en", zone="Europe/London"), customer("ACME-1")
    calendar = shown(contact("a@acme.example", second, first, language=own[0], zone=own[1]))
    assert (calendar.language, calendar.zone) == expected


def test_published_contact_without_accounts() -> None:
    """An empty calendar in English and UTC."""
    calendar = shown(contact("a@acme.example"))
    assert (calendar.language, calendar.zone, calendar.entries) == ("en", "UTC", ())


def test_published_zone_of_a_customer() -> None:
    """A customer's feed reads as the customer does."""
    calendar = shown(customer("ACME-1", language="nl", zone="Europe/Amsterdam"))
    assert (calendar.language, calendar.zone, calendar.name.endswith("ACME-1 Ltd")) == ("nl", ZoneInfo("Europe/Amsterdam").key, True)


@pytest.mark.parametrize("number", [1, 3])
def test_published_queries(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Accounts, who was told, notices, what they name, services, windows: the same six however much there is."""
    people = [customer(f"ACME-{one}") for one in range(number)]
    noc = contact("noc@noc.example", *people)
    for one in range(number):
        announced(f"MNT-{one}", *(night(day) for day in range(number)))
    feed = Feed.objects.select_related("contact", "customer__region").get(pk=feeds.feed_of_contact(noc).pk)
    with django_assert_num_queries(6):
        assert len(published(feed, now=LATER).entries) == number**3
