"""What kind of notice each customer got, and the way to record that it was given otherwise."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from maintenance.models import NoticeCustomer
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.admin.reasons import may_act
from notifier.desk.shown import utc


@admin.register(NoticeCustomer)
class NoticeCustomerAdmin(ReadOnlyAdmin[NoticeCustomer]):
    """Customers told."""

    list_display = ("notice", "customer", "kind", "until")
    list_filter = ("kind",)
    list_select_related = ("notice__maintenance", "customer")
    search_fields = ("notice__maintenance__reference", "customer__account", "customer__name")
    fields = ("notice", "customer", "kind", "until")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Offer the form to those who may use it: a call round goes down this list."""
        return (*self.list_display, "otherwise") if may_act(request) else self.list_display

    @admin.display(description=_("served otherwise"))
    def otherwise(self, row: NoticeCustomer) -> SafeString:
        """Link to the form."""
        return format_html('<a href="{}">{}</a>', reverse("admin:desk_serve", args=[row.notice_id, row.customer_id]), _("Record…"))

    @admin.display(description=_("deadline"), ordering="deadline")
    def until(self, row: NoticeCustomer) -> str:
        """Show the time in UTC."""
        return utc(row.deadline)
