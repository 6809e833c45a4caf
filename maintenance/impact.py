"""Whom a maintenance hits: services that match a scope, their customers, those customers' contacts.

A customer is impacted where it holds at least one service that matches a scope and, where objects are named, is among them
(data/README.md). Every answer costs a constant number of queries.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from customers.models import ContactRole, Customer, Service
from maintenance.models import Maintenance, NamedObject, Scope, Window


@dataclass(frozen=True)
class Summary:
    """Numbers for the planner. ``languages`` and ``zones`` count readers and customers; ``sims`` never adds up one customer's services."""

    customers: int
    contacts: int
    services: int
    sims: int
    languages: dict[str, int] = field(default_factory=dict)
    zones: dict[str, int] = field(default_factory=dict)
    without_contact: tuple[str, ...] = ()


def hit_services(maintenance: Maintenance, window: Window | None = None) -> QuerySet[Service]:
    """Return the services that the maintenance hits, or one of its windows, which may name objects of its own."""
    scope = Scope.objects.filter(maintenance=maintenance, component=OuterRef("component"), domain=OuterRef("domain")).filter(
        Q(operator__isnull=True) | Q(operator=OuterRef("operator")),
    )
    hit = Service.objects.filter(Exists(scope))
    for owner in (None, window) if window else (None,):
        named = NamedObject.objects.filter(maintenance=maintenance, window=owner)
        hit = hit.filter(Exists(named.filter(object_id=OuterRef("object_id"))) | ~Exists(named))
    return hit


def hit_by_any_window(maintenance: Maintenance) -> QuerySet[Service]:
    """Return the services hit by at least one window: all of the maintenance's where some window names no objects."""
    hit = hit_services(maintenance)
    of_windows = NamedObject.objects.filter(maintenance=maintenance, window__isnull=False)
    wide = Window.objects.filter(maintenance=maintenance).exclude(Exists(NamedObject.objects.filter(window=OuterRef("pk"))))
    return hit.filter(Exists(wide) | Exists(of_windows.filter(object_id=OuterRef("object_id"))))


def hit_customers(maintenance: Maintenance) -> QuerySet[Customer]:
    """Return the customers with at least one service that some window hits."""
    return Customer.objects.filter(Exists(hit_by_any_window(maintenance).filter(customer=OuterRef("pk"))))


def zones(customers: QuerySet[Customer]) -> dict[str, int]:
    """Return how many of the customers live by each time zone's clocks, in the order of their names, in one query."""
    rows = customers.order_by("timezone").values_list("timezone").annotate(Count("pk"))
    return {str(zone): number for zone, number in rows}


def reading_languages(customers: QuerySet[Customer]) -> dict[str, int]:
    """Return how many mails each language needs: a contact reads its own, or that of each customer served; in one query."""
    rows = (
        ContactRole.objects.filter(customer__in=customers)
        .order_by()
        .values_list("contact_id", Coalesce(NullIf(F("contact__language"), Value("")), F("customer__language")))
        .distinct()
    )
    return dict(Counter(language for _, language in rows))


def summary(maintenance: Maintenance) -> Summary:
    """Return whom the maintenance hits, in numbers."""
    services = hit_by_any_window(maintenance)
    customers = hit_customers(maintenance)
    per_customer = services.order_by().values_list("customer_id").annotate(number=Count("pk"))
    largest = dict(Customer.objects.filter(pk__in=services.values("customer_id")).values_list("pk", "sim_base"))
    sims = Counter[int]()
    for customer, used in services.values_list("customer_id", "sims"):
        # services of one customer share SIMs: the largest says at least how many are hit, the base how many at most
        sims[customer] = max(sims[customer], min(used, largest.get(customer) or used))
    return Summary(
        customers=len(largest),
        contacts=ContactRole.objects.filter(customer__in=customers).values("contact_id").distinct().count(),
        services=sum(number for _, number in per_customer),
        sims=sum(sims.values()),
        languages=reading_languages(customers),
        zones=zones(customers),
        without_contact=tuple(customers.filter(roles__isnull=True).values_list("account", flat=True)),
    )
