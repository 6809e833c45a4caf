"""A provider at work: customers, pieces of real carriers' maintenance, and every kind of notice, in a database of its own."""

import csv
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "data"
DAYS_AHEAD = 25
PIECES = 12
EVERY = 30
"""So many customers are enough beside the one that every piece of work hits."""
HOSTILE = 'AC;ME,1: "x" 😀'
"""An account with what a calendar could stumble over; all work hits it, and it has readers of every language.

Left out are a backslash before ``n`` and a percent sign before ``2C``: the parser's icalendar (before version 6) reads them as a
line break and a comma, however they are written.
"""
LANGUAGES = ("en", "es", "fr", "de", "it", "nl", "da", "nb", "zh-hans")
INCIDENT = "INC-CONFORMANCE"
OWN_VARIABLES = ("ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "EMAIL_URL", "NOTICE_DAYS", "NOTICE_MARGIN_HOURS", "PROVIDER_DOMAIN", "REDIS_URL", "SITE_URL")


def set_up(folder: Path) -> None:
    """Start Django on an empty database below ``folder``, whatever the environment says."""
    for name in OWN_VARIABLES:
        os.environ.pop(name, None)
    os.environ |= {"DATA_DIR": str(folder), "SECRET_KEY": "conformance-" * 4, "DJANGO_SETTINGS_MODULE": "notifier.settings"}
    (folder / "static").mkdir()  # whitenoise asks for it
    import django  # noqa: PLC0415  # it reads the environment that was just set

    django.setup()
    _command("migrate", verbosity=0)


def play(folder: Path) -> None:
    """Import, announce, move, shorten, cancel, start and finish; deliver the mails of each step."""
    today = datetime.now(UTC).date()
    planned = _pieces(today + timedelta(days=DAYS_AHEAD))[::4][:PIECES]
    soon = _pieces(today + timedelta(days=2))[0]
    emergency = {**soon, "reference": "EMERGENCY, 1; x", "incident": INCIDENT}
    _import_customers(folder, [*planned, emergency])
    _import_maintenance(folder / "planned.json", planned)
    _command("deliver", until_idle=True)
    _command("incident", "open", INCIDENT, title="Core down", domain="provider", sims=600)
    _import_maintenance(folder / "emergency.json", [emergency])
    _change([piece["reference"] for piece in planned])
    _command("deliver", until_idle=True)


def _change(references: list[str]) -> None:
    """Give the first pieces the states and kinds that an import alone doesn't."""
    from django.utils import timezone  # noqa: PLC0415  # after set_up

    from maintenance import booking  # noqa: PLC0415  # after set_up
    from maintenance.models import Maintenance  # noqa: PLC0415  # after set_up

    later, shorter, gone, running, done = [Maintenance.objects.get(reference=reference) for reference in references[:5]]
    now = timezone.now()
    window = later.windows.get(number=1)
    booking.move(later, number=1, start=window.start + timedelta(hours=2), end=window.end + timedelta(hours=3), by="conformance", now=now)
    window = shorter.windows.get(number=1)
    booking.move(shorter, number=1, start=window.start, end=window.end - timedelta(minutes=1), by="conformance", now=now)
    booking.cancel(gone, reason="Not needed; see \\n, and more", by="conformance", now=now)
    for started in (running, done):
        first = started.windows.get(number=1)
        booking.start(started, number=1, reason="conformance", by="conformance", now=first.start)
    booking.finish(done, number=1, by="conformance", now=done.windows.get(number=1).end)


def _import_customers(folder: Path, pieces: list[dict[str, Any]]) -> None:
    customers = _rows("customers")[::EVERY]
    accounts = {row["account"] for row in customers}
    kept = {name: [row for row in _rows(name) if row["account"] in accounts] for name in ("contacts", "services")}
    customers.append({**customers[0], "account": HOSTILE, "name": 'Évil, "Inc"; \\n {{ 7 }} %s'})
    for language in LANGUAGES:
        reader = {"account": HOSTILE, "email": f"{language}@hostile.example", "language": language}
        kept["contacts"].append({**kept["contacts"][0], **reader})
    for scope in dict.fromkeys(tuple(scope.items()) for piece in pieces for scope in piece["scope"]):
        named = dict(scope)
        for number in (1, 2):
            object_id = f'{named["component"]}, "{named["operator"]}"; :x={number} {{{{ 1 }}}}'
            kept["services"].append({**named, "account": HOSTILE, "object_id": object_id, "sims": "1"})
    files = {name: _save(folder / f"{name}.csv", rows) for name, rows in {"customers": customers, **kept}.items()}
    _command("import_customers", **files)


def _import_maintenance(path: Path, pieces: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(pieces))
    _command("import_maintenance", path, announce=True)


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
