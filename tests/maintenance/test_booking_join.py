"""Services that no notice has named: joined later, or missing from the records."""

from datetime import datetime

import pytest

from customers.models import Customer
from maintenance import booking
from maintenance.booking.joining import unnamed
from maintenance.coverage import unserved
from maintenance.models import Maintenance
from tests.factories import NOW, ServiceFactory, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, named, p1, serve, told

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
