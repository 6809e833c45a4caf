"""A worker that hears nothing any more ends itself: after Redis was reset, Celery may live on without ever asking for work again.

Whether it hears is not guessed from ticks, which other workers may have taken, or which no beat sends: where a worker was quiet for a while,
it is sent a task by the queue that it alone reads (``CELERY_WORKER_DIRECT``). Only one that does not hear that either, with nothing in hand,
while mail has been due for as long, is ended. Where broker or database cannot be asked, ending would help nobody.
"""

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from billiard import active_children
from celery import Celery
from celery.signals import task_received, worker_ready, worker_shutting_down
from celery.utils.nodenames import worker_direct
from django.conf import settings
from django.db import connection
from django.utils import timezone

from notifier.delivery.overdue import oldest_due

logger = logging.getLogger(__name__)

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h: a supervisor starts the worker again."""
LOOKS = 24
"""So many in the time of the limit."""
PROBES = 4
"""So many likewise, from the first quarter of it on."""


@dataclass
class Watchdog:
    """Judges one worker process. Times are of ``clock``, in seconds.

    ``probe`` sends the worker something that it alone can hear, and tells whether the broker took it; ``is_busy`` tells whether it has tasks
    in hand, which are given ``longest_task`` seconds; ``is_due`` whether mail has been due for the limit. ``end`` is called once.
    """

    limit: float
    longest_task: float
    probe: Callable[[], bool]
    is_busy: Callable[[], bool]
    is_due: Callable[[], bool]
    end: Callable[[float], None]
    clock: Callable[[], float] = time.monotonic
    _heard: float = field(init=False)
    _looked: float = field(init=False)
    _since: float = field(init=False)
    _probed: float = -math.inf
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Begin with what is taken for a sign of life: the start."""
        self._heard = self._looked = self._since = self.clock()

    def hear(self) -> None:
        """Note that the worker has received a task."""
        self._heard = self.clock()

    def stop(self) -> None:
        """Let the worker end as it likes."""
        self._stopping.set()

    def run(self) -> None:
        """Look again and again, until stopped."""
        while not self._stopping.wait(self.limit / LOOKS):
            self.look()

    def look(self) -> None:
        """Judge by what there is now."""
        now, before = self.clock(), self._looked
        self._looked = now
        was_halted = now - before > self.limit / PROBES  # the whole process was, so that it heard nothing meanwhile
        if was_halted or (self.is_busy() and now - self._heard < self.longest_task + self.limit):
            self._begin_again(now)
            return
        quiet = now - max(self._since, self._heard)
        if quiet < self.limit / PROBES:
            return
        between = self.limit / PROBES if quiet <= self.limit else self.limit
        if now - self._probed >= between:
            if not self.probe():
                self._begin_again(now)
                return
            self._probed = now
        if quiet >= self.limit and self.is_due():  # so it was probed three times at least before this look, and none came
            self.end(quiet)

    def _begin_again(self, now: float) -> None:
        self._since, self._probed = now, -math.inf


def watch_over(sender: Any, **_more: object) -> None:  # noqa: ANN401  # Celery's consumer has no type
    """Start the watchdog of the worker that is ready now, as a thread of its main process."""
    if settings.EMBEDDED or not settings.WATCHDOG_SECONDS:
        return
    dog = Watchdog(
        limit=settings.WATCHDOG_SECONDS,
        longest_task=settings.CELERY_TASK_TIME_LIMIT,
        probe=lambda: _probe(sender.app, sender.hostname),
        is_busy=lambda: len(sender.controller.state.reserved_requests) > 0,
        is_due=_is_due,
        end=_end,
    )
    task_received.connect(lambda **_request: dog.hear(), weak=False, dispatch_uid="notifier.watchdog.hear")
    worker_shutting_down.connect(lambda **_how: dog.stop(), weak=False, dispatch_uid="notifier.watchdog.stop")
    threading.Thread(target=dog.run, name="watchdog", daemon=True).start()


def attach() -> None:
    """Have a watchdog start with each worker that is started by ``celery worker``; the embedded mode's is no process of its own."""
    worker_ready.connect(watch_over, dispatch_uid="notifier.watchdog")


def _probe(app: Celery, hostname: str) -> bool:
    try:
        with app.connection_for_write() as fresh:  # those that the worker has are what is in doubt
            fresh.connect()
            queue = worker_direct(hostname)
            app.send_task("notifier.delivery.heard", queue=queue, connection=fresh, retry=False)  # type: ignore[arg-type]  # Celery takes queues, too
    except Exception as error:  # noqa: BLE001  # whatever the broker's client raises
        logger.info("the watchdog cannot reach the broker (%s)", type(error).__name__)
        return False
    return True


def _is_due() -> bool:
    try:
        since = oldest_due(now=timezone.now())
    except Exception as error:  # noqa: BLE001  # a database that is away is no reason to end
        logger.warning("the watchdog cannot ask the database (%s)", type(error).__name__)
        return False
    finally:
        with suppress(Exception):  # a connection that is broken is given up anyway
            connection.close()
    return since is not None and timezone.now() - since >= timedelta(seconds=settings.WATCHDOG_SECONDS)


def _end(quiet: float) -> None:
    """End the process and its children at once: a consumer that hangs would not hear a request to end either. Leases recover what they hold."""
    words = "this worker has heard nothing for %.0f s, not even what was sent to it alone, although mail is due: it ends (exit code %d)"
    logger.critical(words, quiet, EXIT_CODE)
    for pid in [child.pid for child in active_children() if child.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os._exit(EXIT_CODE)
