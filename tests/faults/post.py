"""The mail server of the faults as a process, told what to do wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.faults.journal import Entry, read
from tests.faults.plan import Fault, Mode


class Post:
    """A mail server that journals; ``tell`` changes its plan while it runs."""

    def __init__(self, journal: Path) -> None:
        """``journal``: the file, which must not exist yet."""
        self.journal = journal
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        """Start."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.server", str(self.journal)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *error: object) -> None:
        """End it."""
        if self._process is not None:
            self._process.communicate()

    @property
    def url(self) -> str:
        """The address in the form of EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def tell(
        self,
        *,
        shares: dict[Fault, float] | None = None,
        **changes: float | str | bool | Mode,
    ) -> None:
        """Change fields of the plan; it is in force when this returns."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted: dict[str, object] = dict(changes)
        if shares is not None:
            wanted["shares"] = shares
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "ok\n"

    def entries(self) -> list[Entry]:
        """Return what it has written down."""
        return read(self.journal)

    def lines(self) -> int:
        """Return how many entries there are."""
        with self.journal.open("rb") as lines:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))
