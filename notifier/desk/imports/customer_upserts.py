"""Rows that were read and checked, written to the database by key; each returns one change a row."""

from collections.abc import Sequence

from customers.models import Component, Contact, ContactRole, Customer, Region, Service, Tier
from notifier.desk.imports.contact_sheet import ContactRow
from notifier.desk.imports.customer_sheet import CustomerRow
from notifier.desk.imports.service_sheet import ServiceRow
from notifier.desk.imports.upsert import Change, operators_by_code, upsert


def upsert_customers(rows: Sequence[CustomerRow]) -> list[Change]:
    """Write customers by account."""
    regions = dict(Region.objects.values_list("slug", "id"))
    tiers = dict(Tier.objects.values_list("slug", "id"))
    changes = upsert(
        Customer,
        key=("account",),
        columns=("name", "region_id", "tier_id", "language", "timezone", "sim_base"),
        wanted={(row.account,): (row.name, regions[row.region], tiers[row.tier], row.language, row.timezone, row.sim_base) for row in rows},
    )
    return list(changes.values())


def upsert_contacts(rows: Sequence[ContactRow]) -> list[Change]:
    """Write people by e-mail address, and by account and address whom they serve. A row whose person has changed counts as updated."""
    people = upsert(
        Contact,
        key=("email",),
        columns=("name", "language", "timezone"),
        wanted={(row.email,): (row.name, row.language, row.timezone or None) for row in rows},  # the field reads an empty zone as None
    )
    customers, contacts = _customer_ids(), dict(Contact.objects.values_list("email", "id"))
    roles = upsert(
        ContactRole,
        key=("customer_id", "contact_id"),
        columns=("role",),
        wanted={(customers[row.account], contacts[row.email]): (row.role,) for row in rows},
    )
    return [
        Change.UPDATED if change is Change.UNCHANGED and people[(row.email,)] is not Change.UNCHANGED else change
        for row, change in zip(rows, roles.values(), strict=True)
    ]


def upsert_services(rows: Sequence[ServiceRow]) -> list[Change]:
    """Write services by account and object id; unknown operators are created."""
    customers = _customer_ids()
    components = dict(Component.objects.values_list("slug", "id"))
    operators = {code: operator.pk for code, operator in operators_by_code(row.operator for row in rows).items()}
    changes = upsert(
        Service,
        key=("customer_id", "object_id"),
        columns=("component_id", "domain", "operator_id", "sims"),
        wanted={(customers[row.account], row.object_id): (components[row.component], row.domain, operators.get(row.operator), row.sims) for row in rows},
    )
    return list(changes.values())


def _customer_ids() -> dict[str, int]:
    return dict(Customer.objects.values_list("account", "id"))
