"""What the command line says when the program cannot start."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import SECRET_KEY, outside

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NOTICE_DAYS", "9", "NOTICE_DAYS='9' is not possible: a whole number from 10 to 365."),
        (
            "PROVIDER_DOMAIN",
            "foo bar",
            "PROVIDER_DOMAIN='foo bar' is not possible: a domain name such as provider.example, in letters a to z, digits, hyphens and dots.",
        ),
    ],
)
def test_start_with_a_bad_value_says_one_line(name: str, value: str, said: str, command: str, tmp_path: Path) -> None:
    """No traceback for what the person who starts it can mend."""
    environment_of_it = outside(**{"DATA_DIR": str(tmp_path), "SECRET_KEY": SECRET_KEY, name: value})
    done = subprocess.run([sys.executable, "manage.py", command], cwd=ROOT, env=environment_of_it, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {said}\n")
