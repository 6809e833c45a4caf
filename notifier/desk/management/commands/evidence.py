"""``manage.py evidence``: notice that a person gave, and consent that a customer gave (docs/commands.md)."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer
from maintenance import shortfalls, walltime
from maintenance.models import Maintenance, Notice, Window
from maintenance.states import SPOKEN, Hop
from notifier.desk.imports.faults import worded
from notifier.desk.management.person import typed_by
from notifier.desk.open_points import newest_notices


class Command(BaseCommand):
    """Record what no server can tell."""

    help = "Record that notice was given by telephone, by letter or at a meeting, or that a customer agreed in writing to shorter notice."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command a kind of evidence."""
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="served|consent")
        for kind, text in {
            "served": "record that a person gave the notice, to whom and when",
            "consent": "record that a customer agreed in writing to a window with less notice",
        }.items():
            options = kinds.add_parser(kind, help=text, description=text)
            options.add_argument("reference", help="the maintenance's reference")
            options.add_argument("accounts", nargs="+", metavar="account", help="the customer's account; several are recorded together or not at all")
            options.add_argument("--document", required=True, metavar="D", help="where the proof is kept")
            options.add_argument("--at", required=True, metavar="T", help="when, as 2026-12-14T23:00, in the maintenance's time zone")
        served = kinds.choices["served"]
        served.add_argument("--how", required=True, choices=[str(hop) for hop in SPOKEN], help="by telephone, by letter or at a meeting")
        served.add_argument("--to-whom", required=True, metavar="NAME", help="who was told")
        served.add_argument("--revision", type=int, metavar="N", help="which notice; the newest that tells the customer what is to come unless given")
        consent = kinds.choices["consent"]
        consent.add_argument("--window", required=True, type=int, metavar="N", help="the window's number, from 1")
        consent.add_argument("--by", required=True, dest="given_by", metavar="NAME", help="who at the customer agreed")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Print what was recorded, a line each; or say what forbids it and exit with 1."""
        record = _served if options["kind"] == "served" else _consent
        try:
            with transaction.atomic():
                lines = [record(options, account, timezone.now()) for account in options["accounts"]]
        except ValidationError as error:
            raise CommandError("\n".join(f"--{_OPTIONS.get(name, name)}: {message}" if name else message for name, message in worded(error))) from error
        self.stdout.write("\n".join(lines))


_OPTIONS = {"at": "at", "given_at": "at", "document": "document", "to_whom": "to-whom", "detail": "to-whom", "given_by": "by", "how": "how"}


def _served(options: dict[str, Any], account: str, now: datetime) -> str:
    maintenance, customer = _maintenance(options), _customer(account)
    at = _moment(options, maintenance.timezone)
    notice = _notice(maintenance, customer, options["revision"])
    said = {"to_whom": options["to_whom"], "document": options["document"]}
    shortfalls.serve_otherwise(notice, customer, how=Hop(options["how"]), at=at, **said, by=typed_by(), now=now)
    return _("%(account)s was served with %(notice)s on %(moment)s.") % {"account": account, "notice": notice, "moment": _utc(at)}


def _consent(options: dict[str, Any], account: str, now: datetime) -> str:
    maintenance, customer = _maintenance(options), _customer(account)
    at = _moment(options, maintenance.timezone)
    window = Window.objects.filter(maintenance=maintenance, number=options["window"]).first()
    if window is None:
        unknown = {"reference": maintenance.reference, "number": options["window"]}
        raise ValidationError(_("%(reference)s has no window %(number)d."), code="unknown", params=unknown)
    said = {"given_by": options["given_by"], "document": options["document"]}
    shortfalls.consent(window, customer, given_at=at, **said, by=typed_by(), now=now)
    return _("%(account)s agreed to %(window)s on %(moment)s.") % {"account": account, "window": window, "moment": _utc(at)}


def _maintenance(options: dict[str, Any]) -> Maintenance:
    found = Maintenance.objects.filter(reference=options["reference"]).first()
    if found is None:
        raise ValidationError(_("There is no maintenance %(reference)s."), code="unknown", params={"reference": options["reference"]})
    return found


def _customer(account: str) -> Customer:
    found = Customer.objects.filter(account=account).first()
    if found is None:
        raise ValidationError(_("There is no customer %(account)s."), code="unknown", params={"account": account})
    return found


def _notice(maintenance: Maintenance, customer: Customer, revision: int | None) -> Notice:
    if revision is None:
        told = newest_notices(maintenance, [customer.pk])
        found = Notice.objects.filter(pk__in=told.values()).first()
    else:
        found = Notice.objects.filter(maintenance=maintenance, revision=revision).first()
    if found is None:
        raise ValidationError(
            _("There is no notice of %(reference)s that tells %(account)s what is to come."),
            code="unknown",
            params={"reference": maintenance.reference, "account": customer.account},
        )
    return found


def _moment(options: dict[str, Any], zone: ZoneInfo) -> datetime:
    try:
        return walltime.parse(options["at"], zone)
    except ValidationError as error:
        raise ValidationError({"at": error.messages}) from error


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
