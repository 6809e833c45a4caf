"""What notices tell beside the verbs: titles for planners, whom a notice told, and rows written once."""

import pytest

from customers.models import Customer
from maintenance.models import Maintenance, Notice, NoticeCustomer
from maintenance.notices import intervals, latest, tell, title_of, told_by
from maintenance.said import Interval
from maintenance.states import Kind
from tests.factories import reader, texts, window
from tests.maintenance.telling import announced, booked, kinds, p1

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("languages", "title"), [(("da", "en", "fr"), "Title (en)"), (("fr", "da"), "Title (da)")])
def test_title_for_planners(languages: tuple[str, ...], title: str) -> None:
    """In English where there is one."""
    assert title_of(booked(texts=texts(*languages))) == title


def test_title_of_work_without_words() -> None:
    """Says that there is none."""
    assert title_of(Maintenance.objects.get(pk=booked().pk)) == "Title (en)"
    maintenance = Maintenance.objects.get()
    maintenance.texts.all().delete()
    assert title_of(maintenance) == "(no title)"


def test_a_draft_has_told_nobody() -> None:
    """No notice, no customers, no intervals."""
    reader()
    maintenance = booked()
    assert (latest(maintenance), list(told_by(None)), intervals(None)) == (None, [], {})


def test_intervals_by_window_number() -> None:
    """As they were told."""
    maintenance = announced()
    window = maintenance.windows.get()
    assert intervals(latest(maintenance)) == {1: Interval(window.start, window.end)}


def test_tell_twice_keeps_the_first_kind() -> None:
    """A customer gets one kind of a notice, however often it is added; how many were new is told."""
    reader(account="A")
    notice = announced().notices.get()
    reader(account="B")
    assert tell(notice, Customer.objects.all(), Kind.CANCELLED) == 1
    assert (kinds(notice), NoticeCustomer.objects.count()) == ({"A": "announced", "B": "cancelled"}, 2)


def test_snapshot_of_planned_work_with_a_p1_does_not_speak_of_it() -> None:
    """With the full notice it is planned work: neither mail nor calendar may call it an emergency."""
    reader()
    planned, hurried = announced(incident=p1()), announced(reference="MNT-2", incident=p1("INC-2"), windows=(window(3),))
    told = [notice.said for notice in Notice.objects.order_by("pk")]
    assert [(said.incident, [one.emergency for one in said.windows]) for said in told] == [("", [False]), ("INC-2", [True])]
    assert (planned.incident_id is None, hurried.incident_id is None) == (False, False)
