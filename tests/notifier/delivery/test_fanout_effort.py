"""That a notice to many is fanned out with effort in proportion: SQLite, left without statistics, joins each row with every other."""

from collections.abc import Iterator

import pytest
from django.db import connection

from customers.models import Contact, ContactRole, Customer, Region, Service, Tier
from customers.models.contact_role import Role
from maintenance import booking
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Account
from tests.factories import BY, NOW, component, draft

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts its rows by itself")]
PORTION = 100
"""Of SQLite's virtual machine: instructions between two calls."""


def readers(accounts: Iterator[int]) -> None:
    """Add customers with a service and a contact each."""
    region, tier = Region.objects.get(slug="uk"), Tier.objects.get(slug="standard")
    shared = {"region": region, "tier": tier, "language": "en", "timezone": "Europe/London", "sim_base": 10}
    customers = Customer.objects.bulk_create(Customer(account=f"A{number}", name="A", **shared) for number in accounts)
    contacts = Contact.objects.bulk_create(Contact(email=f"{customer.account.lower()}@customer.example", name="B") for customer in customers)
    pairs = zip(contacts, customers, strict=True)
    ContactRole.objects.bulk_create(ContactRole(contact=contact, customer=customer, role=Role.OPERATIONS) for contact, customer in pairs)
    held = component("netpro.ipsec")
    Service.objects.bulk_create(
        Service(customer=customer, component=held, domain="provider", object_id=f"o-{customer.account}", sims=1) for customer in customers
    )


def effort(reference: str) -> int:
    """Announce work to all of them and fan it out; return what the latter costs."""
    booking.announce(booking.book(draft(reference=reference), by=BY, now=NOW), acknowledged="known", by=BY, now=NOW)
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    connection.connection.set_progress_handler(count, PORTION)
    try:
        fan_out_due(now=NOW)
    finally:
        connection.connection.set_progress_handler(None, 0)
    return steps[0]


def test_fan_out_to_five_times_as_many_costs_about_five_times_as_much() -> None:
    """With each row joined to every other it would be 25 times."""
    numbers = iter(range(10_000))
    readers(next(numbers) for _ in range(200))
    few = effort("MNT-1")
    readers(next(numbers) for _ in range(800))
    many = effort("MNT-2")
    assert Account.objects.count() == 200 + 1000
    assert many < 10 * few
