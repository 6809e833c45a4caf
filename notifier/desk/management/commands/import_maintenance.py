"""``manage.py import_maintenance``: pieces of work from a JSON file (docs/commands.md)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifier.desk.imports.faults import Refused
from notifier.desk.imports.maintenance_import import Author, Report, import_maintenance
from notifier.desk.management.person import typed_by
from notifier.desk.management.progress import on_terminal
from notifier.desk.nudge import nudge


class Command(BaseCommand):
    """Book all of it or nothing; announce what the policy allows."""

    help = "Book maintenance from a JSON file: everything, or nothing where there is a fault; announce what the policy allows."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and what to do with it."""
        parser.add_argument("file", type=Path, help="the JSON file")
        parser.add_argument("--announce", action="store_true", help="announce what is new or still a draft")
        parser.add_argument("--acknowledge", default="", metavar="REASON", help="why conflicts with other work do not stand in the way; kept as evidence")
        parser.add_argument("--dry-run", action="store_true", help="do and report everything, change nothing")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Import; list every fault or refusal and exit with 1."""
        try:
            report = import_maintenance(
                path=options["file"],
                announce=options["announce"],
                dry_run=options["dry_run"],
                author=Author(typed_by(), timezone.now, options["acknowledge"].strip()),
                progress=on_terminal(self.stderr),
            )
        except Refused as refused:
            for fault in refused.faults:
                self.stderr.write(str(fault))
            raise CommandError(str(refused)) from refused
        if report.announced and not options["dry_run"]:
            nudge()
        self._tell(report, dry_run=options["dry_run"])

    def _tell(self, report: Report, *, dry_run: bool) -> None:
        for reference, what in report.warned:
            self.stderr.write(_("%(reference)s: acknowledged: %(what)s") % {"reference": reference, "what": what})
        for reference, reason in report.refused:
            self.stderr.write(f"{reference}: {reason}")
        self.stdout.write(
            _("%(booked)d booked, %(rewritten)d rewritten, %(unchanged)d unchanged, %(announced)d announced, %(refused)d refused")
            % {
                "booked": len(report.booked),
                "rewritten": len(report.rewritten),
                "unchanged": len(report.unchanged),
                "announced": len(report.announced),
                "refused": len(report.refused_references),
            },
        )
        if dry_run:
            self.stdout.write(_("Dry run: nothing was changed."))
        if report.refused:
            count = len(report.refused_references)
            raise CommandError(
                ngettext("%(count)d piece of work was refused.", "%(count)d pieces of work were refused.", count) % {"count": count},
            )
