"""A bounce -> receipts: which delivery it is about, proved, and what became of it."""

import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.conf import settings

from notifier.delivery import verp
from notifier.delivery.dsn import Bounce, bounce_in
from notifier.delivery.models import Delivery
from notifier.delivery.receipt import Receipt, digest, one_line

SOURCE = "dsn"
_NAME = re.compile("([0-9a-f]{32})-([1-9][0-9]{0,17})")


def receipts_in(content: bytes, *, now: datetime) -> list[Receipt]:
    """Return what a mail reports about deliveries of ours; nothing where it is no bounce, or about none of them.

    The same mail gives the same event ids, whenever it is read.
    """
    bounce = bounce_in(content)
    delivery = _delivery_of(bounce) if bounce else None
    if bounce is None or delivery is None:
        return []
    at, mail = max(_reported_at(bounce.date, now), delivery.notice.issued_at), hashlib.sha256(content).hexdigest()
    found = []
    for number, recipient in enumerate(bounce.recipients):
        elsewhere = "" if recipient.address.lower() in {"", delivery.address.lower()} else f"{recipient.address}: "
        said = recipient.diagnostic if recipient.status in recipient.diagnostic else f"{recipient.status} {recipient.diagnostic}"
        reason = one_line(f"{elsewhere}{said}")
        found.append(Receipt(SOURCE, digest(mail, number), delivery.name, delivery.address, recipient.what, at, reason))
    return found


def _delivery_of(bounce: Bounce) -> Delivery | None:
    """By the address that the bounce came to, which nobody else can make up.

    Where mails go with no address of that kind, by Message-ID or envelope id together with the recipient: the readers of a notice
    could make up each other's Message-IDs.
    """
    if not settings.BOUNCE_ADDRESS:
        found = (_by_name(given) for given in (bounce.message_id.partition("@")[0], bounce.envelope_id))
        addresses = {recipient.address.lower() for recipient in bounce.recipients}
        return next((delivery for delivery in found if delivery and delivery.address.lower() in addresses), None)
    for returned_to in bounce.returned_to:
        number = verp.number_in(returned_to, address=settings.BOUNCE_ADDRESS)
        delivery = _stored(pk=number) if number else None
        if delivery and verp.proves(returned_to, delivery.name, address=settings.BOUNCE_ADDRESS, key=settings.SECRET_KEY):
            return delivery
    return None


def _by_name(name: str) -> Delivery | None:
    found = _NAME.fullmatch(name)
    return _stored(pk=int(found[2]), notice__uid=found[1]) if found else None


def _stored(**which: object) -> Delivery | None:
    return Delivery.objects.select_related("notice").filter(**which).first()


def _reported_at(date: str, now: datetime) -> datetime:
    """Return when the report was written, by the clock of whoever wrote it, but not later than now."""
    try:
        at = parsedate_to_datetime(date)
        return min(at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC), now)
    except (TypeError, ValueError, OverflowError, IndexError):
        return now
