"""One turn of the dispatcher: look at what comes due by itself, send the customers' mails, then the planners' alerts."""

import logging
import math
import time
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from notifier.delivery import alerts, receipts, watch
from notifier.delivery.send import dispatch, dispatch_until_idle

logger = logging.getLogger(__name__)

LOOK_SECONDS = 60
_last_look = {"at": -math.inf}


def tick(*, clock: Callable[[], datetime] = timezone.now, stop_after: float | None = None) -> int:
    """Do what is due and return how many mails to customers were dealt with. Each process looks at start-up, and then once a minute.

    ``stop_after``: seconds after which no new batch of mails begins.
    """
    if time.monotonic() - _last_look["at"] >= LOOK_SECONDS:
        _last_look["at"] = time.monotonic()
        watch.look(now=clock())
    dealt_with = dispatch(clock=clock, stop_after=stop_after)
    _receive(clock)
    _alert(clock)
    return dealt_with


def everything(*, clock: Callable[[], datetime] = timezone.now, until_idle: bool = False) -> int:
    """As ``tick``, for a program that ends afterwards: what became of the mails is looked at too, so that alerts need not wait for its next run."""
    watch.look(now=clock())
    dealt_with = dispatch_until_idle(clock=clock) if until_idle else dispatch(clock=clock)
    _receive(clock)
    watch.look(now=clock())
    _alert(clock)
    return dealt_with


def _receive(clock: Callable[[], datetime]) -> None:
    try:
        receipts.apply_waiting(now=clock())
    except Exception:  # mails must go out whatever becomes of what comes back
        logger.exception("receipts that wait were not looked at; the next turn tries again")


def _alert(clock: Callable[[], datetime]) -> None:
    try:
        alerts.send_due(now=clock())
    except Exception:  # customers' mails must go out whatever becomes of the planners'
        logger.exception("alerts to the planners were not sent; the next turn tries again")
