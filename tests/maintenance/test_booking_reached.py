"""A move before everybody was reached: the change must not carry a late first notice past its line."""

from datetime import timedelta

import pytest

from customers.models import Service
from maintenance import booking
from maintenance.models import Maintenance, Notice
from tests.factories import BY, NOW, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, kinds, serve, told

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def test_move_inside_is_no_way_round_for_who_was_never_reached() -> None:
    """Whom no notice has reached yet gets the line of a first notice; whoever was served is told at once."""
    reader(account="SERVED")
    reader(account="UNREACHED")
    maintenance = announced(windows=(window(30), window(20)))
    serve(maintenance, "SERVED")
    notice = booking.move(maintenance, number=1, start=NOW + 30 * DAY + HOUR, end=NOW + 30 * DAY + 2 * HOUR, by=BY, now=LATER)
    assert told(notice) == {"SERVED": ("eased", None), "UNREACHED": ("announced", NOW + 10 * DAY)}


def test_move_outside_keeps_the_line_of_the_other_windows_for_who_was_never_reached() -> None:
    """The notice names every window: for them it is the first to do so."""
    reader(account="SERVED")
    reader(account="UNREACHED")
    maintenance = announced(windows=(window(30), window(20)))
    serve(maintenance, "SERVED")
    notice = booking.move(maintenance, number=1, start=NOW + 40 * DAY, end=NOW + 40 * DAY + HOUR, by=BY, now=LATER)
    assert told(notice) == {"SERVED": ("revised", NOW + 30 * DAY), "UNREACHED": ("announced", NOW + 10 * DAY)}


def test_snapshot_says_no_more_minutes_than_a_window_has() -> None:
    """Whatever was typed: service cannot be affected for longer than the work may last."""
    reader()
    announced(expected_outage_minutes=5000, windows=(window(30, hours=2), window(31, hours=6)))
    assert Notice.objects.get().said.expected_outage_minutes == 360


def test_move_when_nobody_is_hit_any_more() -> None:
    """All are told that it is off for them."""
    reader(account="A")
    maintenance = announced()
    Service.objects.all().delete()
    assert kinds(booking.move(maintenance, number=1, start=NOW + 40 * DAY, end=NOW + 41 * DAY, by=BY, now=LATER)) == {"A": "cancelled"}


def test_move_looks_at_the_row_as_it_is() -> None:
    """A stale object in the caller's hands decides nothing."""
    reader()
    stale = booked()
    booking.announce(Maintenance.objects.get(), by=BY, now=NOW)
    assert stale.state == "draft"
    start = NOW + 40 * DAY
    notice = booking.move(stale, number=1, start=start, end=start + HOUR, by=BY, now=LATER)
    assert list(kinds(notice).values()) == ["announced"]  # nobody has heard of it so far
