"""Files that must be refused are, each fault with file, line and column; nothing is changed."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import DATA
from tests.end_to_end.program import Installation

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

BAD = DATA / "customers_bad"


def _content(program: Installation) -> list[str]:
    with closing(sqlite3.connect(program.folder / "db.sqlite3")) as database:
        return list(database.iterdump())


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({"customers": "customers.csv"}, {3, 4, 5, 6, 7, 8, 9, 11, 12}),
        ({"customers": "missing_column.csv"}, {1}),
        ({"customers": "semicolons.csv"}, {1}),
        ({"customers": "latin1.csv"}, {2}),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "",
)
def test_bad_file_changes_nothing(options: dict[str, str], lines: set[int], program: Installation) -> None:
    """Exit code 1, each fault on a line of its own, and a database with the same rows as before."""
    with program:
        before = _content(program)
        done = program.manage("import_customers", *(word for kind, name in options.items() for word in (f"--{kind}", BAD / name)))
        faults = [re.fullmatch(r"(.+):(\d+): ([^:]+): (.+)", line) for line in done.stderr.splitlines()[:-1]]
        assert (done.returncode, done.stdout) == (1, "")
        assert all(faults), done.stderr
        found = {(Path(fault[1]), int(fault[2])) for fault in faults if fault}
        assert found == {(BAD / name, line) for name in options.values() for line in lines}
        assert _content(program) == before
