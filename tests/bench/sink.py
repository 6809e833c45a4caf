"""Postfix's ``smtp-sink``: takes every mail and throws it away; quick and quiet."""

import contextlib
import os
import shutil
import socket
from pathlib import Path

from tests.servers.kept import Kept, unprivileged

_PLACES = ("/usr/sbin", "/usr/libexec/postfix", "/usr/lib/postfix/sbin", "/usr/local/sbin")


class SinkMissingError(Exception):
    """smtp-sink was not found. It comes with Postfix; on Debian and Ubuntu: apt install postfix."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__((self.__doc__ or "").strip())


def program() -> str:
    """Return where ``smtp-sink`` is. Raises SinkMissingError."""
    found = shutil.which("smtp-sink", path=os.pathsep.join((os.environ.get("PATH", ""), *_PLACES)))
    if found is None:
        raise SinkMissingError
    return found


class Sink(Kept):
    """A mail server on a loopback port."""

    def __init__(self) -> None:
        """Prepare; nothing runs yet. Raises SinkMissingError."""
        super().__init__(owner=unprivileged())
        self._program = program()

    def command(self, folder: Path) -> list[str]:
        """Return the server with room for many connections."""
        del folder
        return [self._program, f"127.0.0.1:{self.port}", "1000"]

    def answers(self) -> bool:
        """Tell whether it takes connections."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
            return probe.recv(3) == b"220"
        return False
