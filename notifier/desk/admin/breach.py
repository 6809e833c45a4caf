"""Breaches: work that was started, or told late, although a customer had not been served in time; those first that still owe a reason."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from maintenance import shortfalls
from maintenance.models import Breach
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.admin.reasons import Asking, ask, may_act
from notifier.desk.shown import utc


@admin.register(Breach)
class BreachAdmin(ReadOnlyAdmin[Breach]):
    """By whom, when and why; an empty reason is still owed."""

    list_display = ("window", "customer", "recorded", "recorded_by", "why", "reason_by")
    list_filter = (("reason", admin.EmptyFieldListFilter), "window__basis", "recorded_at")
    list_select_related = ("window__maintenance", "customer")
    search_fields = ("window__maintenance__reference", "customer__account", "recorded_by", "reason")
    search_help_text = gettext_lazy("reference, account, who recorded it or reason")
    ordering = (Case(When(reason="", then=Value(0)), default=Value(1)), "-recorded_at", "customer__account")
    fields = ("window", "customer", "recorded", "recorded_by", "why", "reason_by")
    actions = ("give_reason",)

    class Media:
        css: ClassVar = {"all": ["desk/desk.css"]}

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever announces may give reasons."""
        return may_act(request)

    @admin.action(description=gettext_lazy("Give the reason"), permissions=["act"])
    def give_reason(self, request: HttpRequest, queryset: QuerySet[Breach]) -> HttpResponse | None:
        """Ask for one reason, and give it to all that owe theirs."""
        rows = list(queryset.filter(reason="").select_related("window__maintenance", "customer"))

        def give(reason: str) -> str:
            count = shortfalls.give_breach_reason(rows, reason=reason, by=request.user.get_username())
            return ngettext("%(count)d breach has its reason.", "%(count)d breaches have their reason.", count) % {"count": count}

        intro = _("Why the work began although these customers were not served in time. A breach that has a reason keeps it: it is evidence.")
        return ask(self, request, Asking(_("Give the reason"), intro, [str(row) for row in rows], give))

    @admin.display(description=gettext_lazy("recorded at"), ordering="recorded_at")
    def recorded(self, row: Breach) -> str:
        """Show the time in UTC."""
        return utc(row.recorded_at)

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, row: Breach) -> str | SafeString:
        """Show it, or that it is owed."""
        return row.reason or format_html('<span class="desk-missing">{}</span>', _("still owed"))
