"""The breaker of a way: what opens it, who tries, and what closes it."""

import logging
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from notifier.delivery import breaker
from notifier.delivery.breaker import BreakerState, Choice, State
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.models import Breaker
from notifier.env import Mail
from notifier.ways import primary
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=6)
"""Any pause is over by then."""


@pytest.fixture
def fallback(settings: Settings) -> Mail:
    """Have a fallback."""
    there = settings.MAIL_FALLBACK = Mail("notifier.delivery.smtp.SmtpBackend", "smtp:backup.example:25", host="backup.example", port=25)
    return there


def chosen(now: object = NOW) -> Choice:
    """Choose, where there is a way."""
    found = breaker.choose(now=now)  # type: ignore[arg-type]  # a moment
    assert found is not None
    return found


def failed(times: int) -> None:
    """Let the primary be tried in vain so many times, each when its pause is over."""
    for _ in range(times):
        Breaker.objects.filter(troubles__gt=0).update(retry_at=NOW)
        assert breaker.trouble(chosen(), "down", now=NOW)


def test_choose_with_nothing_ever_wrong_is_one_query_and_writes_nothing() -> None:
    with CaptureQueriesContext(connection) as captured:
        found = chosen()
    assert (found.way.name, found.is_probe, len(captured), Breaker.objects.count()) == ("primary", False, 1, 0)


def test_good_with_nothing_wrong_looks_once_and_writes_nothing() -> None:
    choice = chosen()
    with CaptureQueriesContext(connection) as captured:
        for _ in range(100):
            breaker.good(choice)
    assert (len(captured), Breaker.objects.count()) == (1, 0)


def test_trouble_leaves_the_way_alone_then_one_mail_tries_it() -> None:
    breaker.trouble(chosen(), "refused", now=NOW)
    row = Breaker.objects.get()
    assert row.retry_at is not None
    assert timedelta(seconds=2) <= row.retry_at - NOW <= timedelta(seconds=3)
    assert breaker.choose(now=row.retry_at - timedelta(microseconds=1)) is None
    probe = chosen(row.retry_at)
    assert (probe.way.name, probe.is_probe) == ("primary", True)
    assert breaker.choose(now=row.retry_at) is None


def test_probe_that_is_accepted_closes_and_its_failure_does_not() -> None:
    failed(1)
    assert breaker.trouble(chosen(LATER), "still", now=LATER)
    assert breaker.choose(now=LATER) is None
    probe = chosen(LATER + timedelta(minutes=6))
    breaker.good(probe)
    assert (chosen().is_probe, breaker.states()) == (False, [BreakerState("primary", "file")])


def test_probe_that_shows_nothing_lets_the_next_mail_try_at_once() -> None:
    """It was refused for its own sake: that does not close, and is no trouble."""
    failed(2)
    probe = chosen(LATER)
    breaker.leave(probe)
    again = chosen(LATER)
    assert (again.is_probe, again.token != probe.token, again.troubles) == (True, True, 2)


def test_leave_of_a_lost_probe_changes_nothing() -> None:
    """Its lease had run out, and another worker tries."""
    failed(1)
    slow = chosen(LATER)
    Breaker.objects.update(probe_until=DatabaseTime(timedelta(seconds=-1)))
    quick = chosen(LATER)
    breaker.leave(slow)
    assert not breaker.trouble(slow, "late", now=LATER)
    assert Breaker.objects.get().probe_token == quick.token


def test_trouble_that_many_workers_ran_into_counts_once() -> None:
    """A server is restarted: all connections of all workers break in that moment."""
    choices = [chosen() for _ in range(8)]
    assert [breaker.trouble(choice, "gone", now=NOW) for choice in choices] == [True] + [False] * 7
    assert Breaker.objects.get().troubles == 1


def test_acceptance_by_a_worker_that_still_sends_ends_the_trouble_of_another() -> None:
    sending, broken = chosen(), chosen()
    breaker.trouble(broken, "too many connections", now=NOW)
    breaker.good(sending)
    assert Breaker.objects.get().troubles == 0


def test_pause_doubles_to_a_minute_and_is_spread() -> None:
    bounds = [(2, 3), (4, 6), (8, 12), (16, 24), (32, 48), (60, 60), (60, 60)]
    for troubles, (least, most) in [*enumerate(bounds, 1), (5000, (60, 60))]:
        found = {breaker.pause_after(troubles).total_seconds() for _ in range(50)}
        assert least <= min(found) <= max(found) <= most
        assert len(found) > 1 or least == most


@pytest.mark.usefixtures("fallback")
def test_pause_is_twice_as_long_as_a_slow_try() -> None:
    """A server that hangs costs each try a time-out: most of the time goes to the fallback all the same."""
    assert breaker.pause_after(1, took=timedelta(seconds=15)) == timedelta(seconds=30)
    assert breaker.pause_after(1, took=timedelta(hours=1)) == timedelta(minutes=1)
    failed(1)
    probe = replace(chosen(LATER), began=time.monotonic() - 15)
    breaker.trouble(probe, "hangs", now=LATER)
    retry_at = Breaker.objects.get().retry_at
    assert retry_at is not None
    assert timedelta(seconds=30) <= retry_at - LATER < timedelta(seconds=60)


