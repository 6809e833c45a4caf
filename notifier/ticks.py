"""The schedule of the tick: every few seconds, also after the clock of the machine has stepped back."""

import math
from datetime import datetime
from typing import Any

from celery.beat import PersistentScheduler, Scheduler
from celery.schedules import schedstate, schedule


class Ticks(schedule):
    """As Celery's interval; a last run in the future (the clock has stepped back) is due at once, and not an hour later."""

    def is_due(self, last_run_at: datetime) -> schedstate:
        """Return whether it is due, and in how many seconds to ask again."""
        if self.maybe_make_aware(last_run_at) > self.now():
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)


class _Steady:
    """For a scheduler of Celery's: it keeps a heap of moments, and would wait for those of before the clock stepped back."""

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


class TickScheduler(_Steady, PersistentScheduler):
    """For the beat process."""


class EmbeddedScheduler(_Steady, Scheduler):
    """For the beat thread of ``make run``: it remembers nothing."""
