"""A bounce mailbox on this machine: a folder in which each file is a mail, or a Maildir."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from notifier.delivery.mail_parts import MOST_BYTES

logger = logging.getLogger(__name__)

_UNFINISHED = {".part", ".tmp"}
_READ, _LEFT = "S", "F"
"""Maildir's letters for seen and flagged; what is flagged and not seen stands out for a person, and is not looked at again."""


class Folder:
    """Each file is a mail, renamed into place when it is whole: a name with a dot in front or one of ``_UNFINISHED`` behind is none yet.

    What was read goes to ``done/``, what is for a person to ``other/``.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is looked at yet."""
        self._folder = folder

    def __enter__(self) -> Self:
        """Use as a context."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is open."""

    def waiting(self, most: int) -> Iterator[str]:
        """Yield the keys of what was not looked at, the oldest names first. Raises OSError where the folder cannot be read."""
        yield from sorted(path.name for path in self._folder.iterdir() if _is_mail(path) and path.suffix not in _UNFINISHED)[:most]

    def content(self, key: str) -> bytes | None:
        """Return the beginning of a mail; None where another worker has moved it."""
        return _beginning(self._folder / key)

    def done(self, key: str) -> None:
        """Note that a mail was read, and is stored."""
        self._move(key, "done")

    def aside(self, key: str) -> None:
        """Leave a mail for a person."""
        self._move(key, "other")

    def _move(self, key: str, below: str) -> None:
        """Rename, which is whole or not at all; a mail of the same name from before is kept."""
        target = self._folder / below / key
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            content = _beginning(self._folder / key) or b""
            target = target.with_name(f"{hashlib.sha256(content).hexdigest()[:16]}-{key}"[:255])
        _rename(self._folder / key, target)


class Maildir:
    """``new`` and ``cur`` below the folder: mails that nobody has seen or flagged. What was read is marked as seen, what is for a person as flagged."""

    def __init__(self, folder: Path) -> None:
        """Nothing is looked at yet."""
        self._folder = folder

    def __enter__(self) -> Self:
        """Use as a context; make what a Maildir has, for a server that has not delivered anything yet."""
        for below in ("tmp", "new", "cur"):
            (self._folder / below).mkdir(mode=0o700, exist_ok=True)
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is open."""

    def waiting(self, most: int) -> Iterator[str]:
        """Yield the keys of what was not looked at, the oldest first (names begin with the time). Raises OSError where the folder cannot be read."""
        found = [path for below in ("new", "cur") for path in (self._folder / below).iterdir() if not {_READ, _LEFT} & _letters(path) and _is_mail(path)]
        yield from _keys(sorted(found, key=lambda path: path.name)[:most])

    def content(self, key: str) -> bytes | None:
        """Return the beginning of a mail; None where another worker, or a mail reader, has renamed it."""
        return _beginning(self._folder / key)

    def done(self, key: str) -> None:
        """Note that a mail was read, and is stored."""
        self._mark(key, _READ)

    def aside(self, key: str) -> None:
        """Leave a mail for a person."""
        self._mark(key, _LEFT)

    def _mark(self, key: str, letter: str) -> None:
        path = self._folder / key
        letters = "".join(sorted(_letters(path) | {letter}))
        _rename(path, self._folder / "cur" / f"{path.name.partition(':')[0]}:2,{letters}")


def _keys(paths: Iterable[Path]) -> Iterator[str]:
    return (f"{path.parent.name}/{path.name}" for path in paths)


def _letters(path: Path) -> set[str]:
    return set(path.name.partition(":2,")[2])


def _is_mail(path: Path) -> bool:
    return not path.name.startswith(".") and path.is_file()


def _beginning(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:  # it holds up no other
        logger.warning("a mail in BOUNCE_MAILBOX cannot be read: %s", error)
        return None


def _rename(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except FileNotFoundError:  # another worker was quicker; it has stored the same
        return
