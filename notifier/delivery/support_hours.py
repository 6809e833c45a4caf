"""When support can be reached: office hours from Monday to Friday, as wall times of the office. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OfficeHours:
    """Monday to Friday, ``opens`` to ``closes`` by the clocks of ``zone``; ``around_the_clock``: somebody answers at other times too."""

    zone: ZoneInfo
    opens: time
    closes: time
    around_the_clock: bool


@dataclass(frozen=True)
class Week:
    """Office hours by another zone's clocks: the first and the last day (0 is Monday) and one day's hours as moments."""

    first: int
    last: int
    opens: datetime
    closes: datetime


def reopens(start: datetime, end: datetime, hours: OfficeHours) -> datetime | None:
    """Return when the office opens again (UTC) after it has been closed between start and end; None where it is open throughout."""
    closed = start
    for opens, closes in _days(start, hours):
        if opens <= closed < closes:
            if end <= closes:
                return None
            closed = closes
        if opens > closed:
            return opens
    message = "an office opens within ten days"
    raise AssertionError(message)


def week_seen_from(zone: ZoneInfo, moment: datetime, hours: OfficeHours) -> Week:
    """Return the office's week by the clocks of ``zone``, with the offsets that hold at the first opening that ends after ``moment``."""
    opens, closes = next((opens, closes) for opens, closes in _days(moment, hours) if closes > moment)
    shift = (opens.astimezone(zone).date() - opens.astimezone(hours.zone).date()).days
    return Week(shift % 7, (shift + 4) % 7, opens, closes)


def _days(moment: datetime, hours: OfficeHours) -> Iterator[tuple[datetime, datetime]]:
    """Yield opening and closing (UTC) of each working day around ``moment``, from the day before it on."""
    first = moment.astimezone(hours.zone).date() - _DAY
    for day in (first + _DAY * count for count in range(10)):
        if day.weekday() < _SATURDAY:
            yield _moment(day, hours.opens, hours.zone), _moment(day, hours.closes, hours.zone)


def _moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)
