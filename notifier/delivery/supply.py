"""Mails ahead of the connections: claimed and read in the background, and each composed when it is asked for."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from notifier.delivery import outbox
from notifier.delivery.background import Background
from notifier.delivery.held import Held
from notifier.delivery.outbox import Claim
from notifier.delivery.prepare import Composer, Draft

if TYPE_CHECKING:
    from concurrent.futures import Future

AHEAD = 100
"""So many mails are claimed at a time."""
LEAST_PART = 8
"""Where mails go slowly, so small a part of them is left when more are claimed: what is urgent should not find many before it."""
EMPTY_SECONDS = 0.5
"""So long nothing is claimed after there was nothing, while other mails are on their way: these are to be heard of first."""


@dataclass(frozen=True)
class _Fetched:
    """A claim of that moment (``time.monotonic()``), and what its mails are made of; ``drafts`` lack those that may not go out as things stand."""

    claimed: Claim
    since: float
    drafts: list[Draft] = field(default_factory=list)
    is_suspect: bool = False
    trouble: Exception | None = None


class Supply:
    """Claims ``most`` at a time, and mails at which a worker was lost alone, when nothing else is held. ``look`` is called before each claim.

    ``once``: one claim. ``newest``: the newest mails first.
    """

    def __init__(
        self,
        held: Held,
        background: Background,
        *,
        clock: Callable[[], datetime],
        look: Callable[[], None],
        most: int,
        once: bool = False,
        newest: bool = False,
    ) -> None:
        """Nothing is claimed yet."""
        self._held, self._background = held, background
        self._clock, self._look = clock, look
        self._most, self._once, self._newest = most, once, newest
        self.composer = Composer()
        self._drafts: deque[Draft] = deque()
        self._coming: Future[_Fetched] | None = None
        self._only_one = self._has_claimed = False
        self._empty_until = -math.inf
        self._given = self._reserve = 0
        self.unfit: list[int] = []
        """Keys of what was claimed and may not go out as things stand; for the caller to settle and take away."""

    @property
    def is_coming(self) -> bool:
        """Tell whether a claim is under way."""
        return self._coming is not None

    def next(self) -> Draft | None:
        """Return the next mail; None where there is none, or none yet. Raises what the database says."""
        self._take_in()
        if len(self._drafts) <= self._reserve:
            self._claim_more()
            self._take_in()
        self._given += bool(self._drafts)
        return self._drafts.popleft() if self._drafts else None

    def stop(self) -> None:
        """Forget what waits; it is held still."""
        self._drafts.clear()
        if self._coming is not None:
            coming, self._coming = self._coming, None
            if coming.exception() is None:  # else it has claimed nothing, and its error is not news any more
                fetched = coming.result()
                self._held.add(fetched.claimed, since=fetched.since)

    def _claim_more(self) -> None:
        is_enough = self._has_claimed if self._once else self._only_one and self._held
        if self._coming is not None or is_enough or time.monotonic() < self._empty_until:
            return
        self._given = 0
        self._coming = self._background.submit(partial(self._fetch, is_free=not self._held))

    def _take_in(self) -> None:
        if self._coming is None or not self._coming.done():
            return
        coming, self._coming = self._coming, None
        fetched = coming.result()
        if self._background.is_thread:  # twice what was used up meanwhile
            self._reserve = min(max(2 * self._given, self._most // LEAST_PART), self._most)
        if not fetched.claimed.ids:
            self._empty_until = time.monotonic() + EMPTY_SECONDS
            return
        self._has_claimed = True
        self._held.add(fetched.claimed, since=fetched.since)
        if fetched.trouble is not None:
            raise fetched.trouble
        self._only_one = fetched.is_suspect
        self._drafts += fetched.drafts
        self.unfit += set(fetched.claimed.ids) - {draft.pk for draft in fetched.drafts}

    def _fetch(self, *, is_free: bool) -> _Fetched:
        """Claim, and read what mails are made of; perhaps in another thread."""
        self._look()
        since, is_suspect = time.monotonic(), False
        claimed = outbox.claim(now=self._clock(), most=self._most, newest=self._newest)
        if not claimed.ids and is_free:
            claimed, is_suspect = outbox.claim_suspect(now=self._clock()), True
        if not claimed.ids:
            return _Fetched(claimed, since)
        try:
            fit = outbox.fit(claimed.ids, claimed.token, now=self._clock())
            drafts = self.composer.read([pk for pk in claimed.ids if pk in fit])
        except Exception as error:  # noqa: BLE001  # whatever it was, what is claimed is held, and given back
            return _Fetched(claimed, since, trouble=error)
        return _Fetched(claimed, since, drafts, is_suspect)
