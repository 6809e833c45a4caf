"""Take back what was announced."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from maintenance import booking
from maintenance.states import WindowState
from notifier.desk.admin.verbs.forms import ReasonForm
from notifier.desk.admin.verbs.request import Request
from notifier.desk.admin.verbs.steps import Step, answer
from notifier.desk.admin.verbs.terms import Terms
from notifier.desk.shown import ShownMoment

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    from maintenance.models import Maintenance


def cancel(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, show how many would be told, and confirmed, cancel."""
    asked = Request.of(admin, request, pk)
    draft = asked.maintenance.state == WindowState.DRAFT
    form = ReasonForm(request.POST if request.method == "POST" else None, use_required_attribute=False)
    form.fields["reason"].required = not draft
    valid = form.is_valid()

    def verb(_terms: Terms) -> object:
        return booking.cancel(asked.maintenance, reason=form.cleaned_data["reason"], by=asked.by, now=asked.now)

    told = _("Every window that has not begun is withdrawn for good, and whoever may have been told of it gets a mail.")
    name = {"reference": asked.maintenance.reference}
    step = Step(
        _("Cancel %(reference)s") % name,
        _("Cancel the work"),
        _("%(reference)s is cancelled.") % name,
        verb,
        ask="ask",
        context={"form": form, "danger": True},
        valid=valid,
        intro=(_("This is a draft: nobody has been told, and nobody will be.") if draft else told,),
        danger=True,
    )
    return answer(asked, step)


def postpone(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Ask for the reason, show how many would be told, and confirmed, withdraw the window without a new date."""
    asked = Request.of(admin, request, pk)
    window, zone = asked.window(number), asked.maintenance.timezone
    form = ReasonForm(request.POST if request.method == "POST" else None, use_required_attribute=False)
    valid = form.is_valid()

    def verb(_terms: Terms) -> object:
        return booking.postpone(asked.maintenance, number=number, reason=form.cleaned_data["reason"], by=asked.by, now=asked.now)

    step = Step(
        _("Postpone window %(window)s") % {"window": window},
        pgettext("verb", "Postpone"),
        _("Window %(window)s is postponed.") % {"window": window},
        verb,
        ask="ask",
        context={"form": form, "start": ShownMoment.of(window.start, zone), "end": ShownMoment.of(window.end, zone)},
        valid=valid,
        intro=(
            _("The window is withdrawn, and everybody hit by it is told at once."),
            _("When you know the new date, give it with “New date”: it needs full notice of its own."),
        ),
    )
    return answer(asked, step)
