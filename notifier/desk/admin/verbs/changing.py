"""Announce, and change what was announced."""

from typing import TYPE_CHECKING, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from maintenance import booking
from maintenance.models import Maintenance
from maintenance.states import WindowState
from notifier.desk.admin.booking_form import BookingForm
from notifier.desk.admin.language_rows import text_rows
from notifier.desk.admin.verbs.forms import AlternateForm, MoveForm
from notifier.desk.admin.verbs.request import Request
from notifier.desk.admin.verbs.steps import Step, answer, on_form
from notifier.desk.admin.verbs.terms import Terms
from notifier.desk.admin.wall_time_field import written
from notifier.desk.shown import ShownMoment

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    from maintenance.draft import Draft


def announce(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> HttpResponse:
    """Show how many mails would go out; confirmed, issue the notice."""
    asked = Request.of(admin, request, pk)
    name = {"reference": asked.maintenance.reference}

    def verb(terms: Terms) -> object:
        return booking.announce(asked.maintenance, late=terms.late, acknowledged=terms.acknowledged, by=asked.by, now=asked.now)

    return answer(asked, Step(_("Announce %(reference)s") % name, pgettext("verb", "Announce"), _("%(reference)s is announced.") % name, verb))


def revise(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> HttpResponse:
    """Take the booking form for announced work; show who would be told what, and confirmed, change it."""
    asked = Request.of(admin, request, pk)
    form = BookingForm(asked.maintenance, data=request.POST if request.method == "POST" else None)
    draft = form.draft() if request.method == "POST" else None

    @transaction.atomic
    def verb(terms: Terms) -> object:
        held = Maintenance.objects.select_for_update().get(pk=asked.maintenance.pk)
        if str(held.revision) != request.POST.get("revision"):
            raise ValidationError(_("Somebody has changed it meanwhile. Look at it again before you go on: what you typed would undo that."), code="changed")
        return booking.revise(asked.maintenance, cast("Draft", draft), late=terms.late, acknowledged=terms.acknowledged, by=asked.by, now=asked.now)

    name = {"reference": asked.maintenance.reference}
    postponed = asked.maintenance.windows.filter(state=WindowState.POSTPONED)
    step = Step(
        _("Change %(reference)s") % name,
        pgettext("verb", "Change it"),
        _("%(reference)s is changed.") % name,
        verb,
        ask="change",
        context={"form": form, "texts": text_rows(form, asked.maintenance), "postponed": [str(window) for window in postponed]},
        valid=draft is not None,
        refuse=lambda error: form.refuse(error, draft),
    )
    return answer(asked, step)


def move(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Ask for other times, show what moving would send, and confirmed, move; a postponed window is given a new date."""
    asked = Request.of(admin, request, pk)
    window, zone = asked.window(number), asked.maintenance.timezone
    before = {"start": written(window.start, zone), "end": written(window.end, zone)}
    form = MoveForm(request.POST if request.method == "POST" else None, initial=before, use_required_attribute=False)
    times = form.moments(zone)

    def verb(terms: Terms) -> object:
        start, end = times["start"], times["end"]
        known = terms.acknowledged
        return booking.move(asked.maintenance, number=number, start=start, end=end, late=terms.late, acknowledged=known, by=asked.by, now=asked.now)

    postponed = window.state == WindowState.POSTPONED
    title = _("New date for window %(window)s") if postponed else _("Move window %(window)s")
    step = Step(
        title % {"window": window},
        pgettext("verb", "Announce the new date") if postponed else pgettext("verb", "Move"),
        _("Window %(window)s is moved.") % {"window": window},
        verb,
        ask="move",
        context={"form": form, "window": window, "start": ShownMoment.of(window.start, zone), "end": ShownMoment.of(window.end, zone)},
        valid=len(times) == len(form.fields),
        refuse=on_form(form, field="end", code="end"),
    )
    return answer(asked, step)


def tell_late(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> HttpResponse:
    """Say who was not served in time and cannot be any more, ask for what late notice says, and confirmed, tell them."""
    asked = Request.of(admin, request, pk)

    def verb(terms: Terms) -> object:
        return booking.tell_late(asked.maintenance, late=terms.late, acknowledged=terms.acknowledged, by=asked.by, now=asked.now)

    name = {"reference": asked.maintenance.reference}
    step = Step(_("Tell %(reference)s late") % name, pgettext("verb", "Tell it late"), _("%(reference)s is told late.") % name, verb, danger=True)
    return answer(asked, step)


def take_alternate(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Ask which window the alternate replaces, show who would be told, and confirmed, take it."""
    asked = Request.of(admin, request, pk)
    window = asked.window(number)
    others = asked.maintenance.windows.filter(state=WindowState.ANNOUNCED, alternate=False).exclude(number=number)
    listed = list(others.select_related("maintenance").order_by("start", "number"))
    form = AlternateForm(listed, request.POST if request.method == "POST" else None, use_required_attribute=False)
    valid = form.is_valid()

    def verb(terms: Terms) -> object:
        instead_of = form.cleaned_data["instead_of"]
        known = terms.acknowledged
        return booking.take_alternate(asked.maintenance, number=number, instead_of=instead_of, acknowledged=known, by=asked.by, now=asked.now)

    zone = asked.maintenance.timezone
    step = Step(
        _("Take the alternate %(window)s") % {"window": window},
        pgettext("verb", "Take the alternate"),
        _("Window %(window)s is taken.") % {"window": window},
        verb,
        ask="ask",
        context={"form": form, "start": ShownMoment.of(window.start, zone), "end": ShownMoment.of(window.end, zone)},
        valid=valid,
        refuse=on_form(form),
        intro=(_("It was announced as an alternate, so it needs no notice of its own; everybody hit is told at once that it is used."),),
    )
    return answer(asked, step)
