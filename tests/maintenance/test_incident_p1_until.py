"""Until when an incident was a P1: what was lowered but not closed justifies no more than what was closed."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from maintenance import booking
from maintenance.incidents import as_p1, assess, close_incident, disprove, open_incident, override_priority, take_back_override
from maintenance.models import Incident
from maintenance.policy import P1
from tests.factories import BY, NOW, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, kinds, p1

pytestmark = pytest.mark.django_db
Step = Callable[[Incident, datetime], None]


def sims(number: int) -> Step:
    """Return what changes the number of SIMs affected."""

    def step(incident: Incident, now: datetime) -> None:
        incident.sims = number
        assess(incident, now=now)

    return step


def rated(priority: str) -> Step:
    """Return what raises or lowers it by hand."""
    return lambda incident, now: override_priority(incident, priority=priority, reason="r", by=BY, now=now)


def taken_back(incident: Incident, now: datetime) -> None:
    """Let the computed priority count again."""
    take_back_override(incident, reason="r", by=BY, now=now)


def refuted(incident: Incident, now: datetime) -> None:
    """Say that it never was one."""
    disprove(incident, reason="r", by=BY, now=now)


def closed(incident: Incident, now: datetime) -> None:
    """Close it."""
    close_incident(incident, now=now)


@pytest.mark.parametrize(
    ("first", "steps", "expected"),
    [
        (501, (sims(900),), [None]),
        (501, (sims(5), sims(6), closed, sims(7)), [1, 1, 1, 1]),  # lowered first: closing gives it no second week
        (501, (closed, sims(5), sims(900)), [1, 1, 1]),  # closed first
        (501, (sims(5), sims(501), closed), [1, None, 3]),  # a P1 again
        (501, (rated("P3"), rated("P1"), rated("P2"), taken_back), [1, None, 3, None]),
        (5, (sims(6), rated("P1"), taken_back, closed), [None, None, 3, 3]),  # a mistake, taken back
        (5, (closed, sims(501), sims(5)), [None, 1, 1]),  # found to have been one after closing
        (501, (sims(5), closed, rated("P1"), taken_back), [1, 1, 2, 2]),  # raised after closing: one until then
        (501, (refuted, rated("P1"), refuted, closed), [1, None, 3, 3]),
        (5, (closed,), [None]),
    ],
)
def test_p1_until_follows_priority_and_closing(first: int, steps: tuple[Step, ...], expected: list[int | None]) -> None:
    """As stored, after each step; a step an hour. An old copy in a form changes nothing of it."""
    incident = open_incident(reference="INC-1", title="Core down", domain="provider", sims=first, now=NOW)
    stale, found = Incident.objects.get(), []
    for number, step in enumerate(steps, start=1):
        step(incident, NOW + number * HOUR)
        stale.sims = incident.sims
        assess(stale, now=NOW + number * HOUR)
        found.append(Incident.objects.get().p1_until)
    assert found == [None if hours is None else NOW + hours * HOUR for hours in expected]
    assert stale.p1_until == found[-1]


def test_as_p1_of_one_that_was_lowered_and_closed() -> None:
    """What came first counts."""
    incident = p1()
    sims(5)(incident, NOW + HOUR)
    assert as_p1(incident) == P1("INC-1", "P4", NOW, NOW + HOUR)
    close_incident(incident, now=NOW + DAY)
    assert as_p1(Incident.objects.get()) == P1("INC-1", "P4", NOW, NOW + HOUR)


def test_emergency_long_after_it_was_lowered_is_refused() -> None:
    """Sixty days later, still open: as if it had been closed; and why is said truly."""
    reader(account="A")
    incident, now = p1(), NOW + 60 * DAY
    sims(5)(incident, NOW + HOUR)
    maintenance = booked(incident=incident, windows=(window(1, since=now),))
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.announce(maintenance, by=BY, now=now)
    assert (Incident.objects.get().closed_at, refusal.value.messages[-1]) == (
        None,
        (
            "Incident INC-1 has not been a P1 since 2026-11-22 10:00 +0000 Europe/London, "
            "more than 7 days before the start on 2027-01-22 09:00 +0000 Europe/London."
        ),
    )


def test_emergency_after_a_raise_that_was_taken_back_five_minutes_later_is_refused() -> None:
    reader()
    incident = p1(sims=5)
    rated("P1")(incident, NOW)
    taken_back(incident, NOW + timedelta(minutes=5))
    maintenance = booked(incident=incident, windows=(window(8),))
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.announce(maintenance, by=BY, now=NOW + HOUR)
    assert refusal.value.messages[-1].startswith("Incident INC-1 has not been a P1 since 2026-11-22 09:05 +0000 Europe/London, more than 7 days")


def test_emergency_within_the_days_after_it_was_lowered() -> None:
    """The lasting repair belongs to the same P1, to the end of the seventh day; a P1 again, it justifies as before."""
    reader()
    incident = p1()
    sims(5)(incident, NOW)
    assert list(kinds(announced(reference="MNT-1", incident=incident, windows=(window(7),)).notices.get()).values()) == ["emergency"]
    sims(501)(incident, NOW)
    assert list(kinds(announced(reference="MNT-2", incident=incident, windows=(window(9),)).notices.get()).values()) == ["emergency"]
