"""The search with the database's part: whom the work hits, and what stands against a time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries, Settings

from customers.models import Customer, Region
from maintenance import slot_search
from maintenance.draft import ScopeDraft
from maintenance.impact import hit_by_any_window
from maintenance.slot_search import Slots, Work
from maintenance.states import Impact
from tests.factories import NOW, CustomerFactory, OperatorFactory, ServiceFactory, component, reader
from tests.maintenance.works import freeze, work

pytestmark = pytest.mark.django_db

UTC_ZONE = ZoneInfo("UTC")
DAY = date(2026, 12, 14)
"""A Monday."""


def at(hour: int, day: int = 14) -> datetime:
    """Return an hour of a day of that December."""
    return datetime(2026, 12, day, tzinfo=UTC) + timedelta(hours=hour)


def ipsec(*objects: str, slug: str = "netpro.ipsec", **options: Any) -> Work:  # noqa: ANN401  # what ``work_on`` takes
    """Return work on one component in the provider's domain."""
    return slot_search.work_on([ScopeDraft(component(slug), "provider")], objects=objects, **options)


def search(what: Work, *, hours: float = 6, days: int = 1, first: date = DAY, impact: Impact = Impact.OUTAGE) -> Slots:
    """Return the slots on a Monday, 22 days ahead."""
    asked = slot_search.wanted(length=timedelta(hours=hours), first=first, last=first + timedelta(days=days - 1), zone=UTC_ZONE, impact=impact)
    return slot_search.search(what, asked, now=NOW)


def offered(slots: Slots) -> list[tuple[datetime, int, tuple[str, ...]]]:
    """Return start, SIMs and conflicts of what is offered."""
    return [(slot.start, slot.sims, slot.conflicts) for slot in slots.offered]


def sims(slots: Slots) -> list[int]:
    """Return the SIMs at work of each slot, in order of time."""
    return [slot.sims for slot in sorted(slots.offered, key=lambda slot: slot.start)]


def test_sims_of_one_customer_are_never_added_up() -> None:
    """The largest of its services, at most its base; a base of nought is not known. Others are not hit."""
    first = reader(account="A", sim_base=250)  # its service says 100
    ServiceFactory.create(customer=first, sims=300)
    ServiceFactory.create(customer=CustomerFactory.create(account="B", sim_base=0), sims=7)
    ServiceFactory.create(customer=first, sims=5000, slug="platform.api")
    reader(account="C", service="platform.api")
    slots = search(ipsec(), hours=24)
    assert (slots.customers, sims(slots)) == (2, [257])


def test_working_hours_are_the_regions_by_the_customers_clocks() -> None:
    """A customer of the UK in New York works from 9 to 18 there, unless the region's hours are others."""
    reader(account="A", region_slug="uk", timezone="", sim_base=100)
    Customer.objects.update(timezone="America/New_York")
    assert offered(search(ipsec(), hours=9)) == [(at(0), 0, ()), (at(23), 0, ()), (at(9), 100, ())]
    Region.objects.filter(slug="uk").update(opens="12:00", closes="13:00")
    assert offered(search(ipsec(), hours=9)) == [(at(0), 0, ()), (at(18), 0, ()), (at(9), 100, ())]


def test_work_that_nobody_notices_is_not_ranked_by_sims() -> None:
    reader(account="A")
    assert [slot.start for slot in search(ipsec(), hours=12, impact=Impact.NO_IMPACT).offered] == [at(0), at(12)]
    assert [slot.start for slot in search(ipsec(), hours=12, impact=Impact.REDUCED_REDUNDANCY).offered] == [at(18), at(0)]


