"""What kind of notice each customer got."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from maintenance.models import NoticeCustomer
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import utc


@admin.register(NoticeCustomer)
class NoticeCustomerAdmin(ReadOnlyAdmin[NoticeCustomer]):
    """Customers told."""

    list_display = ("notice", "customer", "kind", "until")
    list_filter = ("kind",)
    list_select_related = ("notice__maintenance", "customer")
    search_fields = ("notice__maintenance__reference", "customer__account", "customer__name")
    fields = ("notice", "customer", "kind", "until")

    @admin.display(description=_("deadline"), ordering="deadline")
    def until(self, row: NoticeCustomer) -> str:
        """Show the time in UTC."""
        return utc(row.deadline)
