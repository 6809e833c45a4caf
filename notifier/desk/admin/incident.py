"""Incidents: entered by people, with a priority that is computed."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maintenance import incidents
from maintenance.models import Incident, IncidentCustomer
from notifier.desk.shown import utc

if TYPE_CHECKING:  # the stubs' classes take types, Django's own do not
    IncidentModelAdmin = admin.ModelAdmin[Incident]
    CustomerInline = admin.TabularInline[IncidentCustomer, Incident]
else:
    IncidentModelAdmin = admin.ModelAdmin
    CustomerInline = admin.TabularInline


class AffectedInline(CustomerInline):
    """How many SIMs of which customer are affected."""

    model = IncidentCustomer
    extra = 1
    autocomplete_fields = ("customer",)


@admin.register(Incident)
class IncidentAdmin(IncidentModelAdmin):
    """Open, change, close; nothing is deleted."""

    list_display = ("reference", "title", "priority", "domain", "operator", "sims", "opened", "closed")
    list_filter = ("priority", "domain", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("operator",)
    search_fields = ("reference", "title")
    fields = ("reference", "title", "domain", "operator", "sims", "private_apn", "priority", "opened", "identified", "closed")
    readonly_fields = ("priority", "opened", "identified", "closed")
    inlines = (AffectedInline,)
    change_form_template = "admin/desk/incident.html"
    actions = None
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Incident | None = None) -> bool:  # noqa: ARG002  # Django's own signature
        """Nobody: it may justify an emergency, and stays as evidence."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        """Return the newest first."""
        return super().get_queryset(request).order_by("-opened_at", "-pk")

    def get_urls(self) -> list[URLPattern]:
        """Add closing."""
        return [path("<int:pk>/close/", self.admin_site.admin_view(self.close), name="desk_close_incident"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Incident, form: forms.ModelForm[Incident], change: bool) -> None:  # noqa: ARG002, FBT001  # Django's own signature
        """Store a new one, so that its customers can point to it; a changed one waits for them, or it would be judged by the old ones."""
        if not change:
            incidents.assess(obj, now=timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ANN401, FBT001  # Django's own signature
        """Compute the priority from everything that was entered."""
        super().save_related(request, form, formsets, change)
        incidents.assess(form.instance, now=timezone.now())

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close it; nothing happens by GET."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        incident = get_object_or_404(Incident, pk=pk)
        if not self.has_change_permission(request, incident):
            raise PermissionDenied
        try:
            incidents.close_incident(incident, now=timezone.now())
        except ValidationError as error:
            messages.error(request, "\n".join(error.messages))
        else:
            self.log_change(request, incident, _("Closed."))
            messages.success(request, _("Incident %(reference)s is closed.") % {"reference": incident.reference})
        return redirect("admin:maintenance_incident_change", incident.pk)

    @admin.display(description=gettext_lazy("opened at"), ordering="opened_at")
    def opened(self, row: Incident) -> str:
        """Show the time in UTC."""
        return utc(row.opened_at)

    @admin.display(description=gettext_lazy("identified as P1 at"), ordering="p1_identified_at")
    def identified(self, row: Incident) -> str:
        """Show the time in UTC."""
        return utc(row.p1_identified_at)

    @admin.display(description=gettext_lazy("closed at"), ordering="closed_at")
    def closed(self, row: Incident) -> str:
        """Show the time in UTC."""
        return utc(row.closed_at)
