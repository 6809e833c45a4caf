"""Mails at which workers were lost: by themselves the next time, and set aside after the third."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from maintenance import booking
from notifier.delivery import outbox
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.prepare import Composer, Draft
from notifier.delivery.recovery import recover
from notifier.delivery.send import dispatch
from notifier.env import Mail
from tests.factories import BY, NOW, draft, reader
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db


class KilledError(BaseException):
    """Stands for the end of the process: nothing catches it."""


@pytest.fixture
def queued(settings: Settings, smtp: SmtpServer) -> list[int]:
    """Announce to four contacts; return their deliveries."""
    backend = "notifier.delivery.smtp.SmtpBackend"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = backend, "127.0.0.1", smtp.port, 3
    settings.MAIL = Mail(backend, f"smtp:127.0.0.1:{smtp.port}", host="127.0.0.1", port=smtp.port)
    for _ in range(4):
        reader()
    booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    fan_out_due(now=NOW)
    return list(Delivery.objects.order_by("pk").values_list("pk", flat=True))


def at(moment: datetime) -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: moment


def run_out() -> None:
    """Let every lease run out."""
    Delivery.objects.filter(state="sending").update(lease_until=DatabaseTime(timedelta(seconds=-1)))


def states() -> list[tuple[str, int]]:
    """Return each delivery's state and how many workers were lost at it."""
    return list(Delivery.objects.order_by("pk").values_list("state", "lost_workers"))


def kill_at(pk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let composing that delivery end the process."""
    read = Composer.read

    def reading(self: Composer, ids: list[int]) -> list[Draft]:
        if pk in ids:
            raise KilledError
        return read(self, ids)

    monkeypatch.setattr(Composer, "read", reading)


def test_mail_that_ends_workers_is_set_aside_after_three_and_the_others_go_out(queued: list[int], smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_at(queued[1], monkeypatch)
    for lost in (1, 2, 3):
        with pytest.raises(KilledError):
            dispatch(clock=at(NOW))
        run_out()
        assert Delivery.objects.filter(pk=queued[1], state="sending").exists(), lost
    dispatch(clock=at(NOW))
    assert [state for state, _lost in states()] == ["sent", "failed", "sent", "sent"]
    assert Delivery.objects.get(pk=queued[1]).reason == "3 workers were lost while they prepared this mail; it is set aside so that the others go on"
    assert len(smtp.received) == 3


def test_suspect_is_claimed_last_and_alone(queued: list[int]) -> None:
    """Nothing else is in the hands of the worker that takes it."""
    claimed = outbox.claim(now=NOW, most=2)
    run_out()
    recover(now=NOW)
    assert states() == [("queued", 1), ("queued", 1), ("queued", 0), ("queued", 0)]
    assert claimed.ids == tuple(queued[:2])
    assert outbox.claim(now=NOW, most=9).ids == tuple(queued[2:])
    assert outbox.claim(now=NOW, most=9).ids == ()
    assert [outbox.claim_suspect(now=NOW).ids for _ in range(3)] == [(queued[0],), (queued[1],), ()]


@pytest.mark.usefixtures("queued")
def test_suspects_are_sent_one_after_the_other(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all workers were lost by somebody's hand each mail goes out, and never two at a time."""
    outbox.claim(now=NOW, most=9)
    run_out()
    sizes: list[tuple[int, int]] = []
    read = Composer.read

    def reading(self: Composer, ids: list[int]) -> list[Draft]:
        sizes.append((len(ids), Delivery.objects.filter(state="sending").count()))
        return read(self, ids)

    monkeypatch.setattr(Composer, "read", reading)
    assert dispatch(clock=at(NOW)) == 4
    assert sizes == [(1, 1)] * 4
    assert states() == [("sent", 1)] * 4
    assert len(smtp.accepted) == 4


def test_worker_lost_after_the_marker_makes_no_suspect(queued: list[int], settings: Settings) -> None:
    """It was lost while it sent: that mail is unknown, or, where the backend knows, sent or due again."""
    settings.EMAIL_BACKEND = "notifier.delivery.files.FileBackend"
    claimed = outbox.claim(now=NOW, most=1)
    outbox.hand_over(queued[0], claimed.token, now=NOW)
    run_out()
    recover(now=NOW)
    assert states()[0] == ("queued", 0)
