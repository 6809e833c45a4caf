"""Files and installations that the proofs begin with: made once, copied for each test."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import DATA
from tests.end_to_end.expected import Files, Work, narrowed, smallest, told_by_clocks
from tests.end_to_end.program import Installation

DAYS_AHEAD = 25
MakeWorks = Callable[..., list[Work]]
Measure = Callable[[str, float], None]


@pytest.fixture(scope="session")
def files() -> Files:
    """All shared customers, contacts and services."""
    return Files.read(DATA / "customers")


@pytest.fixture(scope="session")
def make_works(tmp_path_factory: pytest.TempPathFactory) -> MakeWorks:
    """Run make_maintenance.py for a first day so many days ahead, less what falls on hours that clocks skip or repeat.

    One of the facts lasts no minute at all; it is given one, as a window has to end after it starts.
    """
    facts = json.loads((DATA / "carrier_maintenance.json").read_text(encoding="utf-8"))
    lasting = tmp_path_factory.mktemp("facts") / "carrier_maintenance.json"
    lasting.write_text(json.dumps([fact | {"minutes": max(1, fact["minutes"])} for fact in facts]), encoding="utf-8")

    def make(days: int, spread: int = 45) -> list[Work]:
        first: date = datetime.now(UTC).date() + timedelta(days=days)
        script = [sys.executable, str(DATA / "make_maintenance.py"), first.isoformat(), str(lasting), str(spread)]
        done = subprocess.run(script, capture_output=True, check=True)
        return [work for work in json.loads(done.stdout) if told_by_clocks(work)]

    return make


@pytest.fixture(scope="session")
def works(files: Files, make_works: MakeWorks) -> list[Work]:
    """Twelve pieces of work: the eleven with the fewest mails, and one for persons who serve several accounts, in all languages."""
    made = make_works(DAYS_AHEAD)
    small = smallest(files, made, 11)
    return [*small, narrowed(files, next(work for work in made if work["scope"][0]["component"] == "netpro.openvpn"))]


@pytest.fixture(scope="session")
def few_works(works: list[Work]) -> list[Work]:
    """Five of the twelve, for what is tried several times."""
    return [*works[:8:2], works[-1]]


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory, measured: Measure) -> Path:
    """The database file of an installation that has all shared customers and nothing else."""
    with Installation(tmp_path_factory.mktemp("imported")) as program:
        program.must("migrate", "--verbosity=0")
        measured("import of all customers (SQLite)", import_customers(program))
        return program.folder / "db.sqlite3"


@pytest.fixture
def program(imported: Path, tmp_path: Path) -> Installation:
    """A fresh installation on SQLite with all shared customers; tests enter it when they have set its variables."""
    installation = Installation(tmp_path / "program")
    shutil.copy(imported, installation.folder)
    return installation


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> Measure:
    """Print how long something took, whatever pytest captures."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def tell(what: str, seconds: float) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"\n{what}: {seconds:.1f} s\n")

    return tell


def import_customers(program: Installation) -> float:
    """Import all shared customers; return how many seconds it took."""
    began = time.monotonic()
    options = [word for kind in ("customers", "contacts", "services") for word in (f"--{kind}", DATA / "customers" / f"{kind}.csv")]
    program.must("import_customers", *options)
    return time.monotonic() - began


def write_works(program: Installation, works: list[Work]) -> Path:
    """Write a maintenance file."""
    path = program.folder / "maintenance.json"
    path.write_text(json.dumps(works, ensure_ascii=False), encoding="utf-8")
    return path
