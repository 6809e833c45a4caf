"""``manage.py find_slot``: when could a piece of work be done? (docs/commands.md)."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Component, Domain, Operator
from maintenance import slot_search
from maintenance.decisions import when
from maintenance.draft import ScopeDraft
from maintenance.models import Maintenance
from maintenance.slot_search import Slots, Work
from maintenance.slots import Slot, Wanted
from maintenance.states import Impact
from notifier.desk.imports.faults import worded

DAYS = 60


class Command(BaseCommand):
    """Print the best slots, one a line."""

    help = "Find slots: legal if announced now, without a freeze, without other work on the same customers, outside their working hours."

    def add_arguments(self, parser: CommandParser) -> None:
        """What is to be done, or a draft that says it; how long; on which days."""
        work = parser.add_mutually_exclusive_group(required=True)
        work.add_argument("--reference", metavar="REF", help="a piece of work that is booked")
        work.add_argument("--scope", action="append", metavar="C/D[/O]", help="component/domain or component/mno/operator; can be repeated")
        parser.add_argument("--object", action="append", default=[], metavar="ID", help="only services with this object id; can be repeated (with --scope)")
        parser.add_argument("--supplier", default="", metavar="O", help="the operator whose work it is, if not ours (with --scope)")
        parser.add_argument("--minutes", type=int, metavar="N", help="the length; of a reference: its first window's unless given")
        parser.add_argument("--impact", choices=Impact.values, help="of a reference: its own unless given; otherwise outage")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="D", help="the first day, as 2026-12-14; today unless given")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="D", help=f"the last day; {DAYS} days in all unless given")
        parser.add_argument("--timezone", metavar="Z", help="of the days and of what is printed; of a reference: its own unless given; otherwise UTC")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Print the slots, or say why there is none and exit with 1."""
        now = timezone.now()
        try:
            maintenance = _maintenance(options["reference"]) if options["reference"] else None
            asked = _asked(options, maintenance, now=now)
            work = slot_search.work_of(maintenance) if maintenance else _work(options)
        except ValidationError as error:
            raise CommandError("\n".join(f"--{_OPTIONS.get(name, name)}: {message}" if name else message for name, message in worded(error))) from error
        slots = slot_search.search(work, asked, now=now)
        if not slots.offered:
            raise CommandError(_none(slots, asked))
        for slot in slots.offered:
            self.stdout.write(_line(slot, asked.zone))


_OPTIONS = {"first": "from", "last": "to"}


def _maintenance(reference: str) -> Maintenance:
    found = Maintenance.objects.filter(reference=reference).first()
    if found is None:
        raise ValidationError(_("There is no maintenance %(reference)s."), code="unknown", params={"reference": reference})
    return found


def _asked(options: dict[str, Any], maintenance: Maintenance | None, *, now: datetime) -> Wanted:
    zone = _zone(options["timezone"] or (str(maintenance.timezone) if maintenance else "UTC"))
    first = options["first"] or now.astimezone(zone).date()
    window = maintenance.windows.order_by("number").first() if maintenance else None
    minutes = options["minutes"] if options["minutes"] is not None else (window.end - window.start) // timedelta(minutes=1) if window else None
    if minutes is None:
        raise ValidationError({"minutes": _("is missing")})
    impact = options["impact"] or (maintenance.impact if maintenance else Impact.OUTAGE)
    last = options["last"] or first + timedelta(days=DAYS - 1)
    return slot_search.wanted(length=timedelta(minutes=minutes), first=first, last=last, zone=zone, impact=Impact(impact))


def _zone(name: str) -> ZoneInfo:
    if name not in available_timezones():
        raise ValidationError({"timezone": _("%(name)s is not a time zone such as Europe/Madrid") % {"name": repr(name)}})
    return ZoneInfo(name)


def _work(options: dict[str, Any]) -> Work:
    scopes = [_scope(text) for text in options["scope"]]
    return slot_search.work_on(scopes, objects=options["object"], supplier=_operator(options["supplier"]) if options["supplier"] else None)


def _scope(text: str) -> ScopeDraft:
    slug, _slash, rest = text.partition("/")
    domain, _slash, operator = rest.partition("/")
    component = Component.objects.filter(slug=slug).first()
    if component is None:
        raise ValidationError({"scope": _("%(text)s names no component of the catalogue") % {"text": repr(text)}})
    if domain not in {Domain.PROVIDER, Domain.MNO}:
        raise ValidationError(
            {"scope": _("%(text)s names no domain; write it as data.mobile-core/provider or data.mobile-core/mno/OPERATOR") % {"text": repr(text)}}
        )
    return ScopeDraft(component, domain, _operator(operator) if operator else None)


def _operator(code: str) -> Operator:
    found = Operator.objects.filter(code=code).first()
    if found is None:
        raise ValidationError(_("There is no operator %(code)s."), code="unknown", params={"code": repr(code)})
    return found


def _line(slot: Slot, zone: ZoneInfo) -> str:
    start, end = (moment.astimezone(zone).isoformat(timespec="minutes") for moment in (slot.start, slot.end))
    sims = ngettext("%(count)d SIM in working hours", "%(count)d SIMs in working hours", slot.sims) % {"count": slot.sims}
    conflicts = [_("meets %(work)s") % {"work": conflict} for conflict in slot.conflicts]
    return "; ".join([f"{start} {end}", sims, *conflicts])


def _none(slots: Slots, asked: Wanted) -> str:
    lines = [_("There is no slot from %(first)s to %(last)s.") % {"first": asked.first, "last": asked.last}]
    lines.append(_("The first start that is legal if announced now: %(start)s.") % {"start": when(slots.earliest, asked.zone)})
    lines += [_("Freeze: %(freeze)s") % {"freeze": freeze} for freeze in slots.freezes]
    return "\n".join(lines)
