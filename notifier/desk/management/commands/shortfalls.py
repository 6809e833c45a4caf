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
from maintenance.models import Maintenance, Shortfall
from maintenance.states import Cause
from notifier.desk.imports.faults import shown, worded
from notifier.desk.management.person import typed_by


class Command(BaseCommand):
    """List the open ones, or give them a reason."""

    help = "List the customers that are not served in time for work that is announced; with --reason, say why the work goes on all the same."

    def add_arguments(self, parser: CommandParser) -> None:
        """Narrow the list, and take the reason."""
        parser.add_argument("--maintenance", default="", metavar="REF", help="only of this maintenance; needed with --reason")
        parser.add_argument("--window", type=int, metavar="N", help="only of this window of it")
        parser.add_argument("--account", action="append", default=[], metavar="A", help="only of this customer; can be repeated")
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
            count = _give(list(rows), options)
        except ValidationError as error:
            raise CommandError("\n".join(f"--{name}: {message}" if name else message for name, message in worded(error))) from error
        self.stdout.write(ngettext("%(count)d shortfall has its reason.", "%(count)d shortfalls have their reason.", count) % {"count": count})


def _chosen(options: dict[str, Any]) -> QuerySet[Shortfall]:
    """Return the open ones that are asked for; a name that is known to nobody is a typing error."""
    rows = Shortfall.objects.filter(cleared_at__isnull=True).select_related("window__maintenance", "customer")
    reference, accounts = options["maintenance"], set(options["account"])
    if reference:
        maintenance = Maintenance.objects.filter(reference=reference).first()
        if maintenance is None:
            raise ValidationError(_("There is no maintenance %(reference)s."), code="unknown", params={"reference": reference})
        rows = rows.filter(window__maintenance=maintenance)
    elif options["window"] is not None:
        raise ValidationError({"window": _("needs --maintenance")})
    if options["window"] is not None:
        rows = rows.filter(window__number=options["window"])
    if options["cause"]:
        rows = rows.filter(cause=options["cause"])
    if accounts:
        missing = sorted(accounts - set(rows.values_list("customer__account", flat=True)))
        if missing:
            raise ValidationError(
                {"account": ValidationError(_("no open shortfall of %(accounts)s"), params={"accounts": ", ".join(shown(name) for name in missing)})}
            )
        rows = rows.filter(customer__account__in=accounts)
    return rows.order_by("window__start", "window__maintenance__reference", "window__number", "customer__account")


def _give(rows: list[Shortfall], options: dict[str, Any]) -> int:
    if not options["maintenance"]:
        raise ValidationError({"reason": _("needs --maintenance")})
    if not rows:
        raise ValidationError(_("There is no such shortfall."), code="unknown")
    return shortfalls.give_reason(rows, reason=options["reason"], by=typed_by(), now=timezone.now())


def _line(row: Shortfall) -> str:
    maintenance = row.window.maintenance
    parts = [str(row.window), row.customer.account, row.cause, when(row.window.start, maintenance.timezone)]
    return "; ".join([*parts, *([_("reason: %(reason)s") % {"reason": shown(row.reason)}] if row.reason else [])])
