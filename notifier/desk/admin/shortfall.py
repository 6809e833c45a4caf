"""Shortfalls: customers that are not served in time for a window; open ones first, reasons for many at once, the way to the go/no-go."""

from functools import partial
from typing import ClassVar

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from maintenance import shortfalls
from maintenance.models import Maintenance, Shortfall
from notifier.desk.admin import go_no_go
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.admin.reasons import Asking, ask, may_act
from notifier.desk.shown import utc


class OfMaintenance(admin.SimpleListFilter):
    """One piece of work; offered are those of which something is open."""

    title = gettext_lazy("maintenance")
    parameter_name = "maintenance"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, str]]:
        """Offer them by reference."""
        concerned = Shortfall.objects.filter(cleared_at__isnull=True).values("window__maintenance")
        return [(str(pk), reference) for pk, reference in Maintenance.objects.filter(pk__in=concerned).order_by("reference").values_list("pk", "reference")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Shortfall]) -> QuerySet[Shortfall]:
        """Keep those of the one chosen."""
        chosen = self.value() or ""
        concerned = Maintenance.objects.filter(pk=int(chosen)) if chosen.isascii() and chosen.isdigit() else None
        return queryset if concerned is None else queryset.filter(window__maintenance__in=concerned)


@admin.register(Shortfall)
class ShortfallAdmin(ReadOnlyAdmin[Shortfall]):
    """Why, since when, and what is to be done about it; those that were cleared stay."""

    list_display = ("window", "customer", "cause", "decision", "reason", "reason_by", "found", "cleared")
    list_filter = (("cleared_at", admin.EmptyFieldListFilter), "cause", ("reason", admin.EmptyFieldListFilter), "window__state", OfMaintenance)
    list_select_related = ("window__maintenance", "customer")
    search_fields = ("window__maintenance__reference", "customer__account", "customer__name", "reason")
    search_help_text = gettext_lazy("reference, account, customer or reason")
    ordering = (F("cleared_at").desc(nulls_first=True), "window__start", "customer__account")
    fields = ("window", "customer", "cause", "found", "cleared", "reason", "reason_by", "reasoned", "decision")
    actions = ("give_reason",)

    class Media:
        css: ClassVar = {"all": ["desk/desk.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the go/no-go of a window."""
        view = self.admin_site.admin_view(partial(go_no_go.show, self))
        return [path("go-no-go/<int:pk>/<int:number>/", view, name="desk_go_no_go"), *super().get_urls()]

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever announces may give reasons."""
        return may_act(request)

    @admin.action(description=gettext_lazy("Give a reason"), permissions=["act"])
    def give_reason(self, request: HttpRequest, queryset: QuerySet[Shortfall]) -> HttpResponse | None:
        """Ask for one reason, and give it to all that are open."""
        rows = list(queryset.filter(cleared_at__isnull=True).select_related("window__maintenance", "customer"))

        def give(reason: str) -> str:
            count = shortfalls.give_reason(rows, reason=reason, by=request.user.get_username(), now=timezone.now())
            return ngettext("%(count)d shortfall has its reason.", "%(count)d shortfalls have their reason.", count) % {"count": count}

        intro = _("Why the work goes on all the same. When it starts, this becomes the reason of the breach. Shortfalls that are cleared need none.")
        return ask(self, request, Asking(_("Give a reason"), intro, [str(row) for row in rows], give))

    @admin.display(description=gettext_lazy("found at"), ordering="found_at")
    def found(self, row: Shortfall) -> str:
        """Show the time in UTC."""
        return utc(row.found_at)

    @admin.display(description=gettext_lazy("cleared at"), ordering="cleared_at")
    def cleared(self, row: Shortfall) -> str:
        """Show the time in UTC."""
        return utc(row.cleared_at)

    @admin.display(description=gettext_lazy("reason at"), ordering="reason_at")
    def reasoned(self, row: Shortfall) -> str:
        """Show the time in UTC."""
        return utc(row.reason_at)

    @admin.display(description=gettext_lazy("decision"))
    def decision(self, row: Shortfall) -> SafeString:
        """Link to all that is open of the same window."""
        return format_html('<a href="{}">{}</a>', reverse("admin:desk_go_no_go", args=[row.window.maintenance_id, row.window.number]), _("Go or no go"))
