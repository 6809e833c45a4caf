"""The program as it runs in production, and the naive sender in its place, on databases that are copies of a filled one."""

import itertools
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
from celery import Celery
from psycopg import sql

from tests.end_to_end.program import Installation, Running
from tests.faults.rows import Store
from tests.servers.postgres import Postgres

LEASE_SECONDS = 45
"""The default: what is said of the time until a mail is flagged is said of it."""
CONNECTIONS = 4
"""SMTP connections of a process that sends."""
POOLS = ("prefork", "solo")


class Program(Installation):
    """An installation with its processes; ``store`` reads its database."""

    @property
    def store(self) -> Store:
        """The database."""
        url = self.variables.get("DATABASE_URL", "")
        return Store(url=url) if url else Store(file=self.folder / "db.sqlite3")

    def scene(self, call: str) -> str:
        """Call a function of ``tests.faults.scene`` in a process of the program; return the last line that it prints."""
        told = self.must("shell", "-c", f"from tests.faults import scene; scene.{call}").strip().splitlines()
        return told[-1] if told else ""

    def worker(self, number: int = 0, *, pool: str = "", prefix: tuple[str, ...] = ()) -> Running:
        """Start a worker; ``prefix``: what its command line begins with (a failpoint, another clock)."""
        words = ["worker", f"--pool={pool or POOLS[number % len(POOLS)]}", "--concurrency=1", f"--hostname=worker{number}@localhost", "--loglevel=WARNING"]
        return self._start([*prefix, *self._python(prefix), "-m", "celery", "-A", "notifier", *words])

    def beat(self, number: int = 0, *, prefix: tuple[str, ...] = ()) -> Running:
        """Start the beat."""
        words = ["beat", "--loglevel=WARNING", f"--schedule={self.folder / f'beat{number}'}", "--pidfile="]
        return self._start([*prefix, *self._python(prefix), "-m", "celery", "-A", "notifier", *words])

    def command(self, *words: str, prefix: tuple[str, ...] = ()) -> Running:
        """Start a command of manage.py."""
        return self._start([*prefix, *self._python(prefix), "manage.py", *words])

    def naive(self, port: int, *, redis: str = "", fill: bool = False, prefix: tuple[str, ...] = ()) -> Running:
        """Start the naive sender on this installation's database."""
        database = self.store.url or str(self.store.file)
        words = [database, str(port), *(["--redis", redis] if redis else []), *(["--fill"] if fill else [])]
        return self._start([*prefix, *self._python(prefix), "-c", "from tests.faults.naive import main; main()", *words])

    def nudge(self) -> None:
        """Ask a worker to look now, as the desk does."""
        with suppress(Exception), Celery(broker=self.variables["REDIS_URL"], set_as_current=False) as app:
            app.send_task("notifier.delivery.dispatch", expires=60, retry=False)

    def copy(self, folder: Path, **variables: str) -> "Program":
        """Return another installation with this one's variables and others, in a folder of its own."""
        kept = {name: value for name, value in self.variables.items() if name not in {"DATA_DIR", "PORT"}}
        return Program(folder, kept | variables)

    def done(self, number: int) -> Callable[[], bool]:
        """Return the question whether so many deliveries were made and none is open; a database that does not answer says no."""

        def ask() -> bool:
            with suppress(psycopg.OperationalError):
                states = self.store.states()
                return sum(states.values()) >= number and not states.get("queued") and not states.get("sending")
            return False

        return ask

    def release(self, reference: str, *, minutes: int = 0) -> None:
        """Make the mails of one piece of work due now or in some minutes, which wait for another day (``scene.postpone_mails``)."""
        due = f"now() + interval '{minutes} minutes'"
        notices = f"SELECT n.id FROM maintenance_notice n JOIN maintenance_maintenance m ON m.id = n.maintenance_id WHERE m.reference = '{reference}'"  # noqa: S608  # a constant
        self.store.run(f"UPDATE delivery_delivery SET due_at = {due}, first_due_at = {due} WHERE state = 'queued' AND notice_id IN ({notices})")  # noqa: S608  # as above

    def left(self, reference: str) -> int:
        """Return how many mails of one piece of work are not settled; a database that does not answer leaves all."""
        with suppress(psycopg.OperationalError):
            return sum(row.reference == reference and row.state in {"queued", "sending"} for row in self.store.rows())
        return -1

    @staticmethod
    def _python(prefix: tuple[str, ...]) -> list[str]:
        return [] if sys.executable in prefix else [sys.executable]


class Templates:
    """Filled databases, each made once; copies of them cost little."""

    def __init__(self, folder: Path) -> None:
        """``folder``: where SQLite files are kept."""
        self.folder = folder
        self._made: dict[tuple[str, str], str] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def copy(self, postgres: Postgres | None, folder: Path, fill: str, **variables: str) -> Program:
        """Return an installation whose database is filled by calls of ``tests.faults.scene``; on SQLite without ``postgres``."""
        settings = {
            "DELIVERY_LEASE_SECONDS": str(LEASE_SECONDS),
            "SMTP_CONNECTIONS": str(CONNECTIONS),
            "BOUNCE_ADDRESS": "bounces@provider.example",
        } | variables
        if postgres is None:
            program = Program(folder, settings)
            shutil.copy(self._made_of("sqlite", fill, None), program.folder / "db.sqlite3")
            return program
        template = self._made_of(str(postgres.port), fill, postgres)
        name = f"copy_{next(self._numbers)}"
        with psycopg.connect(postgres.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return Program(folder, {"DATABASE_URL": postgres.url(name)} | settings)

    def _made_of(self, place: str, fill: str, postgres: Postgres | None) -> str:
        key = (place, fill)
        with self._lock:
            if key not in self._made:
                name = f"filled_{len(self._made)}"
                maker = Program(self.folder / name, {"DATABASE_URL": postgres.create(name)} if postgres else {})
                maker.must("migrate", "--verbosity=0")
                maker.scene(fill)
                self._made[key] = name if postgres else str(maker.folder / "db.sqlite3")
            return self._made[key]


class Shift:
    """Processes that a supervisor keeps: whoever has ended is started again, as systemd or Kubernetes do it."""

    def __init__(self, *starters: Callable[[], Running]) -> None:
        """Start all."""
        self._starters = starters
        self._running = [start() for start in starters]
        self.restarts = 0

    def look(self) -> None:
        """Start again whoever has ended."""
        for place, process in enumerate(self._running):
            if process.ended():
                self._running[place] = self._starters[place]()
                self.restarts += 1

    def until(self, condition: Callable[[], bool]) -> Callable[[], bool]:
        """Return the condition; whoever asks it has looked as well."""

        def ask() -> bool:
            self.look()
            return condition()

        return ask


def children(process: Running) -> list[int]:
    """Return the process ids of those that a process has started (Linux)."""
    parent = process._process.pid
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def kill_child(process: Running) -> bool:
    """End a worker's own child with SIGKILL; tell whether there was one."""
    for pid in children(process):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def dying(*specs: str) -> tuple[str, ...]:
    """Return the prefix of a command that dies at the failpoints."""
    return (sys.executable, "-W", "ignore", "-m", "tests.faults.failpoint", ",".join(specs))


def wait(condition: Callable[[], bool], seconds: float) -> float | None:
    """Wait for a condition; return how long it took, or None where it does not come in time."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(0.05)
    return time.monotonic() - began
