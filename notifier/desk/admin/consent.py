"""Consents: customers who agreed in writing to shorter notice."""

from functools import partial

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from maintenance.models import Consent
from notifier.desk.admin import evidence
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import utc


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin[Consent]):
    """To what, by whom, and where the writing is."""

    list_display = ("window", "customer", "given", "given_by", "document", "recorded", "recorded_by")
    list_filter = ("given_at",)
    list_select_related = ("window__maintenance", "customer")
    search_fields = ("window__maintenance__reference", "customer__account", "given_by", "document", "recorded_by")
    fields = ("window", "customer", "from_start", "to_end", "impact", "minutes", "given", "given_by", "document", "recorded", "recorded_by")

    def get_urls(self) -> list[URLPattern]:
        """Add the form that records one."""
        view = self.admin_site.admin_view(partial(evidence.consent, self))
        return [path("to/<int:pk>/<int:number>/<int:customer>/", view, name="desk_consent"), *super().get_urls()]

    @admin.display(description=_("start agreed to"))
    def from_start(self, row: Consent) -> str:
        """Show the time in UTC."""
        return utc(row.start)

    @admin.display(description=_("end agreed to"))
    def to_end(self, row: Consent) -> str:
        """Show the time in UTC."""
        return utc(row.end)

    @admin.display(description=_("given at"), ordering="given_at")
    def given(self, row: Consent) -> str:
        """Show the time in UTC."""
        return utc(row.given_at)

    @admin.display(description=_("recorded at"), ordering="recorded_at")
    def recorded(self, row: Consent) -> str:
        """Show the time in UTC."""
        return utc(row.recorded_at)
