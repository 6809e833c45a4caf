"""Moments as people read them: by Babel, in one language and time zone. Pure: no clock, no settings."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import NO_INHERITANCE_MARKER, format_date, format_time

_HALF_A_YEAR = timedelta(days=182)
_WORLD = "001"


@lru_cache(maxsize=64)
def locale(language: str) -> Locale:
    """Return Babel's locale for one of our languages (``zh-hans`` is ``zh_Hans``); English is written as in Europe."""
    return Locale.parse({"en": "en_GB", "zh-hans": "zh_Hans"}.get(language, language))


def offset(moment: datetime, zone: ZoneInfo) -> str:
    """Return the zone's offset then, as ``UTC+01:00``."""
    seconds = int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds())
    sign = "-" if seconds < 0 else "+"
    return f"UTC{sign}{abs(seconds) // 3600:02d}:{abs(seconds) % 3600 // 60:02d}"


def zone_name(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the zone's name at that moment, as ``Central European Standard Time``, in the reader's language.

    Where CLDR has no name for it, the place's time (``India Time``); where it has no place either, the offset.
    """
    return _name(zone.key, "daylight" if _in_summer(moment, zone) else "standard", language) or offset(moment, zone)


def day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return weekday and date in full, as ``Monday, 14 December 2026``."""
    return _date(moment, zone, "full", language)


def date(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the date, as ``14 Dec 2026``."""
    return _date(moment, zone, "medium", language)


def weekday(number: int, language: str) -> str:
    """Return the name of a day of the week, 0 being Monday (any whole number counts on from there)."""
    return str(locale(language).days["stand-alone"]["wide"][number % 7])


def language_name(named: str, language: str) -> str:
    """Return the name of the language ``named``, as a reader of ``language`` calls it."""
    return str(locale(language).languages[named.partition("-")[0]])


def clock(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the time of day, as ``23:00``."""
    return _clock(moment, zone, language)


def full(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return day, time of day, zone name and offset of one moment."""
    return f"{day_and_clock(moment, zone, language)} {named_offset(moment, zone, language)}"


def day_and_clock(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return weekday, date and time of day, as ``Monday, 14 December 2026, 23:00``."""
    return _joined(day(moment, zone, language), clock(moment, zone, language), language)


def named_offset(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the zone's name and offset, as ``Central European Standard Time (UTC+01:00)``; the offset alone where it has no name."""
    name, shift = zone_name(moment, zone, language), offset(moment, zone)
    return name if name == shift else f"{name} ({shift})"


def in_utc(moment: datetime, language: str) -> str:
    """Return date and time of day in UTC, as ``14 Dec 2026, 22:00 UTC``."""
    return f"{short(moment, ZoneInfo('UTC'), language)} UTC"


def short(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return a short date and time of day for subjects, as ``14 Dec 2026, 23:00``."""
    return _joined(date(moment, zone, language), clock(moment, zone, language), language)


def crosses_change(start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the zone's offset changes between start and end (daylight saving begins or ends)."""
    return start.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset()


@lru_cache(maxsize=4096)
def _date(moment: datetime, zone: ZoneInfo, length: Literal["medium", "full"], language: str) -> str:
    return format_date(moment.astimezone(zone).date(), format=length, locale=locale(language))


@lru_cache(maxsize=4096)
def _clock(moment: datetime, zone: ZoneInfo, language: str) -> str:
    return format_time(moment.astimezone(zone).time(), format="short", locale=locale(language))


def _joined(date_part: str, clock_part: str, language: str) -> str:
    return str(locale(language).datetime_formats["medium"]).replace("{1}", date_part).replace("{0}", clock_part)


def _in_summer(moment: datetime, zone: ZoneInfo) -> bool:
    """Tell summer time; Ireland's is its standard time, with winter an hour less, in some builds of the zone database only."""
    dst = moment.astimezone(zone).dst() or timedelta()
    if dst:
        return dst > timedelta()
    return any(((moment + away).astimezone(zone).dst() or timedelta()) < timedelta() for away in (_HALF_A_YEAR, -_HALF_A_YEAR))


@lru_cache(maxsize=4096)
def _name(key: str, variant: str, language: str) -> str:
    """Look a zone up under each of its names: CLDR knows many by an older one than the zone database (Asia/Calcutta)."""
    aliases = get_global("zone_aliases")
    canonical = aliases.get(key, key)
    names = (key, canonical, *sorted(old for old, new in aliases.items() if new == canonical))
    metazones = get_global("meta_zones")
    known = [locale(language).time_zones.get(name, {}) for name in names]
    known += [locale(language).meta_zones.get(metazones[name], {}) for name in names if name in metazones]
    for info in known:
        found = info.get("long", {}).get(variant)
        if found and found != NO_INHERITANCE_MARKER:
            return str(found)
    return _place(names, language)


def _place(names: tuple[str, ...], language: str) -> str:
    """Return the time of a country, or of a city where the country has several zones (LDML, part 4, generic location format)."""
    here = locale(language)
    area, _, last = names[1].rpartition("/")
    if not area or area == "Etc":
        return ""
    territories = get_global("zone_territories")
    territory = next((territories[name] for name in names if name in territories), _WORLD)
    place = str(here.territories.get(territory, ""))
    if territory == _WORLD or not place or len(get_global("territory_zones").get(territory, [])) > 1:
        city = next((here.time_zones[name]["city"] for name in names if "city" in here.time_zones.get(name, {})), last.replace("_", " "))
        place = city if territory == _WORLD or not place else here.zone_formats["fallback"] % {"0": city, "1": place}
    return str(here.zone_formats["region"] % place)
