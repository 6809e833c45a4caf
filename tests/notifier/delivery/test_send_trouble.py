"""The dispatcher whose database goes away between claiming mails and composing them."""

from datetime import datetime

import pytest
from django.db import OperationalError
from pytest_django import Settings

from maintenance import booking
from maintenance.models import Notice
from notifier.delivery import fanout, handing_over, send
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.letter import Letter
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.delivery.prepare import Composer
from notifier.delivery.send import dispatch, dispatch_until_idle
from tests.factories import BY, NOW, draft, reader
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("answers", [0, 1])
def test_mails_claimed_for_a_provider_do_not_wait_either_nor_are_taken_for_broken(answers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the database goes away at the first question or later: none of them has a try less, or a reason why it could not be composed."""
    for _ in range(2):
        reader()
    booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    fan_out_due(now=NOW)
    real = load

    def away(rows: list[Delivery]) -> list[Letter]:
        if len(rows) == 2 and answers:
            raise ValueError("one of them is broken")
        if rows[0].pk == max(Delivery.objects.values_list("pk", flat=True)) or not answers:
            raise OperationalError
        return real(rows)

    with monkeypatch.context() as patched:
        patched.setattr(handing_over, "load", away)
        with pytest.raises(OperationalError):
            dispatch(clock=lambda: NOW)
    assert list(Delivery.objects.values_list("state", "due_at", "attempts", "reason")) == [("queued", NOW, 0, "")] * 2
    dispatch(clock=lambda: NOW)
    assert list(Delivery.objects.values_list("state", "attempts")) == [("sent", 1)] * 2


def test_claimed_mails_do_not_wait_for_their_lease_after_the_database_was_away(smtp: SmtpServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of them was begun: the next tick sends them, instead of one after the lease of 45 seconds."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "notifier.delivery.smtp.SmtpBackend", "127.0.0.1", smtp.port
    settings.MAIL = settings.MAIL.__class__(settings.EMAIL_BACKEND, "smtp:127.0.0.1", host="127.0.0.1", port=smtp.port)
    reader()
    booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    fan_out_due(now=NOW)

    def away(_composer: Composer, _ids: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(Composer, "read", away)
        with pytest.raises(OperationalError):
            dispatch(clock=lambda: NOW)
    assert list(Delivery.objects.values_list("state", "due_at", "attempts")) == [("queued", NOW, 0)]
    dispatch(clock=lambda: NOW)
    assert list(Delivery.objects.values_list("state", "attempts")) == [("sent", 1)]


def test_until_idle_ends_where_every_server_is_down(settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Cron starts the next one; they would pile up."""
    with SmtpServer() as gone:
        port = gone.port
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "notifier.delivery.smtp.SmtpBackend", "127.0.0.1", port
    settings.MAIL = settings.MAIL.__class__(settings.EMAIL_BACKEND, "smtp:127.0.0.1", host="127.0.0.1", port=port)
    settings.DELIVERY_LEASE_SECONDS = 1
    monkeypatch.setattr(send, "IN_VAIN_SECONDS", 0.3)
    reader()
    booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    assert dispatch_until_idle(clock=lambda: NOW) == 0
    assert list(Delivery.objects.values_list("state", "attempts")) == [("queued", 0)]
    assert "nothing of it could be sent" in caplog.text


def test_a_notice_that_cannot_be_made_into_mails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    reader()
    broken = booking.announce(booking.book(draft("MNT-1"), by=BY, now=NOW), by=BY, now=NOW)
    booking.announce(booking.book(draft("MNT-2"), by=BY, now=NOW), acknowledged="x", by=BY, now=NOW)
    real = fanout.fan_out

    def fan_out(notice: Notice, *, now: datetime) -> int:
        if notice == broken:
            raise ValueError("broken")
        return real(notice, now=now)

    with monkeypatch.context() as patched:
        patched.setattr(fanout, "fan_out", fan_out)
        assert dispatch(clock=lambda: NOW) == 1
    assert f"notice {broken.pk} cannot be made into mails" in caplog.text
    assert dispatch(clock=lambda: NOW) == 1
    monkeypatch.setattr(fanout, "fan_out", lambda _notice, **_given: (_ for _ in ()).throw(OperationalError))
    reader()
    booking.announce(booking.book(draft("MNT-3"), by=BY, now=NOW), acknowledged="x", by=BY, now=NOW)
    with pytest.raises(OperationalError):  # it is no notice's fault
        dispatch(clock=lambda: NOW)
