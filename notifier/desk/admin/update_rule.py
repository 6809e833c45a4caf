"""What a tier hears of besides the notices: a line for each tier and impact, changed in the list."""

from django.contrib import admin

from customers.admin.fixed import FixedRows
from maintenance.models import UpdateRule


@admin.register(UpdateRule)
class UpdateRuleAdmin(FixedRows[UpdateRule]):
    """Every tier and impact has its line; none is added or deleted."""

    list_display = ("tier", "impact", "reminder_hours", "progress")
    list_display_links = None
    list_editable = ("reminder_hours", "progress")
    list_filter = ("tier",)
    list_select_related = ("tier",)
    ordering = ("tier_id", "pk")
    fields = ("tier", "impact", "reminder_hours", "progress")
    readonly_fields = ("tier", "impact")
    actions = None
