"""The two clocks against hand-made tables and against an oracle written from the promise's own sentence."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintenance.clocks import earliest_start, enough, latest_acceptance, wall

PATTERN = "%Y-%m-%d %H:%M:%S.%f"
MINUTE, INSTANT = timedelta(minutes=1), timedelta(microseconds=1)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Africa/Casablanca",
    "Pacific/Chatham",
    "Pacific/Apia",
]
CHANGES = [datetime(*day, tzinfo=UTC) for day in ((2026, 3, 29), (2026, 4, 5), (2026, 10, 4), (2026, 10, 25), (2026, 11, 1), (2027, 3, 14), (2027, 3, 28))]
"""Days on which clocks change in Europe, America and Australia."""


def at(text: str, zone: str = "UTC") -> datetime:
    """Return the moment of a wall time with offset, or of one of ``zone``."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def promised(accepted_at: datetime, start: datetime, zone: str, days: int = 10) -> bool:
    """The oracle: 240 hours have gone by, and the wall time of acceptance plus 10 days is not after that of the start (DESIGN.md, Notice 1)."""
    hours = (start.astimezone(UTC) - accepted_at.astimezone(UTC)) / timedelta(hours=1)
    shown = [moment.astimezone(ZoneInfo(zone)).strftime(PATTERN) for moment in (accepted_at, start)]
    accepted_wall, start_wall = (datetime.strptime(text, PATTERN) for text in shown)  # noqa: DTZ007  # a wall time has no zone
    return hours >= 24 * days and accepted_wall + timedelta(days=days) <= start_wall


@pytest.mark.parametrize(
    ("zone", "accepted_at", "start", "expected"),
    [
        # no change between: both clocks say the same
        ("UTC", "2026-12-01T10:00", "2026-12-11T10:00", True),
        ("UTC", "2026-12-01T10:01", "2026-12-11T10:00", False),
        ("Asia/Kolkata", "2026-10-20T10:00", "2026-10-30T10:00", True),
        ("Asia/Kolkata", "2026-10-20T10:01", "2026-10-30T10:00", False),
        # Europe, 2026-10-25: the days are 241 hours long, so the wall clock is the stricter
        ("Europe/Berlin", "2026-10-20T10:00", "2026-10-30T10:00", True),
        ("Europe/Berlin", "2026-10-20T10:01", "2026-10-30T10:00", False),
        ("Europe/Berlin", "2026-10-20T10:00+02:00", "2026-10-30T09:00+01:00", False),  # 240 hours to the second, an hour short on the wall
        ("Europe/Berlin", "2026-10-15T02:30+02:00", "2026-10-25T02:30+02:00", True),  # the first passing of 02:30
        ("Europe/Berlin", "2026-10-15T02:30+02:00", "2026-10-25T02:10+01:00", False),  # 240 hours and 40 minutes, but 02:10 is shown
        ("Europe/Berlin", "2026-10-15T02:30+02:00", "2026-10-25T02:30+01:00", True),
        ("Europe/Berlin", "2026-10-25T02:30+02:00", "2026-11-04T02:30+01:00", True),
        ("Europe/Berlin", "2026-10-25T02:30+01:00", "2026-11-04T02:30+01:00", True),
        ("Europe/Berlin", "2026-10-25T02:31+02:00", "2026-11-04T02:30+01:00", False),  # 240:59 hours, a minute short on the wall
        # Europe, 2027-03-28: the days are 239 hours long, so the elapsed hours are the stricter
        ("Europe/Berlin", "2027-03-20T10:00+01:00", "2027-03-30T10:00+02:00", False),
        ("Europe/Berlin", "2027-03-20T10:00+01:00", "2027-03-30T11:00+02:00", True),
        ("Europe/Berlin", "2027-03-20T10:01+01:00", "2027-03-30T11:00+02:00", False),
        ("Europe/Berlin", "2027-03-18T02:30+01:00", "2027-03-28T03:30+02:00", True),  # 02:30 does not exist on the 28th
        ("Europe/Berlin", "2027-03-18T02:30+01:00", "2027-03-28T03:29+02:00", False),
        # United States, 2026-11-01 and 2027-03-14
        ("America/New_York", "2026-10-25T12:00-04:00", "2026-11-04T12:00-05:00", True),
        ("America/New_York", "2026-10-25T12:00-04:00", "2026-11-04T11:00-05:00", False),
        ("America/New_York", "2026-10-22T01:30-04:00", "2026-11-01T01:29-05:00", False),
        ("America/New_York", "2026-10-22T01:30-04:00", "2026-11-01T01:30-04:00", True),
        ("America/New_York", "2027-03-10T12:00-05:00", "2027-03-20T12:00-04:00", False),
        ("America/New_York", "2027-03-10T12:00-05:00", "2027-03-20T13:00-04:00", True),
        # Lord Howe changes by half an hour: back on 2027-04-04, forward on 2026-10-04
        ("Australia/Lord_Howe", "2027-03-30T12:00+11:00", "2027-04-09T12:00+10:30", True),
        ("Australia/Lord_Howe", "2027-03-30T12:00+11:00", "2027-04-09T11:30+10:30", False),
        ("Australia/Lord_Howe", "2026-09-28T12:00+10:30", "2026-10-08T12:00+11:00", False),
        ("Australia/Lord_Howe", "2026-09-28T12:00+10:30", "2026-10-08T12:30+11:00", True),
    ],
)
def test_enough_by_both_clocks(*, zone: str, accepted_at: str, start: str, expected: bool) -> None:
    """Exactly ten days is enough, a minute less is not, and the stricter clock wins; the oracle of the other tests agrees."""
    moments = at(accepted_at, zone), at(start, zone)
    told = [
        enough(accepted_at=moments[0], start=moments[1], zone=ZoneInfo(zone), days=10),
        enough(accepted_at=moments[0].astimezone(UTC), start=moments[1].astimezone(UTC), zone=ZoneInfo(zone), days=10),
        promised(*moments, zone),
    ]
    assert told == [expected] * 3


