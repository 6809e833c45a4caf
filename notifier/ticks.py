"""The schedule of the tick: every few seconds, also after the clock of the machine has stepped back; few of them wait where no worker runs."""

import math
from datetime import datetime
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry, Scheduler
from celery.schedules import schedstate, schedule

MOST_WAITING = 12
"""So many tasks may wait for a worker; then beat adds no tick, which would find nothing to do.

Ticks do not expire instead: Celery compares what the clock of beat said with the clock of the worker, and one that is ahead by more than
that time throws each of them away.
"""


class Ticks(schedule):
    """As Celery's interval; a last run in the future (the clock has stepped back) is due at once, and not an hour later."""

    def is_due(self, last_run_at: datetime) -> schedstate:
        """Return whether it is due, and in how many seconds to ask again."""
        if self.maybe_make_aware(last_run_at) > self.now():
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)


class _Steady:
    """For a scheduler of Celery's: it keeps a heap of moments, and would wait for those of before the clock stepped back.

    It would also send without end where nobody takes what it sends.
    """

    app: Any
    _heap: Any
    _last = -math.inf

    def tick(self, *args: Any, **named: Any) -> float:  # noqa: ANN401  # Celery's own signature
        """Forget the heap where the clock has stepped back."""
        now = self.app.now().timestamp()
        if now < self._last:
            self._heap = None
        self._last = now
        seconds: float = super().tick(*args, **named)  # type: ignore[misc]  # mixed into schedulers below
        return seconds

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **named: Any) -> Any:  # noqa: ANN401, FBT001, FBT002  # Celery's own signature
        """Send, unless enough wait already."""
        if self._waiting(producer) < MOST_WAITING:
            return super().apply_async(entry, producer=producer, advance=advance, **named)  # type: ignore[misc]  # mixed into schedulers below
        if advance:
            self.reserve(entry)  # type: ignore[attr-defined]  # as above
        return None

    def _waiting(self, producer: Any) -> int:  # noqa: ANN401  # kombu has no types
        """Return how many tasks wait in the queue; 0 where there is none, or the broker can't be asked: sending shows what is wrong with it."""
        try:
            queue = self.app.conf.task_default_queue
            return int(producer.channel.queue_declare(queue=queue, passive=True).message_count)
        except Exception:  # noqa: BLE001  # whatever the broker's client raises
            return 0


class TickScheduler(_Steady, PersistentScheduler):
    """For the beat process."""


class EmbeddedScheduler(_Steady, Scheduler):
    """For the beat thread of ``make run``: it remembers nothing."""
