"""``python -m tests.bench``: all measurements one after the other; figures go to ``build/bench.json`` too. The exit code is 1 where an aim was missed."""

import argparse
import subprocess
import sys

from tests.bench.figures import FILE, line
from tests.bench.processes import ROOT
from tests.bench.sink import SinkMissingError, program

QUICK = (
    ("tests.bench.find_slot",),
    ("tests.bench.compose",),
    ("tests.bench.senders",),
    ("tests.bench.round_trip", "--connections", "4", "--connections", "16"),
    ("tests.bench.fan_out",),
    ("tests.bench.idle",),
)
LONG = (
    *QUICK[:2],
    ("tests.bench.senders", "--mails", "20000", "--peer-mails", "3000", "--rounds", "7"),
    ("tests.bench.round_trip", "--mails", "100000", "--connections", "4", "--connections", "16"),
    ("tests.bench.fan_out", "--contacts", "1000000"),
    ("tests.bench.idle", "--deliveries", "10000000", "--deliveries-sqlite", "10000000"),
)


def main() -> int:
    """Run them; return the worst exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="how fast it is on this machine")
    parser.add_argument("--long", action="store_true", help="with as many rows as are promised: half an hour and more, 15 GB")
    options = parser.parse_args()
    try:
        program()
    except SinkMissingError as error:
        line(str(error))
        return 1
    FILE.unlink(missing_ok=True)
    codes = [subprocess.run([sys.executable, "-m", *command], check=False, cwd=ROOT).returncode for command in (LONG if options.long else QUICK)]
    line(f"\nall figures: {FILE.relative_to(ROOT)}")
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
