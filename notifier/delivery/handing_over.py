"""A claim handed over by any of Django's mail backends: together where the ESP takes that, else one mail after the other."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.core.exceptions import ValidationError

from notifier.delivery import ending, outbox, together
from notifier.delivery.compose import message
from notifier.delivery.letter import Letter
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import Claim, HandOver
from notifier.delivery.transport import Answer, Outcome, Transport
from notifier.delivery.until_written import until_written

logger = logging.getLogger(__name__)

PAUSE = timedelta(seconds=10)
"""So long mails wait for a host that is down."""


@dataclass(frozen=True)
class Round:
    """What became of a claim: how many mails were dealt with, and the ``problem`` for which the rest was given back, if there was one."""

    dealt_with: int
    problem: Outcome | None = None


def hand_over(claimed: Claim, transport: Transport, *, clock: Callable[[], datetime], may_go_on: Callable[[], bool]) -> Round:
    """Send what was claimed and settle it; what is not begun any more is given back."""
    rows = _rows(claimed)
    deliveries = [rows[pk] for pk in claimed.ids if pk in rows]
    letters = _letters(deliveries, claimed.token, clock=clock)
    done: set[int] = set()
    for answers in together.sent(deliveries, letters, claimed, transport, clock=clock, may_go_on=may_go_on):
        until_written(partial(ending.by_answers, answers, claimed.token, at=clock()))
        done |= {delivery.pk for delivery, _outcome in answers}
        down = next((outcome for _delivery, outcome in answers if outcome.answer is Answer.UNREACHABLE), None)
        if down is not None:
            return _stopped(claimed, down, clock=clock, dealt_with=len(done))
    alone = [(delivery, letters[delivery.pk]) for delivery in deliveries if delivery.pk not in done and delivery.pk in letters]
    return _one_by_one(alone, claimed, transport, clock=clock, may_go_on=may_go_on, before=len(deliveries) - len(alone))


def _rows(claimed: Claim) -> dict[int, Delivery]:
    rows = Delivery.objects.filter(pk__in=claimed.ids).select_related("notice")
    try:
        return {row.pk: row for row in rows}
    except ValidationError:  # one of them names a time zone that there is not: it cannot be composed, and holds up nobody else
        return {row.pk: row for row in rows.defer("timezone")}


def _one_by_one(
    deliveries: list[tuple[Delivery, Letter]],
    claimed: Claim,
    transport: Transport,
    *,
    clock: Callable[[], datetime],
    may_go_on: Callable[[], bool],
    before: int,
) -> Round:
    renewed = time.monotonic()
    for number, (delivery, letter) in enumerate(deliveries, before):
        if not may_go_on():
            outbox.release(claimed, due_at=clock())
            return Round(number)
        problem = transport.open()  # before the marker: without a connection nothing is handed over
        if problem is not None:
            return _stopped(claimed, problem, clock=clock, dealt_with=number)
        if time.monotonic() - renewed > outbox.lease().total_seconds() / 3:
            outbox.renew(claimed)
            renewed = time.monotonic()
        outcome = _deliver(delivery, letter, claimed.token, transport, clock=clock)
        if outcome is not None and outcome.answer is Answer.UNREACHABLE:
            return _stopped(claimed, outcome, clock=clock, dealt_with=number + 1)
    return Round(before + len(deliveries))


def _stopped(claimed: Claim, problem: Outcome, *, clock: Callable[[], datetime], dealt_with: int) -> Round:
    """Give back what was not handed over: the host is down, so the others wait a little without losing a try."""
    outbox.release(claimed, due_at=clock() + PAUSE)
    return Round(dealt_with, problem)


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
