"""Since when what should have gone out has been due."""

from datetime import datetime, timedelta

import pytest

from maintenance.states import Kind
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.overdue import oldest_due
from tests.factories import NOW, reader
from tests.notifier.delivery.notices import issue, work

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LATER = NOW + 60 * MINUTE


@pytest.fixture
def mail() -> Delivery:
    """A mail that was first due at NOW."""
    issue(work(), {reader(): Kind.ANNOUNCED})
    fan_out_due(now=NOW)
    return Delivery.objects.get()


def _oldest(mail: Delivery, *, now: datetime = LATER, **changes: object) -> datetime | None:
    Delivery.objects.filter(pk=mail.pk).update(**changes)
    return oldest_due(now=now)


def test_nothing_is_due_where_there_is_nothing() -> None:
    assert oldest_due(now=NOW) is None


def test_notice_without_its_mails_is_due_since_it_was_issued() -> None:
    issue(work(), {reader(): Kind.ANNOUNCED})
    assert (oldest_due(now=NOW - MINUTE), oldest_due(now=LATER)) == (None, NOW)


def test_mail_is_due_from_its_time_on(mail: Delivery) -> None:
    planned = NOW + 30 * MINUTE
    assert _oldest(mail, due_at=planned, first_due_at=planned, now=planned - MINUTE) is None
    assert _oldest(mail, now=LATER) == planned


def test_mail_that_was_put_off_without_a_try_is_due_since_it_first_was(mail: Delivery) -> None:
    """A server that is down has it put off by ten seconds each time."""
    assert _oldest(mail, due_at=LATER + timedelta(seconds=10)) == NOW


def test_mail_that_is_tried_again_is_due_at_its_own_time(mail: Delivery) -> None:
    assert _oldest(mail, attempts=2, due_at=LATER + MINUTE) is None
    assert _oldest(mail, attempts=2, due_at=LATER - MINUTE) == LATER - MINUTE


def test_mail_at_its_first_try_is_due_still(mail: Delivery) -> None:
    assert _oldest(mail, attempts=1, state="sending") == NOW
    assert _oldest(mail, attempts=2, state="sending") is None


@pytest.mark.parametrize("state", ["sent", "failed", "unknown", "withdrawn"])
def test_settled_mail_is_not_due(mail: Delivery, state: str) -> None:
    assert _oldest(mail, state=state, reason="x", accepted_at=NOW) is None


def test_mail_of_an_earlier_version_is_due_at_its_time(mail: Delivery) -> None:
    assert _oldest(mail, first_due_at=None, due_at=NOW + MINUTE) == NOW + MINUTE
