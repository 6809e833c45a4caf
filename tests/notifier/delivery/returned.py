"""Bounces of deliveries that the tests sent: the files of tests/data/dsn, about a delivery of ours."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from maintenance import booking
from notifier.delivery.models import Delivery
from notifier.delivery.send import dispatch
from notifier.delivery.verp import return_path
from tests.factories import BY, NOW, draft, reader

BOUNCES = "bounces@provider.example"
WRITTEN = datetime.fromisoformat("2026-11-22T09:31:02+00:00")
"""When the files were written, by their own dates."""
LATER = WRITTEN + timedelta(hours=1)
_FILES = Path(__file__).parents[2] / "data" / "dsn"
_NAME, _ADDRESS, _SENT_WITH = b"5f2d0c6b9a7e4c31b8d4e0f1a2b3c4d5-1234", b"noc@customer.example", b"bounces+ya-abcdefghijklmnop@provider.example"


def accepted(readers: int = 1) -> list[Delivery]:
    """Announce work to so many customers with a contact each; return the mails, which the first hop has taken."""
    for _ in range(readers):
        reader()
    maintenance = booking.book(draft(), by=BY, now=NOW)
    booking.announce(maintenance, by=BY, now=NOW)
    assert dispatch(clock=lambda: NOW) == readers
    return list(Delivery.objects.select_related("notice").order_by("pk"))


def returned(name: str, delivery: Delivery, *, sent_with: str = "") -> bytes:
    """Return the file, about that delivery; ``sent_with``: its envelope sender, where not the true one."""
    sent_with = sent_with or return_path(delivery.name, address=BOUNCES, key=settings.SECRET_KEY)
    content = (_FILES / f"{name}.eml").read_bytes()
    return content.replace(_NAME, delivery.name.encode()).replace(_ADDRESS, delivery.address.encode()).replace(_SENT_WITH, sent_with.encode())
