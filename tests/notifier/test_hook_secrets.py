"""What guards the hooks is read, checked and refused by name, and never shown; the settings say which hooks there are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from notifier.hook_secrets import webhook_secrets, webhook_signing_keys
from tests.environment import SECRET_KEY, outside
from tests.notifier.test_env import environment, refusal

ROOT = Path(__file__).parents[2]
LONG = "0123456789abcdef"
PAIR = "user:password, or two with a comma between; passwords of 16 ASCII characters or more, without spaces and commas"
KEY = "the key that the ESP shows, on one line without BEGIN and END, or two with a comma between; 16 ASCII characters or more"


@pytest.mark.parametrize(
    ("value", "secrets"),
    [("", []), (" , ", []), (f" esp:{LONG} ", [f"esp:{LONG}"]), (f"esp:{LONG},new:{LONG}:x", [f"esp:{LONG}", f"new:{LONG}:x"])],
)
def test_webhook_secrets_read(value: str, secrets: list[str]) -> None:
    """A password may hold a colon (RFC 7617)."""
    assert webhook_secrets(environment(WEBHOOK_SECRETS=value)) == secrets


@pytest.mark.parametrize(
    "value", [LONG, f":{LONG}", f"esp:{LONG[:15]}", f"esp:{LONG},esp:", f"esp:{LONG} x", f"esp:{LONG}é", f"esp:{LONG}\x7f", f"esp:{LONG}\0"]
)
def test_webhook_secrets_that_are_none_refused_unseen(value: str) -> None:
    said = refusal(lambda: webhook_secrets(environment(WEBHOOK_SECRETS=value)))
    assert said == f"WEBHOOK_SECRETS='...' is not possible: {PAIR}."


@pytest.mark.parametrize(("value", "keys"), [("", []), (f" {LONG}", [LONG]), (f"{LONG}, {LONG}x", [LONG, f"{LONG}x"])])
def test_webhook_signing_keys_read(value: str, keys: list[str]) -> None:
    assert webhook_signing_keys(environment(WEBHOOK_SIGNING_KEY=value)) == keys


@pytest.mark.parametrize("value", [LONG[:15], f"{LONG},x", f"-----BEGIN PUBLIC KEY----- {LONG}", f"{LONG}\n{LONG}"])
def test_webhook_signing_keys_that_are_none_refused_unseen(value: str) -> None:
    said = refusal(lambda: webhook_signing_keys(environment(WEBHOOK_SIGNING_KEY=value)))
    assert said == f"WEBHOOK_SIGNING_KEY='...' is not possible: {KEY}."


@pytest.mark.servers
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, [[], [], []]),
        ({"WEBHOOK_SECRETS": f"esp:{LONG}"}, [[], [f"esp:{LONG}"], []]),
        ({"EMAIL_URL": "smtp://127.0.0.1:25", "WEBHOOK_SECRETS": f"esp:{LONG}"}, [[], [f"esp:{LONG}"], []]),
        (
            {"EMAIL_URL": "mailgun://KEY@mg.provider.example", "WEBHOOK_SIGNING_KEY": LONG, "REDIS_URL": "redis://127.0.0.1:1/0"},
            [["mailgun"], [], [LONG]],
        ),
    ],
    ids=["embedded", "embedded with a secret", "smtp", "production with an esp"],
)
def test_settings_name_the_hooks_that_there_are(variables: dict[str, str], expected: list[list[str]], tmp_path: Path) -> None:
    """Read in a process of its own, as they are once for a whole process."""
    said = "import json; from notifier import settings as s; print(json.dumps([s.WEBHOOK_ESPS, s.WEBHOOK_SECRETS, s.WEBHOOK_SIGNING_KEYS]))"
    environment = outside(DATA_DIR=str(tmp_path), SECRET_KEY=SECRET_KEY, **variables)
    answer = subprocess.run([sys.executable, "-c", said], cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert json.loads(answer.stdout) == expected
