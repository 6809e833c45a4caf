"""Who was served in time for a window: each instant of it, each service, at least that impact."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from customers.models import Customer, Service
from maintenance import booking
from maintenance.coverage import Unserved, unserved
from maintenance.draft import Draft
from maintenance.models import Maintenance, Served
from maintenance.states import Cause, Impact
from maintenance.stored_draft import as_draft
from tests.factories import BY, NOW, ServiceFactory, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, p1, serve

pytestmark = pytest.mark.django_db
START, END = NOW + 30 * DAY, NOW + 30 * DAY + 2 * HOUR
INSTANT = timedelta(microseconds=1)


def short(maintenance: Maintenance, number: int = 1) -> list[str]:
    """Return the accounts that were not served in time for a window."""
    return [item.account for item in unserved(maintenance.windows.get(number=number))]


def changed(maintenance: Maintenance, **changes: object) -> Draft:
    """Return the work as it stands, with some of it changed."""
    return replace(as_draft(maintenance), **changes)  # type: ignore[arg-type]  # fields of Draft


def test_unserved_to_the_microsecond(settings: Settings) -> None:
    """Accepted exactly ten days before is in time, a microsecond later is not; never served, or revoked since, is not."""
    for account in ("EXACT", "LATE", "NEVER", "REVOKED"):
        reader(account=account)
    maintenance = announced()
    serve(maintenance, "EXACT", "REVOKED", at=START - 10 * DAY)
    serve(maintenance, "LATE", at=START - 10 * DAY + INSTANT)
    Served.objects.filter(customer__account="REVOKED").update(revoked_at=NOW)
    before = short(maintenance)
    settings.NOTICE_DAYS = 11
    assert (before, short(maintenance)) == (["LATE", "NEVER", "REVOKED"], ["EXACT", "LATE", "NEVER", "REVOKED"])


def test_unserved_by_the_customers_clocks() -> None:
    """240 hours that are an hour short by the wall clock are in time for one customer and not for another."""
    reader(account="DE", region_slug="de")
    reader(account="CN", region_slug="cn")
    start = datetime.fromisoformat("2026-10-30T10:00+00:00")
    maintenance = announced(now=start - 29 * DAY, windows=(window(since=start, days=0),))
    serve(maintenance, at=start - 10 * DAY)
    assert short(maintenance) == ["DE"]


def test_unserved_say_until_when_there_is_time() -> None:
    """Key, account, and the last moment at which acceptance is in time."""
    customer = reader(account="A")
    assert unserved(announced().windows.get()) == [Unserved(customer.pk, "A", START - 10 * DAY)]


def test_unserved_after_a_move_outside() -> None:
    """The first notice named other times: only the second counts."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance, at=NOW)
    booking.move(maintenance, number=1, start=START + DAY, end=END + DAY, by=BY, now=NOW + HOUR)
    before = short(maintenance)
    serve(maintenance, at=NOW + 2 * HOUR)
    assert (before, short(maintenance)) == (["A"], [])


def test_unserved_after_a_move_inside() -> None:
    """The first notice named these times too: that of the change may come as late as it likes."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance, at=NOW)
    booking.move(maintenance, number=1, start=START + HOUR, end=END, by=BY, now=START - HOUR)
    assert short(maintenance) == []


def test_unserved_after_moves_there_and_back() -> None:
    """What was named first, withdrawn by the second and named again by the third notice counts from the third."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance, at=NOW)
    booking.move(maintenance, number=1, start=START + DAY, end=END + DAY, by=BY, now=NOW + HOUR)
    booking.move(maintenance, number=1, start=START, end=END, by=BY, now=NOW + 2 * HOUR)
    assert short(maintenance) == ["A"]


def test_unserved_of_a_customer_told_that_it_was_off() -> None:
    """Neither what it was told before the cancellation counts, nor the cancellation itself."""
    customer = reader(account="A", object_id="one")
    maintenance = announced(windows=(window(30), window(50)))
    serve(maintenance)
    Service.objects.all().delete()
    booking.move(maintenance, number=2, start=NOW + 60 * DAY, end=NOW + 61 * DAY, by=BY, now=NOW + HOUR)
    serve(maintenance, at=NOW + HOUR)
    between = short(maintenance)
    Service.objects.create(customer=customer, component_id=maintenance.scopes.get().component_id, domain="provider", object_id="one", sims=1)
    booking.move(maintenance, number=2, start=NOW + 70 * DAY, end=NOW + 71 * DAY, by=BY, now=NOW + 2 * HOUR)
    before = short(maintenance)
    serve(maintenance, at=NOW + 3 * HOUR)
    assert (between, before, short(maintenance)) == ([], ["A"], [])


