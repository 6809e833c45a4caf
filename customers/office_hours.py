"""When an office is open: Monday to Friday by its own clocks, but not on its country's public holidays. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from zoneinfo import ZoneInfo

from holidays import country_holidays

from customers.models import Region

COUNTRIES = {
    "uk": ("GB", "ENG"),
    "es": ("ES", None),
    "fr": ("FR", None),
    "de": ("DE", None),
    "at": ("AT", None),
    "it": ("IT", None),
    "nl": ("NL", None),
    "dk": ("DK", None),
    "no": ("NO", None),
    "us": ("US", None),
    "cn": ("CN", None),
}
"""Region's slug -> country (ISO 3166-1) and part of it (ISO 3166-2) whose public holidays the office keeps."""

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OfficeHours:
    """``opens`` to ``closes`` by the clocks of ``zone`` on working days; ``region``: whose public holidays are kept, empty for none."""

    zone: ZoneInfo
    opens: time
    closes: time
    region: str = ""


@dataclass(frozen=True)
class Week:
    """Office hours by another zone's clocks: the first and the last day (0 is Monday) and one day's hours as moments."""

    first: int
    last: int
    opens: datetime
    closes: datetime


def office_of(region: Region) -> OfficeHours:
    """Return the hours of the region's own office (support may have others: those of the customer's tier)."""
    return OfficeHours(ZoneInfo(str(region.timezone)), region.opens, region.closes, region.slug)


def next_opening(moment: datetime, hours: OfficeHours) -> datetime:
    """Return ``moment`` while the office is open, and otherwise when it opens next (UTC)."""
    return next(sessions(moment, hours))[0]


def sessions(moment: datetime, hours: OfficeHours) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when until when (UTC) the office is open, one working day after another; what is left of the day comes first."""
    now = moment.astimezone(UTC)
    return ((max(opens, now), closes) for opens, closes in _days(moment, hours) if closes > now)


def reopens(start: datetime, end: datetime, hours: OfficeHours) -> datetime | None:
    """Return when the office opens again (UTC) after it has been closed between start and end; None where it is open throughout."""
    opens, closes = next(sessions(start, hours))
    if opens > start:
        return opens
    return None if end <= closes else next_opening(closes, hours)


def week_seen_from(zone: ZoneInfo, moment: datetime, hours: OfficeHours) -> Week:
    """Return the office's week by the clocks of ``zone``, with the offsets that hold at the first opening that ends after ``moment``."""
    opens, closes = next((opens, closes) for opens, closes in _days(moment, hours) if closes > moment)
    shift = (opens.astimezone(zone).date() - opens.astimezone(hours.zone).date()).days
    return Week(shift % 7, (shift + 4) % 7, opens, closes)


def add_business_days(moment: datetime, days: int, hours: OfficeHours | None = None) -> datetime:
    """Return the same time of day, by the office's clocks, so many working days later (UTC).

    The day of ``moment`` is not counted, whether it is a working day or not. Without an office: Monday to Friday in UTC.
    """
    zone, region = (hours.zone, hours.region) if hours else (UTC, "")
    wall = moment.astimezone(zone)
    day = wall.date()
    for _ in range(days):
        day = next(later for later in (day + _DAY * ahead for ahead in count(1)) if is_working_day(later, region))
    return datetime.combine(day, wall.time(), tzinfo=zone).astimezone(UTC)


def is_working_day(day: date, region: str = "") -> bool:
    """Tell whether it is a day from Monday to Friday and no public holiday of the region's country."""
    return day.weekday() < _SATURDAY and day not in _public_holidays(region, day.year)


@cache
def _public_holidays(region: str, year: int) -> frozenset[date]:
    """Return a year's public holidays, those observed on another day among them; a country that is not known has none."""
    country, part = COUNTRIES.get(region, ("", None))
    return frozenset(country_holidays(country, subdiv=part, years=year)) if country else frozenset()


def _days(moment: datetime, hours: OfficeHours) -> Iterator[tuple[datetime, datetime]]:
    """Yield opening and closing (UTC) of each working day, from that of ``moment`` on."""
    first = moment.astimezone(hours.zone).date()
    for day in (first + _DAY * ahead for ahead in count()):
        if is_working_day(day, hours.region):
            yield _moment(day, hours.opens, hours.zone), _moment(day, hours.closes, hours.zone)


def _moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)
