"""What stands in the way of a window: freezes and other work."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from maintenance import obstacles
from maintenance.models import Maintenance
from maintenance.obstacles import Found
from maintenance.states import Basis, Obstacle
from tests.factories import OperatorFactory, ServiceFactory, component, reader
from tests.maintenance.works import HOUR, START, freeze, windows_of, work

pytestmark = pytest.mark.django_db

TWO_HOURS = "2026-12-22 09:00 +0000 Europe/London to 2026-12-22 11:00 +0000 Europe/London"
END = START + 2 * HOUR


def found(maintenance: Maintenance) -> tuple[Found, ...]:
    """Return what stands in the way of all its windows."""
    return obstacles.find(maintenance, windows_of(maintenance))


def words(maintenance: Maintenance) -> list[str]:
    """Return it in words."""
    return [one.what for one in found(maintenance)]


def test_nothing_stands_in_the_way() -> None:
    reader()
    assert found(work("MNT-1")) == ()
    assert obstacles.find(work("MNT-2"), []) == ()


def test_freeze_of_everything_is_hard_for_own_work() -> None:
    """Also where nobody is hit; it says from when the window could begin."""
    freeze(end=END - HOUR)
    what = "Window MNT-1.1 is in the freeze “Black Friday” of everything, {} to {}; it hits {}."
    times = ("2026-12-22 09:00 +0000 Europe/London", "2026-12-22 10:00 +0000 Europe/London")
    mine = work("MNT-1", state="draft")
    assert found(mine) == (Found(Obstacle.FREEZE, hard=True, window=1, what=what.format(*times, "0 customers"), free_from=END - HOUR),)
    reader(account="A")
    assert words(mine) == [what.format(*times, "1 customer: A")]


@pytest.mark.parametrize(
    ("supplied", "basis", "hard"), [(False, "planned", True), (False, "late", True), (True, "planned", False), (False, "emergency", False)]
)
def test_freeze_is_a_warning_for_a_supplier_and_an_emergency(supplied: bool, basis: str, hard: bool) -> None:  # noqa: FBT001  # parameters of a test
    freeze()
    mine = work("MNT-1", state="draft", supplier=OperatorFactory.create() if supplied else None)
    (window,) = windows_of(mine)
    window.basis = Basis(basis)  # as a verb holds it, not yet stored
    assert [(one.hard, one.free_from) for one in obstacles.find(mine, [window])] == [(hard, END if hard else None)]


@pytest.mark.parametrize(
    ("begins", "ends", "blocks"),
    [
        (timedelta(hours=-3), timedelta(0), False),
        (timedelta(hours=-3), timedelta(minutes=1), True),
        (timedelta(minutes=30), timedelta(minutes=31), True),
        (timedelta(hours=-9), timedelta(hours=9), True),
        (timedelta(minutes=119), timedelta(hours=9), True),
        (timedelta(hours=2), timedelta(hours=9), False),
    ],
)
def test_times_are_half_open(begins: timedelta, ends: timedelta, blocks: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """What ends exactly when the window begins is no obstacle, nor is what begins when it ends."""
    reader(account="A")
    mine = work("MNT-1", state="draft")
    work("MNT-2", (START + begins, START + ends))
    assert [one.obstacle for one in found(mine)] == [Obstacle.CONFLICT] * blocks
    freeze(start=START + begins, end=START + ends)
    assert [one.obstacle for one in found(mine)] == [Obstacle.FREEZE, Obstacle.CONFLICT] * blocks


def test_window_is_taken_as_it_is_in_memory() -> None:
    """A verb asks before it stores the times."""
    freeze()
    mine = work("MNT-1", (END, END + HOUR), state="draft")
    (window,) = windows_of(mine)
    assert obstacles.find(mine, [window]) == ()
    window.start = END - timedelta(minutes=1)
    assert [one.free_from for one in obstacles.find(mine, [window])] == [END]


def test_free_from_is_after_every_freeze_that_the_whole_window_would_touch() -> None:
    """Gaps shorter than the window do not help; a freeze that is about others does not count."""
    here, elsewhere = reader(account="A"), reader(account="B", region_slug="fr", service="platform.api")
    freeze("one")
    freeze("two", start=END + HOUR, end=END + 3 * HOUR, region=here.region)
    freeze("not ours", start=END + 3 * HOUR, end=END + 9 * HOUR, customer=elsewhere)
    freeze("past", start=START - 2 * HOUR, end=START)
    freeze("later", start=END + 5 * HOUR, end=END + 6 * HOUR)
    assert [one.free_from for one in found(work("MNT-1", state="draft"))] == [END + 3 * HOUR]


def test_freeze_of_a_region_is_about_its_customers_only() -> None:
    here, elsewhere = reader(account="A", region_slug="uk"), reader(account="B", region_slug="fr")
    freeze(region=here.region)
    freeze("spain", region=reader(account="C", region_slug="es", service="platform.api").region)
    mine = work("MNT-1", state="draft")
    assert words(mine) == [f"Window MNT-1.1 is in the freeze “Black Friday” of United Kingdom, {TWO_HOURS}; it hits 1 customer: A."]
    freeze("french", region=elsewhere.region)
    assert [line.partition("; ")[2] for line in words(mine)] == ["it hits 1 customer: A.", "it hits 1 customer: B."]


def test_freeze_of_a_customer_is_about_that_customer_only() -> None:
    """Not about another one of the same region, nor about work that hits it not at all."""
    reader(account="A")
    quiet, asleep = reader(account="B"), reader(account="C", service="platform.api")
    freeze("asleep", customer=asleep, asked_for_by="Ms Smith")
    mine = work("MNT-1", state="draft")
    assert words(mine) == []
    freeze("quiet", customer=quiet)
    assert words(mine) == [f"Window MNT-1.1 is in the freeze “quiet” of B Customer B, {TWO_HOURS}; it hits 1 customer: B."]


def test_freeze_of_a_component_is_about_the_scope_and_about_what_is_left_of_it() -> None:
    """Where objects narrow the window only what is really hit counts; where nothing does, work on the component is enough."""
    freeze(component=component("platform.api"))
    scopes = [("netpro.ipsec", "provider", None), ("platform.api", "provider", None)]
    reader(account="A", object_id="one")
    narrowed = work("MNT-1", (START, END, ("one",)), state="draft", scopes=scopes)
    assert [words(narrowed), words(work("MNT-2", state="draft"))] == [[], []]
    assert [line.rpartition("; ")[2] for line in words(work("MNT-3", state="draft", scopes=scopes))] == ["it hits 0 customers."]
    reader(account="B", object_id="one", service="platform.api")
    assert [line.rpartition("; ")[2] for line in words(narrowed)] == ["it hits 1 customer: B."]


def test_conflict_names_the_other_work_and_ten_customers() -> None:
    for number in range(12):
        reader(account=f"A{number:02d}")
    work("MNT-2")
    named = ", ".join(f"A{number:02d}" for number in range(10))
    what = f"Window MNT-1.1 meets MNT-2.1, {TWO_HOURS}; both hit 12 customers: {named} (+2)."
    assert found(work("MNT-1", state="draft")) == (Found(Obstacle.CONFLICT, hard=False, window=1, what=what),)


@pytest.mark.parametrize("state", ["draft", "announced", "in_progress", "completed", "not_completed", "postponed", "cancelled", "presumed_ended"])
def test_conflict_is_with_work_that_is_announced_or_in_progress(state: str) -> None:
    reader(account="A")
    work("MNT-2", state=state)
    assert [one.obstacle for one in found(work("MNT-1", state="draft"))] == [Obstacle.CONFLICT] * (state in {"announced", "in_progress"})


def test_conflict_is_by_customer_not_by_component() -> None:
    """Two components of one customer conflict; one component of two customers does not."""
    first, second = reader(account="A", object_id="one"), reader(account="B", object_id="two")
    operator = OperatorFactory.create()
    mine = work("MNT-1", state="draft", objects=["one"])
    work("MNT-2", objects=["two"])
    work("MNT-3", scopes=[("data.private-apn", "mno", operator)])
    ServiceFactory.create(customer=second, slug="data.private-apn", operator=operator)
    ServiceFactory.create(customer=first, slug="data.private-apn", operator=OperatorFactory.create())
    assert found(mine) == ()
    ServiceFactory.create(customer=first, slug="data.private-apn", operator=operator)
    assert words(mine) == [f"Window MNT-1.1 meets MNT-3.1, {TWO_HOURS}; both hit 1 customer: A."]


def test_conflict_is_by_what_narrowed_windows_hit() -> None:
    """On both sides; ids narrow within each one's own scope."""
    reader(account="A", object_id="one")
    reader(account="B", object_id="two")
    mine = work("MNT-1", (START, END, ("one",)), (START + HOUR, END, ("two",)), state="draft")
    work("MNT-2", (START, END, ("two",)))
    assert [(one.window, one.what.rpartition("; ")[2]) for one in found(mine)] == [(2, "both hit 1 customer: B.")]


