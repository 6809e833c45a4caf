"""Tokens for mails: never more than the rate allows, shared through Redis, and by each worker itself while Redis can't be asked."""

import contextlib
import logging
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings
from redis import Redis as Client

from notifier import env as read
from notifier.delivery import rate
from notifier.delivery.rate import Gate, Rate
from notifier.env import Mail
from notifier.ways import Way, primary
from tests.servers.redis import Redis


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Begin anywhere."""
        self.now = 5000.0

    def monotonic(self) -> float:
        """As ``time.monotonic``."""
        return self.now


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Stop the clock by which buckets are filled."""
    stopped = Time()
    monkeypatch.setattr(rate, "time", stopped)
    return stopped


@pytest.fixture
def through() -> Iterator[Callable[..., Rate]]:
    """Make buckets that are shared through a Redis."""
    with contextlib.ExitStack() as stack:

        def make(url: str, **given: int) -> Rate:
            return stack.enter_context(contextlib.closing(Rate("x", redis_url=url, **given)))

        yield make


def taken(bucket: Rate) -> int:
    """Take until none is left."""
    number = 0
    while not bucket.want():
        number += 1
    return number


@pytest.mark.parametrize(("per_second", "burst"), [(1, 1), (3, 1), (10, 10), (100, 7), (1000, 1000)])
def test_want_gives_the_burst_and_then_the_rate(per_second: int, burst: int, moments: Time) -> None:
    bucket = Rate("x", per_second=per_second, burst=burst)
    total = taken(bucket)
    assert total == burst
    for _ in range(400):
        moments.now += 0.1 / per_second
        total += taken(bucket)
    assert burst + 39 <= total <= burst + 40


def test_want_after_a_long_rest_gives_no_more_than_the_burst(moments: Time) -> None:
    bucket = Rate("x", per_second=10, burst=25)
    taken(bucket)
    moments.now += 3600
    assert taken(bucket) == 25


def test_want_of_more_than_the_burst_gathers_them(moments: Time) -> None:
    """A call of twenty mails at five a second: after three seconds more, and not a moment before."""
    bucket = Rate("x", per_second=5, burst=5)
    waits = []
    while wait := bucket.want(20):
        waits.append(wait)
        moments.now += wait
    assert 2.99 < sum(waits) < 3.1
    assert max(waits) <= 0.5
    assert bucket.want() > 0


def test_tokens_taken_ahead_and_not_used_do_not_add_up(moments: Time) -> None:
    bucket = Rate("x", per_second=1000, burst=100)
    assert bucket.want() == 0
    moments.now += 60
    assert taken(bucket) == 100


def test_gate_waits_and_ends_at_once_when_it_is_over() -> None:
    bucket = Rate("x", per_second=1, burst=1)
    over: list[bool] = []
    waited: list[float] = []
    renewed: list[int] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        over.append(True)

    gate = Gate(lambda: not over, bucket, pause)
    assert gate.let(1, meanwhile=lambda: renewed.append(1))
    assert not gate.let(1, meanwhile=lambda: renewed.append(1))
    assert (len(waited), renewed) == (1, [1])
    assert 0 < waited[0] <= 0.5


def test_of_a_way_is_what_the_settings_say(settings: Settings) -> None:
    fallback = Way("fallback", Mail("", "esp:postmark"))
    assert (rate.of(primary()), rate.of(fallback)) == (None, None)
    settings.MAIL_RATE, settings.MAIL_RATE_FALLBACK = 40, 7
    found = [rate.of(way) for way in (primary(), fallback)]
    assert [(one.per_second, one._burst, one._key) for one in found if one] == [
        (40, 40, "notifier:rate:primary:file"),
        (7, 7, "notifier:rate:fallback:esp:postmark"),
    ]
    assert rate.of(primary()) is found[0]
    settings.MAIL_BURST = 3
    changed = rate.of(primary())
    assert changed is not None
    assert (changed.per_second, changed._burst) == (40, 3)