def test_enough_one_microsecond_under() -> None:
    """Nothing is rounded."""
    start = at("2026-12-11T10:00:00")
    accepted = start - timedelta(days=10)
    answers = [enough(accepted_at=accepted + late, start=start, zone=ZoneInfo("UTC"), days=10) for late in (-INSTANT, timedelta(0), INSTANT)]
    assert answers == [True, True, False]


@pytest.mark.parametrize(("days", "expected"), [(10, True), (14, True), (15, False)])
def test_enough_days_are_configuration(*, days: int, expected: bool) -> None:
    """A contract may ask for more than ten."""
    assert enough(accepted_at=at("2026-12-01T10:00"), start=at("2026-12-15T10:00"), zone=ZoneInfo("UTC"), days=days) is expected


@pytest.mark.parametrize(
    ("zone", "accepted_at", "expected"),
    [
        ("UTC", "2026-12-01T10:00", "2026-12-11T10:00+00:00"),
        ("Europe/Berlin", "2026-10-20T10:00", "2026-10-30T10:00+01:00"),  # 241 hours
        ("Europe/Berlin", "2027-03-20T10:00", "2027-03-30T11:00+02:00"),  # 240 hours
        ("Europe/Berlin", "2027-03-18T02:30", "2027-03-28T03:30+02:00"),
        ("Europe/Berlin", "2027-03-17T23:30", "2027-03-27T23:30+01:00"),
        ("Europe/Berlin", "2026-10-15T02:30", "2026-10-25T02:30+02:00"),  # the first passing of a time shown twice
        ("Europe/Berlin", "2026-10-15T03:30", "2026-10-25T03:30+01:00"),
        ("America/New_York", "2026-10-22T01:30", "2026-11-01T01:30-04:00"),
        ("America/New_York", "2027-03-04T02:30", "2027-03-14T03:30-04:00"),
        ("Australia/Lord_Howe", "2026-09-24T02:10", "2026-10-04T02:40+11:00"),
        ("Australia/Lord_Howe", "2027-03-25T01:45", "2027-04-04T01:45+11:00"),
        ("Asia/Kolkata", "2026-10-20T10:07", "2026-10-30T10:07+05:30"),
        ("Pacific/Apia", "2011-12-20T10:00", "2011-12-31T10:00+14:00"),  # Samoa left the 30th out
    ],
)
def test_earliest_start_by_hand(zone: str, accepted_at: str, expected: str) -> None:
    """The first start in time, as UTC."""
    found = earliest_start(accepted_at=at(accepted_at, zone), zone=ZoneInfo(zone), days=10)
    assert (found, found.tzinfo) == (at(expected), UTC)


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        ("UTC", "2026-12-11T10:00", "2026-12-01T10:00+00:00"),
        ("Europe/Berlin", "2026-10-30T10:00", "2026-10-20T10:00+02:00"),
        ("Europe/Berlin", "2027-03-30T10:00", "2027-03-20T09:00+01:00"),
        ("Europe/Berlin", "2026-11-04T02:30", "2026-10-25T02:30+02:00"),  # between the passings the clocks show more than 02:30
        ("Europe/Berlin", "2027-04-07T02:30", "2027-03-28T01:30+01:00"),  # 240 hours before, which is before the clocks jump over 02:30
        ("America/New_York", "2026-11-11T01:30", "2026-11-01T01:30-04:00"),
        ("Australia/Lord_Howe", "2027-04-14T01:45", "2027-04-04T01:45+11:00"),
        ("Asia/Kolkata", "2026-10-30T10:07", "2026-10-20T10:07+05:30"),
        ("Pacific/Apia", "2012-01-09T10:00", "2011-12-29T10:00-10:00"),
    ],
)
def test_latest_acceptance_by_hand(zone: str, start: str, expected: str) -> None:
    """The deadline, as UTC."""
    found = latest_acceptance(start=at(start, zone), zone=ZoneInfo(zone), days=10)
    assert (found, found.tzinfo) == (at(expected), UTC)


