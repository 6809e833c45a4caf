"""What comes back about a mail after it left: an ESP's event or a delivery status notification, in one form."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_REASON = 500
LONGEST_NAME = 200
NAME = re.compile("([0-9a-f]{32})-([0-9]{1,18})")
"""``Delivery.name``: the notice's random number and the delivery's key; a longer key is none of the database's."""


class What(models.TextChoices):
    """What became of the mail."""

    ACCEPTED = "accepted", _("accepted by the ESP")
    """The ESP took it over: the first hop."""
    DELIVERED = "delivered", _("delivered")
    """The customer's server took it over."""
    DEFERRED = "deferred", _("deferred")
    """It will be tried again by whoever has it."""
    BOUNCED_HARD = "bounced", _("bounced")
    """The address does not take mail, now or later."""
    BOUNCED_SOFT = "bounced_soft", _("bounced, for now")
    """Full mailbox, greylisting, absence, policy: nothing is concluded from it."""
    REJECTED = "rejected", _("rejected")
    """The ESP refused it: nothing went out."""
    COMPLAINED = "complained", _("complained")
    """The reader called it spam, or asked for no more."""
    OTHER = "other", _("other")
    """Anything else: kept for the record."""


@dataclass(frozen=True)
class Receipt:
    """One event about one mail to one address.

    ``source`` is who says so ("esp:mailgun", "dsn"); ``event_id`` is unique within it (a ``digest`` where the source gives none).
    ``delivery_name`` is ``Delivery.name``, or empty where it is not known. ``address`` is the one that our mail went to, not one to which it was
    passed on (RFC 3464: the original recipient); empty where that is not known. ``at`` (aware, UTC) is when it happened, by the source's clock.
    ``reason`` is one printable line of at most 500 characters (see ``one_line``). ``bad_address``: the source says that the address is the
    trouble, so a rejection marks the contact as a hard bounce does.
    """

    source: str
    event_id: str
    delivery_name: str
    address: str
    what: What
    at: datetime
    reason: str = ""
    bad_address: bool = False


def is_delivery_name(text: str) -> bool:
    """Tell whether a text has the form of ``Delivery.name``."""
    return NAME.fullmatch(text) is not None


def digest(*parts: object) -> str:
    """Return an event id made of what an event says: the same event gives the same id. 64 hexadecimal digits."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode(errors="surrogatepass")).hexdigest()


def one_line(text: str, most: int = LONGEST_REASON) -> str:
    """Return the text as one printable line: strangers write it, and it stands in the admin, in mails and in logs."""
    line = " ".join(text[: 20 * most].split())
    return "".join(char for char in line if char.isprintable())[:most].rstrip()
