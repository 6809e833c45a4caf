"""Starting and finishing; who was not served in time, and that starting anyway is a breach, recorded."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from customers.models import Customer, Service
from maintenance import booking
from maintenance.coverage import Shortfall, accounts, shortfalls
from maintenance.models import Breach, Maintenance, Served, Window
from tests.factories import BY, NOW, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, p1, serve, states

pytestmark = pytest.mark.django_db
START, END = NOW + 30 * DAY, NOW + 30 * DAY + 2 * HOUR
INSTANT = timedelta(microseconds=1)


def short(maintenance: Maintenance, number: int = 1, *, days: int = 10) -> list[str]:
    """Return the accounts that were not served in time for a window."""
    return [item.account for item in shortfalls(maintenance.windows.get(number=number), days=days)]


def refused(maintenance: Maintenance, *, now: datetime = START, number: int | None = None, reason: str = "") -> list[str]:
    """Return why starting is refused, having looked that it changes nothing."""
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.start(maintenance, number=number, reason=reason, by=BY, now=now)
    return refusal.value.messages


def test_start_with_everybody_served() -> None:
    """No reason is needed, and nothing is called a breach."""
    reader()
    reader(region_slug="de")
    maintenance = announced()
    serve(maintenance, at=NOW + 20 * DAY)
    started = booking.start(maintenance, by=BY, now=START)
    assert states(maintenance) == ("in_progress", 2, [("in_progress", 1, START)])
    assert (started.pk, Window.objects.get().started_at, Breach.objects.count()) == (Window.objects.get().pk, START, 0)


def test_start_with_a_shortfall() -> None:
    """Refused with number and accounts; with a reason recorded for each account, by whom and why, and never asked again."""
    for account in ("A", "B", "C"):
        reader(account=account)
    maintenance = announced()
    serve(maintenance, "B")
    message = "2 customers were not served in time for window MNT-1.1: A, C. Starting it breaks the promise; give a reason and it is recorded as a breach."
    assert (refused(maintenance), refused(maintenance, reason=" \n")) == ([message], [message])
    booking.start(maintenance, reason=" supplier began ", by="otto", now=START + HOUR)
    assert states(maintenance) == ("in_progress", 2, [("in_progress", 1, START + HOUR)])
    pk = Window.objects.get().pk
    assert list(Breach.objects.order_by("customer__account").values_list("window", "customer__account", "recorded_at", "recorded_by", "reason")) == [
        (pk, account, START + HOUR, "otto", "supplier began") for account in ("A", "C")
    ]


def test_start_with_one_customer_short() -> None:
    """In the singular."""
    reader(account="A")
    assert refused(announced()) == [
        "1 customer was not served in time for window MNT-1.1: A. Starting it breaks the promise; give a reason and it is recorded as a breach.",
    ]


def test_start_with_a_reason_and_nothing_short() -> None:
    """A reason alone makes no breach."""
    reader()
    maintenance = announced()
    serve(maintenance)
    booking.start(maintenance, reason="to be sure", by=BY, now=START)
    assert Breach.objects.count() == 0


def test_start_an_emergency() -> None:
    """Nobody need have been served in time."""
    reader()
    maintenance = announced(incident=p1(), windows=(window(1),))
    booking.start(maintenance, by=BY, now=NOW + DAY)
    assert (states(maintenance), Breach.objects.count()) == (("in_progress", 2, [("in_progress", 1, NOW + DAY)]), 0)


@pytest.mark.parametrize("now", [START - INSTANT, END, END + DAY])
def test_start_outside_of_the_window(now: datetime) -> None:
    """From its first moment on, and before its end."""
    maintenance = announced()
    assert refused(maintenance, now=now) == [
        "Window MNT-1.1 lasts from 2026-12-22 09:00 +0000 Europe/London to 2026-12-22 11:00 +0000 Europe/London; work can start only within it. Move it first.",
    ]


@pytest.mark.parametrize("now", [START, END - INSTANT])
def test_start_at_the_edges_of_the_window(now: datetime) -> None:
    """Both are inside."""
    maintenance = announced()
    booking.start(maintenance, by=BY, now=now)
    assert states(maintenance) == ("in_progress", 2, [("in_progress", 1, now)])


@pytest.mark.parametrize("state", ["draft", "in progress", "completed", "cancelled"])
def test_start_in_another_state(state: str) -> None:
    """Only what is announced can start."""
    maintenance = booked() if state == "draft" else announced()
    if state == "cancelled":
        booking.cancel(maintenance, by=BY, now=START)
    if state in {"in progress", "completed"}:
        booking.start(maintenance, by=BY, now=START)
    if state == "completed":
        booking.finish(maintenance, by=BY, now=START)
    message = f"Window MNT-1.1 is {state}; only an announced window can start."
    assert (refused(maintenance), refused(maintenance, number=1), refused(maintenance, number=3)) == ([message], [message], ["MNT-1 has no window 3."])


def test_start_and_finish_night_after_night() -> None:
    """Without a number it is the window of that time, even where an earlier one was never started; with one, that one."""
    maintenance = announced(windows=(window(32), window(30), window(31)))
    first = booking.start(maintenance, by=BY, now=NOW + 31 * DAY)
    done = booking.finish(maintenance, by=BY, now=NOW + 31 * DAY + HOUR)
    assert (first.number, done.number, done.ended_at) == (3, 3, NOW + 31 * DAY + HOUR)
    second = booking.start(maintenance, number=1, by=BY, now=NOW + 32 * DAY)
    assert (second.number, booking.finish(maintenance, number=1, by=BY, now=NOW + 32 * DAY + HOUR).number) == (1, 1)
    assert states(maintenance) == (
        "announced",
        5,
        [("completed", 2, NOW + 32 * DAY + HOUR), ("announced", 0, NOW), ("completed", 2, NOW + 31 * DAY + HOUR)],
    )
    assert refused(maintenance, now=NOW + 40 * DAY) == [
        "Window MNT-1.2 lasts from 2026-12-22 09:00 +0000 Europe/London to 2026-12-22 11:00 +0000 Europe/London; work can start only within it. Move it first.",
    ]


def test_finish_the_work() -> None:
    """Completed, with the time; nothing is told yet."""
    maintenance = announced()
    booking.start(maintenance, by=BY, now=START)
    booking.finish(maintenance, by=BY, now=END + HOUR)
    assert states(maintenance) == ("completed", 3, [("completed", 2, END + HOUR)])
    assert (Window.objects.values_list("started_at", "ended_at", "outcome").get(), maintenance.notices.count()) == ((START, END + HOUR, ""), 1)


@pytest.mark.parametrize("state", ["draft", "announced", "completed", "cancelled"])
def test_finish_in_another_state(state: str) -> None:
    """Only what is in progress can be finished."""
    maintenance = booked() if state == "draft" else announced()
    if state == "cancelled":
        booking.cancel(maintenance, by=BY, now=START)
    if state == "completed":
        booking.start(maintenance, by=BY, now=START)
        booking.finish(maintenance, by=BY, now=START)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.finish(maintenance, by=BY, now=START)
    assert refusal.value.messages == [f"Window MNT-1.1 is {state}; only a window in progress can be finished."]


# -- who was served in time


def test_shortfalls_to_the_microsecond() -> None:
    """Accepted exactly ten days before is in time, a microsecond later is not; never served, or revoked since, is not."""
    for account in ("EXACT", "LATE", "NEVER", "REVOKED"):
        reader(account=account)
    maintenance = announced()
    serve(maintenance, "EXACT", "REVOKED", at=START - 10 * DAY)
    serve(maintenance, "LATE", at=START - 10 * DAY + INSTANT)
    Served.objects.filter(customer__account="REVOKED").update(revoked_at=NOW)
    assert (short(maintenance), short(maintenance, days=11)) == (["LATE", "NEVER", "REVOKED"], ["EXACT", "LATE", "NEVER", "REVOKED"])


def test_shortfalls_by_the_customers_clocks() -> None:
    """240 hours that are an hour short by the wall clock are in time for one customer and not for another."""
    reader(account="DE", region_slug="de")
    reader(account="CN", region_slug="cn")
    start = datetime.fromisoformat("2026-10-30T10:00+00:00")
    maintenance = announced(now=start - 29 * DAY, windows=(window(since=start, days=0),))
    serve(maintenance, at=start - 10 * DAY)
    assert short(maintenance) == ["DE"]


def test_shortfalls_are_objects_with_key_and_account() -> None:
    """As the dashboard reads them."""
    customer = reader(account="A")
    assert shortfalls(announced().windows.get(), days=10) == [Shortfall(customer.pk, "A")]


def test_shortfalls_after_a_move_outside() -> None:
    """The first notice named other times: only the second counts."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance, at=NOW)
    booking.move(maintenance, number=1, start=START + DAY, end=END + DAY, by=BY, now=NOW + HOUR)
    before = short(maintenance)
    serve(maintenance, at=NOW + 2 * HOUR)
    assert (before, short(maintenance)) == (["A"], [])


