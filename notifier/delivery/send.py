"""The dispatcher: fan out, recover, claim, compose, hand over, settle, until nothing is due."""

import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.utils import timezone

from notifier.delivery import outbox
from notifier.delivery.courier import Courier, open_wire
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.handing_over import PAUSE, hand_over
from notifier.delivery.pool import Pool
from notifier.delivery.recovery import recover
from notifier.delivery.smtp import SmtpBackend
from notifier.delivery.transport import Transport

logger = logging.getLogger(__name__)

BATCH = 20
_ending = threading.Event()


def wind_down() -> None:
    """Let every dispatch of this process end after the mail in hand and give back what else it holds: the process is about to end."""
    _ending.set()


def dispatch(*, clock: Callable[[], datetime] = timezone.now, stop_after: float | None = None) -> int:
    """Send everything that is due; return how many mails were dealt with. ``stop_after``: seconds after which no new batch begins."""
    ends = math.inf if stop_after is None else time.monotonic() + stop_after
    look = _Look(clock)
    if isinstance(get_connection(), SmtpBackend):
        return _by_pool(look, clock=clock, ends=ends)
    dealt_with = 0
    with Transport() as transport:
        while _may_go_on(ends):
            look()
            claimed = outbox.claim(now=clock(), most=BATCH)
            if not claimed.ids:
                claimed = outbox.claim_suspect(now=clock())
            if not claimed.ids:
                break
            done = hand_over(claimed, transport, clock=clock, may_go_on=lambda: _may_go_on(ends))
            dealt_with += done.dealt_with
            if done.problem is not None:
                logger.warning("mail cannot be handed over: %s", done.problem.reason)
    return dealt_with


class _Look:
    """What is done now and then, also while a long queue is being sent."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock, self._at = clock, -math.inf

    def __call__(self) -> None:
        if time.monotonic() - self._at >= settings.TICK_SECONDS:
            fan_out_due(now=self._clock())
            recover(now=self._clock())
            self._at = time.monotonic()


def _may_go_on(ends: float) -> bool:
    return not _ending.is_set() and time.monotonic() < ends


def _by_pool(look: Callable[[], None], *, clock: Callable[[], datetime], ends: float) -> int:
    """Send over several SMTP connections at once."""
    courier = Courier(clock=clock, may_go_on=lambda: _may_go_on(ends), look=look, pause=PAUSE)
    pool = Pool(open_wire, most=settings.SMTP_CONNECTIONS)
    try:
        problem = pool.run(courier)
    finally:
        pool.close()
    if courier.trouble is not None:
        raise courier.trouble  # what is on no wire comes back when its lease has run out
    if problem is not None:
        logger.warning("mail cannot be handed over: %s", problem.reason)
    courier.give_back(due_at=clock() + (PAUSE if problem is not None or courier.is_tired else timedelta(0)))
    return courier.dealt_with


def dispatch_until_idle(*, clock: Callable[[], datetime] = timezone.now, patience: timedelta = timedelta(seconds=60)) -> int:
    """Dispatch until nothing is being sent and nothing will be due within ``patience``: waits for retries and for leases of others."""
    dealt_with = 0
    while True:
        dealt_with += dispatch(clock=clock)
        if not outbox.waiting(until=clock() + patience):
            return dealt_with
        time.sleep(0.5)  # until the next one is due or a lease has run out
