"""Starting and finishing; that somebody was not served in time never stops it, and is recorded as a breach."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from customers.models import Customer
from maintenance import booking
from maintenance.models import Breach, Maintenance, Window
from maintenance.policy import VERSION
from maintenance.shortfalls import consent, give_reason, record
from maintenance.states import Cause, Impact
from tests.factories import BY, NOW, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, p1, serve, states

pytestmark = pytest.mark.django_db
START, END = NOW + 30 * DAY, NOW + 30 * DAY + 2 * HOUR
INSTANT = timedelta(microseconds=1)


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


def breaches() -> list[tuple[str, datetime, str, str, str]]:
    """Return account, time, who, why and whose reason."""
    return list(
        Breach.objects.order_by("customer__account").values_list("customer__account", "recorded_at", "recorded_by", "reason", "reason_by"),
    )


def test_start_with_a_shortfall() -> None:
    """Never in the way at night: recorded for each account, by whom and why."""
    for account in ("A", "B", "C"):
        reader(account=account)
    maintenance = announced()
    serve(maintenance, "B")
    booking.start(maintenance, reason=" supplier began ", by="otto", now=START + HOUR)
    assert states(maintenance) == ("in_progress", 2, [("in_progress", 1, START + HOUR)])
    assert breaches() == [(account, START + HOUR, "otto", "supplier began", "otto") for account in ("A", "C")]


def test_start_with_a_shortfall_and_no_reason() -> None:
    """The reason is owed, or the one that was given before the start."""
    for account in ("A", "B"):
        reader(account=account)
    maintenance = announced()
    shortfalls = record(maintenance.windows.get(), dict.fromkeys(Customer.objects.values_list("pk", flat=True), Cause.FAILED), now=NOW)
    give_reason([one for one in shortfalls if one.customer.account == "B"], reason="agreed by phone", by="petra", now=NOW)
    booking.start(maintenance, by="otto", now=START)
    assert breaches() == [("A", START, "otto", "", ""), ("B", START, "otto", "agreed by phone", "petra")]


def test_start_with_the_customers_consent() -> None:
    """Agreed in writing to these times: no breach."""
    customer = reader(account="A")
    reader(account="B")
    maintenance = announced()
    consent(maintenance.windows.get(), customer, given_at=NOW, given_by="Ann", document="mail of today", by=BY, now=NOW)
    booking.start(maintenance, by=BY, now=START)
    assert [one[0] for one in breaches()] == ["B"]


def test_start_by_the_days_of_the_settings(settings: Settings) -> None:
    """More than ten days are owed where the settings say so."""
    reader(account="A")
    for reference, days, expected in (("MNT-1", 13, ["A"]), ("MNT-2", 12, [])):
        maintenance = announced(reference=reference)
        serve(maintenance, at=START - 12 * DAY)
        settings.NOTICE_DAYS = days
        Breach.objects.all().delete()
        booking.start(maintenance, by=BY, now=START)
        assert [one[0] for one in breaches()] == expected
        settings.NOTICE_DAYS = 10


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


@pytest.mark.parametrize("now", [END, END + DAY])
def test_start_reported_after_the_end(now: datetime) -> None:
    """Nobody said so in time: it is recorded at the window's start with its breaches, and nobody hears that work begins which is over."""
    reader(account="A")
    maintenance = announced(impact=Impact.OUTAGE)
    window = booking.start(maintenance, reason="forgotten", by=BY, now=now)
    assert (window.state, window.started_at, list(Breach.objects.values_list("customer__account", "reason"))) == ("in_progress", START, [("A", "forgotten")])
    assert maintenance.notices.count() == 1
    assert booking.finish(maintenance, by=BY, now=now).ended_at == now


def test_start_before_the_window() -> None:
    """It is moved first."""
    maintenance = announced()
    assert refused(maintenance, now=START - INSTANT) == [
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
    assert booking.start(maintenance, by=BY, now=NOW + 40 * DAY).number == 2


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


def test_start_keeps_the_decision() -> None:
    """Version, inputs and answer, also where nobody hears of the start."""
    served, short = reader(account="A"), reader(account="B")
    maintenance = announced()
    serve(maintenance, "A")
    booking.start(maintenance, by=BY, now=START)
    decision = Window.objects.get().start_decision
    assert (decision["policy"], decision["asked_at"], decision["not_in_time"], decision["answer"]) == (VERSION, START.isoformat(), [short.pk], "breach")
    assert served.pk not in decision["not_in_time"]
    assert decision["clocks"] == [["Europe/London", 10, 2]]
