"""The envelope sender that a mail goes with (VERP): a bounce says by the address that it comes to which delivery it is about."""

import base64
import hashlib
import hmac
import re

from django.conf import settings

_MAC_BYTES = 10
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TOKEN = re.compile("([0-9a-z]{1,13})-([a-z2-7]{16})")
_LARGEST = 2**63 - 1


def envelope_sender(name: str) -> str:
    """Return the address that bounces of the delivery ``name`` go to; empty where BOUNCE_ADDRESS is not set: they go to the sender then."""
    return return_path(name, address=settings.BOUNCE_ADDRESS, key=settings.SECRET_KEY) if settings.BOUNCE_ADDRESS else ""


def return_path(name: str, *, address: str, key: str) -> str:
    """Return ``address`` with what tells the delivery ``name`` by: ``bounces+<number>-<80 bits of HMAC>@provider.example``.

    Digits, letters of one case and a hyphen only, as some servers lower the case.
    """
    local, _at, domain = address.rpartition("@")
    return f"{local}+{_digits(int(name.rpartition('-')[2]))}-{_mac(name, key)}@{domain}"


def number_in(returned_to: str, *, address: str) -> int | None:
    """Return the primary key of the delivery that an address names; None where it is no address of that form. It proves nothing yet: see ``proves``."""
    found = _token(returned_to, address)
    number = int(found[1], 36) if found else 0
    return number if 0 < number <= _LARGEST else None


def proves(returned_to: str, name: str, *, address: str, key: str) -> bool:
    """Tell whether the address is the one that the delivery ``name`` was sent with: nobody else can have made it up."""
    found = _token(returned_to, address)
    return found is not None and hmac.compare_digest(found[2], _mac(name, key)) and number_in(returned_to, address=address) == int(name.rpartition("-")[2])


def _token(returned_to: str, address: str) -> re.Match[str] | None:
    """The domain is not compared: the host of a mailbox may put its own name there."""
    local, plus, token = returned_to.rpartition("@")[0].lower().rpartition("+")
    return _TOKEN.fullmatch(token) if plus and local == address.rpartition("@")[0].lower() else None


def _mac(name: str, key: str) -> str:
    digest = hmac.digest(key.encode(), f"notifier.delivery.verp:{name}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:_MAC_BYTES]).decode("ascii").lower()


def _digits(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
