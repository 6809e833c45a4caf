"""The circuit breaker of each way that mail takes, shared by all workers through the database.

Closed: mail goes. A way that is in trouble is left alone (open) for a while that doubles each time; then one worker sends one mail by it (half-open), and
only where that is accepted does the other mail follow.
"""

import logging
import random
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.models import Breaker
from notifier.ways import Way, WayName, primary, ways

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=1)
"""A try costs one connection, and what waits should not wait long for a server that is back."""
TROUBLES_BEFORE_FALLBACK = 3
"""The fallback is for a way that is down, not for a server that is restarted."""
LOOK_SECONDS = 2
"""So old may a worker's knowledge of a breaker be."""
RETURN_SECONDS = 5
"""So often a worker that sends by the fallback looks whether the primary is to be tried."""


class State(StrEnum):
    """Of a breaker."""

    CLOSED = "closed"  # mail goes
    OPEN = "open"  # it is left alone
    HALF_OPEN = "half-open"  # one mail tries it


@dataclass(frozen=True)
class BreakerState:
    """How it stands with a way: ``since`` when it has been in trouble, ``troubles`` in a row, and why; all but ``way`` empty where it is closed."""

    way: WayName
    hop: str
    state: State = State.CLOSED
    since: datetime | None = None
    retry_at: datetime | None = None
    reason: str = ""
    troubles: int = 0

    @property
    def transport(self) -> str:
        """Return its name among the gauges."""
        return self.way


@dataclass
class Choice:
    """The way that a worker takes; with a ``token`` it is the one that tries it, with one mail. ``troubles``: in a row, when it was chosen."""

    way: Way
    token: str = ""
    troubles: int = 0
    began: float = field(default_factory=time.monotonic)
    looked: float = -LOOK_SECONDS
    turned: float = field(default_factory=time.monotonic)

    @property
    def is_probe(self) -> bool:
        """Tell whether one mail is to be sent, and no more."""
        return bool(self.token)

    @property
    def takes_newest(self) -> bool:
        """Tell whether to try with the newest mail: where every try took the oldest, one that is at fault itself would hold up all others."""
        return self.is_probe and self.troubles % 2 == 0


def choose(*, now: datetime) -> Choice | None:
    """Return the way that mail takes now, by one mail or by all of them; None where nothing can be sent now."""
    rows = {row.way: row for row in Breaker.objects.all()}
    for way in ways():
        row = rows.get(way.name)
        if row is None or not row.troubles:
            return Choice(way)
        choice = _probe(way, row, now=now)
        if choice is not None:
            return choice
        if row.troubles < TROUBLES_BEFORE_FALLBACK:
            return None
    return None


def trouble(choice: Choice, reason: str, *, now: datetime, hung: bool = False) -> bool:
    """Note that the way was taken in vain; return whether it counts: of many workers that run into one trouble, one does.

    A worker whose knowledge is older than what is written changes nothing. ``hung``: nothing was heard; that is no restart, so it counts as many.
    """
    troubles = choice.troubles + (TROUBLES_BEFORE_FALLBACK if hung else 1)
    pause = pause_after(troubles, took=_took(choice, hung=hung) if len(ways()) > 1 else timedelta(0))
    if not choice.is_probe:
        Breaker.objects.bulk_create([Breaker(way=choice.way.name)], ignore_conflicts=True)
    known = Breaker.objects.filter(way=choice.way.name, troubles=choice.troubles, probe_token=choice.token)
    counts = known.update(
        troubles=troubles,
        since=Coalesce("since", Value(now)),
        retry_at=now + pause,
        reason=reason[:500] or "no connection",
        probe_token="",
        probe_until=None,
    )
    if counts and not choice.troubles:
        logger.warning("%s (%s) is left alone for %.0f s: %s", choice.way.name, choice.way.hop, pause.total_seconds(), reason)
    if counts and choice.troubles < TROUBLES_BEFORE_FALLBACK <= troubles and choice.way.name == "primary" and len(ways()) > 1:
        logger.warning("mail takes the fallback (%s) until %s works again: %s", ways()[1].hop, choice.way.hop, reason)
    return bool(counts)


