"""Figures of one run: lines of a table on standard output, and all of them together as JSON in ``build/bench.json``."""

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "build" / "bench.json"

_LARGE = 100
"""From there on nobody wants decimals."""


class Table:
    """Prints rows as they come, and keeps them under its ``name`` in the file.

    ``columns``: what a figure is called -> how wide it is shown; with a minus at the left, as words are.
    """

    def __init__(self, name: str, columns: Mapping[str, int], *, told: Mapping[str, Any] | None = None) -> None:
        """Print the heading. ``told``: what else the file shall say of these figures."""
        self.name, self.columns, self.told = name, dict(columns), dict(told or {})
        self.rows: list[dict[str, Any]] = []
        line("")
        line("  ".join(_cell(title, width) for title, width in self.columns.items()))

    def add(self, **figures: Any) -> None:  # noqa: ANN401  # numbers and words
        """Print a row and keep it. Keyword arguments are the columns' titles with ``_`` for a space; others are only kept."""
        named = {title: figures.pop(title.replace(" ", "_"), "") for title in self.columns}
        line("  ".join(_cell(value, self.columns[title]) for title, value in named.items()))
        self.rows.append({title: value for title, value in named.items() if value != ""} | figures)
        self.save()

    def save(self) -> None:
        """Write the file anew with what this table has, beside what others wrote."""
        FILE.parent.mkdir(exist_ok=True)
        known = json.loads(FILE.read_text()) if FILE.exists() else {}
        known["machine"] = {"cores": os.cpu_count(), "processor": _processor(), "python": platform.python_version(), "system": platform.platform()}
        known[self.name] = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), **self.told, "rows": self.rows}
        FILE.write_text(json.dumps(known, indent=1) + "\n")


def verdicts(reached: Sequence[tuple[str, bool]]) -> int:
    """Say which aims were reached; return the exit code."""
    for aim, done in reached:
        line(f"  {'reached' if done else 'MISSED '}  {aim}")
    return int(not all(done for _aim, done in reached))


def line(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text.rstrip() + "\n")
    sys.stdout.flush()


def _cell(value: object, width: int) -> str:
    form = "" if not isinstance(value, int | float) else ".2f" if isinstance(value, float) and abs(value) < _LARGE else ",.0f"
    shown = format(value, form)
    return shown.ljust(-width) if width < 0 else shown.rjust(width)


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    names = [one.partition(":")[2].strip() for one in told.read_text().splitlines() if one.startswith("model name")] if told.exists() else []
    return names[0] if names else platform.processor()
