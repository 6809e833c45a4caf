"""The customers' pages of the admin: what they show, refuse and cost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import Component, Contact, ContactRole, Customer, Operator, Region, Service, Tier
from maintenance import booking
from tests import factories

pytestmark = pytest.mark.django_db

NO_ROWS = {"roles-TOTAL_FORMS": 0, "roles-INITIAL_FORMS": 0}


@pytest.fixture
def planner(client: Client) -> Client:
    """A browser in which a superuser is logged in."""
    client.force_login(User.objects.create_superuser("petra"))
    return client


def queries(client: Client, url: str) -> list[str]:
    """Return what a page asks the database."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def page(model: type[Model], name: str = "changelist", *arguments: object) -> str:
    """Return the address of a page of the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


def errors(response: Any) -> dict[str, list[str]]:  # noqa: ANN401  # the stubs' response of a test has a private type
    """Return what the page's form refuses."""
    return dict(response.context["adminform"].form.errors)


def served(number: int) -> Customer:
    """Make a customer with that many services of an operator and that many contacts, each of which serves as many customers."""
    customer = factories.CustomerFactory.create()
    for _ in range(number):
        factories.ServiceFactory.create(customer=customer, operator=factories.OperatorFactory.create(), slug="data.mobile-core")
        contact = factories.ContactFactory.create()
        for one in (customer, *factories.CustomerFactory.create_batch(number - 1)):
            factories.ContactRoleFactory.create(customer=one, contact=contact)
    return customer


@pytest.mark.parametrize("model", [Region, Tier, Component, Operator, Customer, Contact])
def test_list_costs_same_at_one_row_and_three(planner: Client, model: type[Model]) -> None:
    """Nothing is asked for each row."""
    served(1)
    planner.get(page(model))
    one = queries(planner, page(model))
    served(3)
    assert len(queries(planner, page(model))) == len(one)


@pytest.mark.parametrize(("make", "model"), [(lambda customer: customer, Customer), (lambda customer: customer.contacts.first(), Contact)])
def test_change_page_costs_same_at_one_inline_row_and_three(planner: Client, make: Callable[[Customer], Model], model: type[Model]) -> None:
    """Nor for each row inside a row's page."""
    few, many = make(served(1)), make(served(3))
    planner.get(page(model, "change", few.pk))
    assert len(queries(planner, page(model, "change", many.pk))) == len(queries(planner, page(model, "change", few.pk)))


def test_customer_page_shows_what_inline_rows_hold(planner: Client) -> None:
    """Each searching field shows its own row's value."""
    customer = served(2)
    html = planner.get(page(Customer, "change", customer.pk)).content.decode()
    chosen = re.findall(r"<option value=\"\d+\" selected>([^<]*)</option>", html)
    component = str(factories.component("data.mobile-core"))
    wanted = [text for service in customer.held.all() for text in (component, str(service.operator))]
    wanted += [role.contact.email for role in customer.roles.all()]
    assert [text for text in chosen if text in wanted] == wanted


@pytest.mark.parametrize("model", [Region, Tier, Component])
def test_fixed_list_refuses_to_add_and_delete(planner: Client, model: type[Model]) -> None:
    """Not on a page, not by an action."""
    row = model._default_manager.first()
    assert row
    before = factories.dump()
    assert planner.get(page(model, "add")).status_code == 403
    assert planner.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    planner.post(page(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert factories.dump() == before


def test_component_is_read_only(planner: Client) -> None:
    """It is shown, not changed."""
    row = factories.component("netpro.ipsec")
    assert planner.get(page(Component, "change", row.pk)).status_code == 200
    assert planner.post(page(Component, "change", row.pk), {"mno": "on"}).status_code == 403


def test_region_mailboxes_change_and_slug_stays(planner: Client) -> None:
    """Mailboxes are configuration, the list of regions is not."""
    region = Region.objects.get(slug="it")
    values = {
        "slug": "xx",
        "language": "it",
        "timezone": "Europe/Rome",
        "opens": "09:00",
        "closes": "18:00",
        "sender_name": "Operazioni",
        "sender_email": "avvisi@provider.example",
        "reply_to": "aiuto@provider.example",
        "support_email": "aiuto@provider.example",
        "support_phone": "",
    }
    assert planner.post(page(Region, "change", region.pk), values).status_code == 302
    found = Region.objects.filter(pk=region.pk).values("slug", "sender_name", "sender_email", "reply_to", "support_email").get()
    assert found == {
        "slug": "it",
        "sender_name": "Operazioni",
        "sender_email": "avvisi@provider.example",
        "reply_to": "aiuto@provider.example",
        "support_email": "aiuto@provider.example",
    }


def test_contact_address_is_kept_in_lower_case(planner: Client) -> None:
    """As it is typed by people, with spaces around it."""
    values = {"email": " Ana.Ruiz@Customer.Example ", "name": "Ana Ruiz", "language": "", "timezone": "", **NO_ROWS}
    assert planner.post(page(Contact, "add"), values).status_code == 302
    assert list(Contact.objects.values_list("email", "name", "language")) == [("ana.ruiz@customer.example", "Ana Ruiz", "")]


def test_contact_address_in_capitals_is_the_same_person(planner: Client) -> None:
    """A second row for one address is refused by the form, not by the database."""
    factories.ContactFactory.create(email="ana@customer.example")
    response = planner.post(page(Contact, "add"), {"email": "ANA@customer.example", "name": "Ana", **NO_ROWS})
    assert errors(response) == {"email": ["Contact with this E-mail already exists."]}


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("ana@customer.example,bo@customer.example", "must be one address; give each person a row of their own"),
        ("Ana <ana@customer.example>", "is not an e-mail address such as ana@customer.example"),
        ("ana@customer.example\r\nBcc: x@evil.example", "has a control character or line break (U+000D) at position 21; write it on one line"),
    ],
)
def test_contact_address_that_is_none_is_refused(planner: Client, email: str, message: str) -> None:
    """Neither two addresses nor a name nor a second header."""
    response = planner.post(page(Contact, "add"), {"email": email, "name": "Ana", **NO_ROWS})
    assert errors(response) == {"email": [message]}
    assert not Contact.objects.exists()


