"""Regions: their mailboxes are configuration."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from customers.admin.fixed import FixedRows
from customers.models import Region


@admin.register(Region)
class RegionAdmin(FixedRows[Region]):
    """The list of regions is fixed; who writes and how support is reached is not."""

    list_display = ["name_shown", "slug", "language", "timezone", "opens", "closes", "notice_days", "sender_email", "support_email"]
    list_filter = ["language"]
    search_fields = ["slug", "sender_name", "sender_email", "reply_to", "support_email"]
    readonly_fields = ["slug"]
    fieldsets = [
        (None, {"fields": ["slug", "language", "timezone", "notice_days"]}),
        (_("Office hours (Monday to Friday, without public holidays)"), {"fields": ["opens", "closes"]}),
        (_("Mailboxes"), {"fields": ["sender_name", "sender_email", "reply_to"]}),
        (_("Support"), {"fields": ["support_email", "support_phone"]}),
    ]

    @admin.display(description=_("name"), ordering="slug")
    def name_shown(self, region: Region) -> str:
        """Return the name in the planner's language."""
        return str(region)
