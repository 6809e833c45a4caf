"""``manage.py import_customers``: customers, contacts and services from CSV files (docs/commands.md)."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from notifier.desk.imports.customer_import import CustomerFiles, import_customers
from notifier.desk.imports.faults import Refused
from notifier.desk.imports.upsert import Change
from notifier.desk.management.progress import on_terminal

KINDS = ("customers", "contacts", "services")


class Command(BaseCommand):
    """Insert or update by key; all or nothing."""

    help = "Insert or update customers, contacts and services from CSV files: everything, or nothing where there is a fault."

    def add_arguments(self, parser: CommandParser) -> None:
        """One option a kind of file."""
        for kind in KINDS:
            parser.add_argument(f"--{kind}", type=Path, metavar="FILE", help=f"the CSV file of {kind}")
        parser.add_argument("--dry-run", action="store_true", help="check and count, change nothing")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Import, or list every fault and exit with 1."""
        files = CustomerFiles(**{kind: options[kind] for kind in KINDS})
        if files == CustomerFiles():
            raise CommandError(_("Name at least one file: --customers, --contacts or --services."))
        try:
            counts = import_customers(files=files, dry_run=options["dry_run"], progress=on_terminal(self.stderr))
        except Refused as refused:
            for fault in refused.faults:
                self.stderr.write(str(fault))
            raise CommandError(str(refused)) from refused
        for kind, changes in counts.items():
            self.stdout.write(_counted(kind, changes))
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was changed."))


def _counted(kind: str, changes: Counter[Change]) -> str:
    return _("%(kind)s: %(added)d added, %(updated)d updated, %(unchanged)d unchanged") % {
        "kind": kind,
        "added": changes[Change.ADDED],
        "updated": changes[Change.UPDATED],
        "unchanged": changes[Change.UNCHANGED],
    }
