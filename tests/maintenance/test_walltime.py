"""Wall times that people write: one moment each, or refused with the readings offered."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from maintenance.walltime import parse, readings

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-12-14T23:00", BERLIN, "2026-12-14T22:00"),
        ("2026-07-14T23:00", BERLIN, "2026-07-14T21:00"),
        (" 2026-12-14 23:00 ", BERLIN, "2026-12-14T22:00"),
        ("2026-12-14t23:00:00", BERLIN, "2026-12-14T22:00"),
        ("2026-12-14T23:00+01:00", BERLIN, "2026-12-14T22:00"),
        ("2026-12-14T23:00Z", "UTC", "2026-12-14T23:00"),
        ("2026-12-14T23:00", "Asia/Kolkata", "2026-12-14T17:30"),
        ("2026-10-25T02:30+02:00", BERLIN, "2026-10-25T00:30"),
        ("2026-10-25T02:30+01:00", BERLIN, "2026-10-25T01:30"),
        ("2026-10-25T01:59", BERLIN, "2026-10-24T23:59"),
        ("2026-10-25T03:00", BERLIN, "2026-10-25T02:00"),
        ("2027-03-28T01:59", BERLIN, "2027-03-28T00:59"),
        ("2027-03-28T03:00", BERLIN, "2027-03-28T01:00"),
        ("2027-03-28T03:30+02:00", BERLIN, "2027-03-28T01:30"),
    ],
)
def test_parse_one_moment(text: str, zone: str, expected: str) -> None:
    """The moment in UTC."""
    found = parse(text, ZoneInfo(zone))
    assert (found, found.tzinfo) == (datetime.fromisoformat(expected).replace(tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("text", "zone", "code", "message"),
    [
        (
            "2027-03-28T02:00",
            BERLIN,
            "gap",
            "2027-03-28T02:00 does not exist in Europe/Berlin: the clocks go forward then; write 2027-03-28T01:00+01:00 or 2027-03-28T03:00+02:00",
        ),
        (
            "2027-03-28T02:59",
            BERLIN,
            "gap",
            "2027-03-28T02:59 does not exist in Europe/Berlin: the clocks go forward then; write 2027-03-28T01:59+01:00 or 2027-03-28T03:59+02:00",
        ),
        (
            "2026-10-25T02:00",
            BERLIN,
            "fold",
            "2026-10-25T02:00 exists twice in Europe/Berlin: the clocks go back then; write 2026-10-25T02:00+02:00 or 2026-10-25T02:00+01:00",
        ),
        (
            "2027-04-04T01:45",
            "Australia/Lord_Howe",
            "fold",
            "2027-04-04T01:45 exists twice in Australia/Lord_Howe: the clocks go back then; write 2027-04-04T01:45+11:00 or 2027-04-04T01:45+10:30",
        ),
        (
            "2026-12-14T23:00+02:00",
            BERLIN,
            "offset",
            "2026-12-14T23:00+02:00 has an offset that Europe/Berlin does not have then; it would be 2026-12-14T22:00+01:00",
        ),
        (
            "2027-03-28T02:30+01:00",
            BERLIN,
            "offset",
            "2027-03-28T02:30+01:00 has an offset that Europe/Berlin does not have then; it would be 2027-03-28T03:30+02:00",
        ),
        (
            "2026-12-14T23:00Z",
            BERLIN,
            "offset",
            "2026-12-14T23:00+00:00 has an offset that Europe/Berlin does not have then; it would be 2026-12-15T00:00+01:00",
        ),
        ("2026-12-14T23:00:01", BERLIN, "format", "'2026-12-14T23:00:01' has seconds; windows are given to the minute"),
        ("2026-12-14T23:00:00.5", BERLIN, "format", "'2026-12-14T23:00:00.5' has seconds; windows are given to the minute"),
        ("2026-12-14", BERLIN, "format", "'2026-12-14' has no time of day; write it as 2026-12-14T23:00"),
        *[
            (text, BERLIN, "format", f"{text!r} is not a time such as 2026-12-14T23:00")
            for text in ("", "tomorrow", "14.12.2026 23:00", "2026-02-30T10:00", "2026-12-14T25:00", "23:00", "2026-12-14T23:00 CET", "1e9")
        ],
        # years in which the arithmetic of notice would leave the calendar
        ("0001-01-01T00:00", "Asia/Tokyo", "format", "'0001-01-01T00:00' is not a time such as 2026-12-14T23:00"),
        ("9999-12-31T23:59", "America/New_York", "format", "'9999-12-31T23:59' is not a time such as 2026-12-14T23:00"),
        ("0001-01-01T00:00+14:00", "UTC", "format", "'0001-01-01T00:00+14:00' is not a time such as 2026-12-14T23:00"),
    ],
)
def test_parse_refused(text: str, zone: str, code: str, message: str) -> None:
    """What is wrong, and where the clocks change, both readings."""
    with pytest.raises(ValidationError) as refusal:
        parse(text, ZoneInfo(zone))
    assert (refusal.value.code, refusal.value.messages) == (code, [message])


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-12-14T23:00", ["2026-12-14T22:00"]),
        ("2026-10-25T02:30", ["2026-10-25T00:30", "2026-10-25T01:30"]),
        ("2027-03-28T02:30", []),
    ],
)
def test_readings_of_a_wall_time(wall: str, expected: list[str]) -> None:
    """One, two or none, earliest first."""
    found = readings(datetime.fromisoformat(wall), ZoneInfo(BERLIN))
    assert found == [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in expected]
