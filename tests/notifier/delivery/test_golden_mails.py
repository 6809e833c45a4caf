"""Each kind in each language, whole; ``UPDATE_GOLDEN=1`` writes them anew, to be read before they are committed."""

import os
from pathlib import Path

import pytest

from maintenance.states import Kind
from notifier.delivery.compose import message
from tests.notifier.delivery.kinds import of_kind
from tests.notifier.delivery.letters import LANGUAGES

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "mails"


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("language", LANGUAGES)
def test_mail_is_as_the_golden_file(kind: str, language: str) -> None:
    """Byte for byte."""
    made = message(of_kind(kind, language)).message().as_bytes()
    path = FOLDER / f"{kind}.{language}.eml"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
    assert path.read_bytes() == made


def test_golden_files_are_those_of_the_kinds_and_languages() -> None:
    """None is left over."""
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(f"{kind}.{language}.eml" for kind in Kind.values for language in LANGUAGES)
