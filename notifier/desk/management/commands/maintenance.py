"""``manage.py maintenance``: the verbs on one maintenance, and how its mail stands (docs/commands.md)."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.models import Maintenance, NoticeCustomer
from maintenance.states import FollowUp, Outcome, ServiceNow
from notifier.delivery import breaker
from notifier.delivery.gauges import gauges
from notifier.desk.imports.faults import worded
from notifier.desk.management.gauge_lines import gauge_lines
from notifier.desk.management.person import typed_by
from notifier.desk.management.verbs import REASONED, VERBS, Typed
from notifier.desk.nudge import nudge

HELP = {
    "announce": "tell every customer hit",
    "move": "give a window other times, or a postponed one its new date",
    "tell-late": "tell late, as a breach, whoever was not served in time and cannot be any more",
    "cancel": "withdraw every window that has not begun",
    "postpone": "withdraw a window without a new date",
    "take-alternate": "use a window that was announced as an alternate",
    "start": "record that a window's work begins",
    "extend": "give running work a later end",
    "finish": "record that a window's work is completed, or how it ended otherwise",
}

GAUGES = "gauges"


class Command(BaseCommand):
    """One sub-command a verb, and one for the gauges of delivery."""

    help = "Announce, move, cancel, postpone, start, extend or finish one maintenance, or take an alternate; or show how mail stands."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the maintenance's reference, and what each verb needs."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join((*HELP, GAUGES)))
        for verb, text in HELP.items():
            options = verbs.add_parser(verb, help=text, description=text)
            options.add_argument("reference", help="the maintenance's reference")
            if verb not in {"announce", "tell-late", "cancel"}:
                options.add_argument("--window", type=int, metavar="N", help="the window's number, from 1; needed where several come into question")
            if verb not in {"move", "tell-late", "take-alternate"}:
                options.add_argument("--reason", default="", help="why; told by cancel, postpone and extend, recorded by start where it breaks the promise")
        _times(verbs.choices)
        for verb in ("announce", "move", "tell-late"):
            _terms(verbs.choices[verb])
        _acknowledge(verbs.choices["take-alternate"])
        verbs.choices["take-alternate"].add_argument("--instead-of", type=int, metavar="N", help="the window that it replaces, which is cancelled")
        _ending(verbs.choices["finish"])
        shown = verbs.add_parser(GAUGES, help="show how mail stands", description="show how mail stands: what waits, what failed, how long it takes")
        shown.add_argument("--json", action="store_true", help="as one JSON object, for monitoring")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Do it and say what was done, or say what forbids it and exit with 1."""
        if options["verb"] == GAUGES:
            found = gauges(now=timezone.now(), breakers=breaker.states())
            self.stdout.write(json.dumps(found.as_json()) if options["json"] else "\n".join(gauge_lines(found)))
            return
        reference = options["reference"]
        maintenance = Maintenance.objects.filter(reference=reference).first()
        if maintenance is None:
            raise CommandError(_("There is no maintenance %(reference)s.") % {"reference": reference})
        if options.get("reason") and options["verb"] not in REASONED:
            self.stderr.write(_("--reason is not recorded by %(verb)s.") % {"verb": options["verb"]})
        last = _last_revision(maintenance)
        try:
            done = VERBS[options["verb"]](Typed(maintenance, options, typed_by(), timezone.now()))
        except ValidationError as error:
            raise CommandError("\n".join(message for _field, message in worded(error))) from error
        told = NoticeCustomer.objects.filter(notice__maintenance=maintenance, notice__revision__gt=last).values("customer").distinct().count()
        if maintenance.notices.filter(revision__gt=last).exists():
            nudge()
        self.stdout.write(f"{done} {_told(told)}")


def _times(verbs: dict[str, Any]) -> None:
    verbs["move"].add_argument("--start", required=True, metavar="T", help="as 2026-12-14T23:00, in the maintenance's time zone")
    for verb in ("move", "extend"):
        verbs[verb].add_argument("--end", required=True, metavar="T", help="as 2026-12-14T23:00, in the maintenance's time zone")


def _acknowledge(options: CommandParser) -> None:
    options.add_argument("--acknowledge", default="", metavar="REASON", help="why freezes and conflicts with other work do not stand in the way; kept")


def _terms(options: CommandParser) -> None:
    _acknowledge(options)
    options.add_argument("--late-reason", default="", metavar="REASON", help="tell it without the full notice, as a breach; needs LATE_NOTICE=breach")
    options.add_argument("--learned-at", metavar="T", help="when we learned of the work; needed with --late-reason, and told")
    options.add_argument("--supplier-notified-at", metavar="T", help="when the supplier told us, if it is one's; told")


def _ending(options: CommandParser) -> None:
    options.add_argument("--outcome", choices=Outcome.values, help="how work ended that was not completed; needs the next two")
    options.add_argument("--service-now", choices=ServiceNow.values, help="how service is now")
    options.add_argument("--follow-up", choices=FollowUp.values, help="what comes next")
    options.add_argument("--note", default="", help="your own words, told as you write them")


def _last_revision(maintenance: Maintenance) -> int:
    return maintenance.notices.aggregate(last=Max("revision"))["last"] or 0


def _told(count: int) -> str:
    if not count:
        return _("No customer is told.")
    return ngettext("%(count)d customer is told.", "%(count)d customers are told.", count) % {"count": count}
