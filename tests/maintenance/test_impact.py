"""Whom work hits: services by scope and objects, then customers, readers, languages and zones."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from customers.models import Operator
from maintenance import booking, impact
from maintenance.draft import ScopeDraft
from maintenance.models import Maintenance
from tests.factories import BY, NOW, ContactFactory, ContactRoleFactory, CustomerFactory, OperatorFactory, ServiceFactory, component, draft, reader, window

pytestmark = pytest.mark.django_db


def booked(**changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return a draft that is stored."""
    return booking.book(draft(**changes), by=BY, now=NOW)


def hit(maintenance: Maintenance, number: int | None = None) -> set[str]:
    """Return the object ids of the services hit, by a window where one is given."""
    of = None if number is None else maintenance.windows.get(number=number)
    return set(impact.hit_services(maintenance, of).values_list("object_id", flat=True))


def any_window(maintenance: Maintenance) -> tuple[set[str], set[str]]:
    """Return the object ids hit by at least one window, and the accounts of their customers."""
    services = impact.hit_by_any_window(maintenance).values_list("object_id", flat=True)
    customers = impact.hit_customers(maintenance).values_list("account", flat=True)
    return set(services), set(customers)


@pytest.fixture
def operators() -> list[Operator]:
    """Services in every domain: mobile core at two operators and at the provider, IPsec beside them."""
    first, second = OperatorFactory.create_batch(2)
    customer = CustomerFactory.create(account="A")
    ServiceFactory.create(customer=customer, slug="data.mobile-core", operator=first, object_id="first")
    ServiceFactory.create(customer=customer, slug="data.mobile-core", operator=second, object_id="second")
    ServiceFactory.create(customer=customer, slug="data.mobile-core", object_id="own")
    ServiceFactory.create(customer=customer, slug="voice.mobile-core", operator=first, object_id="voice")
    ServiceFactory.create(customer=customer, object_id="ipsec")
    return [first, second]


def core(domain: str, operator: Operator | None = None, slug: str = "data.mobile-core") -> ScopeDraft:
    """Return a scope of a mobile core."""
    return ScopeDraft(component(slug), domain, operator)


Scopes = Callable[[Operator, Operator], tuple[ScopeDraft, ...]]


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        (lambda first, _second: (core("mno", first),), {"first"}),
        (lambda _first, _second: (core("mno"),), {"first", "second"}),
        (lambda _first, _second: (core("provider"),), {"own"}),
        (lambda first, second: (core("mno", first), core("mno", second)), {"first", "second"}),
        (lambda first, _second: (core("mno", first), core("mno")), {"first", "second"}),  # two scopes hit one service
        (lambda first, _second: (core("provider"), core("mno", first, "voice.mobile-core")), {"own", "voice"}),
        (lambda _first, second: (core("mno", second, "voice.mobile-core"),), set()),
    ],
)
def test_hit_services_by_scope(operators: list[Operator], scopes: Scopes, expected: set[str]) -> None:
    """Component, domain and operator (none named: any) of one scope match together; a service hit twice counts once."""
    maintenance = booked(scopes=scopes(operators[0], operators[1]))
    assert (hit(maintenance), impact.hit_services(maintenance).count()) == (expected, len(expected))


def test_hit_services_named_on_the_maintenance() -> None:
    """Objects narrow every window, in every account that uses the name; one that nothing is called hits nothing."""
    for account, name in (("A", "one"), ("A2", "one"), ("B", "two"), ("C", "three")):
        reader(account=account, object_id=name)
    maintenance = booked(objects=("one", "three", "nobody"))
    assert (hit(maintenance), hit(maintenance, 1), any_window(maintenance)) == ({"one", "three"}, {"one", "three"}, ({"one", "three"}, {"A", "A2", "C"}))
    assert hit(booked(reference="MNT-2", objects=("nobody",))) == set()


def test_hit_services_outside_the_scope_though_named() -> None:
    """Objects narrow the scope and never widen it."""
    reader(account="A", object_id="apn", service="data.private-apn")
    assert any_window(booked(objects=("apn",))) == (set(), set())


