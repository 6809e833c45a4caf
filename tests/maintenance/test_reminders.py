"""Which reminders are due, and that each has its turn once."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance import booking
from maintenance.models import Reminded, UpdateRule, Window
from maintenance.reminders import due_reminders
from maintenance.states import Impact
from tests.factories import BY, NOW, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, p1

pytestmark = pytest.mark.django_db
START = NOW + 30 * DAY
INSTANT = timedelta(microseconds=1)


def due(now: datetime) -> list[tuple[str, int, bool]]:
    """Return window, hours and whether a mail is needed."""
    return [(str(one.window), one.hours, one.needed) for one in due_reminders(now)]


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (START - 48 * HOUR - INSTANT, []),
        (START - 48 * HOUR, [("MNT-1.1", 48, True)]),
        (START - INSTANT, [("MNT-1.1", 48, True)]),
        (START, []),
    ],
)
def test_due_from_its_hours_to_the_start(now: datetime, found: list[tuple[str, int, bool]]) -> None:
    reader()
    announced()
    assert due(now) == found


@pytest.mark.parametrize(
    ("impact", "hours"),
    [(Impact.NO_IMPACT, []), (Impact.REDUCED_REDUNDANCY, []), (Impact.DEGRADED, [48]), (Impact.OUTAGE, [48])],
)
def test_due_by_impact(impact: Impact, hours: list[int]) -> None:
    reader()
    announced(impact=impact)
    assert [number for _window, number, _needed in due(START - HOUR)] == hours


def test_due_by_each_tiers_hours() -> None:
    UpdateRule.objects.filter(tier__slug="enterprise", impact="outage").update(reminder_hours=24)
    UpdateRule.objects.filter(tier__slug="plus", impact="outage").update(reminder_hours=None)
    reader()
    announced()
    assert due(START - 30 * HOUR) == [("MNT-1.1", 48, True)]
    assert due(START - 24 * HOUR) == [("MNT-1.1", 48, True), ("MNT-1.1", 24, True)]


def test_due_nothing_where_no_tier_is_reminded() -> None:
    UpdateRule.objects.update(reminder_hours=None)
    reader()
    announced()
    assert due(START - HOUR) == []


@pytest.mark.parametrize(("done_at", "needed"), [(NOW - INSTANT, True), (NOW, False)])
def test_due_once_for_a_start_and_again_for_another(done_at: datetime, needed: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """With need where it was done before the window was promised as it is."""
    reader()
    night = announced().windows.get()
    Reminded.objects.create(window=night, start=night.start, hours=48, done_at=done_at)
    assert due(START - HOUR) == []
    Window.objects.update(start=START + HOUR, end=START + 2 * HOUR)
    assert due(START - HOUR) == [("MNT-1.1", 48, needed)]


@pytest.mark.parametrize(("hours", "needed"), [(48, False), (24, True)])
def test_due_without_need_where_the_start_that_was_reminded_of_is_eased(hours: int, needed: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """Within what was promised; a reminder at other hours has its own turn."""
    UpdateRule.objects.exclude(reminder_hours=None).update(reminder_hours=hours)
    reader()
    maintenance = announced()
    Reminded.objects.create(window=maintenance.windows.get(), start=START, hours=48, done_at=NOW)
    booking.move(maintenance, number=1, start=START + HOUR, end=START + 2 * HOUR, by=BY, now=START - 25 * HOUR)
    assert due(START) == [("MNT-1.1", hours, needed)]


def test_due_anew_for_a_window_moved_with_fresh_notice_though_to_its_first_hours() -> None:
    reader()
    maintenance = announced()
    Reminded.objects.create(window=maintenance.windows.get(), start=START, hours=48, done_at=NOW)
    booking.move(maintenance, number=1, start=START + DAY, end=START + DAY + HOUR, by=BY, now=NOW + HOUR)
    assert due(START) == [("MNT-1.1", 48, True)]


def test_due_without_need_where_the_notice_is_newer() -> None:
    reader()
    incident = p1()
    announced(incident=incident, now=START - 48 * HOUR)
    announced(reference="MNT-2", incident=incident, now=START - 48 * HOUR - INSTANT)
    assert due(START - HOUR) == [("MNT-1.1", 48, False), ("MNT-2.1", 48, True)]


def test_due_only_of_announced_windows_that_are_no_alternates() -> None:
    reader()
    booked(reference="DRAFT")
    cancelled = announced(reference="GONE")
    booking.cancel(cancelled, by=BY, now=NOW)
    announced(reference="SPARE")
    Window.objects.filter(maintenance__reference="SPARE").update(alternate=True)
    assert due(START - HOUR) == []


@pytest.mark.parametrize("number", [1, 3])
def test_due_costs_the_same_for_any_number_of_windows(number: int) -> None:
    reader()
    announced(windows=tuple(window(30 + night / 10) for night in range(number)))
    with CaptureQueriesContext(connection) as captured:
        assert len(due_reminders(START - HOUR)) == number
    assert len(captured) == 3
