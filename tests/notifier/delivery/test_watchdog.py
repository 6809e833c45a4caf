"""When the watchdog ends a worker, by a clock of the test's. Real workers: tests/end_to_end/test_watchdog.py."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from notifier.delivery import watchdog
from notifier.delivery.watchdog import Watchdog
from tests.notifier.delivery.notices import issue, work

LIMIT = 120
STEP = LIMIT // 24
LONGEST_TASK = 300


@dataclass
class Worker:
    """A worker that can be deaf, busy or without a broker, and a clock."""

    deaf: bool = False
    busy: bool = False
    broker: bool = True
    due: bool = True
    now: float = 1000.0
    probes: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Give it its watchdog."""
        self.dog = Watchdog(
            limit=LIMIT,
            longest_task=LONGEST_TASK,
            probe=self._probe,
            is_busy=lambda: self.busy,
            is_due=lambda: self.due,
            end=self.ended.append,
            clock=lambda: self.now,
        )

    def _probe(self) -> bool:
        self.probes.append(self.now - 1000)
        if self.broker and not self.deaf:
            self.dog.hear()
        return self.broker

    def live(self, seconds: float) -> list[float]:
        """Let time pass with a look at each step; return after how many quiet seconds it was ended, each time."""
        end = self.now + seconds
        while self.now < end and not self.ended:
            self.now += STEP
            self.dog.look()
        return self.ended


def test_worker_that_hears_its_probes_lives_without_a_tick() -> None:
    worker = Worker()
    assert worker.live(3600) == []
    assert worker.probes[:3] == [30, 60, 90]


def test_worker_that_gets_ticks_is_not_probed() -> None:
    worker = Worker()
    for _tick in range(100):
        worker.dog.hear()
        worker.live(2 * STEP)
    assert worker.probes == []


def test_deaf_worker_ends_at_the_limit() -> None:
    assert Worker(deaf=True).live(3600) == [LIMIT]


def test_deaf_worker_stays_while_nothing_is_due_and_is_probed_seldom() -> None:
    worker = Worker(deaf=True, due=False)
    assert worker.live(10 * LIMIT) == []
    assert worker.probes[:4] == [30, 60, 90, 120]
    assert len(worker.probes) == 4 + 9
    worker.due = True
    assert len(worker.live(STEP)) == 1


def test_worker_without_broker_is_judged_anew_once_it_is_back() -> None:
    worker = Worker(deaf=True, broker=False)
    assert worker.live(3600) == []
    worker.broker = True
    assert worker.live(LIMIT - STEP) == []
    assert len(worker.live(LIMIT)) == 1


def test_worker_with_a_task_in_hand_is_not_judged_until_it_takes_too_long() -> None:
    worker = Worker(deaf=True, busy=True)
    assert worker.live(LONGEST_TASK + LIMIT - STEP) == []
    assert worker.live(2 * LIMIT) == [LIMIT]
    assert worker.now - 1000 == LONGEST_TASK + LIMIT - STEP + LIMIT


def test_worker_that_has_just_ended_a_long_task_is_not_judged_by_its_length() -> None:
    worker = Worker(busy=True)
    worker.live(LONGEST_TASK)
    worker.busy, worker.deaf = False, True
    assert worker.live(LIMIT - STEP) == []


def test_process_that_was_halted_is_judged_anew() -> None:
    """It was halted between a probe and its arrival, so both lie long back when it goes on."""
    worker = Worker(deaf=True)
    worker.live(LIMIT / 2)
    worker.now += 3600
    assert worker.live(LIMIT / 2) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "is_due"), [(LIMIT - 30, False), (LIMIT + 1, True)])
def test_work_is_due_when_the_oldest_has_been_for_the_limit(seconds: int, is_due: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001  # a parameter of a test
    settings.WATCHDOG_SECONDS = LIMIT
    monkeypatch.setattr(connection, "close", lambda: None)
    issue(work(), {}, now=timezone.now() - timedelta(seconds=seconds))
    assert watchdog._is_due() == is_due


def test_database_that_cannot_be_asked_is_no_reason_to_end(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(**_now: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(watchdog, "oldest_due", fail)
    monkeypatch.setattr(connection, "close", lambda: None)
    assert not watchdog._is_due()
    assert "cannot ask the database (DatabaseError)" in caplog.text
