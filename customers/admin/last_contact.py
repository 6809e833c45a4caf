"""Each customer keeps at least one contact that gets notices: the pages refuse to take the last one away."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.utils.translation import ngettext

from customers.models import Contact, ContactRole, Customer

if TYPE_CHECKING:
    _FormSet = BaseInlineFormSet[Any, Any, Any]
else:
    _FormSet = BaseInlineFormSet

_MOST_NAMED = 10


class KeepsOneContact(_FormSet):
    """Rows of a customer's contacts, or of a contact's customers: a customer that had a contact has one afterwards as well."""

    def clean(self) -> None:
        """Refuse what would leave a customer without one."""
        super().clean()
        if any(self.errors):
            return
        deleted = self.deleted_forms
        here = [form.instance.pk for form in self.initial_forms]
        staying = {form.cleaned_data["customer"].pk for form in self.forms if form not in deleted and form.cleaned_data.get("customer")}
        had = Customer.objects.filter(roles__in=here).exclude(pk__in=staying)
        _refuse(had.exclude(roles__in=ContactRole.objects.exclude(pk__in=here)))


def only_contacts_of(contacts: Iterable[Contact] | QuerySet[Contact]) -> list[str]:
    """Return what stands in the way of deleting all these contacts: a sentence on the customers that would have none left, or nothing."""
    going = [contact.pk for contact in contacts]
    alone = Customer.objects.filter(roles__contact__in=going).exclude(roles__in=ContactRole.objects.exclude(contact__in=going)).distinct()
    return [_sentence(alone)] if alone else []


def _refuse(alone: QuerySet[Customer]) -> None:
    customers = alone.distinct()
    if customers:
        raise ValidationError(_sentence(customers), code="last_contact")


def _sentence(customers: Collection[Customer]) -> str:
    named = ", ".join(customer.account for customer in list(customers)[:_MOST_NAMED])
    more = len(customers) - _MOST_NAMED
    return ngettext(
        "This customer would have no contact left, and no notice would reach it: %(customers)s. Add another contact first.",
        "These customers would have no contact left, and no notice would reach them: %(customers)s. Add another contact to each of them first.",
        len(customers),
    ) % {"customers": named if more <= 0 else f"{named} (+{more})"}
