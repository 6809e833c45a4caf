"""Incidents: entered by people, with a priority that is computed, and that only a person with the right sets otherwise."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maintenance import incidents
from maintenance.emergencies import resting_on
from maintenance.models import Incident, IncidentJudgement, RootCauseReport
from notifier.desk.admin import incident_verbs
from notifier.desk.admin.incident_customers import AffectedInline
from notifier.desk.admin.incident_verbs import PERMISSION, computed_beside
from notifier.desk.shown import utc

if TYPE_CHECKING:  # the stubs' class takes types, Django's own does not
    IncidentModelAdmin = admin.ModelAdmin[Incident]
else:
    IncidentModelAdmin = admin.ModelAdmin


@admin.register(Incident)
class IncidentAdmin(IncidentModelAdmin):
    """Open, change, judge, close; nothing is deleted."""

    list_display = ("reference", "title", "counts", "domain", "operator", "sims", "opened", "closed")
    list_filter = ("priority", "domain", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("operator",)
    search_fields = ("reference", "title")
    fields = (
        "reference",
        "title",
        "domain",
        "operator",
        "sims",
        "private_apn",
        "customer_view",
        "decided",
        "opened",
        "identified",
        "until",
        "refuted",
        "closed",
    )
    readonly_fields = ("decided", "opened", "identified", "until", "refuted", "closed")
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
        """Add the verbs."""
        verbs = {
            "close_incident": ("close", incident_verbs.close),
            "override": ("override", incident_verbs.override),
            "take_back": ("take-back", incident_verbs.take_back),
            "refute": ("refute", incident_verbs.refute),
        }
        wrap = self.admin_site.admin_view
        own = [path(f"<int:pk>/{address}/", wrap(partial(view, self)), name=f"desk_{name}") for name, (address, view) in verbs.items()]
        return [*own, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Add decisions, what rests on it, and its report."""
        found = Incident.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        about = _about(found) if found else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **about, "may_judge": request.user.has_perm(PERMISSION)})

    def save_model(self, request: HttpRequest, obj: Incident, form: forms.ModelForm[Incident], change: bool) -> None:  # noqa: ARG002, FBT001  # Django's own signature
        """Store a new one, so that its customers can point to it; a changed one waits for them, or it would be judged by the old ones."""
        if not change:
            incidents.assess(obj, now=timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ANN401, FBT001  # Django's own signature
        """Compute the priority from everything that was entered."""
        super().save_related(request, form, formsets, change)
        incidents.assess(form.instance, now=timezone.now())

    @admin.display(description=gettext_lazy("priority"), ordering="priority")
    def counts(self, row: Incident) -> str:
        """Show what counts, with the computed priority where it is another."""
        return computed_beside(row)

    @admin.display(description=gettext_lazy("priority"))
    def decided(self, row: Incident) -> str:
        """Show what counts, and who decided so and why where a person did."""
        if row._state.adding:  # noqa: SLF001  # Django's documented model API
            return _("computed from what is entered")
        if not row.override_reason:
            return computed_beside(row)
        return _("%(priority)s, set by %(by)s: %(reason)s") % {"priority": computed_beside(row), "by": row.override_by, "reason": row.override_reason}

    @admin.display(description=gettext_lazy("opened at"), ordering="opened_at")
    def opened(self, row: Incident) -> str:
        """Show the time in UTC."""
        return utc(row.opened_at)

    @admin.display(description=gettext_lazy("identified as P1 at"), ordering="p1_identified_at")
    def identified(self, row: Incident) -> str:
        """Show the time in UTC."""
        return utc(row.p1_identified_at)

    @admin.display(description=gettext_lazy("was a P1 until"), ordering="p1_until")
    def until(self, row: Incident) -> str:
        """Show the time in UTC: when it was lowered or closed."""
        return utc(row.p1_until)

    @admin.display(description=gettext_lazy("found never to have been a P1"))
    def refuted(self, row: Incident) -> str:
        """Show when, by whom and why."""
        if row.refuted_at is None:
            return "–"
        return _("%(moment)s, by %(by)s: %(reason)s") % {"moment": utc(row.refuted_at), "by": row.refuted_by, "reason": row.refuted_reason}

    @admin.display(description=gettext_lazy("closed at"), ordering="closed_at")
    def closed(self, row: Incident) -> str:
        """Show the time in UTC."""
        return utc(row.closed_at)


def _about(incident: Incident) -> dict[str, Any]:
    decisions = IncidentJudgement.objects.filter(incident=incident)
    return {
        "incident": incident,
        "decisions": [(row, utc(row.made_at)) for row in decisions],
        "resting": list(resting_on(incident)),
        "report": RootCauseReport.objects.filter(incident=incident).first(),
        "may_refute": incident.p1_identified_at is not None and incident.refuted_at is None,
    }
