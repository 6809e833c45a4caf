"""Starts one server and ends it when the process that asked for it ends, however that ends.

Run as a script: ``keeper.py USER SIGNAL FOLDER COMMAND...``. It prints the server's process id. The end of its standard
input (which the kernel brings about even when the asking process is killed) ends the server and removes FOLDER,
unless the word ``keep`` was written to it before.
"""

import os
import pwd
import select
import shutil
import subprocess
import sys
from pathlib import Path

_GRACE_SECONDS = 15


def main() -> None:
    """Start, wait, end, tidy."""
    user, ending, folder, *command = sys.argv[1:]
    account = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    with Path(folder, "log").open("ab") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **account,  # type: ignore[call-overload]  # either all three or none
        )
    print(server.pid, flush=True)  # noqa: T201  # the answer that the asking process waits for
    word = _until_told(server)
    if server.poll() is None:
        server.send_signal(int(ending))
        try:
            server.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    if word != b"keep":
        shutil.rmtree(folder, ignore_errors=True)


def _until_told(server: subprocess.Popen[bytes]) -> bytes:
    """Return what was written to standard input up to its end; reap the server meanwhile."""
    said = b""
    while True:
        server.poll()
        if select.select([sys.stdin], [], [], 0.2)[0]:
            part = os.read(sys.stdin.fileno(), 16)
            if not part:
                return said
            said += part


if __name__ == "__main__":
    main()
