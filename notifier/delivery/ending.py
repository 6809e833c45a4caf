"""What an answer, a refusal to hand over, or a mail that cannot be composed means for its delivery; both ways of sending write it down here."""

from collections.abc import Sequence
from datetime import datetime

from maintenance.states import Hop
from notifier.delivery import outbox, settle
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import HandOver
from notifier.delivery.plain_reason import plain_reason
from notifier.delivery.transport import Answer, Outcome

MOST_COMPOSED = 3
"""A mail that cannot be composed is tried so often: what it lacks may be put right meanwhile."""


def by_answer(delivery: Delivery, token: str, outcome: Outcome, *, at: datetime, hop: Hop) -> None:
    """Settle a delivery as the first hop has answered; one that has not reached it is put back, and that try does not count."""
    if outcome.answer is Answer.ACCEPTED:
        settle.accepted(delivery, token, at=at, hop=hop, detail=outcome.detail)
    elif outcome.answer is Answer.PERMANENT:
        settle.failed(delivery, token, at=at, reason=outcome.reason)
    elif outcome.answer is Answer.UNKNOWN:
        settle.unknown(delivery, token, at=at, reason=f"handed over, no answer: {outcome.reason}"[:500])
    elif outcome.answer is Answer.UNREACHABLE:
        if not outbox.give_back(delivery.pk, token, due_at=at):
            settle.again(delivery, token, at=at, reason=outcome.reason)  # flagged unknown meanwhile: now it is known that nothing was handed over
    else:
        settle.again(delivery, token, at=at, reason=outcome.reason)


def by_break(delivery: Delivery, token: str, outcome: Outcome, *, at: datetime, due_at: datetime) -> None:
    """Put a delivery back whose connection broke before it was handed over; one whose connections break for days is given up."""
    if at > settle.last_try(delivery):
        settle.failed(delivery, token, at=at, reason=f"given up: its connections break: {outcome.reason}"[:500])
    elif not outbox.give_back(delivery.pk, token, due_at=due_at):
        settle.again(delivery, token, at=at, reason=outcome.reason)  # flagged unknown meanwhile: now it is known that nothing was handed over


def by_answers(answers: Sequence[tuple[Delivery, Outcome]], token: str, *, at: datetime, hop: Hop) -> None:
    """Settle several deliveries of one claim as the first hop has answered."""
    accepted = {delivery.pk: outcome.detail for delivery, outcome in answers if outcome.answer is Answer.ACCEPTED}
    if accepted:
        settle.all_accepted(accepted, token, at=at, hop=hop)
    for delivery, outcome in answers:
        if delivery.pk not in accepted:
            by_answer(delivery, token, outcome, at=at, hop=hop)


def by_refusal(delivery: Delivery, token: str, verdict: HandOver, *, at: datetime) -> None:
    """Settle a delivery that may not go out any more."""
    if verdict is HandOver.LATE:
        settle.failed(delivery, token, at=at, reason="too late: it could no longer be accepted in time, and is not sent as if it were")
    elif verdict is HandOver.REPLACED:
        settle.withdrawn(delivery, token, at=at, reason="replaced by a newer notice")
    elif verdict is HandOver.STALE:
        settle.withdrawn(delivery, token, at=at, reason="came too late to be of use")


def not_composed(delivery: Delivery, token: str, error: Exception, *, at: datetime) -> None:
    """Put a delivery back that cannot be composed, for a few times; then it has failed."""
    reason = f"cannot be composed: {plain_reason(error)}"[:500]
    if delivery.attempts < MOST_COMPOSED:
        settle.again(delivery, token, at=at, reason=reason)
    else:
        settle.failed(delivery, token, at=at, reason=reason)
