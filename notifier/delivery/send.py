"""The dispatcher: fan out, recover, choose a way, claim, compose, hand over, settle, until nothing is due."""

import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.utils import timezone

from notifier.delivery import breaker, outbox, rate
from notifier.delivery.background import Background
from notifier.delivery.breaker import Choice
from notifier.delivery.courier import Courier, open_wire
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.handing_over import Signs, hand_over
from notifier.delivery.pool import Pool
from notifier.delivery.rate import Gate
from notifier.delivery.recovery import recover
from notifier.delivery.transport import Outcome, Transport
from notifier.delivery.until_written import until_written

logger = logging.getLogger(__name__)

BATCH = 20
IN_VAIN_SECONDS = 300
"""Longer than a server that is down is left alone; leases are waited for, too."""
_ending = threading.Event()


def wind_down() -> None:
    """Let every dispatch of this process end after the mail in hand and give back what else it holds: the process is about to end."""
    _ending.set()


def dispatch(*, clock: Callable[[], datetime] = timezone.now, stop_after: float | None = None) -> int:
    """Send everything that is due, by the way that is open; return how many mails were dealt with. ``stop_after``: seconds after which no new batch begins.

    Where no way is open nothing is claimed: what is due stays so.
    """
    ends = math.inf if stop_after is None else time.monotonic() + stop_after
    look = _Look(clock)
    dealt_with = 0
    while _may_go_on(ends):
        look()
        choice = breaker.choose(now=clock()) if outbox.is_due(now=clock()) else None
        if choice is None:
            break
        before = dealt_with
        gate = Gate(_until_no(partial(_may_go_on_by, choice, ends=ends, clock=clock)), rate.of(choice.way), _ending.wait)
        number, problem = (_by_pool if choice.way.is_smtp else _by_calls)(choice, gate, look, clock)
        dealt_with += number
        if problem is not None:
            until_written(partial(breaker.trouble, choice, problem.reason, now=clock(), hung=problem.hung))
        else:
            until_written(partial(breaker.leave, choice))
            if dealt_with == before:  # others have what is due
                break
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


def _may_go_on_by(choice: Choice, *, ends: float, clock: Callable[[], datetime]) -> bool:
    """Also tell whether the way is still the one to take: from the fallback a long queue comes back by itself."""
    return _may_go_on(ends) and (choice.way.name == "primary" or not breaker.may_return(choice, now=clock()))


def _until_no(ask: Callable[[], bool]) -> Callable[[], bool]:
    """Return the same question; once the answer was no it stays so, whoever asks."""
    said_no = False

    def may() -> bool:
        nonlocal said_no
        said_no = said_no or not ask()
        return not said_no

    return may


def _by_calls(choice: Choice, gate: Gate, look: Callable[[], None], clock: Callable[[], datetime]) -> tuple[int, Outcome | None]:
    """Send by one of Django's mail backends; return how many mails were dealt with, and why it is of no use to go on, if so."""
    signs = Signs(partial(breaker.good, choice), once=choice.is_probe)
    dealt_with = 0
    with Transport(choice.way) as transport:
        while signs.problem is None and gate.may_go_on():
            look()
            claimed = outbox.claim(now=clock(), most=1 if choice.is_probe else BATCH, newest=choice.takes_newest)
            if not claimed.ids:
                claimed = outbox.claim_suspect(now=clock())
            if not claimed.ids:
                break
            dealt_with += hand_over(claimed, transport, clock=clock, gate=gate, signs=signs)
            if choice.is_probe:
                break
    return dealt_with, signs.problem


def _by_pool(choice: Choice, gate: Gate, look: Callable[[], None], clock: Callable[[], datetime]) -> tuple[int, Outcome | None]:
    """As ``_by_calls``, over several SMTP connections at once."""
    most = 1 if choice.is_probe else settings.SMTP_CONNECTIONS
    pool = Pool(partial(open_wire, choice.way), most=most, greeting_seconds=2 * settings.EMAIL_TIMEOUT)
    with Background("settle", done=pool.wake) as writer, Background("claim", done=pool.wake) as claimer:
        courier = Courier(
            choice.way.kind,
            clock,
            gate.may_go_on,
            look,
            writer,
            claimer,
            accepted=partial(breaker.good, choice),
            rate=gate.rate,
            once=choice.is_probe,
            newest=choice.takes_newest,
        )
        try:
            problem = pool.run(courier)
        finally:
            pool.close()
            until_written(lambda: courier.give_back(due_at=clock()))  # else what is on no wire waits until its lease has run out
        if courier.trouble is not None:
            raise courier.trouble
        return courier.dealt_with, problem or courier.problem


def dispatch_until_idle(*, clock: Callable[[], datetime] = timezone.now, patience: timedelta = timedelta(seconds=60)) -> int:
    """Dispatch until nothing is being sent and nothing will be due within ``patience``: waits for retries and for leases of others.

    Ends also where mail is due and nothing went for ``IN_VAIN_SECONDS`` and twice a lease, as every server is down: cron calls it again.
    """
    dealt_with, last = 0, time.monotonic()
    while True:
        number = dispatch(clock=clock)
        dealt_with += number
        last = time.monotonic() if number else last
        if not outbox.waiting(until=clock() + patience):
            return dealt_with
        if time.monotonic() - last > max(IN_VAIN_SECONDS, 2 * outbox.lease().total_seconds()):
            logger.warning("mail is due and nothing of it could be sent for minutes: ending")
            return dealt_with
        time.sleep(0.5)  # until the next one is due or a lease has run out
