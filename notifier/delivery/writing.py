"""What the connections bring, written down for several mails in one transaction: answers, and the markers of those whose content may go."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.db import InterfaceError, OperationalError, transaction

from maintenance.states import Hop
from notifier.delivery import ending, outbox, settle
from notifier.delivery.frozen_sql import together
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import Claim
from notifier.delivery.prepared import Prepared
from notifier.delivery.transport import Answer, Outcome
from notifier.delivery.until_written import until_written

logger = logging.getLogger(__name__)

BREAK_PAUSE = timedelta(seconds=10)
"""So long a mail waits whose connection broke: where it is the mail that breaks connections, the others go first."""


@dataclass(frozen=True)
class Writing:
    """One look at the connections: mails that are ``ready`` for their content, and what became of others. ``tokens`` of all of them by key."""

    ready: Sequence[Prepared]
    outcomes: Sequence[tuple[Prepared, Outcome]]
    tokens: Mapping[int, str]
    at: datetime
    hop: Hop

    def written(self, *, accepted: Callable[[], None], renew: Collection[str]) -> set[int]:
        """Write it down, however long the database takes; return whose content may go (by key).

        Then call ``accepted`` if a mail was, and prolong the leases of the claims to ``renew``.
        """
        granted = self._all_written()
        if any(outcome.answer is Answer.ACCEPTED for _mail, outcome in self.outcomes):
            until_written(accepted)
        renew_leases(renew)
        return granted

    def _all_written(self) -> set[int]:
        try:
            return until_written(self.write)
        except (OperationalError, InterfaceError):  # it cannot be reached: no single mail's fault
            raise
        except Exception:  # one of them is at fault: it holds up no other
            logger.exception("what became of mails cannot be written down together; writing it down one by one")
        alone = [replace(self, ready=(), outcomes=(outcome,)) for outcome in self.outcomes] + [replace(self, ready=(mail,), outcomes=()) for mail in self.ready]
        granted: set[int] = set()
        for one in alone:
            try:
                granted |= until_written(one.write)
            except (OperationalError, InterfaceError):
                raise
            except Exception:  # its lease runs out: it is flagged if its marker is there
                logger.exception("what became of a mail cannot be written down")
        return granted

    def write(self) -> set[int]:
        """Write it down in one transaction; return whose content may go."""
        details: dict[str, dict[int, str]] = defaultdict(dict)
        others: list[tuple[Prepared, Outcome]] = []
        for mail, outcome in self.outcomes:
            if outcome.answer is Answer.ACCEPTED:
                details[self.tokens[mail.pk]][mail.pk] = outcome.detail
            else:
                others.append((mail, outcome))
        waiting: dict[str, list[int]] = defaultdict(list)
        for mail in self.ready:
            waiting[self.tokens[mail.pk]].append(mail.pk)
        taken = [run for token, said in details.items() for run in settle.accepting(said, token, at=self.at, hop=self.hop)]
        granted = [run for token, ids in waiting.items() for run in outbox.granting(ids, token, now=self.at)]
        with transaction.atomic() if others else nullcontext():
            for mail, outcome in others:
                self._write_other(mail, outcome)
            rows = together([*taken, *granted])  # the markers last: what was cancelled until now is left out
        return {pk for found in rows[len(taken) :] for (pk,) in found}

    def _write_other(self, mail: Prepared, outcome: Outcome) -> None:
        token = self.tokens[mail.pk]
        for row in Delivery.objects.filter(pk=mail.pk).select_related("notice").defer("timezone"):  # it may be gone
            if outcome.answer is not Answer.UNREACHABLE or outcome.of_service:
                ending.by_answer(row, token, outcome, at=self.at, hop=self.hop)
            else:
                ending.by_break(row, token, outcome, at=self.at, due_at=self.at + BREAK_PAUSE)


def renew_leases(tokens: Collection[str]) -> None:
    """Prolong the leases of claims."""
    for token in tokens:
        until_written(partial(outbox.renew, Claim(token, ())))
