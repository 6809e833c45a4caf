"""Moments as people read them: by Babel, in one language and time zone. Pure: no clock, no settings."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name


def locale(language: str) -> Locale:
    """Return Babel's locale for one of our languages (``zh-hans`` is ``zh_Hans``); English is written as in Europe."""
    return Locale.parse({"en": "en_GB", "zh-hans": "zh_Hans"}.get(language, language))


def offset(moment: datetime, zone: ZoneInfo) -> str:
    """Return the zone's offset then, as ``UTC+01:00``."""
    seconds = int((moment.astimezone(zone).utcoffset() or moment.astimezone(UTC).utcoffset()).total_seconds())  # type: ignore[union-attr]  # aware
    sign = "-" if seconds < 0 else "+"
    return f"UTC{sign}{abs(seconds) // 3600:02d}:{abs(seconds) % 3600 // 60:02d}"


def zone_name(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the zone's name at that moment, as ``Central European Standard Time``, in the reader's language."""
    return get_timezone_name(moment.astimezone(zone), width="long", locale=locale(language))


def day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return weekday and date in full, as ``Monday 14 December 2026``."""
    return format_date(moment.astimezone(zone).date(), format="full", locale=locale(language))


def clock(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the time of day, as ``23:00``."""
    return format_time(moment.astimezone(zone).time(), format="short", locale=locale(language))


def full(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return day, time of day, zone name and offset of one moment."""
    return f"{day(moment, zone, language)}, {clock(moment, zone, language)} {zone_name(moment, zone, language)} ({offset(moment, zone)})"


def in_utc(moment: datetime, language: str) -> str:
    """Return date and time of day in UTC, as ``14 Dec 2026, 22:00 UTC``."""
    zone = ZoneInfo("UTC")
    return f"{format_date(moment.astimezone(zone).date(), format='medium', locale=locale(language))}, {clock(moment, zone, language)} UTC"


def short(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return a short date and time of day for subjects, as ``14 Dec 2026, 23:00``."""
    return f"{format_date(moment.astimezone(zone).date(), format='medium', locale=locale(language))}, {clock(moment, zone, language)}"


def crosses_change(start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the zone's offset changes between start and end (daylight saving begins or ends)."""
    return start.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset()
