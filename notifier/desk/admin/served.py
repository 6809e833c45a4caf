"""Who was served with which notice, and when."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from maintenance.models import Served
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import utc


@admin.register(Served)
class ServedAdmin(ReadOnlyAdmin[Served]):
    """The evidence that policy reads."""

    list_display = ("notice", "customer", "accepted", "hop", "detail", "revoked")
    list_filter = ("hop", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("notice__maintenance", "customer")
    search_fields = ("notice__maintenance__reference", "customer__account", "detail")
    fields = ("notice", "customer", "accepted", "hop", "detail", "revoked")

    @admin.display(description=_("accepted at"), ordering="accepted_at")
    def accepted(self, row: Served) -> str:
        """Show the time in UTC."""
        return utc(row.accepted_at)

    @admin.display(description=_("revoked at"), ordering="revoked_at")
    def revoked(self, row: Served) -> str:
        """Show the time in UTC."""
        return utc(row.revoked_at)
