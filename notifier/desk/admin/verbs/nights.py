"""The night itself: start, extend, and end one way or the other."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from maintenance import booking
from maintenance.states import WindowState
from notifier.desk.admin.verbs.forms import BreachReasonForm, EndingForm, ExtendForm
from notifier.desk.admin.verbs.request import Request
from notifier.desk.admin.verbs.steps import Step, answer, on_form
from notifier.desk.admin.verbs.terms import Terms
from notifier.desk.admin.wall_time_field import written
from notifier.desk.shown import ShownMoment

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    from maintenance.models import Maintenance


def start(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Start a window, or confirm that it started; customers not served in time are shown, and recorded as breaches."""
    asked = Request.of(admin, request, pk)
    window = asked.window(number)
    form = BreachReasonForm(request.POST if "reason" in request.POST else None, use_required_attribute=False)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""

    def verb(_terms: Terms) -> object:
        return booking.start(asked.maintenance, number=number, reason=reason, by=asked.by, now=asked.now)

    presumed = window.state == WindowState.IN_PROGRESS and window.presumed
    step = Step(
        (_("Confirm the start of window %(window)s") if presumed else _("Start window %(window)s")) % {"window": window},
        pgettext("verb", "Confirm the start") if presumed else pgettext("verb", "Start"),
        _("Window %(window)s has started.") % {"window": window},
        verb,
        why=form,
        at_once=True,
    )
    return answer(asked, step)


def extend(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Ask for the new end, show how many would be told, and confirmed, extend."""
    asked = Request.of(admin, request, pk)
    window, zone = asked.window(number), asked.maintenance.timezone
    form = ExtendForm(request.POST if request.method == "POST" else None, initial={"end": written(window.end, zone)}, use_required_attribute=False)
    times = form.moments(zone)

    def verb(_terms: Terms) -> object:
        return booking.extend(asked.maintenance, number=number, end=times["end"], reason=form.cleaned_data["reason"], by=asked.by, now=asked.now)

    step = Step(
        _("Extend window %(window)s") % {"window": window},
        pgettext("verb", "Extend"),
        _("Window %(window)s is extended.") % {"window": window},
        verb,
        ask="ask",
        context={"form": form, "start": ShownMoment.of(window.start, zone), "end": ShownMoment.of(window.end, zone), "wall_times": True},
        valid=bool(times),
        refuse=on_form(form, field="end", code="end"),
        intro=(_("It is always allowed, and everybody hit is told the new end at once. What goes beyond the end announced is counted as overrun."),),
    )
    return answer(asked, step)


def finish(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Record that a window's work is completed."""
    asked = Request.of(admin, request, pk)

    def verb(_terms: Terms) -> object:
        return booking.finish(asked.maintenance, number=number, by=asked.by, now=asked.now)

    name = {"window": f"{asked.maintenance.reference}.{number}"}
    done = _("Window %(window)s is completed.") % name
    return answer(asked, Step(_("Complete window %(window)s") % name, pgettext("verb", "Completed"), done, verb, at_once=True))


def not_completed(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Ask how the work ended, show how many would be told, and confirmed, record it."""
    asked = Request.of(admin, request, pk)
    window, zone = asked.window(number), asked.maintenance.timezone
    form = EndingForm(request.POST if request.method == "POST" else None, use_required_attribute=False)
    valid = form.is_valid()

    def verb(_terms: Terms) -> object:
        return booking.finish(asked.maintenance, number=number, ending=form.ending(), by=asked.by, now=asked.now)

    step = Step(
        _("Window %(window)s was not completed") % {"window": window},
        pgettext("verb", "Record and tell it"),
        _("Window %(window)s is recorded as not completed.") % {"window": window},
        verb,
        ask="ask",
        context={"form": form, "start": ShownMoment.of(window.start, zone), "end": ShownMoment.of(window.end, zone)},
        valid=valid,
        refuse=on_form(form),
        intro=(_("Everybody hit by it is told how the work ended, how service is now, and what comes next."),),
    )
    return answer(asked, step)
