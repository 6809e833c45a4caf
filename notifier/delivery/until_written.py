"""What must be written down is written down, also when the database restarts in between: an answer that a server gave is not given twice."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 60
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2

Result = TypeVar("Result")


def until_written(write: Callable[[], Result], *, patience_seconds: float = PATIENCE_SECONDS) -> Result:
    """Call ``write`` and return what it does; again while the database cannot be reached, is full, locked or has chosen us in a deadlock.

    ``write`` is a transaction of its own and does no harm when done twice: a commit whose answer was lost may have happened.
    Raises the database's error after ``patience_seconds``, and at once inside somebody else's transaction, which is lost then.
    """
    ends, pause = time.monotonic() + patience_seconds, _FIRST_PAUSE_SECONDS
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or time.monotonic() + pause > ends:
                raise
            logger.warning("the database does not take what became of mails, trying again in %.1f s: %s", pause, type(error).__name__)
        connection.close()  # whatever state it is in
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
