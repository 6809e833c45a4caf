"""``manage.py maintenance``: the verbs on one maintenance (docs/commands.md)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance import booking, walltime
from maintenance.models import Maintenance, Notice
from notifier.desk.imports.faults import worded
from notifier.desk.management.person import typed_by
from notifier.desk.nudge import nudge

REASONED = ("cancel", "start")
"""Verbs that keep a reason; the others take one and say that they do not."""


class Command(BaseCommand):
    """Announce, move, cancel, start or finish."""

    help = "Announce, move, cancel, start or finish one maintenance."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command a verb."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="announce|move|cancel|start|finish")
        for verb, text in {
            "announce": "tell every customer hit",
            "move": "give a window other times",
            "cancel": "withdraw every window that has not begun",
            "start": "record that a window's work begins",
            "finish": "record that a window's work is completed",
        }.items():
            options = verbs.add_parser(verb, help=text, description=text)
            options.add_argument("reference", help="the maintenance's reference")
            if verb != "move":
                options.add_argument("--reason", default="", help="why; told by cancel, recorded by start where it breaks the promise")
            if verb in {"move", "start", "finish"}:
                options.add_argument("--window", type=int, metavar="N", help="the window's number, from 1; needed where several come into question")
            if verb == "move":
                for name in ("start", "end"):
                    options.add_argument(f"--{name}", required=True, metavar="T", help="as 2026-12-14T23:00, in the maintenance's time zone")

    def handle(self, *_args: object, **options: Any) -> None:  # noqa: ANN401  # Django's own signature
        """Do it and say what was done, or say what forbids it and exit with 1."""
        reference = options["reference"]
        maintenance = Maintenance.objects.filter(reference=reference).first()
        if maintenance is None:
            raise CommandError(_("There is no maintenance %(reference)s.") % {"reference": reference})
        if options.get("reason") and options["verb"] not in REASONED:
            self.stderr.write(_("--reason is not recorded by %(verb)s.") % {"verb": options["verb"]})
        try:
            done, notice = _VERBS[options["verb"]](maintenance, options, typed_by(), timezone.now())
        except ValidationError as error:
            raise CommandError("\n".join(message for _field, message in worded(error))) from error
        if notice is not None:
            nudge()
        self.stdout.write(f"{done} {_told(notice)}")


def _announce(maintenance: Maintenance, _options: dict[str, Any], by: str, now: datetime) -> tuple[str, Notice | None]:
    return _("%(reference)s is announced.") % {"reference": maintenance.reference}, booking.announce(maintenance, by=by, now=now)


def _move(maintenance: Maintenance, options: dict[str, Any], by: str, now: datetime) -> tuple[str, Notice | None]:
    number = _only_number(maintenance) if options["window"] is None else options["window"]
    start, end = (_moment(maintenance, options, name) for name in ("start", "end"))
    notice = booking.move(maintenance, number=number, start=start, end=end, by=by, now=now)
    return _("Window %(reference)s.%(number)d is moved.") % {"reference": maintenance.reference, "number": number}, notice


def _cancel(maintenance: Maintenance, options: dict[str, Any], by: str, now: datetime) -> tuple[str, Notice | None]:
    notice = booking.cancel(maintenance, reason=options["reason"], by=by, now=now)
    return _("%(reference)s is cancelled.") % {"reference": maintenance.reference}, notice


def _start(maintenance: Maintenance, options: dict[str, Any], by: str, now: datetime) -> tuple[str, Notice | None]:
    window = booking.start(maintenance, number=options["window"], reason=options["reason"], by=by, now=now)
    return _("Window %(window)s has started.") % {"window": window}, None


def _finish(maintenance: Maintenance, options: dict[str, Any], by: str, now: datetime) -> tuple[str, Notice | None]:
    window = booking.finish(maintenance, number=options["window"], by=by, now=now)
    return _("Window %(window)s is finished.") % {"window": window}, None


_VERBS: dict[str, Callable[[Maintenance, dict[str, Any], str, datetime], tuple[str, Notice | None]]] = {
    "announce": _announce,
    "move": _move,
    "cancel": _cancel,
    "start": _start,
    "finish": _finish,
}


def _only_number(maintenance: Maintenance) -> int:
    numbers = list(maintenance.windows.values_list("number", flat=True))
    if len(numbers) != 1:
        raise ValidationError(
            _("%(reference)s has %(count)d windows; say which with --window N."),
            code="window",
            params={"reference": maintenance.reference, "count": len(numbers)},
        )
    return numbers[0]


def _moment(maintenance: Maintenance, options: dict[str, Any], name: str) -> datetime:
    try:
        return walltime.parse(options[name], maintenance.timezone)
    except ValidationError as error:
        raise ValidationError([f"--{name}: {message}" for message in error.messages]) from error


def _told(notice: Notice | None) -> str:
    count = 0 if notice is None else notice.customers.count()
    if not count:
        return _("No customer is told.")
    return ngettext("%(count)d customer is told.", "%(count)d customers are told.", count) % {"count": count}