def test_hit_services_named_on_some_windows() -> None:
    """A window with objects hits those only; one without hits all, so all are hit by some window."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = booked(windows=(window(30, objects=("one",)), window(31)))
    assert (hit(maintenance, 1), hit(maintenance, 2), hit(maintenance), any_window(maintenance)) == (
        {"one"},
        {"one", "two"},
        {"one", "two"},
        ({"one", "two"}, {"A", "B"}),
    )


def test_hit_services_named_on_all_windows() -> None:
    """Where every window names objects, what none of them names is not hit by any."""
    for account, name in (("A", "one"), ("B", "two"), ("C", "three")):
        reader(account=account, object_id=name)
    maintenance = booked(windows=(window(30, objects=("one",)), window(31, objects=("two", "one"))))
    assert (hit(maintenance, 1), hit(maintenance, 2), any_window(maintenance)) == ({"one"}, {"one", "two"}, ({"one", "two"}, {"A", "B"}))


def test_hit_services_named_on_maintenance_and_window() -> None:
    """A window's objects narrow what the maintenance's leave."""
    for account, name in (("A", "one"), ("B", "two"), ("C", "three")):
        reader(account=account, object_id=name)
    maintenance = booked(objects=("one", "two"), windows=(window(30, objects=("two", "three")),))
    assert (hit(maintenance, 1), any_window(maintenance)) == ({"two"}, ({"two"}, {"B"}))


def test_hit_services_of_other_maintenance() -> None:
    """Scopes and objects of one maintenance say nothing of another."""
    reader(account="A", object_id="one")
    reader(account="B", object_id="two")
    booked(reference="MNT-1", objects=("one",))
    booked(reference="MNT-2", scopes=(core("provider"),), windows=(window(objects=("one",)),))
    assert any_window(booked(reference="MNT-3")) == ({"one", "two"}, {"A", "B"})
    assert any_window(booked(reference="MNT-4", windows=(window(objects=("two",)),))) == ({"two"}, {"B"})


def test_reading_languages_and_zones() -> None:
    """A contact reads its own language, else that of each customer served; zones are those of customers."""
    uk, fr, de = (reader(account=slug, region_slug=slug) for slug in ("uk", "fr", "de"))
    reader(account="us", region_slug="us", language="nb", timezone="Asia/Tokyo")
    noc = ContactFactory.create()
    for customer in (uk, fr, de):
        ContactRoleFactory.create(contact=noc, customer=customer)
    spoken = ContactFactory.create(language="zh-hans")
    for customer in (uk, fr):
        ContactRoleFactory.create(contact=spoken, customer=customer)
    unhit = CustomerFactory.create(region_slug="it")
    ContactRoleFactory.create(customer=unhit)
    customers = impact.hit_customers(booked())
    assert impact.reading_languages(customers) == {"en": 2, "fr": 2, "de": 2, "nb": 1, "zh-hans": 1}
    assert impact.zones(customers) == {"Europe/London": 1, "Europe/Paris": 1, "Europe/Berlin": 1, "America/New_York": 1}


def test_summary_in_numbers() -> None:
    """SIMs of one customer are never added up: its largest service, and at most its base; who has no contact is named."""
    first = reader(account="A", sim_base=1000)
    ServiceFactory.create(customer=first, sims=300)
    ServiceFactory.create(customer=first, sims=200)
    reader(account="B", sim_base=40)  # its service says 100, its base 40
    silent = CustomerFactory.create(account="C", region_slug="es", sim_base=0)
    ServiceFactory.create(customer=silent, sims=7)
    ContactRoleFactory.create(contact=ContactFactory.create(email="noc@a.example"), customer=first)
    CustomerFactory.create(account="D")
    assert impact.summary(booked()) == impact.Summary(
        customers=3,
        contacts=3,
        services=5,
        sims=300 + 40 + 7,
        languages={"en": 3},
        zones={"Europe/London": 2, "Europe/Madrid": 1},
        without_contact=("C",),
    )


def test_summary_of_work_that_hits_nobody() -> None:
    """All of it is nought."""
    assert impact.summary(booked()) == impact.Summary(0, 0, 0, 0, {}, {}, ())


@pytest.mark.parametrize("customers", [1, 3])
def test_summary_costs_the_same_whomever_it_hits(customers: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Seven queries, for one customer as for three, for one window as for two."""
    for number in range(customers):
        reader(object_id=f"object-{number}")
        reader()
    windows = tuple(window(30 + number, objects=(f"object-{number}",)) for number in range(customers))
    maintenance = booked(windows=(*windows, window(40)))
    with django_assert_num_queries(7):
        summary = impact.summary(maintenance)
    assert summary.customers == customers * 2


def test_hit_customers_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Services, scopes and objects are all asked for at once."""
    maintenance = booked(windows=(window(30, objects=("one",)), window(31, hours=3, since=NOW + timedelta(hours=1))))
    reader(account="A")
    with django_assert_num_queries(1):
        assert [customer.account for customer in impact.hit_customers(maintenance)] == ["A"]
