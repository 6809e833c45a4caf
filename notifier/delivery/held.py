"""What a courier holds: mails of several claims, whose leases it prolongs while it waits."""

import time
from collections.abc import Collection
from datetime import datetime

from notifier.delivery import outbox
from notifier.delivery.outbox import Claim


class Held:
    """Mails by their keys; each is held by the token of its claim until it is ``done``."""

    def __init__(self) -> None:
        """Nothing is held."""
        self._tokens: dict[int, str] = {}
        self._since: dict[str, float] = {}

    def __bool__(self) -> bool:
        """Tell whether anything is held."""
        return bool(self._tokens)

    def __getitem__(self, pk: int) -> str:
        """Return the token that holds a mail."""
        return self._tokens[pk]

    def add(self, claimed: Claim, *, since: float) -> None:
        """Hold what was claimed, ``since`` that moment (``time.monotonic()``)."""
        self._since[claimed.token] = since
        self._tokens |= dict.fromkeys(claimed.ids, claimed.token)

    def done(self, pk: int, token: str) -> None:
        """Let go of a mail that is settled, unless it was claimed again meanwhile: with another token."""
        if self._tokens[pk] == token:
            del self._tokens[pk]

    def to_renew(self) -> Collection[str]:
        """Return the tokens whose lease is over by a third; they count as renewed now."""
        now, third = time.monotonic(), outbox.lease().total_seconds() / 3
        if not any(now - since > third for since in self._since.values()):
            return ()
        alive = set(self._tokens.values())
        self._since = {token: since for token, since in self._since.items() if token in alive}
        ripe = [token for token, since in self._since.items() if now - since > third]
        self._since.update(dict.fromkeys(ripe, now))
        return ripe

    def give_back(self, *, due_at: datetime) -> None:
        """Give back what was not handed over."""
        for token in self._since:
            outbox.release(Claim(token, ()), due_at=due_at)
        self._since.clear()
