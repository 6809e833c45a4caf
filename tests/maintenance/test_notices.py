"""What notices tell beside the verbs: titles for planners, whom a notice told, and rows written once."""

import pytest

from maintenance import booking
from maintenance.models import Maintenance, Notice
from maintenance.notices import Row, latest, stands_told, tell, title_of
from maintenance.states import Kind
from tests.factories import BY, NOW, reader, texts, window
from tests.maintenance.telling import DAY, announced, booked, p1

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
    """No notice, no customers."""
    reader()
    maintenance = booked()
    assert (latest(maintenance), list(stands_told(maintenance))) == (None, [])


def test_tell_tells_each_customer_its_own() -> None:
    """Kind, deadline and the moment from which it is of no use."""
    customer = reader(account="A")
    notice = announced().notices.get()
    other = reader(account="B")
    assert tell(notice, [Row(other.pk, Kind.REMINDER, deadline=NOW, stale_at=NOW)]) == 1
    rows = list(notice.customers.order_by("pk").values_list("customer", "kind", "deadline", "stale_at"))
    assert rows == [(customer.pk, "announced", NOW + 20 * DAY, None), (other.pk, "reminder", NOW, NOW)]


def test_stands_told_by_the_newest_word() -> None:
    """Who was told of the work, until it was told that it is off; reminders and progress change nothing of it."""
    reader(account="A")
    maintenance = announced()
    booking.remind(maintenance.windows.get(), hours=48, now=NOW + 28 * DAY)
    told = list(stands_told(maintenance).values_list("account", flat=True))
    booking.cancel(maintenance, by=BY, now=NOW + 28 * DAY)
    assert (told, list(stands_told(maintenance))) == (["A"], [])


def test_snapshot_of_planned_work_with_a_p1_does_not_speak_of_it() -> None:
    """With the full notice it is planned work: neither mail nor calendar may call it an emergency."""
    reader()
    planned, hurried = announced(incident=p1()), announced(reference="MNT-2", incident=p1("INC-2"), windows=(window(3),))
    told = [notice.said for notice in Notice.objects.order_by("pk")]
    assert [(said.incident, [one.emergency for one in said.windows]) for said in told] == [("", [False]), ("INC-2", [True])]
    assert (planned.incident_id is None, hurried.incident_id is None) == (False, False)
