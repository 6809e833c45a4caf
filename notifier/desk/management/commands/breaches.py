"""``manage.py breaches``: which breaches still owe their reason, and one reason for many (docs/commands.md)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance import shortfalls
from maintenance.decisions import when
from maintenance.models import Breach
from notifier.desk.imports.faults import shown, worded
from notifier.desk.management import narrowed
from notifier.desk.management.person import typed_by


class Command(BaseCommand):
    """List those without a reason, or give it to them."""

    help = "List the breaches that still owe a reason; with --reason, say why the work began although these customers were not served in time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Narrow the list, and take the reason."""
        narrowed.add_arguments(parser)
        parser.add_argument("--reason", metavar="TEXT", help="give all that are listed this reason; it stays, as evidence")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Print them, or how many have their reason now; or say what forbids it and exit with 1."""
        try:
            rows = narrowed.narrowed(Breach.objects.filter(reason=""), options, nothing_of=_("no breach without a reason for %(accounts)s"))
            if options["reason"] is None:
                for row in rows:
                    self.stdout.write(_line(row))
                return
            chosen = narrowed.to_be_given(rows, options, none=_("There is no such breach without a reason."))
            count = shortfalls.give_breach_reason(chosen, reason=options["reason"], by=typed_by())
        except ValidationError as error:
            raise CommandError("\n".join(f"--{name}: {message}" if name else message for name, message in worded(error))) from error
        self.stdout.write(ngettext("%(count)d breach has its reason.", "%(count)d breaches have their reason.", count) % {"count": count})


def _line(row: Breach) -> str:
    start = when(row.window.start, row.window.maintenance.timezone)
    return "; ".join([str(row.window), row.customer.account, start, _("recorded by %(name)s") % {"name": shown(row.recorded_by)}])
