"""Services that no notice has named: joined later, or missing from the records."""

from datetime import datetime

import pytest
from pytest_django import Settings

from customers.models import Customer
from maintenance import booking
from maintenance.booking.joining import unnamed
from maintenance.coverage import unserved
from maintenance.draft import Late
from maintenance.models import Breach, Maintenance
from tests.factories import BY, NOW, ServiceFactory, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, named, p1, serve, told

pytestmark = pytest.mark.django_db
START = NOW + 30 * DAY
LATE = START - 2 * DAY


@pytest.fixture
def maintenance() -> Maintenance:
    """Announced to A and accepted."""
    reader(account="A", object_id="a-1")
    made = announced()
    serve(made)
    return made


def short(maintenance: Maintenance) -> list[str]:
    """Return the accounts not served in time."""
    return [one.account for one in unserved(maintenance.windows.get(number=1))]


def added(account: str, *, since: datetime) -> None:
    """Give a customer, made where it is unknown, another service."""
    customer = Customer.objects.filter(account=account).first() or reader(account=account, service="netpro.openvpn")
    ServiceFactory.create(customer=customer, object_id=f"{account}-new", held_since=since)


def test_join_a_customer_who_came_later(maintenance: Maintenance) -> None:
    """Told at once, however late, and no shortfall once it was accepted."""
    added("NEW", since=NOW + HOUR)
    assert [one.pk for one in unnamed(now=LATE)] == [maintenance.pk]
    notice = booking.join(maintenance, now=LATE)
    assert (told(notice), named(notice)) == ({"NEW": ("joined", None)}, {("NEW", "NEW-new", 0)})
    before = short(maintenance)
    serve(maintenance, at=LATE)
    assert (before, short(maintenance), unnamed(now=LATE), booking.join(maintenance, now=LATE)) == (["NEW"], [], [], None)


def test_join_another_service_of_a_customer_who_was_told(maintenance: Maintenance) -> None:
    """The service alone is exempt: what was named before counts from when it was accepted."""
    added("A", since=NOW + HOUR)
    notice = booking.join(maintenance, now=LATE)
    assert notice is not None
    assert (told(notice), named(notice)) == ({"A": ("joined", None)}, {("A", "a-1", 0), ("A", "A-new", 0)})
    assert set(notice.services.filter(fresh=True).values_list("object_id", flat=True)) == {"A-new"}
    serve(maintenance, at=LATE)
    assert short(maintenance) == []


def test_join_does_not_heal_what_was_late() -> None:
    """A customer that was never served in time stays short of the services announced first."""
    reader(account="A", object_id="a-1")
    maintenance = announced()
    added("A", since=NOW + HOUR)
    booking.join(maintenance, now=LATE)
    serve(maintenance, at=LATE)
    assert short(maintenance) == ["A"]


def test_join_where_the_record_was_wrong_and_there_is_time(maintenance: Maintenance) -> None:
    """Told with full notice, like new work, with its line."""
    added("OLD", since=NOW - DAY)
    notice = booking.join(maintenance, now=NOW + DAY)
    assert told(notice) == {"OLD": ("announced", NOW + 20 * DAY)}


def test_join_where_the_record_was_wrong_and_it_is_too_late(maintenance: Maintenance) -> None:
    """Nothing goes out as if in time: it stays a shortfall."""
    added("OLD", since=NOW - DAY)
    assert (booking.join(maintenance, now=LATE), short(maintenance)) == (None, ["OLD"])


def test_join_names_no_wrong_record_by_the_way(maintenance: Maintenance) -> None:
    """A customer with one of each is told of the one that was really added."""
    added("A", since=NOW + HOUR)
    ServiceFactory.create(customer=Customer.objects.get(account="A"), object_id="forgotten", held_since=NOW - DAY)
    assert named(booking.join(maintenance, now=LATE)) == {("A", "a-1", 0), ("A", "A-new", 0)}
    serve(maintenance, at=LATE)
    assert short(maintenance) == ["A"]


