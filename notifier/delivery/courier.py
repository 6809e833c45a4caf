"""Many SMTP connections' work in few statements: mails are claimed and composed ahead, markers and answers are written for several at once."""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction

from notifier.delivery import outbox, settle, verp
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import Claim, HandOver
from notifier.delivery.plain_reason import plain_reason
from notifier.delivery.prepare import Composer
from notifier.delivery.prepared import Prepared
from notifier.delivery.transport import Answer, Outcome, hop
from notifier.delivery.wire import Wire

logger = logging.getLogger(__name__)

AHEAD = 100
"""So many mails are claimed at a time."""
PATIENCE = 20
"""So many connections in a row may break before anything was answered; then the server is left alone for a while."""


def open_wire() -> Wire:
    """Connect by Django's mail backend, with its greeting, TLS and log-in. Raises whatever that does."""
    backend = get_connection()
    try:
        backend.open()
        backend.connection.ehlo_or_helo_if_needed()
    except Exception:
        if backend.connection is not None:
            backend.connection.close()
        raise
    return Wire(backend.connection, timeout=backend.timeout or 30, hop=settings.MAIL.hop)  # type: ignore[attr-defined]  # of the SMTP backend


@dataclass
class Courier:
    """What a pool of connections takes its mails from and brings its answers to (``pool.Desk``).

    ``may_go_on`` is asked before each mail, and ``look`` called before each claim. ``pause``: how long a server that is down is left alone.
    """

    clock: Callable[[], datetime]
    may_go_on: Callable[[], bool]
    look: Callable[[], None]
    pause: timedelta
    composer: Composer = field(default_factory=Composer)
    dealt_with: int = 0
    troubles: int = 0
    _queue: deque[Prepared] = field(default_factory=deque)
    _claims: dict[str, float] = field(default_factory=dict)
    _tokens: dict[int, str] = field(default_factory=dict)

    def next(self) -> Prepared | None:
        """Return the next mail; claims more where none is left."""
        if self.is_tired or not self.may_go_on():
            return None
        while not self._queue:
            self.look()
            claimed = outbox.claim(now=self.clock(), most=AHEAD)
            if not claimed.ids:
                return None
            self._prepare(claimed)
        return self._queue.popleft()

    @property
    def is_tired(self) -> bool:
        """Tell whether connections have broken too often without an answer."""
        return self.troubles >= PATIENCE

    def settle(self, ready: list[Prepared], outcomes: list[tuple[Prepared, Outcome]]) -> set[int]:
        """Write down what became of mails, and commit the markers of those that are ready, in one transaction."""
        now = self.clock()
        with transaction.atomic():
            self._write(outcomes, at=now)
            granted: set[int] = set()
            for token in {self._tokens[mail.pk] for mail in ready}:
                granted |= outbox.grant([mail.pk for mail in ready if self._tokens[mail.pk] == token], token, now=now)
        for mail in ready:
            if mail.pk not in granted:
                self._refuse(mail.pk, now=now)
        self._renew()
        return granted

    def give_back(self, *, due_at: datetime) -> None:
        """Give back what was claimed and not begun."""
        self._queue.clear()
        for token in self._claims:
            outbox.release(Claim(token, ()), due_at=due_at)
        self._claims.clear()

    def _prepare(self, claimed: Claim) -> None:
        self._claims[claimed.token] = time.monotonic()
        self._tokens |= dict.fromkeys(claimed.ids, claimed.token)
        fit = outbox.fit(claimed.ids, claimed.token, now=self.clock())
        made = self.composer.prepare([pk for pk in claimed.ids if pk in fit])
        for pk in claimed.ids:
            if pk not in fit:
                self._refuse(pk, now=self.clock())
                continue
            mail = made[pk]
            if isinstance(mail, Prepared):
                self._queue.append(replace(mail, sender=verp.envelope_sender(mail.name) or mail.sender))
                continue
            logger.error("delivery %s cannot be composed", pk, exc_info=mail)
            self.dealt_with += 1
            del self._tokens[pk]
            for row in Delivery.objects.filter(pk=pk):
                settle.failed(row, claimed.token, at=self.clock(), reason=f"cannot be composed: {plain_reason(mail)}"[:500])

    def _write(self, outcomes: list[tuple[Prepared, Outcome]], *, at: datetime) -> None:
        accepted: dict[str, dict[int, str]] = {}
        for mail, outcome in sorted(outcomes, key=lambda one: one[0].pk):
            token = self._tokens.pop(mail.pk)
            self.dealt_with += 1
            self.troubles = self.troubles + 1 if outcome.answer in {Answer.UNREACHABLE, Answer.UNKNOWN} else 0
            if outcome.answer is Answer.ACCEPTED:
                accepted.setdefault(token, {})[mail.pk] = outcome.detail
            elif outcome.answer is Answer.UNREACHABLE:
                outbox.give_back(mail.pk, token, due_at=at + self.pause)
            else:
                self._end(mail.pk, token, outcome, at=at)
        for token, details in accepted.items():
            settle.all_accepted(details, token, at=at, hop=hop())

    def _end(self, pk: int, token: str, outcome: Outcome, *, at: datetime) -> None:
        row = Delivery.objects.select_related("notice").get(pk=pk)
        if outcome.answer is Answer.PERMANENT:
            settle.failed(row, token, at=at, reason=outcome.reason)
        elif outcome.answer is Answer.UNKNOWN:
            settle.unknown(row, token, at=at, reason=f"handed over, no answer: {outcome.reason}"[:500])
        else:
            settle.again(row, token, at=at, reason=outcome.reason)

    def _refuse(self, pk: int, *, now: datetime) -> None:
        """Write down why a mail does not go out."""
        token = self._tokens.pop(pk)
        self.dealt_with += 1
        verdict = outbox.hand_over(pk, token, now=now)
        row = Delivery.objects.select_related("notice").get(pk=pk)
        if verdict is HandOver.LATE:
            settle.failed(row, token, at=now, reason="too late: it could no longer be accepted in time, and is not sent as if it were")
        elif verdict is HandOver.REPLACED:
            settle.withdrawn(row, token, at=now, reason="replaced by a newer notice")
        elif verdict is HandOver.STALE:
            settle.withdrawn(row, token, at=now, reason="came too late to be of use")
        elif verdict is HandOver.READY:  # what was in the way is gone again: nothing was written to the server
            outbox.give_back(pk, token, due_at=now)

    def _renew(self) -> None:
        """Prolong the leases of what waits here."""
        now, third = time.monotonic(), outbox.lease().total_seconds() / 3
        alive = set(self._tokens.values())
        for token, since in list(self._claims.items()):
            if token not in alive:
                del self._claims[token]
            elif now - since > third:
                outbox.renew(Claim(token, ()))
                self._claims[token] = now
