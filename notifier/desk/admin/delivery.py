"""Deliveries: one mail each, and what became of it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from notifier.delivery.models import Delivery
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import utc


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """Which mail went to whom, and why one did not."""

    list_display = ("address", "notice", "kind", "language", "timezone", "state", "attempts", "accepted", "reason")
    list_filter = ("state", "kind", "language")
    list_select_related = ("notice__maintenance",)
    search_fields = ("address", "notice__maintenance__reference", "customers__account", "reason")
    search_help_text = _("address, reference, account or reason")
    fields = (
        "notice",
        "kind",
        "address",
        "listed",
        "language",
        "timezone",
        "state",
        "reason",
        "attempts",
        "due",
        "until",
        "handed_over",
        "accepted",
        "hop",
        "hop_detail",
    )

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        """Let the pages of notices link to their mails."""
        return lookup == "notice__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]  # the stubs want a request, Django passes one

    @admin.display(description=_("accounts"))
    def listed(self, row: Delivery) -> str:
        """Show the accounts that the mail speaks of."""
        return ", ".join(row.customers.order_by("account").values_list("account", flat=True))

    @admin.display(description=_("due at"), ordering="due_at")
    def due(self, row: Delivery) -> str:
        """Show the time in UTC."""
        return utc(row.due_at)

    @admin.display(description=_("deadline"), ordering="deadline")
    def until(self, row: Delivery) -> str:
        """Show the time in UTC."""
        return utc(row.deadline)

    @admin.display(description=_("handed over at"), ordering="handed_over_at")
    def handed_over(self, row: Delivery) -> str:
        """Show the time in UTC."""
        return utc(row.handed_over_at)

    @admin.display(description=_("accepted at"), ordering="accepted_at")
    def accepted(self, row: Delivery) -> str:
        """Show the time in UTC."""
        return utc(row.accepted_at)