@pytest.mark.parametrize(
    ("who", "days", "first"),
    [
        ("nobody", 10, at(9, 3)),
        ("settings", 11, at(9, 4)),
        ("region", 12, at(9, 5)),
        ("customer", 13, at(9, 6)),
        ("supplier", 15, at(9, 8)),
        ("another region", 20, at(9, 3)),
    ],
)
def test_earliest_keeps_the_days_of_everybody_and_the_margin(who: str, days: int, first: datetime, settings: Settings) -> None:
    """NOW is 9 o'clock on 22 November, the margin 24 hours; the most days count."""
    customer = reader(account="A")
    supplier = OperatorFactory.create(notice_days=days if who == "supplier" else None)
    if who == "settings":
        settings.NOTICE_DAYS = days
    Region.objects.filter(slug={"region": "uk", "another region": "fr"}.get(who, "")).update(notice_days=days)
    if who == "customer":
        Customer.objects.filter(pk=customer.pk).update(notice_days=days)
    slots = search(ipsec(supplier=supplier), first=first.date(), hours=1)
    assert (slots.earliest, min(slot.start for slot in slots.offered) >= first) == (first, True)
    assert search(ipsec(supplier=supplier), first=first.date() - timedelta(days=1), hours=1).offered == ()


def test_earliest_of_work_that_hits_nobody() -> None:
    """UTC and ten days."""
    slots = search(ipsec(), first=date(2026, 12, 3), hours=24)
    assert (slots.customers, slots.earliest, offered(slots)) == (0, at(9, 3), [(at(9, 3), 0, ())])


def test_freezes_of_what_is_hit_are_left_out_and_named() -> None:
    """Everything, the region, the customer, the component worked on; those of others stay out."""
    here = reader(account="A")
    there = reader(account="B", region_slug="fr", service="platform.api")
    freeze("all", start=at(0), end=at(2))
    freeze("region", start=at(2), end=at(4), region=here.region)
    freeze("customer", start=at(4), end=at(6), customer=here)
    freeze("component", start=at(6), end=at(8), component=component())
    others: list[dict[str, Any]] = [{"region": there.region}, {"customer": there}, {"component": component("platform.api")}]
    for number, of in enumerate(others):
        freeze(f"other {number}", start=at(8), end=at(24), **of)
    slots = search(ipsec(), hours=16)
    assert [slot.start for slot in slots.offered] == [at(8)]
    assert [freeze.partition(",")[0] for freeze in slots.freezes] == [
        "“all” of everything",
        "“region” of United Kingdom",
        "“customer” of A Customer A",
        "“component” of netpro.ipsec (customer IPsec)",
    ]
    assert slots.freezes[0] == "“all” of everything, 2026-12-14 00:00 +0000 UTC to 2026-12-14 02:00 +0000 UTC"


def test_freeze_holds_for_a_suppliers_work_too() -> None:
    """It could be announced with a reason, but there is a better time."""
    freeze("all", start=at(0), end=at(18))
    assert [slot.start for slot in search(ipsec(supplier=OperatorFactory.create())).offered] == [at(18)]


