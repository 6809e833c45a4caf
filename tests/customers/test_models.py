"""What forms refuse before the database does, in words."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Model

from customers.models import Contact, ContactRole, Customer, Operator, Service
from tests.factories import ContactFactory, ContactRoleFactory, CustomerFactory, OperatorFactory, ServiceFactory

pytestmark = pytest.mark.django_db
CONTROL = "has a control character or line break (U+000A) at position 2; write it on one line"


def refused(row: Model) -> dict[str, list[str]]:
    """Return what is wrong with a row."""
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    return refusal.value.message_dict


def test_rows_of_the_factories_are_right() -> None:
    """Otherwise no other test would mean much."""
    role = ContactRoleFactory.create(contact__language="nb", contact__timezone="Asia/Tokyo")
    for row in (role, role.contact, role.customer, ServiceFactory.create(), ServiceFactory.create(slug="data.mobile-core", operator=OperatorFactory.create())):
        row.full_clean()
    assert (str(role), str(role.contact), str(role.customer)) == ("operations", role.contact.email, f"{role.customer.account} {role.customer.name}")


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"account": ""}, {"account": ["This field cannot be blank."]}),
        ({"account": "A\nB", "name": "B"}, {"account": [CONTROL]}),
        ({"account": "x" * 41}, {"account": ["Ensure this value has at most 40 characters (it has 41)."]}),
        ({"name": "A\nB"}, {"name": [CONTROL]}),
        ({"language": "pt"}, {"language": ["Value 'pt' is not a valid choice."]}),
        ({"language": ""}, {"language": ["This field cannot be blank."]}),
        ({"sim_base": -1}, {"sim_base": ["Ensure this value is greater than or equal to 0."]}),
    ],
)
def test_customer_refused(changes: dict[str, Any], messages: dict[str, list[str]]) -> None:
    """By field."""
    assert refused(CustomerFactory.build(**changes)) == messages


def test_customer_with_an_account_that_is_taken() -> None:
    """An account is a key."""
    CustomerFactory.create(account="A")
    assert refused(CustomerFactory.build(account="A")) == {"account": ["Customer with this Account already exists."]}


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"email": "Ana@customer.example"}, {"__all__": ["An e-mail address is kept in lower case."]}),
        ({"email": "a\n@customer.example"}, {"email": [CONTROL]}),
        ({"email": "nobody"}, {"email": ["is not an e-mail address such as ana@customer.example"]}),
        ({"name": "A\nB"}, {"name": [CONTROL]}),
        ({"language": "xx"}, {"language": ["Value 'xx' is not a valid choice."]}),
    ],
)
def test_contact_refused(changes: dict[str, Any], messages: dict[str, list[str]]) -> None:
    """By field."""
    assert refused(ContactFactory.build(**changes)) == messages


def test_contact_serves_a_customer_once() -> None:
    """In whatever role."""
    role = ContactRoleFactory.create()
    assert refused(ContactRole(contact=role.contact, customer=role.customer, role="noc")) == {"__all__": ["This contact serves the customer already."]}
    assert "role" in refused(ContactRole(contact=ContactFactory.create(), customer=role.customer, role="boss"))


OPERATOR = "A service in an MNO's domain names its operator; one in the provider's names none."


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"domain": "mno"}, {"__all__": [OPERATOR]}),
        ({"operator": True, "domain": "provider"}, {"__all__": [OPERATOR]}),
        ({"domain": "customer"}, {"domain": ["Value 'customer' is not a valid choice."]}),
        ({"sims": 0}, {"__all__": ["A service has at least one SIM."]}),
        ({"object_id": "a\nb"}, {"object_id": [CONTROL]}),
    ],
)
def test_service_refused(changes: dict[str, Any], messages: dict[str, list[str]]) -> None:
    """By field, or as a whole."""
    if changes.get("operator"):
        changes = changes | {"operator": OperatorFactory.create()}
    assert refused(ServiceFactory.build(customer=CustomerFactory.create(), **changes)) == messages


def test_service_object_id_once_a_customer() -> None:
    """Two customers may use the same name."""
    service = ServiceFactory.create()
    ServiceFactory.build(customer=CustomerFactory.create(), object_id=service.object_id).full_clean()
    assert refused(ServiceFactory.build(customer=service.customer, object_id=service.object_id)) == {
        "__all__": ["The customer has a service with this object id already."],
    }


def test_names_of_rows() -> None:
    """What admin pages show."""
    service = ServiceFactory.create(
        object_id="vpn-1", customer__account="A", customer__name="Anders", operator=OperatorFactory.create(code="mno-x"), slug="data.mobile-core"
    )
    assert [str(row) for row in (service, service.customer, service.operator)] == ["vpn-1", "A Anders", "mno-x"]
    assert [model.objects.count() for model in (Service, Customer, Operator, Contact)] == [1, 1, 1, 0]
