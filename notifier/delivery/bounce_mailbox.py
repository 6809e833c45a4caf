"""Look into the bounce mailbox: store what bounces report, then mark them as read. What is no bounce of ours is left for a person."""

import imaplib
import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import InterfaceError, OperationalError

from notifier.bounce_url import Mailbox
from notifier.delivery.bounce_folder import Folder, Maildir
from notifier.delivery.bounce_imap import ImapMailbox
from notifier.delivery.bounces import receipts_in
from notifier.delivery.plain_reason import plain_reason
from notifier.delivery.receipts import take_in

logger = logging.getLogger(__name__)

MOST = 100
LONGEST_SECONDS = 10.0
"""A look takes so many mails and so long at most: it stands in the way of the mails to customers. The rest waits for the next one."""


class _Opened(Protocol):
    def waiting(self, most: int) -> Iterator[str]: ...
    def content(self, key: str) -> bytes | None: ...
    def done(self, key: str) -> None: ...
    def aside(self, key: str) -> None: ...


def read_bounces(*, now: datetime) -> int:
    """Take in what waits in BOUNCE_MAILBOX; return how many mails were bounces of ours.

    A mail is marked only after its receipts are stored: one that was read twice, as by a worker that was killed in between or by
    two of them, gives the same receipts. Never raises for what a mail holds or a server does, only where the database is away.
    """
    where: Mailbox | None = settings.BOUNCE_MAILBOX
    stop_at = time.monotonic() + LONGEST_SECONDS
    taken = 0
    if where is None:
        return taken
    try:
        with _opened(where, stop_at) as mailbox:
            for key in mailbox.waiting(MOST):
                if time.monotonic() >= stop_at:
                    break
                taken += _take(mailbox, key, now)
    except (OSError, imaplib.IMAP4.error) as error:
        said = plain_reason(error).replace(where.password or "\n", "...")  # some servers repeat what they were told
        logger.warning("BOUNCE_MAILBOX cannot be read, the next look tries again: %s", said)
    return taken


def _opened(where: Mailbox, stop_at: float) -> AbstractContextManager[_Opened]:
    if where.kind == "file":
        return Folder(where.folder)
    return Maildir(where.folder) if where.kind == "maildir" else ImapMailbox(where, stop_at=stop_at)


def _take(mailbox: _Opened, key: str, now: datetime) -> bool:
    content = mailbox.content(key)
    if content is None:
        return False
    try:
        receipts = receipts_in(content, now=now)
        if receipts:
            take_in(receipts, now=now)
        else:
            logger.info("mail %s in BOUNCE_MAILBOX is no bounce of ours and is left for a person", key)
    except (InterfaceError, OperationalError):  # the database is away: no fault of the mail's
        raise
    except Exception:  # one mail that nobody thought of holds up no other
        logger.exception("mail %s in BOUNCE_MAILBOX cannot be dealt with and is left for a person", key)
        receipts = []
    if not receipts:
        mailbox.aside(key)
        return False
    mailbox.done(key)
    return True
