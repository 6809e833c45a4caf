"""The verbs as pages: a POST shows what would happen, a second one, confirmed, does it. A GET changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from maintenance import booking
from maintenance.models import Maintenance, Notice, Window
from maintenance.states import Kind, WindowState
from notifier.desk.admin.rows import moment
from notifier.desk.admin.wall_time_field import WallTimeField, written
from notifier.desk.nudge import nudge
from notifier.desk.rehearsal import rehearse
from notifier.desk.shown import ShownMoment

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

PERMISSION = "maintenance.announce_maintenance"
CONFIRMED = "confirmed"


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("reason"), strip=True, max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}))


class MoveForm(forms.Form):
    """Other times for a window, as wall times of the maintenance's zone."""

    start = WallTimeField(label=gettext_lazy("start"))
    end = WallTimeField(label=gettext_lazy("end"))


@dataclass(frozen=True)
class Request:
    """One planner's request about one maintenance."""

    admin: "ModelAdmin[Maintenance]"
    request: HttpRequest
    maintenance: Maintenance
    now: datetime

    @classmethod
    def of(cls, admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> "Request":
        """Find the maintenance. Raises PermissionDenied for those who may not use the verbs."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return cls(admin, request, get_object_or_404(Maintenance, pk=pk), timezone.now())

    @property
    def by(self) -> str:
        """Who asks."""
        return self.request.user.get_username()

    @property
    def confirmed(self) -> bool:
        """Whether the planner has seen what would happen."""
        return CONFIRMED in self.request.POST

    def page(self, template: str, title: str, **context: Any) -> HttpResponse:  # noqa: ANN401  # any template context
        """Return a page of the admin about the maintenance."""
        shared = {"title": title, "maintenance": self.maintenance, "opts": Maintenance._meta, "confirmed": CONFIRMED}
        return TemplateResponse(self.request, f"admin/desk/{template}.html", {**self.admin.admin_site.each_context(self.request), **shared, **context})

    def back(self) -> HttpResponse:
        """Return to the maintenance's page."""
        return redirect("admin:maintenance_maintenance_change", self.maintenance.pk)

    def refused(self, error: ValidationError) -> HttpResponse:
        """Return to the maintenance's page with the reasons on top."""
        for line in error.messages:
            messages.error(self.request, line)
        return self.back()

    def carry_out(self, verb: Callable[[], object], done: str, *, refused: Callable[[ValidationError], HttpResponse] | None = None) -> HttpResponse:
        """Do it, have the mails sent, and say so; or say why it is refused."""
        try:
            verb()
        except ValidationError as error:
            return (refused or self.refused)(error)
        transaction.on_commit(nudge, robust=True)
        self.admin.log_change(self.request, self.maintenance, done)
        messages.success(self.request, done)
        return self.back()


def announce(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> HttpResponse:
    """Show how many mails would go out; confirmed, issue the notice."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = Request.of(admin, request, pk)

    def verb() -> Notice:
        return booking.announce(asked.maintenance, by=asked.by, now=asked.now)

    if asked.confirmed:
        return asked.carry_out(verb, _("%(reference)s is announced.") % {"reference": asked.maintenance.reference})
    try:
        rehearsal = rehearse(verb, now=asked.now)
    except ValidationError as error:
        return asked.refused(error)
    title = _("Announce %(reference)s") % {"reference": asked.maintenance.reference}
    return asked.page("confirm", title, rehearsal=rehearsal, button=pgettext("verb", "Announce"))


def move(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Ask for other times, show what moving would send, and confirmed, move."""
    asked = Request.of(admin, request, pk)
    window = get_object_or_404(Window, maintenance=asked.maintenance, number=number)
    zone = asked.maintenance.timezone
    before = {"start": written(window.start, zone), "end": written(window.end, zone)}
    form = MoveForm(request.POST or None, initial=before, use_required_attribute=False)
    page: dict[str, Any] = {"form": form, "window": window, "start": ShownMoment.of(window.start, zone), "end": ShownMoment.of(window.end, zone)}
    title = _("Move window %(window)s") % {"window": window}
    start, end = (moment(form, name, zone) for name in ("start", "end")) if form.is_valid() else (None, None)
    if start is None or end is None:
        return asked.page("move", title, **page)

    def verb() -> Notice | None:
        return booking.move(asked.maintenance, number=number, start=start, end=end, by=asked.by, now=asked.now)

    if asked.confirmed:
        return asked.carry_out(verb, _("Window %(window)s is moved.") % {"window": window})
    try:
        page["rehearsal"] = rehearse(verb, now=asked.now)
    except ValidationError as error:
        form.add_error("end" if getattr(error, "code", "") == "end" else None, error)
        return asked.page("move", title, **page)
    page |= {
        "new_start": ShownMoment.of(start, zone),
        "new_end": ShownMoment.of(end, zone),
        "inside": window.start <= start and end <= window.end,
        "preview": urlencode({"kind": Kind.REVISED.value, "window": number, "start": start.isoformat(), "end": end.isoformat()}),
    }
    return asked.page("move_confirm", title, **page)


def cancel(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, show how many would be told, and confirmed, cancel."""
    asked = Request.of(admin, request, pk)
    form = ReasonForm(request.POST or None, use_required_attribute=False)
    form.fields["reason"].required = asked.maintenance.state != WindowState.DRAFT
    title = _("Cancel %(reference)s") % {"reference": asked.maintenance.reference}
    if not form.is_valid():
        return asked.page("cancel", title, form=form)
    reason = form.cleaned_data["reason"]

    def verb() -> Notice | None:
        return booking.cancel(asked.maintenance, reason=reason, by=asked.by, now=asked.now)

    if asked.confirmed:
        return asked.carry_out(verb, _("%(reference)s is cancelled.") % {"reference": asked.maintenance.reference})
    try:
        rehearsal = rehearse(verb, now=asked.now)
    except ValidationError as error:
        return asked.refused(error)
    page = {"rehearsal": rehearsal, "reason": reason, "preview": urlencode({"kind": Kind.CANCELLED.value, "reason": reason})}
    return asked.page("cancel_confirm", title, **page)


def start(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Start a window; with customers not served in time, ask for the reason first, which is recorded as a breach's."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = Request.of(admin, request, pk)
    form = ReasonForm(request.POST if "reason" in request.POST else None, use_required_attribute=False)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""

    name = f"{asked.maintenance.reference}.{number}"

    def verb() -> Window:
        return booking.start(asked.maintenance, number=number, reason=reason, by=asked.by, now=asked.now)

    def refused(error: ValidationError) -> HttpResponse:
        if getattr(error, "code", "") != "shortfall":
            return asked.refused(error)
        return asked.page("breach", _("Start window %(window)s") % {"window": name}, form=form, warning=error.messages)

    return asked.carry_out(verb, _("Window %(window)s has started.") % {"window": name}, refused=refused)


def finish(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Record that a window's work is completed."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = Request.of(admin, request, pk)

    def verb() -> Window:
        return booking.finish(asked.maintenance, number=number, by=asked.by, now=asked.now)

    return asked.carry_out(verb, _("Window %(window)s is finished.") % {"window": f"{asked.maintenance.reference}.{number}"})
