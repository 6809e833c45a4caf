"""Which rows of windows and customers a command is about, as it was typed: all of them, or those of a maintenance, a window, some accounts."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from maintenance.models import Breach, Maintenance, Shortfall
from notifier.desk.imports.faults import shown

Row = TypeVar("Row", Breach, Shortfall)


def add_arguments(parser: CommandParser) -> None:
    """Take what narrows the list."""
    parser.add_argument("--maintenance", default="", metavar="REF", help="only of this maintenance; needed with --reason")
    parser.add_argument("--window", type=int, metavar="N", help="only of this window of it")
    parser.add_argument("--account", action="append", default=[], metavar="A", help="only of this customer; can be repeated")


def narrowed(rows: QuerySet[Row], options: dict[str, Any], *, nothing_of: str) -> QuerySet[Row]:
    """Return those that are asked for, with window, maintenance and customer, the earliest work first.

    A maintenance that nobody knows, or an account without such a row, is a typing error: ValidationError, which says ``nothing_of``
    (with ``%(accounts)s``) of the accounts.
    """
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
    if accounts:
        missing = sorted(accounts - set(rows.values_list("customer__account", flat=True)))
        if missing:
            raise ValidationError({"account": ValidationError(nothing_of, params={"accounts": ", ".join(shown(name) for name in missing)})})
        rows = rows.filter(customer__account__in=accounts)
    order = ("window__start", "window__maintenance__reference", "window__number", "customer__account")
    return rows.select_related("window__maintenance", "customer").order_by(*order)


def to_be_given(rows: QuerySet[Row], options: dict[str, Any], *, none: str) -> list[Row]:
    """Return the rows that get a reason. Raises ValidationError without a maintenance, and, saying ``none``, where there is no such row."""
    if not options["maintenance"]:
        raise ValidationError({"reason": _("needs --maintenance")})
    chosen = list(rows)
    if not chosen:
        raise ValidationError(none, code="unknown")
    return chosen
