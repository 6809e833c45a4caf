"""A mail that was handed over and whose answer was never seen, and what a person or a worker does then."""

from datetime import datetime, timedelta
from typing import Any

from notifier.delivery import outbox, settle
from notifier.delivery.models import Delivery
from notifier.delivery.unknown import Verdict, send_again
from tests.factories import BY, NOW
from tests.maintenance.telling import HOUR
from tests.notifier.delivery.coming_back import TOKEN, handed_over, mail

MINUTE = timedelta(minutes=1)
FLAGGED = NOW + MINUTE


def unknown(**changes: Any) -> Delivery:  # noqa: ANN401  # any field of Delivery
    """Return the mail to c0@customer.example, handed over at NOW and flagged a minute later."""
    handed_over()
    assert settle.unknown(mail(), TOKEN, at=FLAGGED, reason="no word")
    Delivery.objects.filter(pk=mail().pk).update(**changes)
    return mail()


def resend(now: datetime = NOW + HOUR) -> list[Verdict]:
    """Let a person send every mail again, and return what became of them."""
    found = send_again(Delivery.objects.all(), by=BY, now=now)
    return [verdict for verdict, keys in found.items() for _key in keys]


def claim(now: datetime = NOW + HOUR) -> str:
    """Claim what waits, and return the token."""
    claimed = outbox.claim(now=now, most=9)
    assert claimed.ids
    return claimed.token
