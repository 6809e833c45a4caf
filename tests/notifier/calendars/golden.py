"""Compare whole calendars with files; ``UPDATE_GOLDEN=1`` writes them anew, to be read before they are committed."""

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "calendars"


def golden(name: str, made: bytes) -> bytes:
    """Return what the file of that name holds; when updating, what was made."""
    path = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
    return path.read_bytes()
