"""What the mail server of the faults wrote down: a line for each answer that decides what becomes of a mail."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

CUT = "cut"
"""An answer: the connection was cut before the whole content was read. The mail was not taken."""
TAKEN_UNSAID = "taken, not said"
"""An answer: the mail was taken, and the connection cut without a word."""
TAKEN = "250"
_VERP = re.compile(r"[^+@]+\+([0-9a-z]+)-[a-z2-7]+@.*")


@dataclass(frozen=True)
class Entry:
    """What became of one try.

    ``name`` is the delivery's (empty where no content came), ``step`` the command that was answered. ``wall`` is when the content had
    come whole, else when the answer was given: seconds since 1970 by the server's clock.
    """

    name: str
    sender: str
    recipient: str
    answer: str
    step: str
    connection: int
    wall: float
    elapsed: float
    subject: str = ""

    @property
    def taken(self) -> bool:
        """Tell whether the recipient has the mail."""
        return self.answer.startswith(TAKEN) or self.answer == TAKEN_UNSAID

    @property
    def number(self) -> int | None:
        """The delivery's number, where the sender's address tells it (VERP)."""
        found = _VERP.fullmatch(self.sender)
        return int(found[1], 36) if found else None

    @property
    def heard(self) -> str:
        """The code that the sender was told; empty where it was told nothing."""
        return self.answer[:3] if self.answer[:3].isdigit() else ""

    def to_line(self) -> bytes:
        """Return the line of the file."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Read a line of the file."""
        return cls(**json.loads(line))


def read(path: Path) -> list[Entry]:
    """Return what was written so far, oldest first; a last line that is still being written is left out."""
    return list(_lines(path))


def _lines(path: Path) -> Iterator[Entry]:
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from (Entry.from_line(line) for line in lines if line.endswith("\n"))