def test_customer_name_with_line_break_is_refused(planner: Client) -> None:
    """It would end up in a header."""
    values = {"account": "A1", "name": "Acme\nLtd", "region": 1, "tier": 1, "language": "en", "timezone": "Europe/London", "sim_base": 5}
    response = planner.post(page(Customer, "add"), {**values, "held-TOTAL_FORMS": 0, "held-INITIAL_FORMS": 0, **NO_ROWS})
    assert errors(response) == {"name": ["has a control character or line break (U+000A) at position 5; write it on one line"]}


def test_customer_is_added_with_service_and_contact(planner: Client) -> None:
    """All of it on one page."""
    contact, component = factories.ContactFactory.create(), factories.component("netpro.ipsec")
    values = {"account": "A1", "name": "Acme Ltd", "region": 1, "tier": 1, "language": "en", "timezone": "Europe/London", "sim_base": 5}
    values |= {"held-TOTAL_FORMS": 1, "held-INITIAL_FORMS": 0, "roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0}
    values |= {"held-0-object_id": "vpn-1", "held-0-component": component.pk, "held-0-domain": "provider", "held-0-operator": "", "held-0-sims": 3}
    values |= {"roles-0-contact": contact.pk, "roles-0-role": "noc"}
    assert planner.post(page(Customer, "add"), values).status_code == 302
    assert list(Service.objects.values_list("customer__account", "object_id", "component__slug", "sims")) == [("A1", "vpn-1", "netpro.ipsec", 3)]
    assert list(ContactRole.objects.values_list("customer__account", "contact", "role")) == [("A1", contact.pk, "noc")]


def test_service_of_operator_in_providers_domain_is_refused(planner: Client) -> None:
    """The database's rule, in words."""
    customer, operator = factories.CustomerFactory.create(), factories.OperatorFactory.create()
    values = {"account": customer.account, "name": "Acme", "region": 1, "tier": 1, "language": "en", "timezone": "Europe/London", "sim_base": 5}
    values |= {"held-TOTAL_FORMS": 1, "held-INITIAL_FORMS": 0, **NO_ROWS, "held-0-domain": "provider", "held-0-operator": operator.pk}
    values |= {"held-0-object_id": "vpn-1", "held-0-component": factories.component().pk, "held-0-sims": 3}
    response = planner.post(page(Customer, "change", customer.pk), values)
    wanted = "A service in an MNO&#x27;s domain names its operator; one in the provider&#x27;s names none."
    assert wanted in response.content.decode()


@pytest.mark.parametrize("term", ["ZUGSPITZE", "tunnel-77", "ana@customer.example"])
def test_customer_is_found_by_name_object_and_contact(planner: Client, term: str) -> None:
    """In capitals or not."""
    factories.CustomerFactory.create()
    wanted = factories.CustomerFactory.create(name="Zugspitze AG")
    factories.ServiceFactory.create(customer=wanted, object_id="tunnel-77")
    factories.ContactRoleFactory.create(customer=wanted, contact__email="ana@customer.example")
    response = planner.get(page(Customer), {"q": term})
    assert list(response.context["cl"].queryset) == [wanted]


@pytest.mark.parametrize(("answer", "accounts"), [("yes", ["SERVED"]), ("no", ["ALONE"])])
def test_customers_without_contact_are_found(planner: Client, answer: str, accounts: list[str]) -> None:
    """They are those whom no notice reaches."""
    factories.CustomerFactory.create(account="ALONE")
    factories.ContactRoleFactory.create(customer=factories.CustomerFactory.create(account="SERVED"))
    response = planner.get(page(Customer), {"has_contact": answer})
    assert [row.account for row in response.context["cl"].queryset] == accounts


def test_component_is_suggested_by_name(planner: Client) -> None:
    """Names stand in the program, slugs in the database."""
    query = {"term": "ssl", "app_label": "customers", "model_name": "service", "field_name": "component"}
    response = planner.get(reverse("admin:autocomplete"), query)
    assert [result["text"] for result in response.json()["results"]] == ["netpro.ssl-vpn (SSL VPN)"]


@pytest.mark.parametrize("action", ["page", "selection"])
def test_customer_that_notices_name_is_kept_and_page_says_why(planner: Client, action: str) -> None:
    """Counted by kind, on its own page and for a selection."""
    customer = factories.reader()
    booking.announce(booking.book(factories.draft(), by="petra", now=factories.NOW), by="petra", now=factories.NOW)
    before = factories.dump()
    if action == "page":
        response = planner.post(page(Customer, "delete", customer.pk), {"post": "yes"})
    else:
        response = planner.post(page(Customer), {"action": "delete_selected", "_selected_action": [customer.pk], "post": "yes"})
    assert response.status_code == 200
    assert response.context["protected"] == ["Customers told: 1", "Services hit: 1"]
    assert "protected related objects" in response.content.decode()
    assert factories.dump() == before


def test_customer_that_nothing_names_is_deleted(planner: Client) -> None:
    """With its services and roles."""
    customer = served(1)
    assert planner.post(page(Customer, "delete", customer.pk), {"post": "yes"}).status_code == 302
    assert not Customer.objects.exists()