def test_windows_of_one_maintenance_conflict_with_each_other() -> None:
    """Told once, of the first; those that hit different customers, or follow each other, do not."""
    reader(account="A", object_id="one")
    reader(account="B", object_id="two")
    assert words(work("MNT-1", (START, END), (END, END + HOUR), state="draft")) == []
    assert words(work("MNT-2", (START, END, ("one",)), (START, END, ("two",)), state="draft")) == []
    overlapping = work("MNT-3", (START, END, ("one",)), (START, END), state="draft")
    assert words(overlapping) == [f"Window MNT-3.1 meets MNT-3.2, {TWO_HOURS}; both hit 1 customer: A."]


def test_announced_window_does_not_conflict_with_itself() -> None:
    """When it moves, its stored row is not other work; a window that stays is."""
    reader(account="A")
    mine = work("MNT-1", (START, END), (END, END + HOUR))
    first, _second = windows_of(mine)
    first.end = END + HOUR
    assert [(one.window, one.what.partition(",")[0]) for one in obstacles.find(mine, [first])] == [(1, "Window MNT-1.1 meets MNT-1.2")]


@pytest.mark.parametrize("turned", [False, True])
def test_backup_hit_in_the_same_window(turned: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """Whichever of the two names the other."""
    customer = reader(account="A", object_id="one")
    first, second = customer.held.get(), ServiceFactory.create(customer=customer, object_id="two")
    one, other = (second, first) if turned else (first, second)
    one.backup = other
    one.save()
    assert words(work("MNT-1", state="draft", objects=["one"])) == []
    assert words(work("MNT-2", state="draft")) == ["Window MNT-2.1 hits services together with their backups, of 1 customer: A."]


@pytest.mark.parametrize("turned", [False, True])
def test_backup_hit_by_other_work(turned: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """Whichever names the other; also where the backup is another account's, so that no customer is hit twice."""
    reader(account="C", object_id="three")
    first, second = reader(account="A", object_id="one").held.get(), reader(account="B", object_id="two").held.get()
    one, other = (second, first) if turned else (first, second)
    one.backup = other
    one.save()
    mine = work("MNT-1", state="draft", objects=["one"])
    work("MNT-2", objects=["two"])
    work("MNT-3", objects=["three"])
    assert words(mine) == [f"Window MNT-1.1 meets MNT-2.1, {TWO_HOURS}: one hits services and the other their backups, of 1 customer: A."]


@pytest.mark.parametrize("number", [1, 3])
def test_find_costs_the_same_for_one_and_for_three(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Freezes, other windows, scopes, objects, services, customers: one query each, and none for more windows, work or freezes."""
    times = [(START + 3 * night * HOUR, END + 3 * night * HOUR, ("one",)) for night in range(number)]
    for one in range(number):
        reader(object_id="one")
        freeze(f"freeze {one}", start=times[one][0], end=times[one][1])
        work(f"MNT-2{one}", *times)
    mine = work("MNT-1", *times, state="draft")
    windows = windows_of(mine)
    with django_assert_num_queries(6):
        assert len(obstacles.find(mine, windows)) == number + number * number
