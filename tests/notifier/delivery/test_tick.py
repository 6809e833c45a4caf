"""One turn: the watch about once a minute, the customers' mails, then the alerts; and none in the way of another."""

import math
import time
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from maintenance.models import Shortfall
from notifier.delivery import alerts, receipts, tick, watch
from notifier.delivery.models import Alert, Delivery
from tests.factories import NOW, CustomerFactory, ServiceFactory, reader
from tests.maintenance.telling import announced

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _just_started(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Begin as a process that has not looked yet."""
    monkeypatch.setattr(tick, "_last_look", {"at": -math.inf})
    settings.PLANNERS_EMAIL = ["petra@provider.example"]


def clock() -> datetime:
    """Tell a time that stands still."""
    return NOW + timedelta(hours=1)


def announced_to_one_of_two() -> None:
    """Announce work to a customer with a contact and to one without."""
    reader()
    ServiceFactory.create(customer=CustomerFactory.create(account="LOST"))
    announced()


def subjects(folder: Path) -> list[str]:
    """Return the subjects of the mails to planners."""
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("alert-*.eml"))]
    return [str(mail["Subject"]) for mail in mails]


def test_tick_looks_at_start_up_and_then_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[datetime] = []
    passed = math.ceil(time.monotonic())  # whole and half seconds, which binary fractions add without a rest
    monkeypatch.setattr(watch, "look", lambda *, now: looks.append(now))
    for seconds, number in [(0, 1), (59.5, 1), (60, 2), (119.5, 2), (120, 3)]:
        monkeypatch.setattr("notifier.delivery.tick.time.monotonic", lambda seconds=seconds: passed + seconds)
        tick.tick(clock=clock)
        assert len(looks) == number
    assert set(looks) == {clock()}


def test_tick_sends_what_is_due_and_tells_the_planners_with_the_next_look(mail_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announced_to_one_of_two()
    assert tick.tick(clock=clock) == 1
    assert (list(Delivery.objects.values_list("state", flat=True)), subjects(mail_folder)) == (["sent"], [])
    monkeypatch.setattr(tick, "_last_look", {"at": -math.inf})
    assert tick.tick(clock=clock) == 0
    assert subjects(mail_folder) == ["[MNT-1] 1 customer is not served in time"]


def test_everything_tells_the_planners_before_it_ends(mail_folder: Path) -> None:
    announced_to_one_of_two()
    assert tick.everything(clock=clock) == 1
    assert subjects(mail_folder) == ["[MNT-1] 1 customer is not served in time"]
    assert tick.everything(clock=clock, until_idle=True) == 0
    assert len(subjects(mail_folder)) == 1


def test_everything_does_not_send_what_comes_too_late_and_tells_the_planners(mail_folder: Path) -> None:
    """The program was down until the line had passed: no first notice goes out as if it were in time."""
    reader()
    announced()
    assert tick.everything(clock=lambda: NOW + timedelta(days=21)) == 1
    assert list(Delivery.objects.values_list("state", "accepted_at")) == [("failed", None)]
    assert list(Shortfall.objects.values_list("cause", flat=True)) == ["too_late"]
    assert subjects(mail_folder) == ["[MNT-1] 1 customer is not served in time"]


def test_tick_with_alerts_that_fail_sends_the_customers_mails(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*, now: datetime) -> int:
        raise RuntimeError(f"broken at {now}")

    monkeypatch.setattr(alerts, "send_due", fail)
    announced_to_one_of_two()
    assert tick.tick(clock=clock) == 1
    assert [record.getMessage() for record in caplog.records] == ["alerts to the planners were not sent; the next turn tries again"]


def test_tick_without_planners_sends_the_customers_mails(settings: Settings) -> None:
    settings.PLANNERS_EMAIL = []
    announced_to_one_of_two()
    assert tick.everything(clock=clock) == 1
    assert [(row.kind, row.sent_at) for row in Alert.objects.all()] == [("shortfall", None)]


@pytest.mark.parametrize("turn", [tick.tick, tick.everything])
def test_turn_looks_at_receipts_that_wait_and_goes_on_where_that_fails(turn: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:  # noqa: ANN401  # either
    looked: list[datetime] = []

    def fails(*, now: datetime) -> int:
        looked.append(now)
        raise RuntimeError

    monkeypatch.setattr(receipts, "apply_waiting", fails)
    announced_to_one_of_two()
    assert turn(clock=clock) == 1
    assert looked == [clock()]
    assert "receipts that wait were not looked at" in caplog.text
