"""Support tiers: what each holds is configuration."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from customers.admin.fixed import FixedRows
from customers.models import Tier


@admin.register(Tier)
class TierAdmin(FixedRows[Tier]):
    """The three tiers are fixed, their hours and reports are not."""

    list_display = ["name_shown", "slug", "opens", "closes", "around_the_clock", "service_review", "root_cause_report", "adviser"]
    list_filter = ["around_the_clock", "service_review", "root_cause_report", "adviser"]
    search_fields = ["slug"]
    readonly_fields = ["slug"]
    fieldsets = [
        (None, {"fields": ["slug"]}),
        (_("Support"), {"fields": ["opens", "closes", "around_the_clock", "adviser"]}),
        (_("Reports"), {"fields": ["service_review", "root_cause_report"]}),
    ]

    @admin.display(description=_("name"), ordering="id")
    def name_shown(self, tier: Tier) -> str:
        """Return the name in the planner's language."""
        return str(tier)
