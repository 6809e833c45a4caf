"""``manage.py shortfalls``: who is not served in time, and one reason for many (docs/commands.md)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance import shortfalls
from maintenance.decisions import when
from maintenance.models import Shortfall
from maintenance.states import Cause
from notifier.desk.imports.faults import shown, worded
from notifier.desk.management import narrowed
from notifier.desk.management.person import typed_by


class Command(BaseCommand):
    """List the open ones, or give them a reason."""

    help = "List the customers that are not served in time for work that is announced; with --reason, say why the work goes on all the same."

    def add_arguments(self, parser: CommandParser) -> None:
        """Narrow the list, and take the reason."""
        narrowed.add_arguments(parser)
        parser.add_argument("--cause", choices=Cause.values, help="only for this cause")
        parser.add_argument("--reason", metavar="TEXT", help="give all that are listed this reason; it becomes the breach's when the work starts")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Print them, or how many have their reason now; or say what forbids it and exit with 1."""
        try:
            rows = _chosen(options)
            if options["reason"] is None:
                for row in rows:
                    self.stdout.write(_line(row))
                return
            chosen = narrowed.to_be_given(rows, options, none=_("There is no such shortfall."))
            count = shortfalls.give_reason(chosen, reason=options["reason"], by=typed_by(), now=timezone.now())
        except ValidationError as error:
            raise CommandError("\n".join(f"--{name}: {message}" if name else message for name, message in worded(error))) from error
        self.stdout.write(ngettext("%(count)d shortfall has its reason.", "%(count)d shortfalls have their reason.", count) % {"count": count})


def _chosen(options: dict[str, Any]) -> QuerySet[Shortfall]:
    """Return the open ones that are asked for; a name that is known to nobody is a typing error."""
    rows = Shortfall.objects.filter(cleared_at__isnull=True)
    if options["cause"]:
        rows = rows.filter(cause=options["cause"])
    return narrowed.narrowed(rows, options, nothing_of=_("no open shortfall of %(accounts)s"))


def _line(row: Shortfall) -> str:
    maintenance = row.window.maintenance
    parts = [str(row.window), row.customer.account, row.cause, when(row.window.start, maintenance.timezone)]
    return "; ".join([*parts, *([_("reason: %(reason)s") % {"reason": shown(row.reason)}] if row.reason else [])])
