"""The whole way: a server takes a mail and hangs up before it answers; the copy that follows is the same mail."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from notifier.delivery import watch
from notifier.delivery.send import dispatch
from notifier.env import Mail
from tests.factories import NOW
from tests.notifier.delivery.coming_back import mail, served, told
from tests.servers.smtp import HANG_UP, SmtpServer

pytestmark = pytest.mark.django_db


def test_unknown_that_is_sent_again_is_the_same_mail(settings: Settings, smtp: SmtpServer) -> None:
    """Byte for byte, Message-ID and calendar included; and once by itself, not for ever."""
    backend = "notifier.delivery.smtp.SmtpBackend"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = backend, "127.0.0.1", smtp.port, 3
    settings.MAIL = Mail(backend, f"smtp:127.0.0.1:{smtp.port}", host="127.0.0.1", port=smtp.port)
    settings.UNKNOWN_MAIL, settings.UNKNOWN_MINUTES = "again", 15
    told()
    smtp.answer_mail = lambda _received: HANG_UP
    for number in range(4):
        now = NOW + timedelta(minutes=16 * number)
        watch.look(now=now)
        dispatch(clock=lambda now=now: now)  # type: ignore[misc]  # a clock that stands
    assert (mail().state, mail().attempts, served()) == ("unknown", 2, [])
    first, second = (received.data for received in smtp.received)
    assert (first == second, b"Message-ID: <" + mail().name.encode() in first) == (True, True)
