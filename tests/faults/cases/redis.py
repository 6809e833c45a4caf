"""Redis forgets, goes away, stands still and is full, while mails go out; workers and beat stay the same all the time."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from redis import Redis as Client
from redis.exceptions import RedisError

from tests.faults.cases.kills import grown
from tests.faults.ground import Ground
from tests.faults.judge import Verdict, judge
from tests.faults.program import Shift, wait
from tests.servers.redis import Redis

WHAT = "Redis flushed, restarted, paused, full: every run done within 60 s of the recovery"
CONTACTS = 100
RECOVERED_WITHIN = 60


def run(ground: Ground) -> Verdict:
    """A run: mails become due before or during the trouble; afterwards they are waited for."""
    runs = ground.size(20, 8)
    pause = ground.size(30, 15)
    references = [f"MNT-{number}" for number in range(runs)]
    post, redis = ground.post(), ground.redis()
    booked = "; scene.".join(f"announce('{reference}', days={30 + number}, fan_out=True)" for number, reference in enumerate(references))
    program = ground.production(f"fill({CONTACTS}); scene.{booked}; scene.postpone_mails(1440)", post, redis=redis)
    post.tell(delay=0.05)
    shift = Shift(program.beat, partial(program.worker, 0), partial(program.worker, 1))
    verdict = Verdict()
    slowest = 0.0
    for number, reference in enumerate(references):
        trouble = TROUBLES[number % len(TROUBLES)]
        during = number // len(TROUBLES) % 2 == 1
        if not during:
            program.release(reference)
            grown(post, CONTACTS // 4, 15)
        TROUBLE[trouble](redis, pause, partial(program.release, reference) if during else _nothing)
        took = wait(shift.until(lambda reference=reference: program.left(reference) == 0), RECOVERED_WITHIN)  # type: ignore[misc]  # bound at once
        verdict.require(took is not None, f"{trouble}: not done {RECOVERED_WITHIN} s after the recovery", f"{reference}: {program.left(reference)} left")
        slowest = max(slowest, took or RECOVERED_WITHIN)
    verdict.add(judge(program.store.rows(), post.entries(), expected=CONTACTS * runs))
    verdict.require(not verdict.figures.get("unknown"), "unknown without need", f"{verdict.figures.get('unknown')}")
    verdict.figures |= {"runs": runs, "longest until done (s)": round(slowest, 1), "restarts": shift.restarts}
    return verdict


def naive(ground: Ground) -> Verdict:
    """A task for each mail in Redis, and nowhere else."""
    post, redis = ground.post(), ground.redis()
    program = ground.production(f"fill({CONTACTS}); scene.announce('MNT-0', fan_out=True)", post, redis=redis)
    post.tell(delay=0.02)
    program.naive(post.port, redis=redis.url(), fill=True).wait(30)
    program.naive(post.port, redis=redis.url())
    grown(post, CONTACTS // 4, 15)
    _flush(redis, 0, _nothing)
    wait(program.done(CONTACTS), 5)
    return judge(program.store.rows(), post.entries(), expected=CONTACTS)


def _nothing() -> None:
    """Be done already."""


def _flush(redis: Redis, _pause: float, meanwhile: Callable[[], None]) -> None:
    with Client.from_url(redis.url()) as client:
        for number in range(3):
            client.flushall()
            if number == 1:
                meanwhile()
            time.sleep(0.3)


def _restart(redis: Redis, _pause: float, meanwhile: Callable[[], None]) -> None:
    redis.kill()
    meanwhile()
    time.sleep(2)
    redis.start()


def _stand_still(redis: Redis, pause: float, meanwhile: Callable[[], None]) -> None:
    os.kill(redis.pid, signal.SIGSTOP)
    meanwhile()
    time.sleep(pause)
    os.kill(redis.pid, signal.SIGCONT)


def _full(redis: Redis, _pause: float, meanwhile: Callable[[], None]) -> None:
    with Client.from_url(redis.url()) as client:
        client.config_set("maxmemory", 1)
        meanwhile()
        time.sleep(10)
        with suppress(RedisError):
            client.config_set("maxmemory", 0)


TROUBLE = {"flushed": _flush, "restarted": _restart, "paused": _stand_still, "full": _full}
TROUBLES = tuple(TROUBLE)
