"""When support is closed during work, and when it reopens."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notifier.delivery.support_hours import OfficeHours, reopens, week_seen_from

BERLIN = OfficeHours(ZoneInfo("Europe/Berlin"), time(9), time(18), around_the_clock=False)


def utc(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    """Return a moment in 2026; 14 December is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (utc(14, 8), utc(14, 17), None),  # the whole office day, to the minute
        (utc(14, 9), utc(14, 10), None),
        (utc(14, 7, 59), utc(14, 8, 30), utc(14, 8)),  # from a minute before it opens
        (utc(14, 16), utc(14, 17, 1), utc(15, 8)),  # until a minute after it closes
        (utc(14, 22), utc(15, 2), utc(15, 8)),  # a night
        (utc(14, 22), utc(17, 2), utc(15, 8)),  # three nights: the first morning
        (utc(11, 22), utc(12, 2), utc(14, 8)),  # a Friday night: Monday
        (utc(12, 10), utc(12, 12), utc(14, 8)),  # a Saturday by day
        (utc(23, 22, month=10), utc(24, 2, month=10), utc(26, 8, month=10)),  # clocks go back over the weekend
    ],
)
def test_reopens(start: datetime, end: datetime, expected: datetime | None) -> None:
    """The first opening after the first moment at which the office is closed."""
    assert reopens(start, end, BERLIN) == expected


@pytest.mark.parametrize(
    ("zone", "first", "last", "opens", "closes"),
    [
        ("Europe/Berlin", 0, 4, "09:00", "18:00"),
        ("Asia/Kolkata", 0, 4, "13:30", "22:30"),
        ("Australia/Lord_Howe", 0, 4, "19:00", "04:00"),
        ("Pacific/Honolulu", 6, 3, "22:00", "07:00"),
    ],
)
def test_week_seen_from_other_zones(zone: str, first: int, last: int, opens: str, closes: str) -> None:
    """Days shift where the office opens on another date there."""
    week = week_seen_from(ZoneInfo(zone), utc(14, 22), BERLIN)
    clocks = [moment.astimezone(ZoneInfo(zone)).strftime("%H:%M") for moment in (week.opens, week.closes)]
    assert (week.first, week.last, *clocks) == (first, last, opens, closes)


def test_week_seen_from_uses_the_offset_after_the_change() -> None:
    """Work in the night in which the clocks go back is followed by winter's Monday."""
    week = week_seen_from(ZoneInfo("UTC"), utc(24, 22, month=10), BERLIN)
    assert (week.opens, week.closes) == (utc(26, 8, month=10), utc(26, 17, month=10))
