"""An installation of the program in a folder of its own: its commands and its processes, run as a user runs them."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import psycopg

from tests.environment import outside
from tests.servers.kept import free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY = "end-to-end-only-end-to-end-only-end-to-end-only"  # noqa: S105  # of installations that live for one test
LEASE_SECONDS = 10
"""The least that is allowed."""
CONNECTIONS = 2
"""To the mail server, for each process that sends."""
LONGEST_COMMAND = 600

_ROWS = """
    SELECT m.reference, d.address, d.language, d.timezone, d.kind, d.state, n.uid, d.id
    FROM delivery_delivery d JOIN maintenance_notice n ON n.id = d.notice_id JOIN maintenance_maintenance m ON m.id = n.maintenance_id
"""


class Row(NamedTuple):
    """A delivery as the program's database has it."""

    reference: str
    email: str
    language: str
    zone: str
    kind: str
    state: str
    name: str


class Running:
    """A process of the program, the leader of a group of its own; what it writes goes to a file."""

    def __init__(self, command: Sequence[str], *, env: dict[str, str], log: Path) -> None:
        """Start it."""
        self.log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it and all that it has started with SIGKILL, as a crash would."""
        with suppress(ProcessLookupError):  # it may have ended already
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Wait for its end and return its exit code."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"still running after {seconds} s:\n{self.wrote()}") from error

    def ended(self) -> bool:
        """Tell whether it has ended."""
        return self._process.poll() is not None

    def has_left_nobody(self) -> bool:
        """Tell, of one that has ended, whether nothing that it started runs any more."""
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def wrote(self) -> str:
        """Return what it has written so far."""
        return self.log.read_text(errors="replace")


@dataclass
class Installation:
    """``folder`` is DATA_DIR; leaving the context kills whatever still runs."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    _started: list[Running] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Give it a port and a short lease."""
        self.folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        given = {
            "DATA_DIR": str(self.folder),
            "SECRET_KEY": SECRET_KEY,
            "PORT": str(port),
            "DELIVERY_LEASE_SECONDS": str(LEASE_SECONDS),
            "SMTP_CONNECTIONS": str(CONNECTIONS),
        }
        given["FIRST_NOTICE"] = "at_once"  # also with SMTP: tests run on Sundays too
        self.variables = given | self.variables
        self.address = f"http://127.0.0.1:{port}/"

    def __enter__(self) -> Self:
        """Nothing runs yet."""
        return self

    def __exit__(self, *error: object) -> None:
        """Kill what still runs."""
        for process in self._started:
            process.kill()

    def manage(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "manage.py", *map(str, words)]
        return subprocess.run(command, cwd=ROOT, env=outside(**self.variables), capture_output=True, text=True, timeout=LONGEST_COMMAND, check=False)

    def must(self, *words: str | Path) -> str:
        """Run a command that has to succeed, and return what it printed."""
        done = self.manage(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *words: str) -> Running:
        """Start a command that goes on."""
        return self._start([sys.executable, "manage.py", *words])

    def celery(self, *words: str) -> Running:
        """Start a worker or beat as in production."""
        return self.start_module("celery", "-A", "notifier", *words)

    def start_module(self, *words: str) -> Running:
        """Start a module of Python's."""
        return self._start([sys.executable, "-m", *words])

    def _start(self, command: list[str]) -> Running:
        process = Running(command, env=outside(**self.variables), log=self.folder / f"{len(self._started)}.log")
        self._started.append(process)
        return process

    def wrote(self) -> str:
        """Return what all processes have written."""
        return "\n".join(process.wrote() for process in self._started)

    def deliveries(self) -> list[Row]:
        """Return every delivery that the program knows of."""
        return [Row._make([*facts, f"{str(uid).replace('-', '')}-{pk}"]) for *facts, uid, pk in self._query(_ROWS)]

    def states(self) -> Counter[str]:
        """Return how many deliveries are in which state."""
        return Counter(dict(self._query("SELECT state, count(*) FROM delivery_delivery GROUP BY state")))

    def settled(self, number: int) -> bool:
        """Tell whether that many deliveries have been made and none is left to do."""
        states = self.states()
        return states.total() == number and not states["queued"] and not states["sending"]

    def _query(self, query: str) -> list[Any]:
        url = self.variables.get("DATABASE_URL")
        if url:
            with psycopg.connect(url) as connection:
                return connection.execute(query.encode()).fetchall()
        lite = sqlite3.connect(f"file:{self.folder / 'db.sqlite3'}?mode=ro", uri=True, timeout=30)
        try:
            return lite.execute(query).fetchall()
        finally:
            lite.close()


def until(condition: Callable[[], bool], *, seconds: float, what: Callable[[], object] | str) -> float:
    """Wait for a condition and return how long it took; ``what`` is said where it does not come."""
    began = time.monotonic()
    while not condition():
        took = time.monotonic() - began
        assert took < seconds, f"not within {seconds} s: {what if isinstance(what, str) else what()}"
        time.sleep(0.02)
    return time.monotonic() - began
