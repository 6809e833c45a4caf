"""Several mails of a claim in one call, where the ESP takes that. What is left over goes one by one, as to any other server."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from notifier.delivery import esp_batches, outbox
from notifier.delivery.compose import Mail, message
from notifier.delivery.letter import Letter
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import Claim
from notifier.delivery.rate import Gate
from notifier.delivery.transport import Outcome, Transport

logger = logging.getLogger(__name__)

_FEWEST = 2


def sent(
    deliveries: Sequence[Delivery],
    letters: Mapping[int, Letter],
    claimed: Claim,
    transport: Transport,
    *,
    clock: Callable[[], datetime],
    gate: Gate,
) -> Iterator[list[tuple[Delivery, Outcome]]]:
    """Send, and yield after each call what became of the mails in it, to be settled at once.

    Left over is what goes with no other, what may not go out as things stand, what was tried before (a mail that crashes the process is found out so) and
    a call that was refused as a whole.
    """
    first = {row.pk: row for row in deliveries if row.attempts == 1 and row.pk in letters}
    if len(first) < _FEWEST or transport.open() is not None or not esp_batches.takes(transport.esp):
        return
    mails = _composed(first, letters)
    renewal = outbox.Renewal(claimed)
    for group in _groups(transport.esp, mails):
        if not gate.let(len(group), meanwhile=renewal) or transport.open() is not None:
            return
        granted = outbox.grant(group, claimed.token, now=clock())
        ready = [pk for pk in group if pk in granted]
        outcomes = transport.send_together([mails[pk] for pk in ready]) if len(ready) >= _FEWEST else None
        if outcomes is None:
            outbox.take_back(ready, claimed.token)
        else:
            yield [(first[pk], outcome) for pk, outcome in zip(ready, outcomes, strict=True)]
        outbox.renew(claimed)  # of what waits for its turn


def _groups(esp: str, mails: Mapping[int, Mail]) -> list[list[int]]:
    try:
        return esp_batches.groups(esp, mails)
    except Exception:  # one mail that cannot be compared holds up no other
        logger.exception("mails cannot be put together; sending them one by one")
        return []


def _composed(rows: Mapping[int, Delivery], letters: Mapping[int, Letter]) -> dict[int, Mail]:
    """Return the mails that can be composed; of the others is said why when it is their turn alone."""
    mails = {}
    for pk in rows:
        try:
            mail = message(letters[pk])
            mail.message()
        except Exception:  # noqa: BLE001, S112  # see above
            continue
        mails[pk] = mail
    return mails
