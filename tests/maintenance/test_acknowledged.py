"""Which obstacles were acknowledged, whatever language the planner read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from maintenance.acknowledged import judged
from maintenance.models import Acknowledgement, Maintenance
from maintenance.obstacles import find
from tests.factories import BY, NOW, OperatorFactory, reader
from tests.maintenance.works import START, freeze, windows_of, work

pytestmark = pytest.mark.django_db


def acknowledge(maintenance: Maintenance, number: int, language: str = "en") -> Acknowledgement:
    """Record that one of the obstacles was known to a planner who reads in a language, as ``obstacles.check`` keeps it."""
    with translation.override(language):
        one = find(maintenance, windows_of(maintenance))[number]
    return Acknowledgement.objects.create(maintenance=maintenance, obstacle=one.obstacle, what=one.kept, reason="must", recorded_at=NOW, recorded_by=BY)


def suppliers_work() -> Maintenance:
    """Return a supplier's work, whose obstacles can be overcome."""
    reader(account="A")
    return work("MNT-1", supplier=OperatorFactory.create())


def test_judged_without_obstacles_is_nothing() -> None:
    maintenance = suppliers_work()
    assert judged(maintenance, windows_of(maintenance)) == ()


@pytest.mark.parametrize("language", ["en", "es", "zh-hans"])
def test_judged_finds_what_was_acknowledged_in_any_language(language: str) -> None:
    freeze("Sales")
    maintenance = suppliers_work()
    work("MNT-2")
    row = acknowledge(maintenance, 1, language)
    found = judged(maintenance, windows_of(maintenance))
    assert [(one.found.obstacle, one.acknowledged) for one in found] == [("freeze", None), ("conflict", row)]
    assert [one.found for one in found] == list(find(maintenance, windows_of(maintenance)))


def test_judged_takes_another_start_for_another_obstacle() -> None:
    """A freeze that was made longer was not what the planner knew."""
    row = freeze("Sales")
    maintenance = suppliers_work()
    acknowledge(maintenance, 0)
    row.end = START.replace(month=12, day=31)
    row.save()
    assert [one.acknowledged for one in judged(maintenance, windows_of(maintenance))] == [None]


def test_judged_costs_the_same_for_any_number_of_obstacles() -> None:
    freeze("Sales")
    maintenance = suppliers_work()
    costs = []
    for number in range(3):
        acknowledge(maintenance, number, "es")
        with CaptureQueriesContext(connection) as captured:
            assert all(one.acknowledged for one in judged(maintenance, windows_of(maintenance)))
        costs.append(len(captured))
        work(f"MNT-1{number}")
    assert costs[1:] == [costs[1]] * 2
