"""Contacts: the people who are told."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from customers.admin.chosen import ChosenInline
from customers.admin.kept import KeptWhereReferredTo
from customers.admin.last_contact import KeepsOneContact, only_contacts_of
from customers.models import Contact, ContactRole

if TYPE_CHECKING:
    _Form = forms.ModelForm[Contact]
else:
    _Form = forms.ModelForm


class ContactForm(_Form):
    """Takes an address as people write it."""

    class Meta:
        model = Contact
        fields = ["email", "name", "language", "timezone", "reminders", "progress"]

    def clean_email(self) -> str:
        """Return the address in lower case, which is how a person is known."""
        address: str = self.cleaned_data["email"]
        return address.lower()


class CustomerOfContactInline(ChosenInline):
    """Which customers the contact serves, and as what."""

    model = ContactRole
    formset = KeepsOneContact
    verbose_name, verbose_name_plural = _("customer"), _("customers")
    autocomplete_fields = ["customer"]
    fields = ["customer", "role"]


@admin.register(Contact)
class ContactAdmin(KeptWhereReferredTo[Contact]):
    """Found by address, name and account."""

    form = ContactForm
    list_display = ["email", "name", "language_shown", "timezone_shown", "reminders", "progress", "accounts"]
    list_filter = ["reminders", "progress", "roles__role", ("language", admin.AllValuesFieldListFilter), "roles__customer__region"]
    search_fields = ["email", "name", "roles__customer__account", "roles__customer__name"]
    search_help_text = _("address, name, or a customer's account or name")
    inlines = [CustomerOfContactInline]
    list_per_page = 50

    def get_deleted_objects(self, objs: Any, request: Any) -> Any:  # noqa: ANN401  # Django's own
        """Keep whoever is the last that a customer has."""
        alone = only_contacts_of(objs)
        return ([], {}, set(), alone) if alone else super().get_deleted_objects(objs, request)

    def get_queryset(self, request: Any) -> Any:  # noqa: ANN401  # Django's own
        """Load the accounts of all rows in one query more."""
        return super().get_queryset(request).prefetch_related("roles__customer")

    @admin.display(description=_("language"), ordering="language")
    def language_shown(self, contact: Contact) -> str:
        """Return the language's name, or whose it is."""
        return contact.get_language_display() if contact.language else str(_("the customer's"))

    @admin.display(description=_("time zone"), ordering="timezone")
    def timezone_shown(self, contact: Contact) -> str:
        """Return the zone, or whose it is."""
        return str(contact.timezone or _("the customer's"))

    @admin.display(description=_("accounts"))
    def accounts(self, contact: Contact) -> str:
        """Return the accounts served."""
        return ", ".join(role.customer.account for role in contact.roles.all())
