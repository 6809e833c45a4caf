"""Who was served with which notice, and when; what a person gave is recorded here."""

from functools import partial

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from maintenance.models import Served
from notifier.desk.admin import evidence
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import utc


@admin.register(Served)
class ServedAdmin(ReadOnlyAdmin[Served]):
    """The evidence that policy reads: what servers took over, and what persons gave and wrote down."""

    list_display = ("notice", "customer", "accepted", "hop", "detail", "document", "recorded_by", "revoked")
    list_filter = ("hop", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("notice__maintenance", "notice__incident", "customer")
    search_fields = ("notice__maintenance__reference", "notice__incident__reference", "customer__account", "detail", "document", "recorded_by")
    fields = ("notice", "customer", "accepted", "hop", "detail", "document", "recorded_by", "recorded", "revoked")

    def get_urls(self) -> list[URLPattern]:
        """Add the form that records notice given otherwise."""
        view = self.admin_site.admin_view(partial(evidence.serve, self))
        return [path("otherwise/<int:notice>/<int:customer>/", view, name="desk_serve"), *super().get_urls()]

    @admin.display(description=_("accepted at"), ordering="accepted_at")
    def accepted(self, row: Served) -> str:
        """Show the time in UTC."""
        return utc(row.accepted_at)

    @admin.display(description=_("recorded at"), ordering="recorded_at")
    def recorded(self, row: Served) -> str:
        """Show the time in UTC."""
        return utc(row.recorded_at)

    @admin.display(description=_("revoked at"), ordering="revoked_at")
    def revoked(self, row: Served) -> str:
        """Show the time in UTC."""
        return utc(row.revoked_at)
