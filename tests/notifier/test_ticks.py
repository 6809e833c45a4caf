"""The schedule of the tick when the machine's clock steps, and when nobody takes what is sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import Celery
from celery.beat import ScheduleEntry

from notifier.ticks import MOST_WAITING, EmbeddedScheduler, Ticks

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ticks() -> Ticks:
    """Return a tick every five seconds."""
    return Ticks(5, app=Celery("test", broker="memory://localhost/", set_as_current=False))


@pytest.mark.parametrize(("passed", "due", "seconds"), [(0, False, 5), (4, False, 1), (5, True, 5), (3600, True, 5), (-1, True, 5), (-3600, True, 5)])
def test_tick_is_due_after_its_time_and_after_the_clock_stepped_back(passed: int, due: bool, seconds: float) -> None:  # noqa: FBT001  # expected value
    with time_machine.travel(NOON + timedelta(seconds=passed), tick=False):
        state = ticks().is_due(NOON)
    assert (state.is_due, round(state.next, 3)) == (due, seconds)


class Scheduler(EmbeddedScheduler):
    """Counts instead of sending."""

    sent = 0

    def apply_async(self, entry: ScheduleEntry, *_args: Any, **_named: Any) -> None:  # noqa: ANN401  # Celery's own signature
        """Count."""
        self.sent += 1
        self.reserve(entry)


@pytest.mark.parametrize("step", [-HOUR, HOUR])
def test_beat_goes_on_after_the_clock_stepped(step: timedelta) -> None:
    """Within two of its rounds, whichever way."""
    app = Celery("test", broker="memory://localhost/", set_as_current=False)
    app.conf.beat_schedule = {"tick": {"task": "x", "schedule": Ticks(5, app=app)}}
    with time_machine.travel(NOON, tick=False) as clock:
        scheduler = Scheduler(app=app, max_interval=1)
        for _ in range(12):
            scheduler.tick()
            clock.shift(1)
        before = scheduler.sent
        clock.shift(step)
        for _ in range(12):
            assert scheduler.tick() <= 1
            clock.shift(1)
    assert before >= 2
    assert scheduler.sent - before in {2, 3, 4}


def test_few_ticks_wait_where_no_worker_runs() -> None:
    """Beat goes on by itself when they have been taken."""
    app = Celery("test", broker="memory://localhost/", set_as_current=False)
    app.conf.beat_schedule = {"tick": {"task": "x", "schedule": Ticks(5, app=app)}}
    with time_machine.travel(NOON, tick=False) as clock, app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        scheduler = EmbeddedScheduler(app=app, max_interval=1)

        def sent(seconds: int) -> int:
            for _ in range(seconds):
                scheduler.tick()
                clock.shift(1)
            return int(channel.queue_purge("celery"))

        sent(20)  # whatever waited before
        assert [sent(20), sent(500), sent(20)] == [4, MOST_WAITING, 4]
