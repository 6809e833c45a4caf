"""How refusals say lengths of time and moments."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maintenance.decisions import span, when


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(days=1, hours=1, minutes=1), "1 day 1 hour 1 minute"),
        (timedelta(days=12, hours=2, minutes=30), "12 days 2 hours 30 minutes"),
        (timedelta(hours=24), "1 day"),
        (timedelta(hours=23, minutes=59), "23 hours 59 minutes"),
        (timedelta(hours=23, minutes=59, seconds=1), "1 day"),  # rounded up: never less than what is missing
        (timedelta(microseconds=1), "1 minute"),
        (timedelta(0), "less than a minute"),
    ],
)
def test_span_in_words(length: timedelta, expected: str) -> None:
    """Days, hours and minutes, what is nought left out."""
    assert span(length) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "2026-10-25 01:30 +0000 UTC"),
        ("Europe/Berlin", "2026-10-25 02:30 +0100 Europe/Berlin"),
        ("Asia/Kolkata", "2026-10-25 07:00 +0530 Asia/Kolkata"),
    ],
)
def test_when_names_offset_and_zone(zone: str, expected: str) -> None:
    """So that it is clear in a repeated hour too."""
    assert when(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), ZoneInfo(zone)) == expected
