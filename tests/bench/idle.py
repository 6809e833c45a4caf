"""``python -m tests.bench.idle``: how long a tick with nothing due takes beside very many settled deliveries."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.figures import Table, verdicts
from tests.bench.processes import run
from tests.bench.sink import Sink
from tests.environment import SECRET_KEY
from tests.servers.postgres import Postgres

COLUMNS = {"database": -10, "turn": -20, "deliveries": 11, "median ms": 9, "least ms": 9, "worst ms": 9, "CPU ms": 7, "fill s": 7, "peak MB": 8}
LIMIT_MILLISECONDS = 5.0


def main() -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.idle", description=(__doc__ or "").partition(": ")[2])
    parser.add_argument("--deliveries", type=int, default=200_000, help="on PostgreSQL")
    parser.add_argument("--deliveries-sqlite", type=int, default=200_000)
    parser.add_argument("--contacts", type=int, default=100_000, help="to whom each notice went")
    parser.add_argument("--turns", type=int, default=200)
    options = parser.parse_args()
    table = Table("idle", COLUMNS)
    reached = []
    with Postgres() as server, Sink() as sink:
        for database, deliveries in (("PostgreSQL", options.deliveries), ("SQLite", options.deliveries_sqlite)):
            with tempfile.TemporaryDirectory(prefix="notifier-bench-") as folder:
                (Path(folder) / "static").mkdir()
                address = server.create("bench") if database == "PostgreSQL" else ""
                variables = {"DATA_DIR": folder, "SECRET_KEY": SECRET_KEY, "DATABASE_URL": address, "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
                variables |= {"PLANNERS_EMAIL": "planners@provider.example", "FIRST_NOTICE": "at_once"}
                run("tests.bench.inside", "fill", "1", variables=variables)
                found = run("tests.bench.inside", "idle", str(deliveries), str(options.contacts), str(options.turns), variables=variables)
            for turn, spent in found["turns"].items():
                figures = {f"{name}_ms": milliseconds for name, milliseconds in spent.items()}
                table.add(database=database, turn=turn, deliveries=found["rows"], fill_s=found["fill"], peak_MB=found["peak_mb"], **figures)
            median = found["turns"]["tick"]["median"]
            reached.append(
                (f"{database}: a tick in {median:.2f} ms beside {found['rows']:,} settled (below {LIMIT_MILLISECONDS:.0f})", median < LIMIT_MILLISECONDS)
            )
    return verdicts(reached)


if __name__ == "__main__":
    sys.exit(main())
