"""The program's Celery, whose Redis consumer goes deaf when the file that ``DEAF`` names is there: it takes itself for waiting, and never asks.

That is how Celery hangs after a reset: process, connections and answers to ``inspect`` all look well.
"""

import os
from pathlib import Path
from typing import Any

from kombu.transport.redis import Channel

from notifier.celery import app

__all__ = ["app"]

_channel: Any = Channel  # kombu has types for what is public only
_asks = _channel._brpop_start


def _asks_or_not(channel: Any, *given: Any, **named: Any) -> None:  # noqa: ANN401  # as above
    if Path(os.environ["DEAF"]).exists():
        channel._in_poll, channel._brpop_sent_at = channel.client.connection, None
        return
    _asks(channel, *given, **named)


_channel._brpop_start = _asks_or_not
