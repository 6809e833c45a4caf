"""The secret in a feed's address: derived, so that it can be printed again, and looked up by hash (DESIGN.md section 4, People)."""

import base64
import hashlib
import hmac
from typing import Literal

Purpose = Literal["customer", "contact"]


def feed_token(*, key: str, purpose: Purpose, id: int, version: int) -> str:  # noqa: A002  # the word of DESIGN.md
    """Return 256 bits as 43 characters that need no escaping in an address; another ``version`` gives another token."""
    message = f"notifier.calendars.feed:{purpose}:{id}:{version}"
    digest = hmac.digest(key.encode(), message.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def token_hash(token: str) -> str:
    """Return what is stored and looked up: 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()
