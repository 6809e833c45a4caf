"""Rows and drafts for tests: whole and valid by themselves, so that a test names only what it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from customers.models import Component, Contact, ContactRole, Customer, Operator, Region, Service, Tier
from customers.models.contact_role import Role
from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.said import SaidText
from maintenance.states import Impact

OUR_APPS = ("customers", "maintenance", "delivery", "calendars")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""When tests happen, where it does not matter: winter time in Europe and America, no change of clocks for months."""
BY = "petra"
"""The planner."""


class OperatorFactory(DjangoModelFactory[Operator]):
    """An MNO."""

    class Meta:
        model = Operator

    code = Sequence(lambda n: f"mno-{n}")


class CustomerFactory(DjangoModelFactory[Customer]):
    """A customer of ``region_slug`` (uk) and ``tier_slug`` (standard), with the region's language and time zone."""

    class Meta:
        model = Customer

    class Params:
        region_slug = "uk"
        tier_slug = "standard"

    account = Sequence(lambda n: f"ACC{n:05d}")
    name = LazyAttribute(lambda row: f"Customer {row.account}")
    region = LazyAttribute(lambda row: Region.objects.get(slug=row.region_slug))
    tier = LazyAttribute(lambda row: Tier.objects.get(slug=row.tier_slug))
    language = LazyAttribute(lambda row: row.region.language)
    timezone = LazyAttribute(lambda row: row.region.timezone)
    sim_base = 1000


class ContactFactory(DjangoModelFactory[Contact]):
    """A person who reads the language and lives by the clocks of each customer served, unless told otherwise."""

    class Meta:
        model = Contact

    email = Sequence(lambda n: f"contact{n}@customer.example")
    name = Sequence(lambda n: f"Contact {n}")
    language = ""
    timezone = ""


class ContactRoleFactory(DjangoModelFactory[ContactRole]):
    """A contact who serves a customer; both are made unless given."""

    class Meta:
        model = ContactRole

    contact = SubFactory(ContactFactory)
    customer = SubFactory(CustomerFactory)
    role = Role.OPERATIONS.value


class ServiceFactory(DjangoModelFactory[Service]):
    """A service of the component ``slug`` (netpro.ipsec); with an operator it is in the domain mno."""

    class Meta:
        model = Service

    class Params:
        slug = "netpro.ipsec"

    customer = SubFactory(CustomerFactory)
    component = LazyAttribute(lambda row: component(row.slug))
    operator = None
    domain = LazyAttribute(lambda row: "mno" if row.operator else "provider")
    object_id = Sequence(lambda n: f"OBJ-{n:05d}")
    sims = 100


def component(slug: str = "netpro.ipsec") -> Component:
    """Return a row of the catalogue."""
    return Component.objects.get(slug=slug)


def reader(*, service: str = "netpro.ipsec", object_id: str = "", language: str = "", timezone: str = "", **customer: Any) -> Customer:  # noqa: ANN401  # any field
    """Return a customer with one service and one contact: whoever has both is hit and is told."""
    made = CustomerFactory.create(**customer)
    ServiceFactory.create(customer=made, slug=service, **({"object_id": object_id} if object_id else {}))
    ContactRoleFactory.create(customer=made, contact__language=language, contact__timezone=timezone)
    return made


def texts(*languages: str) -> dict[str, SaidText]:
    """Return a planner's words in those languages, or in all of them."""
    return {
        language: SaidText(f"Title ({language})", f"Impact ({language})", f"Description ({language})")
        for language in languages or [code for code, _name in settings.LANGUAGES]
    }


def window(days: float = 30, *, hours: float = 2, since: datetime = NOW, objects: tuple[str, ...] = ()) -> WindowDraft:
    """Return a window that starts ``days`` (of 24 hours) after ``since`` and lasts ``hours``."""
    start = since + timedelta(days=days)
    return WindowDraft(start, start + timedelta(hours=hours), objects)


def draft(reference: str = "MNT-1", **changes: Any) -> Draft:  # noqa: ANN401  # any field of Draft
    """Return a draft that is right in all things: an outage of netpro.ipsec in 30 days, words in all nine languages."""
    fields: dict[str, Any] = {
        "timezone": ZoneInfo("Europe/London"),
        "windows": (window(),),
        "impact": Impact.OUTAGE,
        "expected_outage_minutes": 30,
        "texts": texts(),
    }
    if "scopes" not in changes:
        fields["scopes"] = (ScopeDraft(component(), "provider"),)
    return Draft(reference=reference, **fields | changes)


def dump() -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table of ours, to be compared before and after."""
    models = [model for label in OUR_APPS for model in apps.get_app_config(label).get_models(include_auto_created=True)]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Assert that no row of any table of ours was added, taken away or changed in the block."""
    before = dump()
    yield
    assert dump() == before
