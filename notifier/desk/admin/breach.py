"""Breaches: work that was started although a customer had not been served in time."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from maintenance.models import Breach
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import utc


@admin.register(Breach)
class BreachAdmin(ReadOnlyAdmin[Breach]):
    """By whom, when and why."""

    list_display = ("window", "customer", "recorded", "recorded_by", "reason")
    list_filter = ("recorded_at",)
    list_select_related = ("window__maintenance", "customer")
    search_fields = ("window__maintenance__reference", "customer__account", "recorded_by", "reason")
    fields = ("window", "customer", "recorded", "recorded_by", "reason")

    @admin.display(description=_("recorded at"), ordering="recorded_at")
    def recorded(self, row: Breach) -> str:
        """Show the time in UTC."""
        return utc(row.recorded_at)
