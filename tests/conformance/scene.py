"""A provider at work: customers, pieces of real carriers' maintenance, and every kind of notice, in a database of its own."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "data"
DAYS_AHEAD = 25
DAYS_APART = 3
EVERY = 30
"""So many customers are enough beside the one that every piece of work hits."""
HOSTILE = 'AC;ME,1: "x" 😀'
"""An account with what a calendar could stumble over; all work hits it, and it has readers of every language.

Left out are a backslash before ``n`` and a percent sign before ``2C``: the parser's icalendar (before version 6) reads them as a
line break and a comma, however they are written.
"""
LANGUAGES = ("en", "es", "fr", "de", "it", "nl", "da", "nb", "zh-hans")
INCIDENT = "INC-CONFORMANCE"
SIMS = 600
LENGTHS = (timedelta(hours=2), timedelta(hours=12))
"""A night that is played lasts from the one to the other."""
NO_CLOCKS_CHANGE = "04:00"
"""From that time of day on."""
AT_ONCE = {"emergency": 2, "late": 3}
"""Roles that have fewer days than any other."""
HELD_BY_OTHERS = {"component": "data.mobile-core", "domain": "provider", "operator": ""}
"""So that work which spares one customer still hits somebody."""
KEPT_VARIABLES = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "TMPDIR", "TZ", "VIRTUAL_ENV")


def set_up(folder: Path) -> None:
    """Start Django on an empty database below ``folder``, whatever the environment says."""
    for name in set(os.environ) - set(KEPT_VARIABLES):
        os.environ.pop(name)
    os.environ |= {"DATA_DIR": str(folder), "SECRET_KEY": "conformance-" * 4, "DJANGO_SETTINGS_MODULE": "notifier.settings", "LATE_NOTICE": "breach"}
    (folder / "static").mkdir()  # whitenoise asks for it
    import django  # noqa: PLC0415  # it reads the environment that was just set

    django.setup()
    _command("migrate", verbosity=0)


def play(folder: Path, look: Callable[[], None]) -> dict[str, str]:
    """Import and announce, change all that can be, live through the nights; return the expected course of each window by its id.

    The mails of each step are delivered, and then ``look`` is called.
    """
    from tests.conformance.plot import COURSES, Plot  # noqa: PLC0415  # after set_up

    works = _cast(datetime.now(UTC).date())
    plot = Plot({role: work["reference"] for role, work in works.items()}, HOSTILE)
    scopes = {work["reference"]: work["scope"][0] for work in works.values()}
    emergency, late = works.pop("emergency"), works.pop("late")
    _import_customers(folder, [*works.values(), emergency, late])
    _import_maintenance(folder / "planned.json", list(works.values()), announce=True)
    _go_on(datetime.now(UTC), look)
    _command("incident", "open", INCIDENT, title="Core down", domain="provider", sims=SIMS, customer=[f"{HOSTILE}={SIMS}"])
    _import_maintenance(folder / "emergency.json", [emergency], announce=True)
    _import_maintenance(folder / "late.json", [late], announce=False)
    plot.change(datetime.now(UTC))
    _add_service(folder, scopes[plot.references["joined"]], "joined")
    _go_on(datetime.now(UTC), look)
    plot.change_again(datetime.now(UTC))
    _go_on(datetime.now(UTC), look)
    for moment, act in plot.nights(lambda reference: _add_service(folder, scopes[reference], "joined between")):
        act(moment)
        _go_on(moment, look)
    plot.report(INCIDENT, {language: f"{language}, {{{{ 7 }}}}" for language in LANGUAGES}, moment)
    _go_on(moment, look)
    return {f"{plot.references[role]}.{number}": course for role, windows in COURSES.items() for number, course in windows.items()}


def _cast(today: date) -> dict[str, dict[str, Any]]:
    """Return a carrier's outage for each role, of its own length and time of day, on days that follow the roles' order."""
    from tests.conformance.plot import COURSES, TWO_NIGHTS  # noqa: PLC0415  # after set_up

    nights = [piece for piece in _pieces(today) if _is_night(piece)]
    differing: dict[str, dict[str, Any]] = {
        "not for this customer any more": {"scope": [HELD_BY_OTHERS]},
        "emergency": {"reference": "EMERGENCY, 1; x", "incident": INCIDENT},
        "late": {"reference": "LATE: 1, x"},
    }
    works = {}
    for place, (role, piece) in enumerate(zip(COURSES, nights, strict=False)):
        differs = differing.get(role, {})
        days = AT_ONCE.get(role, DAYS_AHEAD + DAYS_APART * place)
        windows = [_on(piece["windows"][0], today + timedelta(days=days + night)) for night in range(1 + (role in TWO_NIGHTS))]
        works[role] = {**piece, **differs, "windows": windows}
    if len(works) != len(COURSES):
        message = f"{len(COURSES)} roles, {len(works)} pieces of work"
        raise SystemExit(message)
    return works


def _is_night(piece: dict[str, Any]) -> bool:
    start, end = (datetime.fromisoformat(piece["windows"][0][name]) for name in ("start", "end"))
    return piece["impact"] == "outage" and LENGTHS[0] <= end - start <= LENGTHS[1] and min(f"{start:%H:%M}", f"{end:%H:%M}") >= NO_CLOCKS_CHANGE


def _on(window: dict[str, str], day: date) -> dict[str, str]:
    """Return the window on that day."""
    start, end = (datetime.fromisoformat(window[name]) for name in ("start", "end"))
    moved = datetime.combine(day, start.time())
    return {"start": moved.isoformat(timespec="minutes"), "end": (moved + (end - start)).isoformat(timespec="minutes")}


def _go_on(moment: datetime, look: Callable[[], None]) -> None:
    """Do as the dispatcher does at that moment, until nothing is due."""
    from notifier.delivery.tick import everything  # noqa: PLC0415  # after set_up

    everything(clock=lambda: moment, until_idle=True)
    look()


def _import_customers(folder: Path, pieces: list[dict[str, Any]]) -> None:
    customers = _rows("customers")[::EVERY]
    accounts = {row["account"] for row in customers}
    kept = {name: [row for row in _rows(name) if row["account"] in accounts] for name in ("contacts", "services")}
    gets_reports = {"tier": "enterprise", "sim_base": str(2 * SIMS)}
    customers.append({**customers[0], **gets_reports, "account": HOSTILE, "name": 'Évil, "Inc"; \\n {{ 7 }} %s'})
    for language in LANGUAGES:
        reader = {"account": HOSTILE, "email": f"{language}@hostile.example", "language": language}
        kept["contacts"].append({**kept["contacts"][0], **reader})
    for scope in dict.fromkeys(tuple(scope.items()) for piece in pieces for scope in piece["scope"]):
        kept["services"] += [_service(dict(scope), str(number)) for number in (1, 2)]
    files = {name: _save(folder / f"{name}.csv", rows) for name, rows in {"customers": customers, **kept}.items()}
    _command("import_customers", **files)


def _add_service(folder: Path, scope: dict[str, str], name: str) -> None:
    _command("import_customers", services=_save(folder / "added.csv", [_service(scope, name)]))


def _service(scope: dict[str, str], name: str) -> dict[str, str]:
    return {**scope, "account": HOSTILE, "object_id": f'{scope["component"]}, "{scope["operator"]}"; :x={name} {{{{ 1 }}}}', "sims": "1"}


def _import_maintenance(path: Path, pieces: list[dict[str, Any]], *, announce: bool) -> None:
    path.write_text(json.dumps(pieces))
    _command("import_maintenance", path, announce=announce, acknowledge="All work hits the same customer here")


def _pieces(first_day: date) -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, DATA / "make_maintenance.py", first_day.isoformat()], check=True, capture_output=True)
    pieces: list[dict[str, Any]] = json.loads(done.stdout)
    return pieces


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / "customers" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _save(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _command(name: str, *arguments: object, **options: object) -> None:
    from django.core.management import call_command  # noqa: PLC0415  # after set_up

    call_command(name, *arguments, **options)
