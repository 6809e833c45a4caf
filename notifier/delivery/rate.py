"""How many mails a second a way may take: a bucket of tokens that all workers share through Redis, each worker's own without it."""

import functools
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from notifier.ways import Way

logger = logging.getLogger(__name__)

REDIS_SECONDS = 1
"""So long Redis may take: mail does not wait for it."""
AWAY_SECONDS = 10
"""So long a Redis that did not answer is not asked again."""
_SHORTEST_WAIT_SECONDS = 0.001
_LONGEST_WAIT_SECONDS = 0.5
_IDLE_SECONDS = 1
"""Tokens that were taken ahead and not used for so long are void: they would go on top of what is fresh."""
_WAITING_SECONDS = 30
"""Those of somebody who waits for more are kept longer."""

_TAKE = """
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = burst
if kept[1] then
  level = math.min(burst, tonumber(kept[1]) + math.max(0, now - tonumber(kept[2])) * rate)
end
local granted = math.min(wanted, math.floor(level))
level = level - granted
redis.call('HSET', KEYS[1], 'level', string.format('%.17g', level), 'at', string.format('%.17g', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 60000)
return {granted, math.ceil((1 - level) / rate * 1000000)}
"""
"""By the clock of Redis: those of workers differ. Returns how many tokens were there, and microseconds until there is another one."""


class Rate:
    """So many mails ``per_second``, ``burst`` at once after a rest. For all threads of a process."""

    def __init__(self, key: str, *, per_second: int, burst: int, redis_url: str = "") -> None:
        """Shared by whoever names the same ``key`` to the same Redis; without one it is this process's own."""
        self.per_second, self._burst = per_second, burst
        self._portion = max(1, per_second // 10)
        self._key = key
        self._client = _client(redis_url) if redis_url else None
        self._take = self._client.register_script(_TAKE) if self._client is not None else None
        self._lock = threading.Lock()
        self._held, self._void_at = 0, math.inf
        self._level, self._filled = float(burst), time.monotonic()
        self._away_until = -math.inf
        self._is_away = False

    def close(self) -> None:
        """Close the connection to Redis; the next question opens another."""
        if self._client is not None:
            self._client.close()

    def want(self, number: int = 1) -> float:
        """Take that many tokens and return 0; where they are not there, return after how many seconds to ask again. What there is is kept for then."""
        with self._lock:
            now = time.monotonic()
            if now > self._void_at:
                self._held = 0
            wait = 0.0
            if self._held < number:
                granted, wait = self._ask(max(number - self._held, self._portion), now=now)
                self._held += granted
            is_there = self._held >= number
            self._void_at = now + (_IDLE_SECONDS if is_there else _WAITING_SECONDS)
            if not is_there:
                return min(max(wait, _SHORTEST_WAIT_SECONDS), _LONGEST_WAIT_SECONDS)
            self._held -= number
            return 0

    def _ask(self, number: int, *, now: float) -> tuple[int, float]:
        if self._take is None or now < self._away_until:
            return self._own(number, now=now)
        try:
            granted, wait = self._take(keys=[self._key], args=[self.per_second, self._burst, number])
        except RedisError as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            if not self._is_away:
                logger.warning("Redis cannot be asked how many mails may go, so each worker keeps to the rate by itself: %s", type(error).__name__)
                self._level, self._filled = 0, now  # the others' mails have gone, too
            self._is_away = True
            return self._own(number, now=now)
        if self._is_away:
            self._is_away = False
            logger.info("Redis says again how many mails may go, to all workers together")
        return int(granted), int(wait) / 1_000_000

    def _own(self, number: int, *, now: float) -> tuple[int, float]:
        self._level = min(self._burst, self._level + (now - self._filled) * self.per_second)
        self._filled = now
        granted = min(number, math.floor(self._level))
        self._level -= granted
        return granted, (1 - self._level) / self.per_second


@dataclass(frozen=True)
class Gate:
    """Whether the next mail may go, and when. ``pause`` waits so many seconds."""

    may_go_on: Callable[[], bool]
    rate: Rate | None = None
    pause: Callable[[float], object] = time.sleep

    def let(self, number: int, *, meanwhile: Callable[[], None]) -> bool:
        """Wait until so many mails may go, with a call of ``meanwhile`` now and then; False where none may go any more."""
        while self.may_go_on():
            wait = self.rate.want(number) if self.rate is not None else 0
            if not wait:
                return True
            meanwhile()
            self.pause(wait)
        return False


def of(way: Way) -> Rate | None:
    """Return the rate of a way; None where it has no limit."""
    per_second: int = {"primary": settings.MAIL_RATE, "fallback": settings.MAIL_RATE_FALLBACK}[way.name]
    burst: int = settings.MAIL_BURST or per_second
    return _rate(f"notifier:rate:{way.name}:{way.hop}", per_second, burst, settings.REDIS_URL) if per_second else None


@functools.lru_cache(maxsize=8)
def _rate(key: str, per_second: int, burst: int, redis_url: str) -> Rate:
    return Rate(key, per_second=per_second, burst=burst, redis_url=redis_url)


def _client(url: str) -> Redis:
    address = url.replace("redis+socket", "unix", 1)  # Celery's name for it
    return Redis.from_url(address, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS, retry=Retry(NoBackoff(), 0))
