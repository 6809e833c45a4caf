"""``python -m tests.bench.fan_out``: how long a notice to everybody takes to become deliveries, and how much memory."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.figures import Table, verdicts
from tests.bench.processes import run
from tests.environment import SECRET_KEY
from tests.servers.postgres import Postgres

COLUMNS = {"database": -10, "contacts": 9, "fill s": 8, "issued by": -9, "issue s": 8, "issue MB": 8, "fan out s": 9, "us/mail": 8, "peak MB": 8}
LIMITS = {"PostgreSQL": (1_000_000, 60.0), "SQLite": (100_000, 10.0)}
"""So many contacts within so many seconds."""
LIMIT_MEGABYTES = 300
MOST_ISSUED = 100_000
"""Above, a notice is announced to one customer and its rows for the others are made by SQL: announcing itself is measured up to here."""


def main() -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fan_out", description=(__doc__ or "").partition(": ")[2])
    parser.add_argument("--contacts", type=int, default=100_000, help="on PostgreSQL")
    parser.add_argument("--contacts-sqlite", type=int, default=100_000)
    options = parser.parse_args()
    table = Table("fan_out", COLUMNS)
    with Postgres(durable=True) as server:
        found = {"PostgreSQL": _measure(table, "PostgreSQL", options.contacts, server.create("bench"))}
    found["SQLite"] = _measure(table, "SQLite", options.contacts_sqlite, "")
    reached = []
    for database, (contacts, limit) in LIMITS.items():
        seconds = found[database]["fan_out"] * contacts / found[database]["mails"]
        projected = "" if found[database]["mails"] == contacts else ", by proportion"
        reached.append((f"{database}: {contacts:,} contacts in {seconds:.1f} s (below {limit:.0f}{projected})", seconds < limit))
    peak = max(one["peak_mb"] for one in found.values())
    return verdicts([*reached, (f"{peak:.0f} MB (below {LIMIT_MEGABYTES})", peak < LIMIT_MEGABYTES)])


def _measure(table: Table, database: str, contacts: int, address: str) -> dict[str, Any]:
    issued = "verb" if contacts <= MOST_ISSUED else "sql"
    with tempfile.TemporaryDirectory(prefix="notifier-bench-") as folder:
        (Path(folder) / "static").mkdir()
        variables = {"DATA_DIR": folder, "SECRET_KEY": SECRET_KEY, "DATABASE_URL": address, "EMAIL_URL": "smtp://127.0.0.1:1"}
        filled = run("tests.bench.inside", "fill", str(contacts), variables=variables)
        found = run("tests.bench.inside", "notice", issued, variables=variables)
    table.add(
        database=database,
        contacts=found["mails"],
        fill_s=filled["seconds"],
        issued_by=issued,
        issue_s=found["announce"],
        issue_MB=found["issue_peak_mb"],
        fan_out_s=found["fan_out"],
        peak_MB=found["peak_mb"],
        **{"us/mail": found["fan_out"] / found["mails"] * 1e6},
    )
    return found


if __name__ == "__main__":
    sys.exit(main())
