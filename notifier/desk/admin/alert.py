"""Alerts: what planners were told by mail, and what still waits to be sent."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from notifier.delivery.models import Alert
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import utc


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin[Alert]):
    """One row a mail; the problem is why it has not gone out so far."""

    list_display = ("kind", "reference", "made", "sent", "attempts", "problem")
    list_filter = ("kind", ("sent_at", admin.EmptyFieldListFilter), "made_at")
    search_fields = ("key", "facts", "problem")
    fields = ("kind", "reference", "key", "facts", "made", "due", "sent", "attempts", "problem")

    @admin.display(description=_("reference"))
    def reference(self, row: Alert) -> str:
        """Show which maintenance or incident it is about."""
        return str(row.facts.get("reference", ""))

    @admin.display(description=_("made at"), ordering="made_at")
    def made(self, row: Alert) -> str:
        """Show the time in UTC."""
        return utc(row.made_at)

    @admin.display(description=_("due at"), ordering="due_at")
    def due(self, row: Alert) -> str:
        """Show the time in UTC."""
        return utc(row.due_at)

    @admin.display(description=_("sent at"), ordering="sent_at")
    def sent(self, row: Alert) -> str:
        """Show the time in UTC."""
        return utc(row.sent_at)
