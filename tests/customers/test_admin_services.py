"""Services as rows of their customer's page, and the days and hours that the customers' pages show."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from customers.models import Contact, Customer, Operator, Region, Service
from tests import factories
from tests.customers.test_admin import NO_ROWS, errors, page, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(client: Client) -> Client:
    """A browser in which a superuser is logged in."""
    client.force_login(User.objects.create_superuser("petra"))
    return client


def posted(customer: Customer, *rows: Service, **changes: object) -> dict[str, object]:
    """Return what the customer's page posts: services that are stored, then what is changed or added."""
    names = ("account", "name", "language", "sim_base")
    data: dict[str, object] = {name: getattr(customer, name) for name in names}
    data |= {"region": customer.region.pk, "tier": customer.tier.pk, "timezone": str(customer.timezone), "notice_days": ""}
    for number, row in enumerate(rows):
        data |= {f"held-{number}-{name}": getattr(row, name) for name in ("id", "object_id", "domain", "sims")}
        data |= {f"held-{number}-component": row.component.pk, f"held-{number}-operator": "", f"held-{number}-backup": row.backup or ""}
    return {**data, "held-TOTAL_FORMS": len(rows), "held-INITIAL_FORMS": len(rows), **NO_ROWS, **changes}


def two_services() -> tuple[Customer, Service, Service]:
    """Make a customer with the services one and two."""
    customer = factories.CustomerFactory.create()
    one, two = (factories.ServiceFactory.create(customer=customer, object_id=name) for name in ("one", "two"))
    return customer, one, two


def row_errors(response: Any) -> list[dict[str, list[str]]]:  # noqa: ANN401  # the stubs' response of a test has a private type
    """Return what the services' rows are refused for."""
    return [dict(row) for row in response.context["inline_admin_formsets"][0].formset.errors]


def test_backup_is_chosen_by_object_id_and_taken_away_again(planner: Client) -> None:
    """The page shows it; a row that is posted as it was stays as it is."""
    customer, one, two = two_services()
    address = page(Customer, "change", customer.pk)
    for typed, stored in (("two", two.pk), ("two", two.pk), (" two ", two.pk), ("", None)):
        planner.post(address, posted(customer, one, two, **{"held-0-backup": typed}))
        one.refresh_from_db()
        assert one.backup_id == stored
        assert ('name="held-0-backup" value="two"' in planner.get(address).content.decode()) == (stored is not None)


def test_backup_must_be_another_service_of_the_same_customer(planner: Client) -> None:
    customer, one, two = two_services()
    factories.ServiceFactory.create(object_id="elsewhere")
    with factories.nothing_changes():
        answer = planner.post(page(Customer, "change", customer.pk), posted(customer, one, two, **{"held-0-backup": "elsewhere", "held-1-backup": "two"}))
    assert row_errors(answer) == [
        {"backup": ["The customer has no service elsewhere; save that first."]},
        {"backup": ["A service cannot be its own backup."]},
    ]


def test_held_since_is_now_unless_it_is_typed(planner: Client) -> None:
    """Of a service that is there already it stays."""
    customer, one, two = two_services()
    Service.objects.filter(pk=one.pk).update(held_since=datetime(2026, 1, 1, tzinfo=UTC))
    new = {"held-2-object_id": "three", "held-2-component": one.component.pk, "held-2-domain": "provider", "held-2-operator": "", "held-2-sims": 1}
    typed = {"held-1-held_since": "2026-03-01 12:00", "held-TOTAL_FORMS": 3}
    with time_machine.travel(factories.NOW, tick=False):
        planner.post(page(Customer, "change", customer.pk), posted(customer, one, two, **new, **typed))
    assert list(Service.objects.order_by("pk").values_list("object_id", "held_since")) == [
        ("one", datetime(2026, 1, 1, tzinfo=UTC)),
        ("two", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("three", factories.NOW),
    ]


def test_page_costs_the_same_for_one_backup_and_for_three(planner: Client) -> None:
    costs = []
    for number in (1, 3):
        customer = factories.CustomerFactory.create()
        for _ in range(number):
            backup = factories.ServiceFactory.create(customer=customer)
            factories.ServiceFactory.create(customer=customer, backup=backup)
        planner.get(page(Customer, "change", customer.pk))
        costs.append(len(queries(planner, page(Customer, "change", customer.pk))))
    assert costs == [costs[0]] * 2


@pytest.mark.parametrize("days", [9, 366])
def test_days_of_notice_are_between_ten_and_a_year(planner: Client, days: int) -> None:
    """Wherever they are typed."""
    customer = factories.CustomerFactory.create()
    operator = factories.OperatorFactory.create(code="mno-1")
    message = "Notice is ten days at least, and a year at most."
    with factories.nothing_changes():
        asked = (
            planner.post(page(Customer, "change", customer.pk), posted(customer, notice_days=days)),
            planner.post(page(Operator, "change", operator.pk), {"code": "mno-1", "notice_days": days}),
        )
    assert [errors(answer) for answer in asked] == [{"__all__": [message]}] * 2
    planner.post(page(Customer, "change", customer.pk), posted(customer, notice_days=14))
    planner.post(page(Operator, "change", operator.pk), {"code": "mno-1", "notice_days": 15})
    assert (Customer.objects.get().notice_days, Operator.objects.get().notice_days) == (14, 15)


def test_region_takes_hours_and_days(planner: Client) -> None:
    region = Region.objects.get(slug="fr")
    names = ("language", "timezone", "sender_name", "sender_email", "reply_to", "support_email", "support_phone")
    same = {name: str(getattr(region, name)) for name in names}
    answer = planner.post(page(Region, "change", region.pk), {**same, "opens": "18:00", "closes": "09:00", "notice_days": ""})
    assert errors(answer) == {"__all__": ["The office must close after it opens."]}
    planner.post(page(Region, "change", region.pk), {**same, "opens": "08:30", "closes": "17:00", "notice_days": "12"})
    region.refresh_from_db()
    assert (f"{region.opens:%H:%M}", f"{region.closes:%H:%M}", region.notice_days) == ("08:30", "17:00", 12)


def test_contact_can_mute_reminders_and_progress(planner: Client) -> None:
    contact = factories.ContactFactory.create()
    same = {"email": contact.email, "name": contact.name, "language": "", "timezone": "", **NO_ROWS}
    planner.post(page(Contact, "change", contact.pk), {**same, "progress": "on"})
    contact.refresh_from_db()
    assert (contact.reminders, contact.progress) == (False, True)


@pytest.mark.parametrize(("model", "shown"), [(Region, "notice_days"), (Operator, "notice_days"), (Customer, "notice_days"), (Contact, "reminders")])
def test_list_shows_what_was_agreed(planner: Client, model: type[Model], shown: str) -> None:
    factories.ContactRoleFactory.create()
    factories.OperatorFactory.create()
    assert f"column-{shown}" in planner.get(page(model)).content.decode()
