"""Customers, with their services and those who are told for them."""

from django.contrib import admin
from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.aggregates import Count
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.admin.chosen import ChosenInline
from customers.admin.kept import KeptWhereReferredTo
from customers.admin.last_contact import KeepsOneContact
from customers.admin.service_form import ServiceForm
from customers.models import ContactRole, Customer, Service


class ServiceInline(ChosenInline):
    """The services held."""

    model = Service
    form = ServiceForm
    autocomplete_fields = ["component", "operator"]
    fields = ["object_id", "component", "domain", "operator", "sims", "backup", "held_since"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        """Load the backups, whose object ids are shown, with the rows."""
        rows: QuerySet[Service] = super().get_queryset(request).select_related("backup")
        return rows


class ContactOfCustomerInline(ChosenInline):
    """Who is told for the customer, and as what."""

    model = ContactRole
    formset = KeepsOneContact
    verbose_name, verbose_name_plural = _("contact"), _("contacts")
    autocomplete_fields = ["contact"]
    fields = ["contact", "role"]


class HasContact(admin.SimpleListFilter):
    """Customers whom no notice reaches, and the others."""

    title = _("has a contact")
    parameter_name = "has_contact"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, str]]:
        """Offer yes and no."""
        return [("yes", _("Yes")), ("no", _("No"))]  # type: ignore[list-item]  # lazy text, translated when shown

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        """Keep those chosen."""
        roles = Exists(ContactRole.objects.filter(customer=OuterRef("pk")))
        return {"yes": queryset.filter(roles), "no": queryset.filter(~roles)}.get(self.value() or "", queryset)


@admin.register(Customer)
class CustomerAdmin(KeptWhereReferredTo[Customer]):
    """Found by account, name, object id and by those who are told."""

    list_display = ["account", "name", "region", "tier", "language", "timezone", "sim_base", "notice_days", "services_held", "contacts_told"]
    list_filter = ["region", "tier", "language", HasContact, ("timezone", admin.AllValuesFieldListFilter)]
    list_select_related = ["region", "tier"]
    search_fields = ["account", "name", "held__object_id", "roles__contact__email", "roles__contact__name"]
    search_help_text = _("account, name, object id, or a contact's name or address")
    inlines = [ServiceInline, ContactOfCustomerInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """Count services and contacts in the same query."""
        return Customer.objects.annotate(held_count=_count(Service), told_count=_count(ContactRole)).order_by(*self.get_ordering(request) or ["account"])

    @admin.display(description=_("services"), ordering="held_count")
    def services_held(self, customer: Customer) -> int:
        """Return how many there are."""
        number: int = customer.held_count  # type: ignore[attr-defined]  # annotated
        return number

    @admin.display(description=_("contacts"), ordering="told_count")
    def contacts_told(self, customer: Customer) -> int:
        """Return how many there are."""
        number: int = customer.told_count  # type: ignore[attr-defined]  # annotated
        return number


def _count(model: type[Service | ContactRole]) -> Coalesce:
    rows = model._default_manager.filter(customer=OuterRef("pk")).order_by().values("customer")
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0)
