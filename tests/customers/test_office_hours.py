"""When an office is open, when it opens next, and how working days are counted."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from customers.catalogue import REGIONS
from customers.models import Region
from customers.office_hours import (
    COUNTRIES,
    OfficeHours,
    add_business_days,
    is_working_day,
    next_opening,
    office_of,
    reopens,
    sessions,
    week_seen_from,
)

NINE, SIX = time(9), time(18)
BERLIN = OfficeHours(ZoneInfo("Europe/Berlin"), NINE, SIX, "de")
LONDON = OfficeHours(ZoneInfo("Europe/London"), NINE, SIX, "uk")
NEW_YORK = OfficeHours(ZoneInfo("America/New_York"), NINE, SIX, "us")


def utc(day: int, hour: int, minute: int = 0, month: int = 12, year: int = 2026) -> datetime:
    """Return a moment; 14 December 2026 is a Monday."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


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
        (utc(25, 9), utc(25, 10), utc(28, 8)),  # Christmas Day, a Friday: Monday
        (utc(24, 16), utc(24, 17, 1), utc(28, 8)),  # into the night before it
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


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        (utc(11, 7, 59), BERLIN, utc(11, 8)),  # a minute before it opens
        (utc(11, 8), BERLIN, utc(11, 8)),
        (utc(11, 16, 59), BERLIN, utc(11, 16, 59)),  # Friday 17:59
        (utc(11, 17), BERLIN, utc(14, 8)),  # Friday 18:00
        (utc(2, 17, month=4), BERLIN, utc(7, 7, month=4)),  # Good Friday to Easter Monday
        (utc(24, 18), LONDON, utc(29, 9)),  # 26 December is a Saturday: Monday stands in for it in England
        (utc(24, 18), BERLIN, utc(28, 8)),  # but not in Germany
        (utc(25, 23, month=11), NEW_YORK, utc(27, 14, month=11)),  # Thanksgiving
        (utc(31, 22), OfficeHours(ZoneInfo("Europe/Berlin"), NINE, SIX), utc(1, 8, month=1, year=2027)),  # without holidays
        (utc(27, 20, month=3, year=2027), BERLIN, utc(30, 7, month=3, year=2027)),  # clocks go forward, Easter Monday
        (utc(24, 12, month=10), BERLIN, utc(26, 8, month=10)),  # clocks go back
        (utc(30, 12, month=10), NEW_YORK, utc(30, 13, month=10)),
        (utc(30, 22, month=10), NEW_YORK, utc(2, 14, month=11)),  # clocks go back in America
        (utc(14, 20), OfficeHours(ZoneInfo("Australia/Lord_Howe"), NINE, SIX), utc(14, 22)),  # half an hour of summer time
    ],
)
def test_next_opening(moment: datetime, hours: OfficeHours, expected: datetime) -> None:
    """The moment itself while it is open; by the offset that holds on the day."""
    assert next_opening(moment, hours) == expected


def test_sessions_begin_with_what_is_left_of_the_day() -> None:
    """Then whole working days, holidays left out."""
    found = list(islice(sessions(utc(24, 12), LONDON), 3))
    assert found == [(utc(24, 12), utc(24, 18)), (utc(29, 9), utc(29, 18)), (utc(30, 9), utc(30, 18))]


@pytest.mark.parametrize(
    ("moment", "days", "hours", "expected"),
    [
        (utc(11, 15), 1, None, utc(14, 15)),  # over a weekend
        (utc(12, 15), 1, None, utc(14, 15)),  # from a Saturday
        (utc(11, 15), 5, None, utc(18, 15)),
        (utc(11, 15), 0, None, utc(11, 15)),
        (utc(24, 15), 1, None, utc(25, 15)),
        (utc(24, 15), 1, LONDON, utc(29, 15)),  # Christmas
        (utc(24, 15), 5, BERLIN, utc(4, 15, month=1, year=2027)),  # and New Year's Day
        (utc(23, 15, month=10), 1, BERLIN, utc(26, 16, month=10)),  # the same time of day after the clocks went back
        (utc(15, 23, month=12), 1, OfficeHours(ZoneInfo("Asia/Shanghai"), NINE, SIX, "cn"), utc(16, 23)),
    ],
)
def test_add_business_days(moment: datetime, days: int, hours: OfficeHours | None, expected: datetime) -> None:
    """Days that follow are counted, each of them a working day, by the office's clocks."""
    assert add_business_days(moment, days, hours) == expected


HOLIDAYS = {
    "uk": (8, 31),  # late summer bank holiday, not kept in Scotland
    "es": (10, 12),
    "fr": (7, 14),
    "de": (5, 14),
    "at": (10, 26),
    "it": (6, 2),
    "nl": (4, 27),
    "dk": (4, 2),
    "no": (5, 14),
    "us": (11, 26),
    "cn": (10, 1),
}


@pytest.mark.parametrize("region", REGIONS)
def test_each_region_keeps_its_own_holidays(region: str) -> None:
    """One of each in 2026, all of them on working days; and New Year's Day everywhere."""
    month, day = HOLIDAYS[region]
    assert not is_working_day(date(2026, month, day), region)
    assert not is_working_day(date(2026, 1, 1), region)
    assert is_working_day(date(2026, month, day))


def test_every_region_has_a_country() -> None:
    """A region whose holidays nobody knows would be written to on all of them."""
    assert list(COUNTRIES) == list(REGIONS)


@pytest.mark.django_db
def test_office_of_a_region_keeps_its_hours_zone_and_holidays() -> None:
    """Which differ from those of support, which are the tier's."""
    region = Region.objects.get(slug="dk")
    region.opens, region.closes = time(8), time(16)
    assert office_of(region) == OfficeHours(ZoneInfo("Europe/Copenhagen"), time(8), time(16), "dk")
    assert next_opening(utc(12, 0), office_of(region)) - utc(12, 0) == timedelta(days=2, hours=7)
