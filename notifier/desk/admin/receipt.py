"""Receipts: what ESPs and mail servers said of our mails afterwards, and what it did."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from notifier.delivery.models import StoredReceipt
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import utc


@admin.register(StoredReceipt)
class StoredReceiptAdmin(ReadOnlyAdmin[StoredReceipt]):
    """One row an event, as it came."""

    list_display = ("what", "address", "happened", "source", "effect", "reason")
    list_filter = ("what", "effect", "source", "received_at")
    search_fields = ("address", "delivery_name", "reason")
    search_help_text = _("address, delivery's name or reason")
    fields = ("what", "address", "delivery", "delivery_name", "happened", "received", "source", "event_id", "reason", "bad_address", "effect", "dealt_with")

    @admin.display(description=_("happened at"), ordering="at")
    def happened(self, row: StoredReceipt) -> str:
        """Show the time in UTC."""
        return utc(row.at)

    @admin.display(description=_("received at"), ordering="received_at")
    def received(self, row: StoredReceipt) -> str:
        """Show the time in UTC."""
        return utc(row.received_at)

    @admin.display(description=_("dealt with at"), ordering="applied_at")
    def dealt_with(self, row: StoredReceipt) -> str:
        """Show the time in UTC."""
        return utc(row.applied_at)
