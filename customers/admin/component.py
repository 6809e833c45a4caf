"""The component catalogue, to be read."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.admin.fixed import FixedRows
from customers.catalogue import COMPONENTS
from customers.models import Component


@admin.register(Component)
class ComponentAdmin(FixedRows[Component]):
    """Found by slug and by name; names stand in the program, not in the database."""

    list_display = ["slug", "name_shown", "mno", "provider"]
    list_filter = ["mno", "provider"]
    search_fields = ["slug"]

    @admin.display(description=_("name"))
    def name_shown(self, component: Component) -> str:
        """Return the name in the planner's language."""
        return component.name

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Component], search_term: str) -> tuple[QuerySet[Component], bool]:
        """Return what slug or name contains."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        named = [slug for slug, name in COMPONENTS.items() if search_term and search_term.casefold() in str(name).casefold()]
        return found | queryset.filter(slug__in=named), duplicates

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  # Django's signature
        """Refuse: the catalogue is fixed."""
        return False
