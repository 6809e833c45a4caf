"""Pieces of work for tests, as a maintenance file has them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

DATA = Path(__file__).parents[3] / "data"


def work(reference: str = "MNT-1", **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON value
    """Return a piece of work that is right in all things, an outage of netpro.ipsec, with ``changes``; None takes a key away."""
    right: dict[str, Any] = {
        "reference": reference,
        "scope": [{"component": "netpro.ipsec", "domain": "provider", "operator": ""}],
        "timezone": "Europe/Madrid",
        "windows": [{"start": "2027-01-14T23:00", "end": "2027-01-15T02:00"}],
        "impact": "outage",
        "expected_outage_minutes": 30,
        "texts": {language: {"title": f"T {language}", "impact": "I", "description": "D"} for language, _name in settings.LANGUAGES},
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def written(folder: Path, *works: object) -> Path:
    """Write a maintenance file whose pieces begin on the lines 2, 3, 4 ..."""
    path = folder / "works.json"
    path.write_text("[\n" + ",\n".join(json.dumps(one) for one in works) + "\n]\n", encoding="utf-8")
    return path


def from_carriers(first_day: str, *, spread_days: int = 45) -> list[dict[str, Any]]:
    """Return what make_maintenance.py writes: 50 pieces of work with 86 windows.

    One carrier gave a notice of zero minutes; its window ends when it starts, which an import refuses.
    """
    made = subprocess.run(
        [sys.executable, str(DATA / "make_maintenance.py"), first_day, str(DATA / "carrier_maintenance.json"), str(spread_days)],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    works: list[dict[str, Any]] = json.loads(made.stdout)
    return works


def mended(works: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the works with the windows of zero minutes ending at noon."""
    for one in works:
        for window in one["windows"]:
            if window["end"] == window["start"]:
                window["end"] = window["start"][:10] + "T12:00"
    return works