def test_join_an_emergency() -> None:
    """Whoever is hit by it is told of an emergency."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(2),))
    added("B", since=NOW - DAY)
    assert told(booking.join(maintenance, now=NOW + HOUR)) == {"B": ("emergency", None)}


def test_join_an_emergency_and_planned_work_at_once() -> None:
    """The emergency cannot wait, and the planned window of the same notice stays short for whose record was wrong."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(2), window(11.5)))
    serve(maintenance)
    added("B", since=NOW - DAY)
    now = NOW + 1.8 * DAY
    notice = booking.join(maintenance, now=now)
    assert (told(notice), notice.customers.get().bases if notice else None) == ({"B": ("emergency", None)}, {"1": "emergency"})
    serve(maintenance, at=now)
    assert [[one.account for one in unserved(row)] for row in maintenance.windows.order_by("number")] == [[], ["B"]]


def test_join_goes_with_what_still_waits_and_its_line() -> None:
    """A customer that has not been reached with the first notice: both in one mail, by the line of the first."""
    reader(account="A", object_id="a-1")
    maintenance = announced()
    added("A", since=NOW + HOUR)
    notice = booking.join(maintenance, now=NOW + 2 * HOUR)
    assert (told(notice), named(notice)) == ({"A": ("announced", NOW + 20 * DAY)}, {("A", "a-1", 0), ("A", "A-new", 0)})
    serve(maintenance, at=NOW + 19 * DAY)
    assert short(maintenance) == []


def test_joined_service_stays_so_when_a_change_replaces_its_mail() -> None:
    """What was never accepted is said again with the change; the change needs its ten days, the service that joined needs none."""
    reader(account="A", object_id="a-1")
    made = announced(windows=(window(30), window(60)))
    serve(made)
    added("NEW", since=NOW + HOUR)
    assert told(booking.join(made, now=LATE)) == {"NEW": ("joined", None)}
    notice = booking.move(made, number=2, start=NOW + 80 * DAY, end=NOW + 80 * DAY + HOUR, by=BY, now=LATE + HOUR)
    assert told(notice)["NEW"] == ("announced", NOW + 70 * DAY)
    serve(made, at=LATE + 2 * HOUR)
    assert [[one.account for one in unserved(row)] for row in made.windows.order_by("number")] == [[], []]


def test_join_a_service_that_was_given_back(maintenance: Maintenance) -> None:
    """It was named once and taken from the customer since: nobody stands told of it any more."""
    row = ServiceFactory.create(customer=Customer.objects.get(account="A"), object_id="a-2", held_since=NOW - DAY)
    booking.join(maintenance, now=NOW + DAY)
    serve(maintenance, at=NOW + DAY)
    row.delete()
    booking.move(maintenance, number=1, start=NOW + 40 * DAY, end=NOW + 40 * DAY + HOUR, by=BY, now=NOW + 2 * DAY)
    serve(maintenance, at=NOW + 2 * DAY)
    ServiceFactory.create(customer=Customer.objects.get(account="A"), object_id="a-2", held_since=NOW + 35 * DAY)
    now = NOW + 36 * DAY
    assert [one.pk for one in unnamed(now=now)] == [maintenance.pk]
    notice = booking.join(maintenance, now=now)
    assert told(notice) == {"A": ("joined", None)}
    serve(maintenance, at=now)
    assert (short(maintenance), unnamed(now=now)) == ([], [])


def test_join_what_is_told_late(settings: Settings) -> None:
    """A planner has decided that this window is told late: who was forgotten is told so too, as a breach."""
    settings.LATE_NOTICE = "breach"
    reader(account="A")
    maintenance = booked(windows=(window(3),))
    booking.announce(maintenance, late=Late("supplier", NOW), by=BY, now=NOW)
    added("B", since=NOW - DAY)
    assert told(booking.join(maintenance, now=NOW + HOUR)) == {"B": ("late", None)}
    assert list(Breach.objects.values_list("customer__account", "reason", "reason_by").order_by("customer__account")) == [
        ("A", "supplier", BY),
        ("B", "supplier", "system"),
    ]