def test_earliest_start_since_the_second_passing() -> None:
    """A start in the second passing of the repeated hour can be too early although one in the first would do."""
    zone, accepted_at = ZoneInfo("Europe/Berlin"), at("2026-10-15T02:30+02:00")
    found = [
        earliest_start(accepted_at=accepted_at, zone=zone, days=10, since=at(since))
        for since in ("2026-10-25T01:00+02:00", "2026-10-25T02:45+02:00", "2026-10-25T02:10+01:00", "2026-10-25T02:31+01:00")
    ]
    assert found == [at(text) for text in ("2026-10-25T02:30+02:00", "2026-10-25T02:45+02:00", "2026-10-25T02:30+01:00", "2026-10-25T02:31+01:00")]


def test_wall_is_what_the_clocks_show() -> None:
    """Both passings of a repeated hour show the same."""
    zone = ZoneInfo("Europe/Berlin")
    shown = [wall(at(text), zone) for text in ("2026-10-25T00:30+00:00", "2026-10-25T01:30+00:00")]
    assert [(moment, moment.fold) for moment in shown] == [(datetime(2026, 10, 25, 2, 30), 0)] * 2  # noqa: DTZ001  # a wall time has no zone


moments = st.builds(
    lambda change, days, minutes: change + timedelta(days=days) + minutes * MINUTE,
    st.sampled_from(CHANGES),
    st.sampled_from([-10, -5, 0, 10]),
    st.integers(-12 * 60, 12 * 60),
)
zones = st.sampled_from(ZONES)
often = settings(max_examples=400, deadline=None, derandomize=True)


@often
@given(zone=zones, accepted_at=moments, minutes=st.integers(-180, 180))
def test_enough_agrees_with_the_sentence(zone: str, accepted_at: datetime, minutes: int) -> None:
    """Within three hours of ten days, to both sides, in every zone."""
    start = accepted_at + timedelta(days=10) + minutes * MINUTE
    assert enough(accepted_at=accepted_at, start=start, zone=ZoneInfo(zone), days=10) is promised(accepted_at, start, zone)


@often
@given(zone=zones, accepted_at=moments, later=st.none() | st.integers(-180, 300))
def test_earliest_start_is_the_first_of_all(zone: str, accepted_at: datetime, later: int | None) -> None:
    """It is in time, and no whole minute from 240 hours (or from ``since``) up to it is."""
    elapsed = accepted_at + timedelta(days=10)
    since = None if later is None else elapsed + later * MINUTE
    found = earliest_start(accepted_at=accepted_at, zone=ZoneInfo(zone), days=10, since=since)
    candidate = max(elapsed, since or elapsed)
    assert promised(accepted_at, found, zone)
    while candidate < found:
        assert not promised(accepted_at, candidate, zone)
        candidate += MINUTE
    assert candidate == found


@often
@given(zone=zones, start=moments)
def test_latest_acceptance_is_the_last_of_all(zone: str, start: datetime) -> None:
    """It is in time, so is every seventh minute of the twelve hours before, and a microsecond later is not."""
    last = latest_acceptance(start=start, zone=ZoneInfo(zone), days=10)
    assert [minutes for minutes in range(0, 12 * 60, 7) if not promised(last - minutes * MINUTE, start, zone)] == []
    assert not promised(last + INSTANT, start, zone)
