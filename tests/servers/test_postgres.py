"""PostgreSQL for tests: starts from every source, survives a crash, ends with the tests."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.servers.kept import alive
from tests.servers.postgres import Postgres, complete, of_the_machine, of_the_wheel

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("binaries", [None, of_the_wheel()], ids=["first found", "wheel"])
def test_postgres_starts_and_leaves_nothing(binaries: Path | None) -> None:
    """The machine's binaries and those of the wheel both work, and both go without a trace."""
    server = Postgres(binaries=binaries).start()
    folder, pid = server.folder, server.pid
    with psycopg.connect(server.create("other")) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("other",)
    server.stop()
    assert folder is not None
    assert (alive(pid), folder.exists()) == (False, False)


def test_postgres_starts_from_a_place_that_its_user_cannot_reach(tmp_path: Path) -> None:
    """Such as a clone in the home of root, made with a strict umask."""
    package = of_the_wheel().parent.parent
    closed = tmp_path / "closed"
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, closed / part.name)
    closed.chmod(0o700)
    (closed / package.name).chmod(0o700)
    with Postgres(binaries=closed / package.name / "pginstall" / "bin") as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT 42").fetchone() == (42,)


def test_postgres_killed_keeps_what_was_committed() -> None:
    """After SIGKILL the same server comes back with its rows."""
    with Postgres(durable=True) as server:
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        server.kill()
        server.start()
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_postgres_ends_with_a_killed_test_process() -> None:
    """A test process that is killed leaves neither server nor folder."""
    script = "import sys; from tests.servers.postgres import Postgres; s = Postgres().start(); print(s.pid, s.folder, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid, folder = process.stdout.readline().split()
        assert alive(int(pid))
        process.send_signal(signal.SIGKILL)
        process.wait()
    end = time.monotonic() + 20
    while (alive(int(pid)) or Path(folder).exists()) and time.monotonic() < end:
        time.sleep(0.1)
    assert (alive(int(pid)), Path(folder).exists()) == (False, False)


def test_lone_tool_is_no_server(tmp_path: Path) -> None:
    """A folder with initdb but no server beside it is passed over."""
    lone = next(filter(complete, of_the_machine()), of_the_wheel()) / "initdb"
    (tmp_path / "initdb").symlink_to(lone)
    assert (complete(lone.parent), complete(tmp_path)) == (True, False)
