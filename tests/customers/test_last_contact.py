"""The admin's pages leave each customer a contact."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from customers.models import Contact, ContactRole, Customer
from tests.factories import ContactFactory, ContactRoleFactory, CustomerFactory

pytestmark = pytest.mark.django_db

ALONE = "This customer would have no contact left, and no notice would reach it: A. Add another contact first."


@pytest.fixture
def planner(client: Client) -> Client:
    """A browser in which a superuser is logged in."""
    client.force_login(User.objects.create_superuser("petra"))
    return client


@pytest.fixture
def role() -> ContactRole:
    """The only contact of customer A."""
    return ContactRoleFactory.create(customer=CustomerFactory.create(account="A"))


def delete(planner: Client, *contacts: Contact) -> list[str]:
    """Ask for the contacts to be deleted together, and return what stands in the way."""
    chosen = {"action": "delete_selected", "_selected_action": [contact.pk for contact in contacts], "post": "yes"}
    response = planner.post(reverse("admin:customers_contact_changelist"), chosen)
    return list(response.context["protected"]) if response.status_code == 200 else []


def save_customer(planner: Client, customer: Customer, *rows: Mapping[str, object]) -> list[str]:
    """Save the customer's page with those rows of contacts, and return what is refused."""
    typed = {name: getattr(customer, name) for name in ("account", "name", "language", "sim_base")}
    typed |= {"region": customer.region_id, "tier": customer.tier_id, "timezone": str(customer.timezone), "notice_days": customer.notice_days or ""}
    typed |= {"held-TOTAL_FORMS": 0, "held-INITIAL_FORMS": 0}
    return save(planner, reverse("admin:customers_customer_change", args=[customer.pk]), typed, rows)


def save_contact(planner: Client, contact: Contact, *rows: Mapping[str, object]) -> list[str]:
    """Save the contact's page with those rows of customers, and return what is refused."""
    typed: dict[str, object] = {"email": contact.email, "name": contact.name, "language": "", "timezone": ""}
    return save(planner, reverse("admin:customers_contact_change", args=[contact.pk]), typed, rows)


def save(planner: Client, url: str, typed: dict[str, object], rows: tuple[Mapping[str, object], ...]) -> list[str]:
    """Save a page; rows with an id stand there already."""
    typed = {**typed, "roles-TOTAL_FORMS": len(rows), "roles-INITIAL_FORMS": sum("id" in row for row in rows)}
    for number, row in enumerate(rows):
        typed |= {f"roles-{number}-{name}": value for name, value in {"role": "operations", **row}.items()}
    response = planner.post(url, typed)
    if response.status_code == 302:
        return []
    assert not response.context["adminform"].form.errors
    return [error for formset in response.context["inline_admin_formsets"] for error in formset.formset.non_form_errors()]


def test_delete_last_contact_refused(planner: Client, role: ContactRole) -> None:
    """By its own page, and among others; the customer is named."""
    other = ContactFactory.create()
    assert delete(planner, role.contact, other) == [ALONE]
    response = planner.post(reverse("admin:customers_contact_delete", args=[role.contact.pk]), {"post": "yes"})
    assert list(response.context["protected"]) == [ALONE]
    assert Contact.objects.count() == 2


def test_delete_contact_with_another_beside_it(planner: Client, role: ContactRole) -> None:
    """One of two goes; both at once do not."""
    other = ContactRoleFactory.create(customer=role.customer)
    assert delete(planner, role.contact, other.contact) == [ALONE]
    assert delete(planner, role.contact) == []
    assert list(Contact.objects.all()) == [other.contact]


def test_delete_names_the_first_ten_customers(planner: Client) -> None:
    """And how many more there are."""
    noc = ContactFactory.create()
    for number in range(12):
        ContactRoleFactory.create(contact=noc, customer=CustomerFactory.create(account=f"C{number:02}"))
    named = ", ".join(f"C{number:02}" for number in range(10)) + " (+2)"
    (refused,) = delete(planner, noc)
    assert refused.startswith(f"These customers would have no contact left, and no notice would reach them: {named}. ")


def test_customer_page_refuses_to_take_the_last_contact_away(planner: Client, role: ContactRole) -> None:
    """Another in its place is taken, in the same row or in a new one."""
    gone = {"id": role.pk, "customer": role.customer_id, "contact": role.contact_id, "DELETE": "on"}
    assert save_customer(planner, role.customer, gone) == [ALONE]
    other, third = ContactFactory.create_batch(2)
    assert save_customer(planner, role.customer, gone | {"contact": other.pk, "DELETE": ""}) == []
    assert list(role.customer.contacts.all()) == [other]
    gone["contact"] = other.pk
    assert save_customer(planner, role.customer, gone, {"contact": third.pk}) == []
    assert list(role.customer.contacts.all()) == [third]


def test_customer_page_saves_a_customer_that_has_none(planner: Client) -> None:
    """It is no worse than before."""
    assert save_customer(planner, CustomerFactory.create()) == []


def test_contact_page_refuses_to_let_go_of_a_customer_that_has_no_other(planner: Client, role: ContactRole) -> None:
    """Neither by deleting the row nor by choosing another customer in it."""
    row = {"id": role.pk, "contact": role.contact_id, "customer": role.customer_id}
    assert save_contact(planner, role.contact, row | {"DELETE": "on"}) == [ALONE]
    assert save_contact(planner, role.contact, row | {"customer": CustomerFactory.create().pk}) == [ALONE]
    assert save_contact(planner, role.contact, row) == []
    ContactRoleFactory.create(customer=role.customer)
    assert save_contact(planner, role.contact, row | {"DELETE": "on"}) == []
    assert role.customer.contacts.count() == 1