def good(choice: Choice) -> None:
    """Note that a mail was accepted: that ends any trouble, also one that another worker has with the way. Costs a look every ``LOOK_SECONDS``."""
    if time.monotonic() - choice.looked < LOOK_SECONDS:
        return
    choice.looked = time.monotonic()
    row = Breaker.objects.filter(way=choice.way.name, troubles__gt=0).first()
    if row is None:
        return
    open_still = Breaker.objects.filter(way=row.way, troubles=row.troubles)
    if open_still.update(troubles=0, since=None, retry_at=None, reason="", probe_token="", probe_until=None):
        logger.info("mail goes by %s (%s) again; since %s it did not: %s", choice.way.name, choice.way.hop, row.since, row.reason)


def leave(choice: Choice) -> None:
    """Give a try back that has shown nothing, as the mail was refused for its own sake: the next mail may try at once."""
    if choice.is_probe:
        Breaker.objects.filter(way=choice.way.name, probe_token=choice.token).update(probe_token="", probe_until=None)


def may_return(choice: Choice, *, now: datetime) -> bool:
    """Tell whoever sends by the fallback whether the primary should be looked at; asked often, it looks every ``RETURN_SECONDS``."""
    if choice.way.name == "primary" or time.monotonic() - choice.turned < RETURN_SECONDS:
        return False
    choice.turned = time.monotonic()
    row = Breaker.objects.filter(way=primary().name).first()
    return row is None or not row.troubles or _free().filter(_due(now), pk=row.pk).exists()


def states() -> list[BreakerState]:
    """Return how it stands with each way, the primary first."""
    rows = {row.way: row for row in Breaker.objects.filter(troubles__gt=0)}
    tried = set(Breaker.objects.filter(probe_until__gt=DatabaseTime()).values_list("way", flat=True)) if rows else set()
    found = []
    for way in ways():
        row = rows.get(way.name)
        if row is None:
            found.append(BreakerState(way.name, way.hop))
        else:
            state = State.HALF_OPEN if row.way in tried else State.OPEN
            found.append(BreakerState(way.name, way.hop, state, row.since, row.retry_at, row.reason, row.troubles))
    return found


def pause_after(troubles: int, *, took: timedelta = timedelta(0)) -> timedelta:
    """Return how long a way is left alone after so many troubles in a row, with jitter; at least twice the time that the try ``took`` from other mail."""
    doubled: timedelta = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(troubles - 1, 10)))
    spread = doubled * random.uniform(1, 1.5)  # noqa: S311  # spreads load, guards nothing
    return min(LONGEST_PAUSE, max(spread, 2 * took))


def _took(choice: Choice, *, hung: bool) -> timedelta:
    """Return how long the fallback was not used because the way was tried."""
    if choice.is_probe:
        return timedelta(seconds=time.monotonic() - choice.began)
    return timedelta(seconds=settings.EMAIL_TIMEOUT if hung else 0)


def _probe(way: Way, row: Breaker, *, now: datetime) -> Choice | None:
    """Become the one that tries the way, if it is time and nobody else is."""
    token = secrets.token_hex(16)
    lease = timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
    free = _free().filter(_due(now), way=way.name, troubles=row.troubles)
    if not free.exists() or not free.update(probe_token=token, probe_until=DatabaseTime(lease)):  # on SQLite an update waits for whoever writes
        return None
    return Choice(way, token, row.troubles)


def _free() -> "QuerySet[Breaker]":
    return Breaker.objects.filter(Q(probe_until__isnull=True) | Q(probe_until__lte=DatabaseTime()))


def _due(now: datetime) -> Q:
    """What is farther away than the longest pause was written by a clock that has been put right since."""
    return Q(retry_at__lte=now) | Q(retry_at__gt=now + LONGEST_PAUSE)
