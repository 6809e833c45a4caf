"""Many SMTP connections' work in few statements: mails come from a supply ahead of them, markers and answers are written for several at once."""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from maintenance.states import Hop
from notifier.delivery import ending, outbox, supply, verp
from notifier.delivery.background import Background
from notifier.delivery.held import Held
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import HandOver
from notifier.delivery.prepare import Draft
from notifier.delivery.prepared import Prepared
from notifier.delivery.rate import Rate
from notifier.delivery.supply import Supply
from notifier.delivery.transport import Answer, Outcome
from notifier.delivery.until_written import until_written
from notifier.delivery.wire import Wire
from notifier.delivery.writing import Writing, renew_leases
from notifier.ways import Way

if TYPE_CHECKING:
    import smtplib
    from concurrent.futures import Future

    from notifier.delivery.smtp import SmtpBackend

logger = logging.getLogger(__name__)

PATIENCE = 20
"""So many connections in a row may break before anything was answered; then the server is left alone for a while."""
REFUSAL = 7
"""An answer that says nothing of the mail but that the server takes none weighs like so many of them.

So does a connection on which nothing was heard for the whole time-out: where all hang, there is no use in waiting for others to do so.
"""
_SHORTEST_SECONDS = 0.001
_FETCHING_SECONDS = 0.5
"""So often somebody looks whether mails have come who is not woken."""


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
    ``writer`` and ``claimer`` are for work on the database meanwhile. ``trouble`` is why no more could be had, mostly what the database said.
    """

    hop: Hop
    clock: Callable[[], datetime]
    may_go_on: Callable[[], bool]
    look: Callable[[], None]
    writer: Background
    claimer: Background
    accepted: Callable[[], None] = lambda: None
    rate: Rate | None = None
    once: bool = False
    newest: bool = False
    dealt_with: int = 0
    breaks: int = 0
    last: Outcome | None = None
    trouble: Exception | None = None
    _held: Held = field(default_factory=Held)
    _front: Prepared | None = None
    _go_at: float | None = None
    _writing: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Where mails go slowly, what is urgent should not find them all taken."""
        most = 1 if self.once else min(supply.AHEAD, self.rate.per_second) if self.rate is not None else supply.AHEAD
        self._supply = Supply(self._held, self.claimer, clock=self.clock, look=self.look, most=most, once=self.once, newest=self.newest)

    def next(self) -> Prepared | None:
        """Return the next mail; claims more where few are left. Never raises, whatever is the ``trouble``: mails are on their way."""
        try:
            if not self._is_there():
                self._go_at = None
            elif self._may_go():
                mail, self._front = self._front, None
                return mail
        except Exception as error:  # noqa: BLE001  # told by ``trouble`` when what is on its way has ended
            self.trouble, self._go_at = error, None
        return None

    def pause(self) -> float:
        """Return after how many seconds to ask again, as a mail waits for its time or is being fetched; 0 where there is none."""
        self._renew()
        wait = self._go_at - time.monotonic() if self._go_at is not None else 0
        if wait > 0:
            return max(wait, _SHORTEST_SECONDS)
        if self._go_at is not None:  # its time has come, and all connections are busy
            return _FETCHING_SECONDS
        return _FETCHING_SECONDS if self._supply.is_coming and self._may_take() else 0

    @property
    def is_tired(self) -> bool:
        """Tell whether connections have broken too often without an answer, or the server takes no mail at all."""
        return self.breaks >= (1 if self.once else PATIENCE)

    @property
    def problem(self) -> Outcome | None:
        """Return what the server said last where it is of no use to go on."""
        return self.last if self.is_tired else None

    def _may_take(self) -> bool:
        if self.is_tired or self.trouble is not None:
            return False
        try:
            return self.may_go_on()
        except Exception as error:  # noqa: BLE001  # as in ``next``
            self.trouble = error
            return False

    def _is_there(self) -> bool:
        """Tell whether there is a mail, composed."""
        if not self._may_take():
            return False
        while self._front is None:
            draft = self._supply.next()
            unfit, self._supply.unfit = self._supply.unfit, []
            for pk in unfit:
                self._refuse(pk)
            if draft is None:
                return False
            self._compose(draft)
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

    def _renew(self) -> None:
        """Prolong the leases of what waits, whatever it waits for: its time, a server's greeting, an answer."""
        if ripe := self._held.to_renew():
            self.writer.submit(partial(renew_leases, ripe))

    def settle(self, ready: Sequence[Prepared], outcomes: Sequence[tuple[Prepared, Outcome]]) -> "Future[set[int]]":
        """Have written down what became of mails, and the markers of those that are ready committed, in one transaction; to be followed by ``settled``."""
        tokens = {mail.pk: self._held[mail.pk] for mail in (*ready, *(mail for mail, _outcome in outcomes))}
        self._writing = tokens
        writing = Writing(ready, outcomes, tokens, self.clock(), self.hop)
        return self.writer.submit(partial(writing.written, accepted=self.accepted, renew=self._held.to_renew()))

    def settled(self, ready: Sequence[Prepared], outcomes: Sequence[tuple[Prepared, Outcome]], granted: Collection[int]) -> None:
        """Take note of what has been written."""
        for mail, outcome in outcomes:
            self._held.done(mail.pk, self._writing[mail.pk])
            self.dealt_with += outcome.answer is not Answer.UNREACHABLE  # it waits again
            self._weigh(outcome)
        self._supply.unfit += [mail.pk for mail in ready if mail.pk not in granted]  # told why when there is time: contents go first

    def _weigh(self, outcome: Outcome) -> None:
        if outcome.answer in {Answer.UNREACHABLE, Answer.UNKNOWN}:
            self.breaks, self.last = self.breaks + (REFUSAL if outcome.hung else 1), outcome
        elif outcome.of_service:
            self.breaks, self.last = self.breaks + REFUSAL, outcome
        else:
            self.breaks = 0

    def give_back(self, *, due_at: datetime) -> None:
        """Give back what was claimed and not begun."""
        self._front = None
        self._supply.stop()
        self._held.give_back(due_at=due_at)

    def _compose(self, draft: Draft) -> None:
        """Put the mail of a draft in front, or write down why there is none."""
        mail = self._supply.composer.make(draft)
        if isinstance(mail, Prepared):
            self._front = replace(mail, sender=verp.envelope_sender(mail.name) or mail.sender)
            return
        logger.error("delivery %s cannot be composed", draft.pk, exc_info=mail)
        until_written(partial(self._cannot_compose, draft.pk, mail))
        self._done(draft.pk)

    def _cannot_compose(self, pk: int, error: Exception) -> None:
        for row in Delivery.objects.filter(pk=pk).select_related("notice").defer("timezone"):  # it may be gone
            ending.not_composed(row, self._held[pk], error, at=self.clock())

    def _done(self, pk: int) -> None:
        self._held.done(pk, self._held[pk])
        self.dealt_with += 1

    def _refuse(self, pk: int) -> None:
        """Write down why a mail does not go out."""
        until_written(partial(self._write_refusal, pk, now=self.clock()))
        self._done(pk)

    def _write_refusal(self, pk: int, *, now: datetime) -> None:
        token = self._held[pk]
        verdict = outbox.refusal(pk, token, now=now)
        if verdict is None:  # what was in the way is gone again
            outbox.give_back(pk, token, due_at=now)
        elif verdict not in {HandOver.LOST, HandOver.TRIMMED}:
            ending.by_refusal(Delivery.objects.select_related("notice").defer("timezone").get(pk=pk), token, verdict, at=now)
