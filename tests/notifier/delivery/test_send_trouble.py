"""The dispatcher whose database goes away between claiming mails and composing them."""

import pytest
from django.db import OperationalError
from pytest_django import Settings

from maintenance import booking
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.prepare import Composer
from notifier.delivery.send import dispatch
from tests.factories import BY, NOW, draft, reader
from tests.servers.smtp import SmtpServer


@pytest.mark.django_db
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
