"""What ``manage.py maintenance`` does with what was typed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from maintenance import booking, walltime
from maintenance.draft import Late
from maintenance.models import Maintenance
from maintenance.said import SaidEnding
from maintenance.states import FollowUp, Outcome, ServiceNow

REASONED = ("cancel", "postpone", "start", "extend")
"""Verbs that keep a reason; the others take one and say that they do not."""
_ENDING = ("outcome", "service_now", "follow_up")


@dataclass(frozen=True)
class Typed:
    """One command: on which maintenance, with which options, by whom, when."""

    maintenance: Maintenance
    options: dict[str, Any]
    by: str
    now: datetime

    def number(self) -> int:
        """Return the window's number; without --window the only one's."""
        if self.options["window"] is not None:
            return int(self.options["window"])
        numbers = list(self.maintenance.windows.values_list("number", flat=True))
        if len(numbers) != 1:
            raise ValidationError(
                _("%(reference)s has %(count)d windows; say which with --window N."),
                code="window",
                params={"reference": self.maintenance.reference, "count": len(numbers)},
            )
        return numbers[0]

    def window(self, number: int) -> dict[str, Any]:
        """Return how messages name a window."""
        return {"reference": self.maintenance.reference, "number": number}

    def moment(self, name: str) -> datetime:
        """Return an option's wall time in UTC; a refusal names the option."""
        try:
            return walltime.parse(self.options[name], self.maintenance.timezone)
        except ValidationError as error:
            raise ValidationError([f"--{name.replace('_', '-')}: {message}" for message in error.messages]) from error

    def terms(self) -> dict[str, Any]:
        """Return what lets a change go on that would be refused otherwise."""
        return {"late": self._late(), "acknowledged": self.options["acknowledge"]}

    def _late(self) -> Late | None:
        if not self.options["late_reason"]:
            given = [f"--{name.replace('_', '-')}" for name in ("learned_at", "supplier_notified_at") if self.options[name]]
            if given:
                raise ValidationError(_("%(options)s: only with --late-reason."), code="late", params={"options": ", ".join(given)})
            return None
        if not self.options["learned_at"]:
            raise ValidationError(_("--late-reason needs --learned-at: the mail says when we learned of the work."), code="late")
        moments = {name: self.moment(name) for name in ("learned_at", "supplier_notified_at") if self.options[name]}
        for name, at in moments.items():
            if at > self.now:
                raise ValidationError(_("--%(option)s: this moment is still to come."), code="future", params={"option": name.replace("_", "-")})
        return Late(self.options["late_reason"], moments["learned_at"], moments.get("supplier_notified_at"))

    def ending(self) -> SaidEnding | None:
        """Return how the work ended, or None where it was completed."""
        given = {name: self.options[name] for name in _ENDING}
        if not any(given.values()) and not self.options["note"]:
            return None
        missing = [f"--{name.replace('_', '-')}" for name, value in given.items() if not value]
        if missing:
            raise ValidationError(_("Work that was not completed also needs %(options)s."), code="ending", params={"options": ", ".join(missing)})
        return SaidEnding(Outcome(given["outcome"]), ServiceNow(given["service_now"]), FollowUp(given["follow_up"]), self.options["note"])


def _announce(typed: Typed) -> str:
    booking.announce(typed.maintenance, **typed.terms(), by=typed.by, now=typed.now)
    return _("%(reference)s is announced.") % {"reference": typed.maintenance.reference}


def _move(typed: Typed) -> str:
    number, start, end = typed.number(), typed.moment("start"), typed.moment("end")
    booking.move(typed.maintenance, number=number, start=start, end=end, **typed.terms(), by=typed.by, now=typed.now)
    return _("Window %(reference)s.%(number)d is moved.") % typed.window(number)


def _tell_late(typed: Typed) -> str:
    booking.tell_late(typed.maintenance, **typed.terms(), by=typed.by, now=typed.now)
    return _("%(reference)s is told late.") % {"reference": typed.maintenance.reference}


def _cancel(typed: Typed) -> str:
    booking.cancel(typed.maintenance, reason=typed.options["reason"], by=typed.by, now=typed.now)
    return _("%(reference)s is cancelled.") % {"reference": typed.maintenance.reference}


def _postpone(typed: Typed) -> str:
    number = typed.number()
    booking.postpone(typed.maintenance, number=number, reason=typed.options["reason"], by=typed.by, now=typed.now)
    return _("Window %(reference)s.%(number)d is postponed.") % typed.window(number)


def _take_alternate(typed: Typed) -> str:
    number = typed.number()
    booking.take_alternate(
        typed.maintenance, number=number, instead_of=typed.options["instead_of"], acknowledged=typed.options["acknowledge"], by=typed.by, now=typed.now
    )
    return _("Window %(reference)s.%(number)d is taken.") % typed.window(number)


def _start(typed: Typed) -> str:
    window = booking.start(typed.maintenance, number=typed.options["window"], reason=typed.options["reason"], by=typed.by, now=typed.now)
    return _("Window %(window)s has started.") % {"window": window}


def _extend(typed: Typed) -> str:
    number, end = typed.options["window"], typed.moment("end")
    booking.extend(typed.maintenance, number=number, end=end, reason=typed.options["reason"], by=typed.by, now=typed.now)
    return _("%(reference)s is extended.") % {"reference": typed.maintenance.reference}


def _finish(typed: Typed) -> str:
    ending = typed.ending()
    window = booking.finish(typed.maintenance, number=typed.options["window"], ending=ending, by=typed.by, now=typed.now)
    return (_("Window %(window)s is recorded as not completed.") if ending else _("Window %(window)s is finished.")) % {"window": window}


VERBS: dict[str, Callable[[Typed], str]] = {
    "announce": _announce,
    "move": _move,
    "tell-late": _tell_late,
    "cancel": _cancel,
    "postpone": _postpone,
    "take-alternate": _take_alternate,
    "start": _start,
    "extend": _extend,
    "finish": _finish,
}
