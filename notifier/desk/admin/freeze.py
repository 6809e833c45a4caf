"""Freezes: times in which no work is to be done, and what planners said when they went on all the same."""

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneFormField

from maintenance import walltime
from maintenance.models import Acknowledgement, Freeze
from maintenance.obstacles import freeze_of
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.admin.wall_time_field import WallTimeField, written
from notifier.desk.shown import utc

if TYPE_CHECKING:  # the stubs' classes take types, Django's own do not
    FreezeModelAdmin = admin.ModelAdmin[Freeze]
    FreezeModelForm = forms.ModelForm[Freeze]
else:
    FreezeModelAdmin = admin.ModelAdmin
    FreezeModelForm = forms.ModelForm


class FreezeForm(FreezeModelForm):
    """Takes start and end as wall times of a zone that is chosen beside them; what is stored is UTC."""

    timezone = TimeZoneFormField(label=capfirst(_("time zone")), initial="UTC", help_text=_("of the times below; they are kept in UTC"))
    start = WallTimeField(label=capfirst(_("start")))
    end = WallTimeField(label=capfirst(_("end")))

    class Meta:
        model = Freeze
        fields = ["name", "start", "end", "region", "component", "customer", "asked_for_by"]

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # whatever ModelForm takes
        """Show what is stored in UTC."""
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial.update({name: written(getattr(self.instance, name), ZoneInfo("UTC")) for name in ("start", "end")})

    def clean(self) -> dict[str, Any]:
        """Turn the wall times into moments; where one does not exist or exists twice, its field says so."""
        super().clean()
        zone = self.cleaned_data.get("timezone")
        for name in ("start", "end"):
            typed = self.cleaned_data.pop(name, None)
            if typed and zone:
                try:
                    self.cleaned_data[name] = walltime.parse(typed, ZoneInfo(str(zone)))
                except ValidationError as error:
                    self.add_error(name, error)
        return self.cleaned_data


class When(admin.SimpleListFilter):
    """Freezes that are over, and the others."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, str]]:
        """Offer both."""
        return [("ahead", _("now or to come")), ("over", _("over"))]  # type: ignore[list-item]  # lazy text, translated when shown

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Freeze]) -> QuerySet[Freeze]:
        """Keep those chosen."""
        ahead = Q(end__gt=timezone.now())
        return {"ahead": queryset.filter(ahead), "over": queryset.exclude(ahead)}.get(self.value() or "", queryset)


@admin.register(Freeze)
class FreezeAdmin(FreezeModelAdmin):
    """Of everything, or of one region, component or customer."""

    form = FreezeForm
    list_display = ("name", "of", "starts", "ends", "asked_for_by")
    list_filter = (When, "region")
    list_select_related = ("region", "component", "customer")
    search_fields = ("name", "asked_for_by", "customer__account", "customer__name", "component__slug", "region__slug")
    search_help_text = _("name, who asked for it, customer, component or region")
    autocomplete_fields = ("component", "customer")
    fieldsets = (
        (None, {"fields": ("name", "timezone", "start", "end")}),
        (_("Of everything, or of one of these"), {"fields": ("region", "component", "customer")}),
        (None, {"fields": ("asked_for_by",)}),
    )
    show_full_result_count = False
    change_form_template = "admin/desk/freeze.html"

    class Media:
        css = {"all": ["desk/desk.css"]}

    @admin.display(description=_("of"))
    def of(self, row: Freeze) -> str:
        """Show what it is of."""
        return freeze_of(row)

    @admin.display(description=_("start"), ordering="start")
    def starts(self, row: Freeze) -> str:
        """Show the time in UTC."""
        return utc(row.start)

    @admin.display(description=_("end"), ordering="end")
    def ends(self, row: Freeze) -> str:
        """Show the time in UTC."""
        return utc(row.end)


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnlyAdmin[Acknowledgement]):
    """What was known, by whom, and why the work went on."""

    list_display = ("maintenance", "obstacle", "what", "reason", "recorded", "recorded_by")
    list_filter = ("obstacle", "recorded_at")
    list_select_related = ("maintenance",)
    search_fields = ("maintenance__reference", "what", "reason", "recorded_by")
    fields = ("maintenance", "obstacle", "what", "reason", "recorded", "recorded_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Acknowledgement]:
        """Return the newest first."""
        return super().get_queryset(request).order_by("-pk")

    @admin.display(description=_("recorded at"), ordering="recorded_at")
    def recorded(self, row: Acknowledgement) -> str:
        """Show the time in UTC."""
        return utc(row.recorded_at)
