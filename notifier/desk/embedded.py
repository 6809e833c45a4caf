"""Worker and beat as threads of the web process: everything in one process, for `make run` (DESIGN.md section 6)."""

import threading
from types import TracebackType
from typing import Any, Self

from celery import beat

from notifier.celery import app
from notifier.delivery import send
from notifier.desk.nudge import nudge
from notifier.ticks import EmbeddedScheduler

WORKER_THREADS = 2
JOIN_SECONDS = 3
"""Well below the five seconds in which Ctrl-C has to end the program."""


class Hands:
    """Celery's worker and beat, started on entering and stopped on leaving."""

    def __init__(self) -> None:
        """Build both; nothing runs yet. ``busy`` tells, after leaving, that a mail server still keeps a thread waiting."""
        self.busy = False
        self._worker: Any = app.WorkController(
            pool_cls="threads",
            concurrency=WORKER_THREADS,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            quiet=True,
        )
        self._beat: Any = beat.Service(app, scheduler_cls=EmbeddedScheduler, max_interval=1)
        self._threads = [
            threading.Thread(target=self._worker.start, name="worker", daemon=True),
            threading.Thread(target=self._beat.start, name="beat", daemon=True),
        ]

    def __enter__(self) -> Self:
        """Start both threads; what waits is sent at once, not at the first tick."""
        for thread in self._threads:
            thread.start()
        nudge()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop both, after the mail that is being handed over, unless it takes too long."""
        self._beat.stop(wait=False)
        send.wind_down()
        stopping = threading.Thread(target=self._worker.stop, name="worker-stop", daemon=True)
        stopping.start()
        stopping.join(JOIN_SECONDS)
        self.busy = stopping.is_alive()