@pytest.mark.parametrize("raw", ["-1", "1.5", "many", "100001"])
def test_rate_that_is_none_is_refused_by_name(raw: str) -> None:
    made = type("Env", (), {"ENVIRON": {"MAIL_RATE": raw}})
    with pytest.raises(ImproperlyConfigured, match="MAIL_RATE="):
        read.whole(made, "MAIL_RATE", 0, least=0, most=100_000)  # type: ignore[arg-type]  # all that is asked of it


def worker(url: str, seconds: float, answers: "multiprocessing.Queue[int]") -> None:
    """Take for so long, as a process of its own."""
    number, ends = 0, time.monotonic() + seconds
    with contextlib.closing(Rate("shared", per_second=200, burst=20, redis_url=url)) as bucket:
        while time.monotonic() < ends:
            wait = bucket.want()
            number += not wait
            time.sleep(wait)
    answers.put(number)


@pytest.mark.servers
def test_two_processes_share_one_rate(redis: Redis) -> None:
    """Never more than both may together, whatever the machine is busy with; and not much less."""
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[int] = context.Queue()
    workers = [context.Process(target=worker, args=(redis.url(), 2.0, answers)) for _ in range(2)]
    with Client.from_url(redis.url()) as client:
        for one in workers:
            one.start()
        while not client.exists("shared"):
            time.sleep(0.001)
        began = time.monotonic() - 0.5  # it was there a little before it was seen
        numbers = [answers.get(timeout=60) for _ in workers]
        took = time.monotonic() - began
        for one in workers:
            one.join()
        left = client.hget("shared", "level")
        assert 0 < client.pttl("shared") <= 61_000
    assert sum(numbers) <= 200 * took + 20
    assert min(numbers) > 0
    assert left is not None


@pytest.mark.servers
def test_two_buckets_take_all_that_there_is(redis: Redis, through: Callable[..., Rate]) -> None:
    """At least nine tenths of what the rate allows, by the clock of the one who gives; of tokens in hand none is lost."""
    buckets = [through(redis.url(), per_second=500, burst=1000) for _ in range(2)]
    with Client.from_url(redis.url()) as client:
        assert buckets[0].want() == 0
        total = 1
        first = float(client.hget("x", "at") or 0)
        for _ in range(50):
            time.sleep(0.02)
            total += sum(taken(bucket) for bucket in buckets)
        took = float(client.hget("x", "at") or 0) - first
    assert 1000 + 0.9 * 500 * took <= total <= 1000 + 500 * took + 1


@pytest.fixture
def silent() -> Iterator[str]:
    """A Redis that takes the connection and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def test_hanging_redis_stops_no_mail_and_is_told_once(
    silent: str, through: Callable[..., Rate], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "REDIS_SECONDS", 0.2)
    monkeypatch.setattr(rate, "AWAY_SECONDS", 0.3)
    bucket = through(silent, per_second=50, burst=50)
    number, ends = 0, time.monotonic() + 3
    while time.monotonic() < ends:
        wait = bucket.want()
        number += not wait
        time.sleep(wait)
    assert 0 < number <= 50 * 4
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.servers
def test_redis_that_comes_back_is_asked_again(
    redis: Redis, through: Callable[..., Rate], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "notifier.delivery.rate")
    monkeypatch.setattr(rate, "AWAY_SECONDS", 0)
    bucket = through(redis.url(), per_second=1000, burst=10)
    assert bucket.want() == 0
    redis.kill()
    taken(bucket)
    redis.start()
    ends = time.monotonic() + 20
    while len(caplog.records) < 2 and time.monotonic() < ends:
        time.sleep(bucket.want())
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.servers
def test_redis_that_forgets_everything_gives_a_burst_at_most(redis: Redis, through: Callable[..., Rate]) -> None:
    bucket = through(redis.url(), per_second=1, burst=10)
    assert taken(bucket) == 10
    with Client.from_url(redis.url()) as client:
        client.flushall()
        client.script_flush()
    assert taken(bucket) == 10
