"""The last try before a line: as late as can be in time, and never given up while there is time."""

from datetime import timedelta

import pytest

from notifier.delivery import outbox, settle
from notifier.delivery.models import Delivery
from tests.notifier.delivery.test_courier import queue

pytestmark = pytest.mark.django_db
HELD_BY = "t"


def tried(*, left: timedelta, attempts: int = 7) -> Delivery:
    """Return a delivery that was tried in vain with so much time left until its line."""
    queue(1)
    row = Delivery.objects.select_related("notice").get()
    assert row.deadline is not None
    at = row.deadline - left
    Delivery.objects.update(state="sending", lease_token=HELD_BY, attempts=attempts, first_due_at=at - timedelta(hours=1))
    row.refresh_from_db()
    settle.again(row, HELD_BY, at=at, reason="451 greylisted")
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("minutes", [3, 25, 59])
def test_a_try_that_would_come_too_late_comes_in_time(minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "backoff", lambda _attempts: timedelta(minutes=minutes, seconds=1))
    row = tried(left=timedelta(minutes=minutes))
    assert row.deadline is not None
    assert (row.state, row.due_at) == ("queued", row.deadline - 2 * outbox.lease())
    claimed = outbox.claim(now=row.due_at, most=1)
    assert outbox.grant(claimed.ids, claimed.token, now=row.due_at + outbox.lease()) == {row.pk}


def test_where_no_try_can_be_in_time_it_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "backoff", lambda _attempts: timedelta(minutes=5))
    row = tried(left=2 * outbox.lease())
    assert (row.state, row.reason) == ("failed", "given up after 7 attempts: 451 greylisted")


def test_a_try_in_time_is_not_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "backoff", lambda _attempts: timedelta(minutes=5))
    row = tried(left=timedelta(minutes=6))
    assert row.deadline is not None
    assert (row.state, row.due_at) == ("queued", row.deadline - timedelta(minutes=1))