def test_conflicts_rank_behind_whatever_the_hour() -> None:
    """By what other work's windows hit of the same customers: any of their services, narrowed or not."""
    first = reader(account="A", object_id="one")
    ServiceFactory.create(customer=first, slug="platform.api", object_id="two")
    reader(account="B", service="platform.api", object_id="three")
    api = [("platform.api", "provider", None)]
    work("MNT-ALL", (at(0), at(6)), scopes=api)
    work("MNT-MINE", (at(6), at(12), ("two",)), scopes=api)
    work("MNT-OTHERS", (at(12), at(18), ("three",)), scopes=api)
    work("MNT-DRAFT", (at(18), at(24)), scopes=api, state="draft")
    assert offered(search(ipsec())) == [
        (at(18), 0, ()),
        (at(12), 100, ()),
        (at(0), 0, ("MNT-ALL.1, 2026-12-14 00:00 +0000 UTC to 2026-12-14 06:00 +0000 UTC",)),
        (at(6), 100, ("MNT-MINE.1, 2026-12-14 06:00 +0000 UTC to 2026-12-14 12:00 +0000 UTC",)),
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_conflict_with_a_backup_of_another_account(turned: bool) -> None:  # noqa: FBT001  # a parameter of a test
    mine, theirs = reader(account="A").held.get(), reader(account="B", service="platform.api").held.get()
    one, other = (theirs, mine) if turned else (mine, theirs)
    one.backup = other
    one.save()
    work("MNT-2", (at(0), at(24)), scopes=[("platform.api", "provider", None)])
    assert [len(slot.conflicts) for slot in search(ipsec(), hours=24).offered] == [1]


def test_stored_draft_is_searched_by_its_windows_objects_and_does_not_meet_itself() -> None:
    """Those of one window or another are hit; its supplier asks for more days."""
    reader(account="A", object_id="one", sim_base=10)
    reader(account="B", object_id="two", sim_base=20)
    reader(account="C", object_id="three", sim_base=40)
    windows = [(at(0), at(24), (name,)) for name in ("one", "two")]
    mine = work("MNT-1", *windows, supplier=OperatorFactory.create(notice_days=15))
    slots = search(slot_search.work_of(mine), hours=24)
    assert (slots.customers, slots.earliest, offered(slots)) == (2, at(9, 8), [(at(0), 30, ())])


def test_scopes_objects_and_operators_say_what_is_hit() -> None:
    first, second = OperatorFactory.create(), OperatorFactory.create()
    for name, operator in (("one", first), ("two", second)):
        ServiceFactory.create(slug="data.mobile-core", operator=operator, object_id=name)
    ServiceFactory.create(slug="data.mobile-core", object_id="three")
    core = component("data.mobile-core")
    asked = [
        ([ScopeDraft(core, "mno")], ()),
        ([ScopeDraft(core, "mno", first)], ()),
        ([ScopeDraft(core, "mno", first), ScopeDraft(core, "provider")], ()),
        ([ScopeDraft(core, "mno"), ScopeDraft(core, "provider")], ("two", "three", "nine")),
    ]
    hit = [set(slot_search.work_on(scopes, objects=objects).services.values_list("object_id", flat=True)) for scopes, objects in asked]
    assert hit == [{"one", "two"}, {"one"}, {"one", "three"}, {"two", "three"}]


@pytest.mark.parametrize(
    ("minutes", "days", "errors"),
    [
        (0, 1, {"minutes": ["must be from 1 to 10080"]}),
        (10081, 1, {"minutes": ["must be from 1 to 10080"]}),
        (60, 0, {"last": ["must not be before the first day"]}),
        (60, 367, {"last": ["must be less than 366 days after the first day"]}),
    ],
)
def test_impossible_wishes_are_refused_by_field(minutes: int, days: int, errors: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError) as caught:
        search(ipsec(), hours=minutes / 60, days=days)
    assert caught.value.message_dict == errors
    assert len(search(ipsec(), hours=7 * 24, days=366).offered) == 10


@pytest.mark.parametrize("number", [1, 3])
def test_search_costs_the_same_for_one_and_for_three(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Regions, customers, freezes, windows, scopes, objects, kinds and named services: one query each."""
    for one in range(number):
        reader(object_id=f"object-{one}")
        freeze(f"freeze {one}", start=at(one), end=at(one + 1))
        work(f"MNT-{one}", *[(at(one), at(9), (f"object-{one}",))] * number)
    what = ipsec()
    with django_assert_num_queries(8):
        assert len(search(what, days=30).freezes) == number


@pytest.mark.parametrize("objects", [(), ("one", "two")])
@pytest.mark.parametrize("windows", [((),), (("one",),), (("one",), ("three",)), (("one",), ())])
def test_stored_draft_hits_what_announcing_would_hit(objects: tuple[str, ...], windows: tuple[tuple[str, ...], ...]) -> None:
    """Asked in another way, for speed, and answered the same."""
    operator = OperatorFactory.create()
    for name in ("one", "two", "three"):
        ServiceFactory.create(object_id=name)
        ServiceFactory.create(object_id=name, slug="data.mobile-core", operator=operator)
        ServiceFactory.create(object_id=name, slug="data.mobile-core", operator=OperatorFactory.create())
    scopes = [("netpro.ipsec", "provider", None), ("data.mobile-core", "mno", operator)]
    mine = work("MNT-1", *[(at(0), at(1), names) for names in windows], scopes=scopes, objects=objects)
    work("MNT-2", (at(0), at(1), ("two",)), objects=["three"])
    assert set(slot_search.work_of(mine).services) == set(hit_by_any_window(mine)) != set()