def test_unserved_only_of_those_whom_the_window_hits() -> None:
    """A window with objects of its own breaks no promise to others."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30, objects=("one",)), window(31)))
    assert (short(maintenance, 1), short(maintenance, 2)) == (["A"], ["A", "B"])


def test_unserved_of_other_maintenance() -> None:
    """Being served with one notice says nothing of another."""
    reader(account="A")
    first, second = announced(reference="MNT-1"), announced(reference="MNT-2")
    serve(first)
    assert (short(first), short(second), short(booked(reference="MNT-3"))) == ([], ["A"], [])


def test_unserved_after_a_worse_impact() -> None:
    """What was accepted for a milder one does not count; easing it again does not bring back what was taken away in between."""
    reader(account="A")
    maintenance = announced(impact=Impact.DEGRADED)
    serve(maintenance)
    booking.revise(maintenance, changed(maintenance, impact=Impact.OUTAGE), by=BY, now=NOW + HOUR)
    worse = short(maintenance)
    booking.revise(maintenance, changed(maintenance, impact=Impact.DEGRADED), by=BY, now=NOW + 2 * HOUR)
    assert (worse, short(maintenance)) == (["A"], [])


def test_unserved_after_more_minutes() -> None:
    """As with the impact."""
    reader(account="A")
    maintenance = announced(expected_outage_minutes=30)
    serve(maintenance)
    booking.revise(maintenance, changed(maintenance, expected_outage_minutes=31), by=BY, now=NOW + HOUR)
    assert short(maintenance) == ["A"]


def test_unserved_by_the_days_that_a_contract_asks_for() -> None:
    """The most of ours, the region's, the supplier's and the customer's."""
    for account, days in (("A", None), ("B", 14), ("C", 21)):
        reader(account=account, notice_days=days)
    maintenance = announced()
    serve(maintenance, at=START - 14 * DAY)
    assert short(maintenance) == ["C"]


def test_unserved_of_an_emergency() -> None:
    """Nobody: it needs no notice. The planned window of the same work does."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(2), window(30)))
    assert (short(maintenance, 1), short(maintenance, 2)) == ([], ["A"])
    serve(maintenance, at=START - 9 * DAY)
    assert (short(maintenance, 1), short(maintenance, 2)) == ([], ["A"])


def test_unserved_where_the_record_was_wrong() -> None:
    """A service that no notice has named: its customer is short, and for that reason."""
    customer = reader(account="A")
    maintenance = announced()
    serve(maintenance)
    ServiceFactory.create(customer=customer, object_id="forgotten")
    assert unserved(maintenance.windows.get()) == [Unserved(customer.pk, "A", START - 10 * DAY, Cause.RECORD)]


def test_unserved_counts_the_earliest_way_of_being_served() -> None:
    """Told by telephone in time and by mail too late: in time."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance, at=START - DAY)
    notice = maintenance.notices.get()
    before = short(maintenance)
    Served.objects.create(notice=notice, customer=Customer.objects.get(), accepted_at=START - 11 * DAY, hop="phone")
    assert (before, short(maintenance)) == (["A"], [])


def test_unserved_by_what_was_agreed_when_it_was_told() -> None:
    """Editing a contract, a time zone or the supplier afterwards makes no notice more than it was."""
    customer = reader(account="A", notice_days=30)
    maintenance = announced(windows=(window(40),))
    serve(maintenance, at=NOW + 15 * DAY)
    customer.notice_days = None
    customer.save()
    assert short(maintenance) == ["A"]


def test_unserved_when_the_impact_was_made_worse_by_hand() -> None:
    """In the tables, past the verbs: nobody was told of that."""
    reader(account="A")
    maintenance = announced(impact=Impact.NO_IMPACT, expected_outage_minutes=0)
    serve(maintenance)
    Maintenance.objects.update(impact=Impact.OUTAGE, expected_outage_minutes=60)
    maintenance.refresh_from_db()
    assert short(maintenance) == ["A"]
