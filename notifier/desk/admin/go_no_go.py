"""Go or no go: what is open before a window starts, on one page; a reason is given there for many customers at once. It blocks nothing."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from maintenance import shortfalls
from maintenance.models import Maintenance, Shortfall, Window
from maintenance.notices import title_of
from maintenance.states import Cause, WindowState
from notifier.delivery.shortfall_watch import keep
from notifier.desk.admin.reasons import ReasonForm, may_act
from notifier.desk.open_points import OpenPoints, open_points
from notifier.desk.shown import ShownMoment

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet

VIEW = "maintenance.view_maintenance"
CHOSEN = "customers"
"""The name of the boxes that are ticked."""


class ReasonForManyForm(ReasonForm):
    """Why, and for whom."""

    whom = forms.ChoiceField(label=gettext_lazy("for whom"), widget=forms.RadioSelect)
    field_order = ("whom", "reason")

    def __init__(self, *args: Any, points: OpenPoints, **options: Any) -> None:  # noqa: ANN401  # what Form takes
        """Offer those who still need a reason: all of them, and by cause."""
        super().__init__(*args, **options)
        choices = [("chosen", _("the customers ticked")), ("all", _("all that still need one (%(count)d)") % {"count": points.wanting})]
        choices += [
            (cause.value, _("all of “%(cause)s” that still need one (%(count)d)") % {"cause": cause.label, "count": wanting})
            for cause, _short, wanting in points.by_cause
            if wanting
        ]
        field = self.fields["whom"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        self.initial.setdefault("whom", "chosen")


def show(admin: "ModelAdmin[Shortfall]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show the page; a POST gives the reason."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    maintenance = get_object_or_404(Maintenance.objects.select_related("supplier"), pk=pk)
    window = get_object_or_404(Window, maintenance=maintenance, number=number)
    window.maintenance = maintenance
    now = timezone.now()
    if request.method == "POST":
        if not may_act(request):
            raise PermissionDenied
        if window.state != WindowState.ANNOUNCED:
            return HttpResponseNotAllowed(["GET"])
        return _give(admin, request, window, now=now)
    return _page(admin, request, window, open_points(window, now=now), None, now=now)


def _give(admin: "ModelAdmin[Shortfall]", request: HttpRequest, window: Window, *, now: datetime) -> HttpResponse:
    """Bring the shortfalls up to date, and give those asked for the reason."""
    keep(window.maintenance, now=now)
    points = open_points(window, now=now)
    form = ReasonForManyForm(request.POST, points=points, use_required_attribute=False)
    if form.is_valid():
        try:
            count = _give_to(_asked_for(window, form.cleaned_data["whom"], request.POST.getlist(CHOSEN)), form, by=request.user.get_username(), now=now)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            done = ngettext("%(count)d customer of %(window)s has its reason.", "%(count)d customers of %(window)s have their reason.", count)
            done %= {"count": count, "window": window}
            admin.log_change(request, window.maintenance, done)  # type: ignore[arg-type]  # any row is logged
            messages.success(request, done)
            return redirect("admin:desk_go_no_go", window.maintenance_id, window.number)
    return _page(admin, request, window, points, form, now=now)


def _give_to(rows: "QuerySet[Shortfall]", form: ReasonForManyForm, *, by: str, now: datetime) -> int:
    chosen = list(rows)
    if not chosen:
        raise ValidationError(_("Nobody is chosen who is not served in time."), code="nobody")
    return shortfalls.give_reason(chosen, reason=form.cleaned_data["reason"], by=by, now=now)


def _asked_for(window: Window, whom: str, ticked: list[str]) -> "QuerySet[Shortfall]":
    if whom == "chosen":
        return shortfalls.open_for(window).filter(customer__in=[int(key) for key in ticked if key.isascii() and key.isdigit() and len(key) <= _DIGITS])
    rows = shortfalls.unexplained(window)
    return rows.filter(cause=whom) if whom in Cause.values else rows


_DIGITS = 18
"""What fits a primary key of either database."""


def _page(
    admin: "ModelAdmin[Shortfall]", request: HttpRequest, window: Window, points: OpenPoints, form: ReasonForManyForm | None, *, now: datetime
) -> HttpResponse:
    maintenance = window.maintenance
    acting = may_act(request)
    giving = acting and window.state == WindowState.ANNOUNCED and points.short > 0
    context: dict[str, Any] = {
        "title": _("Go or no go: window %(window)s") % {"window": window},
        "opts": Maintenance._meta,
        "maintenance": maintenance,
        "heading": title_of(maintenance),
        "window": window,
        "start": ShownMoment.of(window.start, maintenance.timezone),
        "end": ShownMoment.of(window.end, maintenance.timezone),
        "until": timeuntil(window.start, now) if now < window.start else "",
        "since": timesince(window.start, now) if now >= window.start else "",
        "points": points,
        "acting": acting,
        "giving": giving,
        "form": form or (ReasonForManyForm(points=points) if giving else None),
        "ticked": request.POST.getlist(CHOSEN),
    }
    return TemplateResponse(request, "admin/desk/go_no_go.html", {**admin.admin_site.each_context(request), **context})