def test_shortfalls_after_a_move_inside() -> None:
    """The first notice named these times too: that of the change may come as late as it likes."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance, at=NOW)
    booking.move(maintenance, number=1, start=START + HOUR, end=END, by=BY, now=START - HOUR)
    assert short(maintenance) == []


def test_shortfalls_after_moves_there_and_back() -> None:
    """What was named first, withdrawn by the second and named again by the third notice counts from the third."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance, at=NOW)
    booking.move(maintenance, number=1, start=START + DAY, end=END + DAY, by=BY, now=NOW + HOUR)
    booking.move(maintenance, number=1, start=START, end=END, by=BY, now=NOW + 2 * HOUR)
    assert short(maintenance) == ["A"]


def test_shortfalls_of_a_customer_told_that_it_was_off() -> None:
    """Neither what it was told before the cancellation counts, nor the cancellation itself."""
    customer = reader(account="A", object_id="one")
    maintenance = announced(windows=(window(30), window(50)))
    serve(maintenance)
    Service.objects.all().delete()
    booking.move(maintenance, number=2, start=NOW + 60 * DAY, end=NOW + 61 * DAY, by=BY, now=NOW + HOUR)
    serve(maintenance)
    between = short(maintenance)
    Service.objects.create(customer=customer, component_id=maintenance.scopes.get().component_id, domain="provider", object_id="one", sims=1)
    booking.move(maintenance, number=2, start=NOW + 70 * DAY, end=NOW + 71 * DAY, by=BY, now=NOW + 2 * HOUR)
    before = short(maintenance)
    serve(maintenance, at=NOW + 3 * HOUR)
    assert (between, before, short(maintenance)) == ([], ["A"], [])


