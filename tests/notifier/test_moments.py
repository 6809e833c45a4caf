"""Moments in words, over the zones of the data and the nine languages."""

import csv
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from notifier import moments

DATA = Path(__file__).parents[1] / "data" / "customers"
LANGUAGES = [code for code, _name in settings.LANGUAGES]
WINTER, SUMMER = datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)


def zones_of_the_data() -> set[str]:
    """Return every zone that a customer or a contact has."""
    zones = set()
    for name in ("customers", "contacts"):
        with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            zones |= {row["timezone"] for row in csv.DictReader(file)}
    return zones - {""}


def name(key: str, language: str = "en", moment: datetime = WINTER) -> str:
    """Return the zone's name."""
    return moments.zone_name(moment, ZoneInfo(key), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_zone_name_is_a_name_for_each_zone_of_the_data(language: str) -> None:
    """No offset stands where a name should."""
    unnamed = [key for key in sorted(zones_of_the_data()) for moment in (WINTER, SUMMER) if re.search(r"(GMT|UTC)[+-]", name(key, language, moment))]
    assert unnamed == []


def test_zone_name_in_each_language() -> None:
    """Central Europe in summer, as each language calls it."""
    assert {language: name("Europe/Berlin", language, SUMMER) for language in LANGUAGES} == {
        "en": "Central European Summer Time",
        "es": "hora de verano de Europa central",
        "fr": "heure d’été d’Europe centrale",
        "de": "Mitteleuropäische Sommerzeit",
        "it": "Ora legale dell’Europa centrale",
        "nl": "Midden-Europese zomertijd",
        "da": "Centraleuropæisk sommertid",
        "nb": "sentraleuropeisk sommertid",
        "zh-hans": "中欧夏令时间",
    }


@pytest.mark.parametrize(
    ("key", "english", "german"),
    [
        ("Asia/Kolkata", "India Standard Time", "Indische Normalzeit"),
        ("Asia/Kathmandu", "Nepal Time", "Nepalesische Zeit"),
        ("Europe/Kyiv", "Eastern European Standard Time", "Osteuropäische Normalzeit"),
        ("America/Argentina/Buenos_Aires", "Argentina Standard Time", "Argentinische Normalzeit"),
        ("Asia/Ho_Chi_Minh", "Indochina Time", "Indochina-Zeit"),
    ],
)
def test_zone_name_renamed_zone_found_under_its_older_name(key: str, english: str, german: str) -> None:
    """CLDR knows these zones by the names that they had before."""
    assert (name(key), name(key, "de")) == (english, german)


@pytest.mark.parametrize(
    ("key", "english", "french"),
    [
        ("Africa/Casablanca", "Morocco Time", "heure : Maroc"),
        ("Pacific/Bougainville", "Papua New Guinea (Bougainville) Time", "heure : Papouasie-Nouvelle-Guinée (Bougainville)"),
        ("America/Coyhaique", "Coyhaique Time", "heure : Coyhaique"),
        ("Etc/GMT+5", "UTC-05:00", "UTC-05:00"),
    ],
)
def test_zone_name_without_a_name_of_its_own_is_the_place(key: str, english: str, french: str) -> None:
    """A country, a city of a country, a city; and for a zone of nowhere the offset."""
    assert (name(key), name(key, "fr")) == (english, french)


def test_zone_name_ireland_in_both_seasons() -> None:
    """Irish Standard Time is that of summer, whichever way the zone database has it."""
    assert (name("Europe/Dublin"), name("Europe/Dublin", moment=SUMMER)) == ("Greenwich Mean Time", "Irish Standard Time")


def test_named_offset_of_nowhere_says_the_offset_once() -> None:
    """No ``UTC-05:00 (UTC-05:00)``."""
    found = [moments.named_offset(WINTER, ZoneInfo(key), "en") for key in ("Etc/GMT+5", "Asia/Kolkata", "UTC")]
    assert found == ["UTC-05:00", "India Standard Time (UTC+05:30)", "Coordinated Universal Time (UTC+00:00)"]


def test_full_in_english_danish_and_chinese() -> None:
    """Date and time are joined as each language joins them."""
    moment, zone = datetime(2026, 12, 14, 22, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    assert [moments.full(moment, zone, language) for language in ("en", "da", "zh-hans")] == [
        "Monday, 14 December 2026, 23:00 Central European Standard Time (UTC+01:00)",
        "mandag den 14. december 2026 23.00 Centraleuropæisk normaltid (UTC+01:00)",
        "2026年12月14日星期一 23:00 中欧标准时间 (UTC+01:00)",
    ]


def test_short_and_in_utc() -> None:
    """The same moment by two clocks, on two days."""
    moment = datetime(2026, 12, 14, 23, 30, tzinfo=UTC)
    assert moments.short(moment, ZoneInfo("Europe/Berlin"), "en") == "15 Dec 2026, 00:30"
    assert moments.in_utc(moment, "en") == "14 Dec 2026, 23:30 UTC"


@pytest.mark.parametrize(
    ("key", "start", "end", "offsets", "crosses"),
    [
        ("Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC), ("UTC+02:00", "UTC+01:00"), True),
        ("Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 0, 59, tzinfo=UTC), ("UTC+02:00", "UTC+02:00"), False),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 12, tzinfo=UTC), datetime(2026, 10, 3, 18, tzinfo=UTC), ("UTC+10:30", "UTC+11:00"), True),
        ("Asia/Kolkata", datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC), ("UTC+05:30", "UTC+05:30"), False),
    ],
)
def test_crosses_change_by_an_hour_half_an_hour_and_not(key: str, start: datetime, end: datetime, offsets: tuple[str, str], crosses: bool) -> None:  # noqa: FBT001  # a parametrized outcome
    """Both offsets are shown where it is so."""
    zone = ZoneInfo(key)
    assert (moments.offset(start, zone), moments.offset(end, zone)) == offsets
    assert moments.crosses_change(start, end, zone) is crosses


def test_weekday_and_language_name_are_the_readers() -> None:
    """Days count on past Sunday."""
    assert [moments.weekday(number, "de") for number in (0, 6, 7)] == ["Montag", "Sonntag", "Montag"]
    assert [moments.language_name("zh-hans", language) for language in ("en", "es", "zh-hans")] == ["Chinese", "chino", "中文"]
