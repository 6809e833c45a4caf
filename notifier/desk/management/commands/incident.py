"""``manage.py incident``: open and close incidents (docs/commands.md)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Domain, Operator
from maintenance.incidents import close_incident, open_incident
from maintenance.models import Incident
from maintenance.states import PrivateApn
from notifier.desk.imports.faults import worded


class Command(BaseCommand):
    """Open an incident with its computed priority, or close it."""

    help = "Open an incident, whose priority is computed, or close it."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command a verb."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="open|close")
        opening = verbs.add_parser("open", help="record an incident and compute its priority")
        opening.add_argument("reference", help="the incident's reference")
        opening.add_argument("--title", required=True, metavar="T", help="what is wrong, on one line")
        opening.add_argument("--domain", required=True, choices=Domain.values, help="whose systems it is in")
        opening.add_argument("--sims", required=True, type=int, metavar="N", help="SIMs affected, over all customers")
        opening.add_argument("--private-apn-down", action="store_true", help="every SIM on a private APN is without service")
        opening.add_argument("--operator", default="", metavar="O", help="the operator's code")
        verbs.add_parser("close", help="record that it is over").add_argument("reference", help="the incident's reference")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Print reference and priority, or say what is wrong and exit with 1."""
        try:
            done, incident = _open(options) if options["verb"] == "open" else _close(options)
        except ValidationError as error:
            raise CommandError("\n".join(f"{name}: {message}" if name else message for name, message in worded(error))) from error
        self.stdout.write(done % {"reference": incident.reference, "priority": incident.get_priority_display()})


@transaction.atomic
def _open(options: dict[str, Any]) -> tuple[str, Incident]:
    incident = open_incident(
        reference=options["reference"],
        title=options["title"],
        domain=options["domain"],
        sims=options["sims"],
        private_apn=PrivateApn.DOWN if options["private_apn_down"] else PrivateApn.UNAFFECTED,
        operator=_operator(options["operator"]),
        now=timezone.now(),
    )
    return _("%(reference)s is open: %(priority)s"), incident


def _close(options: dict[str, Any]) -> tuple[str, Incident]:
    incident = Incident.objects.filter(reference=options["reference"]).first()
    if incident is None:
        raise ValidationError(_("There is no incident %(reference)s."), code="unknown", params={"reference": options["reference"]})
    close_incident(incident, now=timezone.now())
    return _("%(reference)s is closed: %(priority)s"), incident


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
