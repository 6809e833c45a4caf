"""``manage.py incident``: open, judge and close incidents, and file their root-cause reports (docs/commands.md)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Customer, Domain, Operator
from maintenance import emergencies, incidents, root_causes
from maintenance.models import Incident, NoticeCustomer, RootCauseReport
from maintenance.states import PrivateApn
from notifier.desk.imports.faults import Refused, worded
from notifier.desk.imports.root_cause_texts import read_texts
from notifier.desk.management.person import typed_by
from notifier.desk.nudge import nudge
from notifier.desk.refuting import refute as refute_and_tell

RIGHT = "maintenance.override_priority"


class Command(BaseCommand):
    """One sub-command a verb."""

    help = "Open an incident, whose priority is computed; raise, lower or refute it; close it; file its root-cause report."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the incident's reference, and what each verb needs."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="open|close|override|refute|report")
        for verb, text in {
            "open": "record an incident and compute its priority",
            "close": "record that it is over; a P1 then owes its root-cause report",
            "override": "raise or lower the priority, or let the computed one count again",
            "refute": "record that it never was a P1, and postpone the emergencies announced for it",
            "report": "show the root-cause report, or file it",
        }.items():
            verbs.add_parser(verb, help=text, description=text).add_argument("reference", help="the incident's reference")
        _open_arguments(verbs.choices["open"])
        for verb in ("override", "refute"):
            verbs.choices[verb].add_argument("--by", required=True, metavar="NAME", help="the planner's user name, who needs the right to set priorities")
            verbs.choices[verb].add_argument("--reason", required=True, help="why; that of refute is told to customers")
        which = verbs.choices["override"].add_mutually_exclusive_group(required=True)
        which.add_argument("--priority", choices=[str(one) for one in incidents.BY_HAND], help="what counts from now on")
        which.add_argument("--take-back", action="store_true", help="let the computed priority count again")
        verbs.choices["report"].add_argument("file", nargs="?", type=Path, help="a JSON file with the words; without it the report is only shown")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Print what was done, or say what is wrong and exit with 1."""
        try:
            lines = _VERBS[options["verb"]](options, timezone.now())
        except ValidationError as error:
            raise CommandError("\n".join(f"{name}: {message}" if name else message for name, message in worded(error))) from error
        except Refused as refused:
            for fault in refused.faults:
                self.stderr.write(str(fault))
            raise CommandError(str(refused)) from refused
        self.stdout.write("\n".join(lines))


def _open_arguments(opening: CommandParser) -> None:
    opening.add_argument("--title", required=True, metavar="T", help="what is wrong, on one line")
    opening.add_argument("--domain", required=True, choices=Domain.values, help="whose systems it is in")
    opening.add_argument("--sims", required=True, type=int, metavar="N", help="SIMs affected, over all customers")
    opening.add_argument("--customer", action="append", default=[], metavar="ACCOUNT=N", help="how many of a customer's SIMs are affected; may be repeated")
    apn = opening.add_mutually_exclusive_group()
    apn.add_argument("--private-apn-down", action="store_true", help="every SIM on a private APN is without service")
    apn.add_argument("--private-apn-impaired", action="store_true", help="serious trouble of a private APN with loss of service")
    opening.add_argument("--operator", default="", metavar="O", help="the operator's code")


@transaction.atomic
def _open(options: dict[str, Any], now: datetime) -> list[str]:
    affected = _affected(options["customer"])
    incident = incidents.open_incident(
        reference=options["reference"],
        title=options["title"],
        domain=options["domain"],
        sims=options["sims"],
        private_apn=_private_apn(options),
        operator=_operator(options["operator"]),
        now=now,
    )
    if affected:
        incidents.affect(incident, affected, now=now)
    return [_said(_("%(reference)s is open: %(priority)s"), incident)]


def _close(options: dict[str, Any], now: datetime) -> list[str]:
    incident = _incident(options)
    incidents.close_incident(incident, now=now)
    report = RootCauseReport.objects.filter(incident=incident).first()
    return [_said(_("%(reference)s is closed: %(priority)s"), incident), *([_due(report)] if report else [])]