def test_shortfalls_only_of_those_whom_the_window_hits() -> None:
    """A window with objects of its own breaks no promise to others."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30, objects=("one",)), window(31)))
    assert (short(maintenance, 1), short(maintenance, 2)) == (["A"], ["A", "B"])


def test_shortfalls_of_other_maintenance() -> None:
    """Being served with one notice says nothing of another."""
    reader(account="A")
    first, second = announced(reference="MNT-1"), announced(reference="MNT-2")
    serve(first)
    assert (short(first), short(second), short(booked(reference="MNT-3"))) == ([], ["A"], [])


def test_start_by_the_days_of_the_settings(settings: Settings) -> None:
    """More than ten days are owed where the settings say so."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance, at=START - 12 * DAY)
    settings.NOTICE_DAYS = 13
    assert refused(maintenance)[0].startswith("1 customer was not served in time")
    settings.NOTICE_DAYS = 12
    booking.start(maintenance, by=BY, now=START)
    assert Customer.objects.count() == 1


def test_accounts_names_the_first_ten() -> None:
    """And counts the rest."""
    found = [Shortfall(number, f"A{number}") for number in range(12)]
    assert [accounts(found[:1]), accounts(found[:10]), accounts(found)] == [
        "A0",
        "A0, A1, A2, A3, A4, A5, A6, A7, A8, A9",
        "A0, A1, A2, A3, A4, A5, A6, A7, A8, A9 (+2)",
    ]
