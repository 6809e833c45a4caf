"""The demo's files into an empty database, the way that a user's files go."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction

from customers.models import Customer
from maintenance.incidents import open_incident
from maintenance.models import Maintenance
from notifier.desk.demo.days import dated
from notifier.desk.imports.customer_import import CustomerFiles, import_customers
from notifier.desk.imports.maintenance_import import Author, import_maintenance

FOLDER = Path(__file__).parent
AUTHOR = "demo"


@transaction.atomic
def load(*, now: datetime) -> None:
    """Load customers and incidents, book the work and announce what the policy allows; nothing where there is any customer or work."""
    if Customer.objects.exists() or Maintenance.objects.exists():
        return
    files = CustomerFiles(FOLDER / "customers.csv", FOLDER / "contacts.csv", FOLDER / "services.csv")
    import_customers(files=files, dry_run=False, progress=_silent)
    _open_incidents(now=now)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "maintenance.json"
        path.write_text(json.dumps(dated(_content("maintenance.json"), now=now)))
        import_maintenance(path=path, announce=True, dry_run=False, author=Author(AUTHOR, lambda: now), progress=_silent)


def _open_incidents(*, now: datetime) -> None:
    """Open the incidents some hours ago, as the file says."""
    for incident in _content("incidents.json"):
        opened = now - timedelta(hours=incident.pop("hours_ago"))
        open_incident(**incident, now=opened)


def _content(name: str) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return content


def _silent(_message: str) -> None:
    """Say nothing: this takes a second."""