def _override(options: dict[str, Any], now: datetime) -> list[str]:
    incident, by = _incident(options), _entitled(options["by"])
    if options["take_back"]:
        incidents.take_back_override(incident, reason=options["reason"], by=by, now=now)
    else:
        incidents.override_priority(incident, priority=options["priority"], reason=options["reason"], by=by, now=now)
    return [
        _("%(reference)s is %(priority)s (computed %(computed)s)")
        % {
            "reference": incident.reference,
            "priority": incident.get_priority_display(),
            "computed": incident.get_computed_priority_display(),
        },
    ]


def _refute(options: dict[str, Any], now: datetime) -> list[str]:
    incident, by = _incident(options), _entitled(options["by"])
    issued = refute_and_tell(incident, reason=options["reason"], by=by, now=now)
    lines = [_said(_("%(reference)s never was a P1: %(priority)s"), incident)]
    if issued:
        nudge()
        told = NoticeCustomer.objects.filter(notice__in=issued).values("customer").distinct().count()
        lines.append(_("Emergencies that stop: %(windows)s.") % {"windows": ", ".join(emergencies.stopped(issued))} + " " + _told(told))
    return lines


def _report(options: dict[str, Any], now: datetime) -> list[str]:
    incident = _incident(options)
    report = RootCauseReport.objects.filter(incident=incident).first()
    if report is None:
        raise ValidationError(_("No root-cause report is owed for incident %(reference)s."), code="unknown", params={"reference": incident.reference})
    if options["file"] is None:
        return [_due(report), *(str(customer) for customer in root_causes.readers(report))]
    notice = root_causes.file_report(report, read_texts(options["file"]), by=typed_by(), now=now)
    nudge()
    return [_("The report of %(reference)s is filed.") % {"reference": incident.reference} + " " + _told(notice.customers.count())]


_VERBS: dict[str, Callable[[dict[str, Any], datetime], list[str]]] = {
    "open": _open,
    "close": _close,
    "override": _override,
    "refute": _refute,
    "report": _report,
}


def _incident(options: dict[str, Any]) -> Incident:
    incident = Incident.objects.filter(reference=options["reference"]).first()
    if incident is None:
        raise ValidationError(_("There is no incident %(reference)s."), code="unknown", params={"reference": options["reference"]})
    return incident


def _entitled(name: str) -> str:
    """Return the name of a planner who may set priorities."""
    user = get_user_model().objects.filter(username=name).first()
    if user is None or not user.has_perm(RIGHT):
        raise ValidationError(_("%(name)s may not set priorities."), code="right", params={"name": name})
    return user.get_username()


def _said(text: str, incident: Incident) -> str:
    return text % {"reference": incident.reference, "priority": incident.get_priority_display()}


def _told(count: int) -> str:
    return ngettext("%(count)d customer is told.", "%(count)d customers are told.", count) % {"count": count}


def _due(report: RootCauseReport) -> str:
    if report.filed_at is not None:
        return _("The root-cause report was filed on %(moment)s by %(by)s.") % {"moment": _moment(report.filed_at), "by": report.filed_by}
    due = _("The root-cause report is due on %(moment)s.") % {"moment": _moment(report.due_at)}
    return due if report.incident.customers.exists() else due + " " + _("No customer is entered yet; enter whom it hit.")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _private_apn(options: dict[str, Any]) -> PrivateApn:
    if options["private_apn_down"]:
        return PrivateApn.DOWN
    return PrivateApn.IMPAIRED if options["private_apn_impaired"] else PrivateApn.UNAFFECTED


def _affected(entered: Sequence[str]) -> dict[Customer, int]:
    """Return the customers named as ACCOUNT=N."""
    found: dict[Customer, int] = {}
    for text in entered:
        account, _equals, number = text.rpartition("=")
        customer = Customer.objects.filter(account=account).first()
        if customer is None:
            raise ValidationError({"customer": _("There is no customer %(account)s.") % {"account": account or text}})
        if not number.isdecimal() or not number.isascii():
            raise ValidationError({"customer": _("%(text)s does not end with a number of SIMs.") % {"text": text}})
        found[customer] = int(number)
    return found


def _operator(code: str) -> Operator | None:
    """Return the operator, created where it is unknown, as imports do."""
    if not code:
        return None
    known = Operator.objects.filter(code=code).first()
    if known is not None:
        return known
    try:
        operator = Operator(code=code)
        operator.full_clean()
    except ValidationError as error:
        raise ValidationError({"operator": error.messages}) from error
    operator.save()
    return operator
