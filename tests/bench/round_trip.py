"""``python -m tests.bench.round_trip``: how long many mails take where the mail server is 20 ms away."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.figures import Table, verdicts
from tests.bench.processes import ROOT, run
from tests.bench.sink import Sink
from tests.environment import SECRET_KEY
from tests.servers.postgres import Postgres

LIMIT_SECONDS, OF_MAILS = 300, 100_000
ROUND_TRIP_MILLISECONDS = 20
COLUMNS = {
    "database": -10,
    "round trip ms": 13,
    "connections": 11,
    "mails": 8,
    "seconds": 8,
    "mails/s": 8,
    "s for 100,000": 13,
    "CPU us/mail": 11,
    "peak MB": 8,
}


def main() -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.round_trip", description=(__doc__ or "").partition(": ")[2])
    parser.add_argument("--mails", type=int, default=5_000)
    parser.add_argument("--connections", type=int, action="append", help="several times: one line each; without it, as the settings have it")
    options = parser.parse_args()
    table = Table("round_trip", COLUMNS)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="notifier-bench-"))
        (Path(folder) / "static").mkdir()
        sink = stack.enter_context(Sink())
        port = stack.enter_context(far_away(sink.port, ROUND_TRIP_MILLISECONDS / 2))
        variables = {
            "DJANGO_SETTINGS_MODULE": "tests.bench.plain_settings",
            "DATA_DIR": folder,
            "SECRET_KEY": SECRET_KEY,
            "DATABASE_URL": stack.enter_context(Postgres(durable=True)).create("bench"),
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "FIRST_NOTICE": "at_once",
            "MAILS_PER_HOUR": "0",
        }
        run("tests.bench.inside", "fill", str(options.mails), "feeds", variables=variables)
        seconds = min(_measure(table, variables | _connections(number)) for number in options.connections or [0])
    return verdicts([(f"100,000 mails over a round trip of {ROUND_TRIP_MILLISECONDS} ms in {seconds:.0f} s (below {LIMIT_SECONDS})", seconds < LIMIT_SECONDS)])


def _connections(number: int) -> dict[str, str]:
    return {"SMTP_CONNECTIONS": str(number)} if number else {}


def _measure(table: Table, variables: dict[str, str]) -> float:
    """Send a notice to everybody; return how long 100,000 mails take, by proportion."""
    run("tests.bench.inside", "notice", "sql", variables=variables)
    found = run("tests.bench.inside", "send", variables=variables)
    seconds = float(found["ended"] - found["begun"])
    of_all: float = seconds / found["done"] * OF_MAILS
    table.add(
        database="PostgreSQL",
        round_trip_ms=ROUND_TRIP_MILLISECONDS,
        connections=found["connections"],
        mails=found["done"],
        seconds=seconds,
        peak_MB=found["peak_mb"],
        **{"mails/s": found["done"] / seconds, "s_for_100,000": of_all, "CPU_us/mail": found["cpu"] / found["done"] * 1e6},
    )
    return of_all


@contextmanager
def far_away(port: int, milliseconds: float) -> Iterator[int]:
    """Let a process stand between; ``milliseconds``: for each way. Yields its port."""
    command = [sys.executable, "-m", "tests.bench.far", "0", str(port), str(milliseconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate()


if __name__ == "__main__":
    sys.exit(main())
