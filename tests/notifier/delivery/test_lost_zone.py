"""A time zone that the database of time zones has lost: that one mail cannot be composed, and nothing else stands still."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from maintenance import booking
from notifier.delivery import outbox
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.send import dispatch
from notifier.env import Mail
from tests.factories import BY, NOW, draft, reader
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued() -> list[int]:
    """Announce to three; the second one's zone is lost."""
    for _ in range(3):
        reader()
    booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    fan_out_due(now=NOW)
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE delivery_delivery SET timezone = 'Atlantis/Capital' WHERE id = %s", [ids[1]])
    return ids


def at(moment: datetime) -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: moment


def ends() -> list[tuple[str, int]]:
    """Send until nothing is left to try; return states and tries."""
    for hour in range(4):
        dispatch(clock=at(NOW + timedelta(hours=hour)))
    return list(Delivery.objects.order_by("pk").values_list("state", "attempts"))


@pytest.mark.usefixtures("queued", "mail_folder")
def test_mail_with_a_lost_zone_fails_alone_in_files() -> None:
    assert ends() == [("sent", 1), ("failed", 3), ("sent", 1)]
    assert Delivery.objects.filter(reason__startswith="cannot be composed: ").count() == 1


def test_mail_with_a_lost_zone_fails_alone_over_smtp(queued: list[int], settings: Settings, smtp: SmtpServer) -> None:
    backend = "notifier.delivery.smtp.SmtpBackend"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = backend, "127.0.0.1", smtp.port, 3
    settings.MAIL = Mail(backend, f"smtp:127.0.0.1:{smtp.port}", host="127.0.0.1", port=smtp.port)
    assert ends() == [("sent", 1), ("failed", 3), ("sent", 1)]
    assert len(smtp.accepted) == len(queued) - 1


@pytest.mark.usefixtures("mail_folder")
def test_worker_lost_with_such_a_mail_is_recovered(queued: list[int], mail_folder: Path) -> None:
    outbox.claim(now=NOW, most=9)
    Delivery.objects.update(lease_until=DatabaseTime(timedelta(seconds=-1)))
    assert [state for state, _tries in ends()] == ["sent", "failed", "sent"]
    assert len(list(mail_folder.glob("*.eml"))) == len(queued) - 1
