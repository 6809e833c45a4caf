"""Contacts: the people who are told."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.admin.chosen import ChosenInline
from customers.admin.kept import KeptWhereReferredTo
from customers.admin.last_contact import KeepsOneContact, only_contacts_of
from customers.models import Contact, ContactRole
from customers.models.contact import MARKS

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
    list_display = ["email", "name", "language_shown", "timezone_shown", "reminders", "progress", "trouble", "accounts"]
    list_filter = [
        ("bounced_at", admin.EmptyFieldListFilter),
        ("complained_at", admin.EmptyFieldListFilter),
        "reminders",
        "progress",
        "roles__role",
        ("language", admin.AllValuesFieldListFilter),
        "roles__customer__region",
    ]
    readonly_fields = ["bounced_at", "bounce_reason", "complained_at"]
    actions = ["clear_marks"]
    search_fields = ["email", "name", "roles__customer__account", "roles__customer__name"]
    search_help_text = _("address, name, or a customer's account or name")
    inlines = [CustomerOfContactInline]
    list_per_page = 50

    def save_model(self, request: HttpRequest, obj: Contact, form: ContactForm, change: bool) -> None:  # noqa: ARG002, FBT001  # Django's own
        """Write what the form shows, and leave alone what delivery may have found out meanwhile."""
        obj.save(update_fields=form._meta.fields if change else None)

    def get_fieldsets(self, request: HttpRequest, obj: Contact | None = None) -> Any:  # noqa: ANN401, ARG002  # Django's own
        """Show what became of mails to the address where there is something to show."""
        marks = [name for name in self.readonly_fields if obj is not None and getattr(obj, name)]
        return [(None, {"fields": [*ContactForm.Meta.fields, *marks]})]

    @admin.action(description=_("Clear what is known of bounces and complaints"), permissions=["change"])
    def clear_marks(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        """Say that the address takes mail again, or that the reader wants it: a person has asked."""
        for contact in queryset.exclude(**MARKS):
            contact.clear_marks()
            contact.save(update_fields=list(MARKS))
            self.log_change(request, contact, gettext("Cleared what was known of bounces and complaints."))

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

    @admin.display(description=_("trouble"))
    def trouble(self, contact: Contact) -> str:
        """Say what is known against the address."""
        return ", ".join(str(word) for word, since in ((_("bounced"), contact.bounced_at), (_("complained"), contact.complained_at)) if since)

    @admin.display(description=_("accounts"))
    def accounts(self, contact: Contact) -> str:
        """Return the accounts served."""
        return ", ".join(role.customer.account for role in contact.roles.all())
