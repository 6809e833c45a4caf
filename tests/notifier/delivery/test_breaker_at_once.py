"""Several workers at one breaker: of many, one tries."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import connection

from notifier.delivery import breaker
from notifier.delivery.models import Breaker
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
WORKERS = 6
Result = TypeVar("Result")


def by_all(act: Callable[[], Result]) -> list[Result]:
    """Let as many workers do it, in the same moment."""
    begin = threading.Barrier(WORKERS)

    def work(_number: int) -> Result:
        try:
            connection.ensure_connection()
            begin.wait()
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as workers:
        return list(workers.map(work, range(WORKERS)))


def test_of_many_workers_one_tries() -> None:
    first = breaker.choose(now=NOW)
    assert first is not None
    breaker.trouble(first, "down", now=NOW)
    later = NOW + timedelta(minutes=6)
    for _ in range(5):
        found = by_all(lambda: breaker.choose(now=later))
        (probe,) = [choice for choice in found if choice is not None]
        assert probe.is_probe
        breaker.leave(probe)


def test_first_trouble_of_many_workers_counts_once() -> None:
    choices = [breaker.choose(now=NOW) for _ in range(WORKERS)]

    def run_into_it() -> bool:
        choice = choices.pop()
        assert choice is not None
        return breaker.trouble(choice, "down", now=NOW)

    assert sum(by_all(run_into_it)) == 1
    assert Breaker.objects.get().troubles == 1
