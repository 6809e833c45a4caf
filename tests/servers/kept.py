"""A server process under a keeper: the shared half of ``postgres`` and ``redis``."""

import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

KEEPER = Path(__file__).with_name("keeper.py")
_READY_SECONDS = 60


class ServerError(Exception):
    """The server did not start; the message holds what it wrote."""


def free_port() -> int:
    """Return a loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def unprivileged() -> pwd.struct_passwd | None:
    """Return the user to run as where root is not accepted; nobody special when the tests do not run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerError("the tests run as root, and there is no user postgres or nobody to run the server as")


def reachable(path: Path) -> bool:
    """Tell whether every user may enter ``path`` and all folders above it."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def make_folder(owner: pwd.struct_passwd | None) -> Path:
    """Return a new folder that only ``owner`` can read, in a place that it can reach."""
    places = [Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/var/tmp")]  # noqa: S108  # mkdtemp makes an unguessable folder in one of them
    place = next(place for place in places if place.is_dir() and (owner is None or reachable(place.resolve())))
    folder = Path(tempfile.mkdtemp(prefix="notifier-", dir=place.resolve()))
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


class Kept:
    """A server that ends with the tests. ``stop`` ends it and removes its folder; after ``kill``, ``start`` brings it back with what is on disk."""

    ending = signal.SIGTERM

    def __init__(self, *, owner: pwd.struct_passwd | None = None) -> None:
        """Prepare; nothing runs yet."""
        self.owner = owner
        self.port = free_port()
        self.folder: Path | None = None
        self.pid = 0
        self._keeper: subprocess.Popen[bytes] | None = None

    def command(self, folder: Path) -> list[str]:
        """Return what to run."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Tell whether the server can be used already."""
        raise NotImplementedError

    def prepare(self, folder: Path) -> None:
        """Make what the server needs in its new folder."""

    def start(self) -> Self:
        """Start the server and wait until it answers."""
        if self.folder is None:
            self.folder = make_folder(self.owner)
            self.prepare(self.folder)
        self._keeper = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                str(KEEPER),
                self.owner.pw_name if self.owner else "",
                str(int(self.ending)),
                str(self.folder),
                *self.command(self.folder),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in a terminal is for the tests, which end the server afterwards
        )
        assert self._keeper.stdout is not None
        line = self._keeper.stdout.readline()
        if not line.strip():
            raise ServerError(f"the keeper of {type(self).__name__} ended at once")
        self.pid = int(line)
        self._wait(self.answers, "does not answer")
        return self

    def stop(self) -> None:
        """End the server in its own manner and remove its folder; once stopped it can be started afresh."""
        self._dismiss(b"")
        self.folder = None

    def kill(self) -> None:
        """End the server with SIGKILL, as a crash would; its folder stays."""
        os.kill(self.pid, signal.SIGKILL)
        self._wait(lambda: not alive(self.pid), "is still there after SIGKILL")
        self._dismiss(b"keep")

    def log(self) -> str:
        """Return what the server has written so far."""
        return (self.folder / "log").read_text(errors="replace") if self.folder else ""

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *error: object) -> None:
        """Stop."""
        self.stop()

    def _dismiss(self, word: bytes) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper:
            keeper.communicate(word)
        self.pid = 0

    def _wait(self, ready: Callable[[], bool], fault: str) -> None:
        end = time.monotonic() + _READY_SECONDS
        while not ready():
            if time.monotonic() > end or (ready == self.answers and not alive(self.pid)):
                log = self.log()
                self.stop()
                raise ServerError(f"{type(self).__name__} {fault}:\n{log}")
            time.sleep(0.02)


def alive(pid: int) -> bool:
    """Tell whether a process of that id runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
