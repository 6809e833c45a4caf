"""The dispatcher: fan out, recover, claim, compose, hand over, settle, until nothing is due."""

import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import get_connection
from django.utils import timezone

from notifier.delivery import ending, outbox
from notifier.delivery.compose import message
from notifier.delivery.courier import Courier, open_wire
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.letter import Letter
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import HandOver
from notifier.delivery.pool import Pool
from notifier.delivery.recovery import recover
from notifier.delivery.smtp import SmtpBackend
from notifier.delivery.transport import Answer, Outcome, Transport
from notifier.delivery.until_written import until_written

logger = logging.getLogger(__name__)

BATCH = 20
UNREACHABLE_PAUSE = timedelta(seconds=10)
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
            dealt_with += _batch(claimed, transport, clock=clock, ends=ends)
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
    courier = Courier(clock=clock, may_go_on=lambda: _may_go_on(ends), look=look, pause=UNREACHABLE_PAUSE)
    pool = Pool(open_wire, most=settings.SMTP_CONNECTIONS)
    try:
        problem = pool.run(courier)
    finally:
        pool.close()
    if courier.trouble is not None:
        raise courier.trouble  # what is on no wire comes back when its lease has run out
    if problem is not None:
        logger.warning("mail cannot be handed over: %s", problem.reason)
    courier.give_back(due_at=clock() + (UNREACHABLE_PAUSE if problem is not None or courier.is_tired else timedelta(0)))
    return courier.dealt_with


def _batch(claimed: outbox.Claim, transport: Transport, *, clock: Callable[[], datetime], ends: float) -> int:
    rows = {row.pk: row for row in Delivery.objects.filter(pk__in=claimed.ids).select_related("notice")}
    deliveries = [rows[pk] for pk in claimed.ids if pk in rows]
    letters = _letters(deliveries, claimed.token, clock=clock)
    renewed = time.monotonic()
    for number, delivery in enumerate(deliveries):
        if _ending.is_set() or time.monotonic() >= ends:
            outbox.release(claimed, due_at=clock())
            return number
        letter = letters.get(delivery.pk)
        if letter is None:
            continue
        problem = transport.open()  # before the marker: without a connection nothing is handed over
        if problem is not None:
            return _pause(claimed, problem, clock=clock, dealt_with=number)
        if time.monotonic() - renewed > outbox.lease().total_seconds() / 3:
            outbox.renew(claimed)
            renewed = time.monotonic()
        outcome = _deliver(delivery, letter, claimed.token, transport, clock=clock)
        if outcome is not None and outcome.answer is Answer.UNREACHABLE:
            return _pause(claimed, outcome, clock=clock, dealt_with=number + 1)
    return len(deliveries)


def _pause(claimed: outbox.Claim, problem: Outcome, *, clock: Callable[[], datetime], dealt_with: int) -> int:
    """Give back what was not handed over: the host is down, so the others wait a little without losing a try."""
    logger.warning("mail cannot be handed over: %s", problem.reason)
    outbox.release(claimed, due_at=clock() + UNREACHABLE_PAUSE)
    return dealt_with


def _letters(deliveries: list[Delivery], token: str, *, clock: Callable[[], datetime]) -> dict[int, Letter]:
    """Load a batch; where that fails, one by one, so that one broken row holds up nobody else."""
    try:
        return dict(zip([row.pk for row in deliveries], load(deliveries), strict=True))
    except Exception:  # one broken row holds up nobody else
        logger.exception("a batch cannot be loaded; loading its deliveries one by one")
    letters: dict[int, Letter] = {}
    for row in deliveries:
        try:
            letters[row.pk] = load([row])[0]
        except Exception as error:  # as above
            logger.exception("delivery %s cannot be loaded", row.pk)
            until_written(partial(ending.not_composed, row, token, error, at=clock()))
    return letters


def _deliver(delivery: Delivery, letter: Letter, token: str, transport: Transport, *, clock: Callable[[], datetime]) -> Outcome | None:
    try:
        mail = message(letter)
        mail.message()
    except Exception as error:  # as above
        logger.exception("delivery %s cannot be composed", delivery.pk)
        until_written(partial(ending.not_composed, delivery, token, error, at=clock()))
        return None
    verdict = outbox.hand_over(delivery.pk, token, now=clock())
    if verdict is not HandOver.READY:
        ending.by_refusal(delivery, token, verdict, at=clock())
        return None
    outcome = transport.send(mail)
    until_written(partial(ending.by_answer, delivery, token, outcome, at=clock()))
    return outcome


def dispatch_until_idle(*, clock: Callable[[], datetime] = timezone.now, patience: timedelta = timedelta(seconds=60)) -> int:
    """Dispatch until nothing is being sent and nothing will be due within ``patience``: waits for retries and for leases of others."""
    dealt_with = 0
    while True:
        dealt_with += dispatch(clock=clock)
        if not outbox.waiting(until=clock() + patience):
            return dealt_with
        time.sleep(0.5)  # until the next one is due or a lease has run out
