"""Mail as files: ``<delivery>.eml``, renamed into place when it is whole; the file itself is the answer."""

import contextlib
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_HALF_WRITTEN_SECONDS = 3600
"""A file that is written whole is renamed at once; one that is this old is nobody's."""
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,99}")


class FileBackend(BaseEmailBackend):
    """Writes each message into one folder; a message says its name by an attribute ``delivery_name``."""

    def __init__(self, *, folder: Path | None = None, fail_silently: bool = False, **options: Any) -> None:  # noqa: ANN401  # Django passes what other backends take
        """``folder``: the settings' where left out; it is made when it is not there."""
        super().__init__(fail_silently=fail_silently, **options)
        self.folder: Path = folder or settings.MAIL.folder or settings.DATA_DIR / "mail"

    def open(self) -> bool:
        """Clear away what a killed worker left half-written; nothing is to be connected."""
        oldest = time.time() - _HALF_WRITTEN_SECONDS
        for part in self.folder.glob("*.part"):
            with contextlib.suppress(FileNotFoundError):  # another worker was quicker
                if part.stat().st_mtime < oldest:
                    part.unlink()
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages; return how many there are. Raises OSError where the disk refuses."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self._write(self.path(message.delivery_name), message.message().as_bytes(linesep="\r\n"))  # type: ignore[attr-defined, call-arg]  # compose sets the name; Django's message takes linesep
        return len(email_messages)

    def path(self, name: str) -> Path:
        """Return where the mail of a delivery lies. Raises ValueError for what is no name of a delivery."""
        if not _NAME.fullmatch(name):
            message = f"not the name of a delivery: {name!r}"
            raise ValueError(message)
        return self.folder / f"{name}.eml"

    def has_taken(self, name: str) -> bool:
        """Tell whether the delivery's mail was written whole."""
        return self.path(name).exists()

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
