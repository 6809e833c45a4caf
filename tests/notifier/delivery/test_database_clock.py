"""The dispatcher's clock: the database's, carried on, whatever the machine's own does."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifier.delivery.database_clock import SteadyClock

pytestmark = pytest.mark.django_db
CLOSE = timedelta(seconds=20)


def test_steady_clock_tells_the_databases_time_and_asks_once() -> None:
    clock = SteadyClock()
    with CaptureQueriesContext(connection) as asked:
        first, second = clock(), clock()
    assert len(asked) == 1
    assert first <= second
    assert first.tzinfo is UTC
    assert abs(datetime.now(UTC) - first) < CLOSE


def test_steady_clock_goes_on_when_the_machines_clock_steps() -> None:
    real = datetime.now(UTC)
    with time_machine.travel(real + timedelta(hours=5)):
        assert abs(SteadyClock()() - real) < CLOSE


def test_steady_clock_asks_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SteadyClock(keep_seconds=60)
    clock()
    monkeypatch.setattr(clock, "_read", (clock._read[0] - 61, clock._read[1]))  # a minute has passed
    with CaptureQueriesContext(connection) as asked:
        clock()
    assert len(asked) == 1
