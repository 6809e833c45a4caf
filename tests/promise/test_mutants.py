"""That the promise's tests bite: each small mistake in a copy of the sources makes them fail, and the copy as it is passes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import outside
from tests.promise.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parent.parent.parent
COPIED = ("customers", "maintenance", "notifier", "templates", "tests", "manage.py", "pyproject.toml")
FAILED = 1
"""pytest's exit code where tests ran and failed; a copy that cannot even be read gives another one."""

pytestmark = [pytest.mark.long, pytest.mark.servers, pytest.mark.timeout(600)]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources, in a folder of their own."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def run(folder: Path, tests: tuple[str, ...]) -> tuple[int, str]:
    """Run the tests of a copy until the first fails; return pytest's exit code and the end of what it wrote."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "HYPOTHESIS_"))}
    environment = {name: value for name, value in outside().items() if name in kept and name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=500)
    return done.returncode, done.stdout[-3000:] + done.stderr[-1000:]


def test_copy_as_it_is_passes(copy: Path) -> None:
    """What kills the mutants is their mistake."""
    tests = tuple(dict.fromkeys(test for mutant in MUTANTS for test in mutant.tests))
    code, said = run(copy, tests)
    assert code == 0, said


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_killed(copy: Path, mutant: Mutant) -> None:
    """Some test notices."""
    file = copy / mutant.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    code, said = run(copy, mutant.tests)
    assert code == FAILED, said