@pytest.mark.usefixtures("fallback")
def test_fallback_is_taken_from_the_third_trouble_in_a_row_on() -> None:
    failed(2)
    assert breaker.choose(now=NOW) is None
    failed(1)
    found = chosen()
    assert (found.way.name, found.way.hop, found.is_probe) == ("fallback", "smtp:backup.example:25", False)


@pytest.mark.usefixtures("fallback")
def test_server_that_hangs_gives_way_to_the_fallback_at_once(settings: Settings) -> None:
    """Nothing was heard for a whole time-out: that is no restart. It is tried again after twice that time."""
    settings.EMAIL_TIMEOUT = 15
    assert breaker.trouble(chosen(), "slow", now=NOW, hung=True)
    assert chosen().way.name == "fallback"
    row = Breaker.objects.get()
    assert row.retry_at is not None
    assert (row.troubles, row.retry_at - NOW) == (3, timedelta(seconds=30))


@pytest.mark.usefixtures("fallback")
def test_fallback_in_trouble_leaves_nothing_and_is_tried_by_one_mail() -> None:
    failed(3)
    breaker.trouble(chosen(), "down too", now=NOW)
    assert breaker.choose(now=NOW) is None
    found = [chosen(LATER), chosen(LATER)]
    assert [(choice.way.name, choice.is_probe) for choice in found] == [("primary", True), ("fallback", True)]
    assert breaker.choose(now=LATER) is None


@pytest.mark.usefixtures("fallback")
def test_others_take_the_fallback_while_one_tries_the_primary() -> None:
    failed(3)
    assert [(choice.way.name, choice.is_probe) for choice in (chosen(LATER), chosen(LATER))] == [("primary", True), ("fallback", False)]


@pytest.mark.usefixtures("fallback")
def test_may_return_when_the_primary_can_be_tried_or_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "RETURN_SECONDS", 0)
    assert not breaker.may_return(chosen(), now=NOW)
    failed(3)
    by_fallback = chosen()
    assert [breaker.may_return(by_fallback, now=now) for now in (NOW, LATER)] == [False, True]
    probe = chosen(LATER)
    assert not breaker.may_return(by_fallback, now=LATER)
    breaker.good(probe)
    assert breaker.may_return(by_fallback, now=LATER)


@pytest.mark.usefixtures("fallback")
def test_may_return_looks_now_and_then_only() -> None:
    """It is asked before each mail."""
    failed(3)
    choice = chosen()
    with CaptureQueriesContext(connection) as captured:
        assert not any(breaker.may_return(choice, now=LATER) for _ in range(100))
    assert len(captured) == 0


def test_clock_that_was_put_right_does_not_leave_a_way_alone_for_long() -> None:
    """A worker whose clock was an hour ahead has written when to try again."""
    breaker.trouble(chosen(), "down", now=NOW + timedelta(hours=1))
    assert chosen(NOW).is_probe


@pytest.mark.usefixtures("fallback")
def test_states_say_what_is_going_on(settings: Settings) -> None:
    failed(3)
    row = Breaker.objects.get()
    closed = BreakerState("fallback", settings.MAIL_FALLBACK.hop)
    stands = BreakerState("primary", "file", State.OPEN, NOW, row.retry_at, "down", 3)
    assert breaker.states() == [stands, closed]
    chosen(LATER)
    assert breaker.states() == [replace(stands, state=State.HALF_OPEN), closed]
    Breaker.objects.update(probe_until=DatabaseTime(timedelta(seconds=-1)))
    assert breaker.states() == [stands, closed]


@pytest.mark.usefixtures("fallback")
def test_opening_fallback_and_closing_are_each_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "notifier.delivery.breaker")
    failed(5)
    breaker.good(chosen(LATER))
    said = [(record.levelname, record.getMessage().partition(" ")[2]) for record in caplog.records]
    assert [level for level, _said in said] == ["WARNING", "WARNING", "INFO"]
    assert said[0][1].startswith("(file) is left alone for ")
    assert said[1][1] == "takes the fallback (smtp:backup.example:25) until file works again: down"
    assert said[2][1] == f"goes by primary (file) again; since {NOW} it did not: down"


@pytest.mark.parametrize("wrong", [{"way": "pigeon"}, {"way": "primary", "troubles": 1}, {"way": "primary", "reason": "x"}])
def test_row_that_contradicts_itself_is_refused_by_the_database(wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError):
        Breaker.objects.create(**wrong)


def test_choice_of_the_primary_is_the_way_of_the_settings() -> None:
    assert chosen().way == primary()
