"""The watchdog of real workers with a real Redis: who hears nothing any more ends itself, who is only idle does not."""

import time
from pathlib import Path

import pytest

from tests.end_to_end.program import Installation, Running, until
from tests.servers.redis import Redis

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

SECONDS = 10
"""The limit of these watchdogs."""
_DUE = """
from datetime import timedelta
from django.utils import timezone
from tests.notifier.delivery.notices import issue, work
issue(work(), {}, now=timezone.now() - timedelta(hours=1))
"""
"""A notice whose mails are still to be made: something is due, and nobody looks, as no beat runs."""


@pytest.fixture
def program(tmp_path: Path, redis: Redis) -> Installation:
    """An installation with a Redis and without a beat; nothing of it runs yet."""
    variables = {"REDIS_URL": redis.url(), "WATCHDOG_SECONDS": str(SECONDS), "DEAF": str(tmp_path / "deaf")}
    installation = Installation(tmp_path / "program", variables)
    installation.must("migrate", "--verbosity=0")
    return installation


def _worker(program: Installation, name: str, *, app: str = "notifier", pool: str = "prefork") -> Running:
    options = (f"--pool={pool}", "--concurrency=1", f"--hostname={name}@localhost", "--loglevel=INFO")
    return program.start_module("celery", "-A", app, "worker", *options)


def _ready(*workers: Running) -> bool:
    return all("ready." in worker.wrote() for worker in workers)


@pytest.mark.parametrize("pool", ["prefork", "solo"])
def test_worker_that_hears_nothing_ends_itself_and_one_without_ticks_does_not(program: Installation, tmp_path: Path, pool: str) -> None:
    """Both get no tick at all, though something has been due for an hour; only one does not hear what it is sent."""
    with program:
        deaf, idle = _worker(program, "deaf", app="tests.end_to_end.deaf", pool=pool), _worker(program, "idle", pool=pool)
        until(lambda: _ready(deaf, idle), seconds=60, what=program.wrote)
        program.must("shell", "--no-imports", "-c", _DUE)
        (tmp_path / "deaf").touch()
        assert deaf.wait(5 * SECONDS) == 70
        assert "heard nothing for" in deaf.wrote()
        until(deaf.has_left_nobody, seconds=5, what="a process of its pool is left")
        time.sleep(SECONDS)
        assert (idle.ended(), "heard nothing for" in idle.wrote()) == (False, False)


def test_worker_that_hears_nothing_stays_while_nothing_is_due(program: Installation, tmp_path: Path) -> None:
    """It ends as soon as something has been due for the limit: nobody loses by it before."""
    with program:
        deaf = _worker(program, "deaf", app="tests.end_to_end.deaf", pool="solo")
        until(lambda: _ready(deaf), seconds=60, what=program.wrote)
        (tmp_path / "deaf").touch()
        time.sleep(2.5 * SECONDS)
        assert not deaf.ended()
        program.must("shell", "--no-imports", "-c", _DUE)
        assert deaf.wait(3 * SECONDS) == 70


def test_worker_without_a_broker_is_left_alone(program: Installation, redis: Redis) -> None:
    """Ending it would help nobody; when Redis is back, it hears again by itself."""
    with program:
        worker = _worker(program, "worker")
        until(lambda: _ready(worker), seconds=60, what=program.wrote)
        program.must("shell", "--no-imports", "-c", _DUE)
        redis.kill()
        time.sleep(2.5 * SECONDS)
        assert not worker.ended()
        redis.start()
        time.sleep(2.5 * SECONDS)
        assert (worker.ended(), "heard nothing for" in worker.wrote()) == (False, False)
