"""Evidence that a person writes down: notice given by telephone, letter or at a meeting, and a customer's consent. A GET changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Customer
from maintenance import shortfalls
from maintenance.models import Maintenance, Notice, Window
from maintenance.states import SPOKEN, Hop
from notifier.desk.admin.reasons import may_act
from notifier.desk.admin.rows import moment
from notifier.desk.admin.wall_time_field import WallTimeField, written
from notifier.desk.shown import ShownMoment

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

WINDOW = "window"
"""In the address: to which window's go/no-go to return."""
_WIDE = {"class": "vTextField"}


class ServedOtherwiseForm(forms.Form):
    """How, when and to whom notice was given, and where the proof is."""

    how = forms.ChoiceField(label=gettext_lazy("how"), choices=[(hop.value, hop.label) for hop in SPOKEN], widget=forms.RadioSelect)
    at = WallTimeField(label=gettext_lazy("when"))
    to_whom = forms.CharField(label=gettext_lazy("to whom"), max_length=300, widget=forms.TextInput(attrs=_WIDE), help_text=gettext_lazy("at the customer"))
    document = forms.CharField(
        label=gettext_lazy("document"),
        max_length=300,
        widget=forms.TextInput(attrs=_WIDE),
        help_text=gettext_lazy("where the proof is kept: a ticket, a call record, a letter's number"),
    )


class ConsentForm(forms.Form):
    """When, by whom and where the customer agreed."""

    given_at = WallTimeField(label=gettext_lazy("given at"))
    given_by = forms.CharField(
        label=gettext_lazy("given by"), max_length=200, widget=forms.TextInput(attrs=_WIDE), help_text=gettext_lazy("who at the customer")
    )
    document = forms.CharField(
        label=gettext_lazy("document"), max_length=300, widget=forms.TextInput(attrs=_WIDE), help_text=gettext_lazy("where the writing is kept")
    )


@dataclass(frozen=True)
class Recording:
    """One page: of which customer and work, what is asked, what is written down; the field ``when`` is wall time of ``zone``."""

    title: str
    intro: str
    button: str
    customer: Customer
    maintenance: Maintenance | None
    zone: ZoneInfo
    facts: tuple[tuple[str, str], ...]
    form: forms.Form
    when: str
    write: Callable[[dict[str, Any], datetime], Model]
    done: str


def serve(admin: "ModelAdmin[Any]", request: HttpRequest, notice: int, customer: int) -> HttpResponse:
    """Record that a person gave a notice to a customer."""
    now = _now_if_allowed(request)
    told = get_object_or_404(Notice.objects.select_related("maintenance", "incident"), pk=notice)
    whom = get_object_or_404(Customer, pk=customer)
    zone = told.maintenance.timezone if told.maintenance else ZoneInfo("UTC")

    def write(entered: dict[str, Any], now: datetime) -> Model:
        how = Hop(entered.pop("how"))
        return shortfalls.serve_otherwise(told, whom, how=how, by=request.user.get_username(), now=now, **entered)

    recording = Recording(
        title=_("Record notice given to %(account)s otherwise") % {"account": whom.account},
        intro=_("It counts from the moment at which it was given, like any acceptance; your name stands with it for good."),
        button=_("Record the notice"),
        customer=whom,
        maintenance=told.maintenance,
        zone=zone,
        facts=((_("notice"), str(told)), (_("issued at"), str(ShownMoment.of(told.issued_at, zone)))),
        form=ServedOtherwiseForm(request.POST or None, initial={"at": _today(now, zone)}, use_required_attribute=False),
        when="at",
        write=write,
        done=_("It is recorded that notice was given to %(account)s.") % {"account": whom.account},
    )
    return _answer(admin, request, recording, _number(request), now=now)


def consent(admin: "ModelAdmin[Any]", request: HttpRequest, pk: int, number: int, customer: int) -> HttpResponse:
    """Record that a customer agreed in writing to a window with less notice."""
    now = _now_if_allowed(request)
    window = get_object_or_404(Window, maintenance=get_object_or_404(Maintenance, pk=pk), number=number)
    whom = get_object_or_404(Customer, pk=customer)
    zone = window.maintenance.timezone

    def write(entered: dict[str, Any], now: datetime) -> Model:
        return shortfalls.consent(window, whom, by=request.user.get_username(), now=now, **entered)

    recording = Recording(
        title=_("Record the consent of %(account)s") % {"account": whom.account},
        intro=_(
            "The customer itself has agreed in writing to these times with less notice. The work is then no breach for it, and is never called "
            "“in time”. Times outside these need consent of their own."
        ),
        button=_("Record the consent"),
        customer=whom,
        maintenance=window.maintenance,
        zone=zone,
        facts=(
            (_("window"), str(window)),
            (_("start"), str(ShownMoment.of(window.start, zone))),
            (_("end"), str(ShownMoment.of(window.end, zone))),
        ),
        form=ConsentForm(request.POST or None, initial={"given_at": _today(now, zone)}, use_required_attribute=False),
        when="given_at",
        write=write,
        done=_("The consent of %(account)s is recorded.") % {"account": whom.account},
    )
    return _answer(admin, request, recording, number, now=now)


def _now_if_allowed(request: HttpRequest) -> datetime:
    if not may_act(request):
        raise PermissionDenied
    return timezone.now()


def _answer(admin: "ModelAdmin[Any]", request: HttpRequest, recording: Recording, window: int | None, *, now: datetime) -> HttpResponse:
    """Write it down, or ask."""
    form = recording.form
    at = moment(form, recording.when, recording.zone) if form.is_valid() else None
    if at is not None:
        try:
            row = recording.write({**form.cleaned_data, recording.when: at}, now)
        except ValidationError as error:
            _refuse(form, error)
        else:
            admin.log_addition(request, row, recording.done)
            messages.success(request, recording.done)
            return _back(recording, window)
    context: dict[str, Any] = {
        "title": recording.title,
        "opts": Maintenance._meta,
        "maintenance": recording.maintenance,
        "recording": recording,
        "form": form,
        "back": _back(recording, window)["Location"],
    }
    return TemplateResponse(request, "admin/desk/evidence.html", {**admin.admin_site.each_context(request), **context})


def _refuse(form: forms.Form, error: ValidationError) -> None:
    """Show the refusal at the fields that it names."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    for name, lines in by_field.items():
        form.add_error(name if name in form.fields else None, lines)


def _back(recording: Recording, window: int | None) -> HttpResponse:
    """Return to the window's go/no-go, to the maintenance, or to the list of what is served."""
    if recording.maintenance is None:
        return redirect("admin:maintenance_served_changelist")
    if window is None:
        return redirect("admin:maintenance_maintenance_change", recording.maintenance.pk)
    return redirect("admin:desk_go_no_go", recording.maintenance.pk, window)


def _number(request: HttpRequest) -> int | None:
    text = request.GET.get(WINDOW, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("65535") else None


def _today(now: datetime, zone: ZoneInfo) -> str:
    """Return the day, without a time of day: that is to be typed, since a wrong one would be false evidence."""
    return written(now, zone).partition("T")[0]
