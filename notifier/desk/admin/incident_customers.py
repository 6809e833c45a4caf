"""The rows of an incident's page that say how many SIMs of which customer are affected."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from maintenance.models import Incident, IncidentCustomer

if TYPE_CHECKING:  # the stubs' classes take types, Django's own do not
    CustomerInline = admin.TabularInline[IncidentCustomer, Incident]
    RowForm = forms.ModelForm[IncidentCustomer]
else:
    CustomerInline = admin.TabularInline
    RowForm = forms.ModelForm


class KnownSelect(AutocompleteSelect):
    """The stored choice is shown without asking for it again: the page makes as many queries for a hundred customers as for one."""

    known: Customer | None = None

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  # Django's own types differ between versions
        """Return the one option where it is the stored one."""
        if self.known is None or list(value) != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        option = self.create_option(name, self.known.pk, str(self.known), selected=True, index=0)
        return [(None, [option], 0)]


class AffectedForm(RowForm):
    """Hands the stored customer to its widget."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # what ModelForm takes
        """Take what ModelForm takes."""
        super().__init__(*args, **options)
        select = getattr(self.fields["customer"].widget, "widget", None) if "customer" in self.fields else None
        if isinstance(select, KnownSelect) and self.instance.pk:
            select.known = self.instance.customer


class AffectedInline(CustomerInline):
    """How many SIMs of which customer are affected."""

    model = IncidentCustomer
    form = AffectedForm
    extra = 1
    autocomplete_fields = ("customer",)
    fields = ("customer", "sims", "base")
    readonly_fields = ("base",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[IncidentCustomer]:
        """Bring the customers in the same query."""
        return super().get_queryset(request).select_related("customer")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:  # noqa: ANN401  # Django's own signature
        """Let the customer be searched for, and shown without a query."""
        if db_field.name == "customer":
            options["widget"] = KnownSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:  # noqa: ANN401  # Django's own signature
        """Leave out the signs for changing and deleting the customer itself."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name == "customer" and field is not None:
            for sign in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, sign, False)
        return field

    @admin.display(description=_("SIM base"))
    def base(self, row: IncidentCustomer) -> str:
        """Show how many SIMs the customer has: no more can be affected."""
        return str(row.customer.sim_base) if row.customer_id else "–"
