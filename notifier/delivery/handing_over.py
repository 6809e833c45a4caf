"""A claim handed over by any of Django's mail backends: together where the ESP takes that, else one mail after the other."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError

from notifier.delivery import ending, outbox, together
from notifier.delivery.compose import message
from notifier.delivery.letter import Letter
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import Claim, HandOver
from notifier.delivery.rate import Gate
from notifier.delivery.transport import Answer, Outcome, Transport
from notifier.delivery.until_written import until_written

logger = logging.getLogger(__name__)

MOST_IN_DOUBT = 2
"""So many calls in a row may have no answer that can be read; each leaves its mails in doubt."""


@dataclass
class Signs:
    """What the answers to calls say of the way, from one claim to the next: ``problem`` is why it is of no use to go on.

    ``accepted`` is called when mails were accepted. ``once``: one mail is sent, to try the way.
    """

    accepted: Callable[[], None] = lambda: None
    once: bool = False
    problem: Outcome | None = None
    _in_doubt: int = 0

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Look at what became of the mails of one call."""
        if any(outcome.answer is Answer.ACCEPTED for outcome in outcomes):
            self._in_doubt = 0
            until_written(self.accepted)
            return
        of_service = [outcome for outcome in outcomes if outcome.of_service]
        doubtful = bool(of_service) and of_service[0].answer is Answer.UNKNOWN
        self._in_doubt = self._in_doubt + 1 if doubtful else 0
        if of_service and (not doubtful or self.once or self._in_doubt >= MOST_IN_DOUBT):
            self.problem = of_service[0]


def hand_over(claimed: Claim, transport: Transport, *, clock: Callable[[], datetime], gate: Gate, signs: Signs) -> int:
    """Send what was claimed and settle it; return how many were dealt with. What is not begun any more is given back and loses no try."""
    try:
        return _handed_over(claimed, transport, clock=clock, gate=gate, signs=signs)
    except DatabaseError:
        until_written(lambda: outbox.release(claimed, due_at=clock()))  # else it waits until its lease has run out
        raise


def _handed_over(claimed: Claim, transport: Transport, *, clock: Callable[[], datetime], gate: Gate, signs: Signs) -> int:
    rows = _rows(claimed)
    deliveries = [rows[pk] for pk in claimed.ids if pk in rows]
    letters = _letters(deliveries, claimed.token, clock=clock)
    done: set[int] = set()
    for answers in together.sent(deliveries, letters, claimed, transport, clock=clock, gate=gate):
        until_written(partial(ending.by_answers, answers, claimed.token, at=clock(), hop=transport.way.kind))
        done |= {delivery.pk for delivery, _outcome in answers}
        signs.note([outcome for _delivery, outcome in answers])
        if signs.problem is not None:
            break
    alone = [(delivery, letters[delivery.pk]) for delivery in deliveries if delivery.pk not in done and delivery.pk in letters]
    handed_over = _one_by_one(alone, claimed, transport, clock=clock, gate=gate, signs=signs)
    if handed_over < len(alone):
        outbox.release(claimed, due_at=clock())
    in_vain = int(signs.problem is not None and signs.problem.answer is Answer.UNREACHABLE and handed_over > 0)  # that mail waits again
    return len(deliveries) - len(alone) + handed_over - in_vain


def _rows(claimed: Claim) -> dict[int, Delivery]:
    rows = Delivery.objects.filter(pk__in=claimed.ids).select_related("notice")
    try:
        return {row.pk: row for row in rows}
    except ValidationError:  # one of them names a time zone that there is not: it cannot be composed, and holds up nobody else
        return {row.pk: row for row in rows.defer("timezone")}


def _one_by_one(
    deliveries: Sequence[tuple[Delivery, Letter]],
    claimed: Claim,
    transport: Transport,
    *,
    clock: Callable[[], datetime],
    gate: Gate,
    signs: Signs,
) -> int:
    """Return how many were handed over, or may not go out, before there was a problem or the time was over."""
    renewal = outbox.Renewal(claimed)
    for number, (delivery, letter) in enumerate(deliveries):
        if signs.problem is not None or not gate.let(1, meanwhile=renewal):
            return number
        signs.problem = transport.open()  # before the marker: without a connection nothing is handed over
        if signs.problem is not None:
            return number
        renewal()
        outcome = _deliver(delivery, letter, claimed.token, transport, clock=clock)
        if outcome is not None:
            signs.note([outcome])
    return len(deliveries)


def _letters(deliveries: list[Delivery], token: str, *, clock: Callable[[], datetime]) -> dict[int, Letter]:
    """Load a batch; where that fails, one by one, so that one broken row holds up nobody else."""
    try:
        return dict(zip([row.pk for row in deliveries], load(deliveries), strict=True))
    except (OperationalError, InterfaceError):  # it is no mail's fault that the database does not answer
        raise
    except Exception:  # one broken row holds up nobody else
        logger.exception("a batch cannot be loaded; loading its deliveries one by one")
    letters: dict[int, Letter] = {}
    for row in deliveries:
        try:
            letters[row.pk] = load([row])[0]
        except (OperationalError, InterfaceError):
            raise
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
    until_written(partial(ending.by_answer, delivery, token, outcome, at=clock(), hop=transport.way.kind))
    return outcome
