"""Many SMTP connections' work in few statements: mails are claimed and composed ahead, markers and answers are written for several at once."""

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import DatabaseError, transaction

from notifier.delivery import ending, outbox, settle, verp
from notifier.delivery.frozen_sql import together
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import Claim, HandOver
from notifier.delivery.prepare import Composer
from notifier.delivery.prepared import Prepared
from notifier.delivery.smtp import SmtpBackend
from notifier.delivery.transport import Answer, Outcome, hop
from notifier.delivery.until_written import until_written
from notifier.delivery.wire import Wire

if TYPE_CHECKING:
    import smtplib

logger = logging.getLogger(__name__)

AHEAD = 100
"""So many mails are claimed at a time."""
PATIENCE = 20
"""So many connections in a row may break before anything was answered; then the server is left alone for a while."""


def open_wire() -> Wire:
    """Connect by Django's mail backend, with its greeting, TLS and log-in. Raises whatever that does."""
    backend = SmtpBackend()
    try:
        backend.open()
        server = cast("smtplib.SMTP", backend.connection)  # it is open
        server.ehlo_or_helo_if_needed()
        return Wire(server, timeout=backend.timeout or 30, hop=settings.MAIL.hop)
    except Exception:
        backend.abandon()
        raise


@dataclass
class Courier:
    """What a pool of connections takes its mails from and brings its answers to (``pool.Desk``).

    ``may_go_on`` is asked before each mail, and ``look`` called before each claim. ``pause``: how long a server that is down is left alone.
    ``trouble`` is what the database said where it could not be asked for more.
    """

    clock: Callable[[], datetime]
    may_go_on: Callable[[], bool]
    look: Callable[[], None]
    pause: timedelta
    composer: Composer = field(default_factory=Composer)
    dealt_with: int = 0
    breaks: int = 0
    trouble: DatabaseError | None = None
    _queue: deque[Prepared] = field(default_factory=deque)
    _claims: dict[str, float] = field(default_factory=dict)
    _tokens: dict[int, str] = field(default_factory=dict)
    _alone: bool = False

    def next(self) -> Prepared | None:
        """Return the next mail; claims more where none is left. Never raises what the database does: mails are on their way."""
        if self.is_tired or self.trouble is not None or not self.may_go_on():
            return None
        try:
            while not self._queue:
                if not self._claim_more():
                    return None
        except DatabaseError as error:
            self.trouble = error
            return None
        return self._queue.popleft()

    @property
    def is_tired(self) -> bool:
        """Tell whether connections have broken too often without an answer."""
        return self.breaks >= PATIENCE

    def settle(self, ready: list[Prepared], outcomes: list[tuple[Prepared, Outcome]]) -> set[int]:
        """Write down what became of mails, and commit the markers of those that are ready, in one transaction."""
        now = self.clock()
        granted = until_written(partial(self._write, ready, outcomes, at=now))
        for mail, outcome in outcomes:
            del self._tokens[mail.pk]
            self.breaks = self.breaks + 1 if outcome.answer in {Answer.UNREACHABLE, Answer.UNKNOWN} else 0
        self.dealt_with += len(outcomes)
        for mail in ready:
            if mail.pk not in granted:
                self._refuse(mail.pk)
        self._renew()
        return granted

    def give_back(self, *, due_at: datetime) -> None:
        """Give back what was claimed and not begun."""
        self._queue.clear()
        for token in self._claims:
            outbox.release(Claim(token, ()), due_at=due_at)
        self._claims.clear()

    def _claim_more(self) -> bool:
        """Claim and compose; a mail at which a worker was lost only when nothing else is in hand, and nothing else with it."""
        if self._alone and self._tokens:
            return False
        self.look()
        claimed = outbox.claim(now=self.clock(), most=AHEAD)
        if not claimed.ids and not self._tokens:
            claimed = outbox.claim_suspect(now=self.clock())
            self._alone = True
        elif claimed.ids:
            self._alone = False
        if not claimed.ids:
            return False
        self._prepare(claimed)
        return True

    def _prepare(self, claimed: Claim) -> None:
        self._claims[claimed.token] = time.monotonic()
        self._tokens |= dict.fromkeys(claimed.ids, claimed.token)
        fit = outbox.fit(claimed.ids, claimed.token, now=self.clock())
        made = self.composer.prepare([pk for pk in claimed.ids if pk in fit])
        for pk in claimed.ids:
            mail = made.get(pk)
            if isinstance(mail, Prepared):
                self._queue.append(replace(mail, sender=verp.envelope_sender(mail.name) or mail.sender))
            elif mail is None:
                self._refuse(pk)
            else:
                logger.error("delivery %s cannot be composed", pk, exc_info=mail)
                until_written(partial(self._cannot_compose, pk, mail))
                self._done(pk)

    def _cannot_compose(self, pk: int, error: Exception) -> None:
        for row in Delivery.objects.filter(pk=pk).select_related("notice").defer("timezone"):  # it may be gone
            ending.not_composed(row, self._tokens[pk], error, at=self.clock())

    def _done(self, pk: int) -> None:
        del self._tokens[pk]
        self.dealt_with += 1

    def _write(self, ready: list[Prepared], outcomes: list[tuple[Prepared, Outcome]], *, at: datetime) -> set[int]:
        accepted: dict[str, dict[int, str]] = defaultdict(dict)
        others: list[tuple[Prepared, Outcome]] = []
        for mail, outcome in outcomes:
            if outcome.answer is Answer.ACCEPTED:
                accepted[self._tokens[mail.pk]][mail.pk] = outcome.detail
            else:
                others.append((mail, outcome))
        waiting: dict[str, list[int]] = defaultdict(list)
        for mail in ready:
            waiting[self._tokens[mail.pk]].append(mail.pk)
        taken = [run for token, details in accepted.items() for run in settle.accepting(details, token, at=at, hop=hop())]
        granted = [run for token, ids in waiting.items() for run in outbox.granting(ids, token, now=at)]
        with transaction.atomic() if others else nullcontext():
            for mail, outcome in others:
                self._write_other(mail, outcome, at=at)
            rows = together([*taken, *granted])  # the markers last: what was cancelled until now is left out
        return {pk for found in rows[len(taken) :] for (pk,) in found}

    def _write_other(self, mail: Prepared, outcome: Outcome, *, at: datetime) -> None:
        token = self._tokens[mail.pk]
        if outcome.answer is Answer.UNREACHABLE:
            outbox.give_back(mail.pk, token, due_at=at + self.pause)
        else:
            ending.by_answer(Delivery.objects.select_related("notice").defer("timezone").get(pk=mail.pk), token, outcome, at=at)

    def _refuse(self, pk: int) -> None:
        """Write down why a mail does not go out."""
        until_written(partial(self._write_refusal, pk, now=self.clock()))
        self._done(pk)

    def _write_refusal(self, pk: int, *, now: datetime) -> None:
        token = self._tokens[pk]
        verdict = outbox.refusal(pk, token, now=now)
        if verdict is None:  # what was in the way is gone again
            outbox.give_back(pk, token, due_at=now)
        elif verdict not in {HandOver.LOST, HandOver.TRIMMED}:
            ending.by_refusal(Delivery.objects.select_related("notice").defer("timezone").get(pk=pk), token, verdict, at=now)

    def _renew(self) -> None:
        """Prolong the leases of what waits here."""
        now, third = time.monotonic(), outbox.lease().total_seconds() / 3
        alive = set(self._tokens.values())
        for token, since in list(self._claims.items()):
            if token not in alive:
                del self._claims[token]
            elif now - since > third:
                until_written(partial(outbox.renew, Claim(token, ())))
                self._claims[token] = now
