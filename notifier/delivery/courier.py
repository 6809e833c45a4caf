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

from django.db import DatabaseError, transaction

from maintenance.states import Hop
from notifier.delivery import ending, outbox, settle, verp
from notifier.delivery.frozen_sql import together
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import Claim, HandOver
from notifier.delivery.prepare import Composer
from notifier.delivery.prepared import Prepared
from notifier.delivery.rate import Rate
from notifier.delivery.transport import Answer, Outcome
from notifier.delivery.until_written import until_written
from notifier.delivery.wire import Wire
from notifier.ways import Way

if TYPE_CHECKING:
    import smtplib

    from notifier.delivery.smtp import SmtpBackend

logger = logging.getLogger(__name__)

AHEAD = 100
"""So many mails are claimed at a time."""
PATIENCE = 20
"""So many connections in a row may break before anything was answered; then the server is left alone for a while."""
REFUSAL = 7
"""An answer that says nothing of the mail but that the server takes none weighs like so many of them.

So does a connection on which nothing was heard for the whole time-out: where all hang, there is no use in waiting for others to do so.
"""
BREAK_PAUSE = timedelta(seconds=10)
"""So long a mail waits whose connection broke: where it is the mail that breaks connections, the others go first."""


def open_wire(way: Way) -> Wire:
    """Connect by Django's mail backend, with its greeting, TLS and log-in. Raises whatever that does."""
    backend = cast("SmtpBackend", way.connect())
    try:
        backend.open()
        server = cast("smtplib.SMTP", backend.connection)  # it is open
        server.ehlo_or_helo_if_needed()
        return Wire(server, timeout=backend.timeout or 30, hop=way.hop)
    except Exception:  # whatever it was, the socket must not stay open
        backend.abandon()
        raise


@dataclass
class Courier:
    """What a pool of connections takes its mails from and brings its answers to (``pool.Desk``).

    ``may_go_on`` is asked before each mail, and ``look`` called before each claim; ``accepted`` when mails were accepted. ``once``: one mail, to try the way.
    ``trouble`` is what the database said where it could not be asked for more.
    """

    hop: Hop
    clock: Callable[[], datetime]
    may_go_on: Callable[[], bool]
    look: Callable[[], None]
    accepted: Callable[[], None] = lambda: None
    rate: Rate | None = None
    once: bool = False
    newest: bool = False
    composer: Composer = field(default_factory=Composer)
    dealt_with: int = 0
    breaks: int = 0
    last: Outcome | None = None
    trouble: DatabaseError | None = None
    _queue: deque[Prepared] = field(default_factory=deque)
    _claims: dict[str, float] = field(default_factory=dict)
    _tokens: dict[int, str] = field(default_factory=dict)
    _alone: bool = False
    _has_claimed: bool = False
    _go_at: float | None = None

    def next(self) -> Prepared | None:
        """Return the next mail; claims more where none is left. Never raises what the database does: mails are on their way."""
        try:
            return self._queue.popleft() if self._is_there() and self._may_go() else None
        except DatabaseError as error:
            self.trouble, self._go_at = error, None
            return None

    def pause(self) -> float:
        """Return after how many seconds the mail that waits for its time may go; 0 where none does."""
        return max(0.001, self._go_at - time.monotonic()) if self._go_at is not None else 0

    @property
    def is_tired(self) -> bool:
        """Tell whether connections have broken too often without an answer, or the server takes no mail at all."""
        return self.breaks >= (1 if self.once else PATIENCE)

    @property
    def problem(self) -> Outcome | None:
        """Return what the server said last where it is of no use to go on."""
        return self.last if self.is_tired else None

    def _is_there(self) -> bool:
        """Tell whether there is a mail, after a claim where none is left."""
        if self.is_tired or self.trouble is not None or not self.may_go_on():
            self._go_at = None
            return False
        while not self._queue:
            if not self._claim_more():
                self._go_at = None
                return False
        return True

    def _may_go(self) -> bool:
        """Tell whether it is time for the next mail; until then what waits stays ours."""
        if self._go_at is not None and time.monotonic() < self._go_at:
            return False
        wait = self.rate.want() if self.rate is not None else 0
        self._go_at = time.monotonic() + wait if wait else None
        if wait:
            self._renew()
        return not wait

    def settle(self, ready: list[Prepared], outcomes: list[tuple[Prepared, Outcome]]) -> set[int]:
        """Write down what became of mails, and commit the markers of those that are ready, in one transaction."""
        now = self.clock()
        granted = until_written(partial(self._write, ready, outcomes, at=now))
        for mail, outcome in outcomes:
            del self._tokens[mail.pk]
            self._weigh(outcome)
        if any(outcome.answer is Answer.ACCEPTED for _mail, outcome in outcomes):
            until_written(self.accepted)
        self.dealt_with += len(outcomes)
        for mail in ready:
            if mail.pk not in granted:
                self._refuse(mail.pk)
        self._renew()
        return granted

    def _weigh(self, outcome: Outcome) -> None:
        if outcome.answer in {Answer.UNREACHABLE, Answer.UNKNOWN}:
            self.breaks, self.last = self.breaks + (REFUSAL if outcome.hung else 1), outcome
        elif outcome.of_service:
            self.breaks, self.last = self.breaks + REFUSAL, outcome
        else:
            self.breaks = 0

    def give_back(self, *, due_at: datetime) -> None:
        """Give back what was claimed and not begun."""
        self._queue.clear()
        for token in self._claims:
            outbox.release(Claim(token, ()), due_at=due_at)
        self._claims.clear()

    def _claim_more(self) -> bool:
        """Claim and compose; a mail at which a worker was lost only when nothing else is in hand, and nothing else with it."""
        if (self._alone and self._tokens) or (self.once and self._has_claimed):
            return False
        self.look()
        claimed = outbox.claim(now=self.clock(), most=self._ahead(), newest=self.newest)
        if not claimed.ids and not self._tokens:
            claimed = outbox.claim_suspect(now=self.clock())
            self._alone = True
        elif claimed.ids:
            self._alone = False
        if not claimed.ids:
            return False
        self._has_claimed = True
        self._prepare(claimed)
        return True

    def _ahead(self) -> int:
        """Return how many to claim: where mails go slowly, what is urgent should not find them all taken."""
        if self.once:
            return 1
        return min(AHEAD, self.rate.per_second) if self.rate is not None else AHEAD

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
        taken = [run for token, details in accepted.items() for run in settle.accepting(details, token, at=at, hop=self.hop)]
        granted = [run for token, ids in waiting.items() for run in outbox.granting(ids, token, now=at)]
        with transaction.atomic() if others else nullcontext():
            for mail, outcome in others:
                self._write_other(mail, outcome, at=at)
            rows = together([*taken, *granted])  # the markers last: what was cancelled until now is left out
        return {pk for found in rows[len(taken) :] for (pk,) in found}

    def _write_other(self, mail: Prepared, outcome: Outcome, *, at: datetime) -> None:
        token = self._tokens[mail.pk]
        if outcome.answer is Answer.UNREACHABLE:
            outbox.give_back(mail.pk, token, due_at=at if outcome.of_service else at + BREAK_PAUSE)
        else:
            ending.by_answer(Delivery.objects.select_related("notice").defer("timezone").get(pk=mail.pk), token, outcome, at=at, hop=self.hop)

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
