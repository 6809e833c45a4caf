"""Ten days across each change of clocks, in hours: the last acceptance and the first start, by hand.

Each row of days has one start after and one before a change. Hours are counted between acceptance and start: 240 where no clock
goes, or goes forward, on the way; more where one goes back.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maintenance.clocks import Clock, common_earliest, earliest_start, enough, latest_acceptance, notice_given
from maintenance.policy import Asked, Rules, judge

HOUR, MINUTE, INSTANT = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
EXACT = Rules(days=10, margin=timedelta(0), days_after_p1=7)

BACK, FORWARD, NONE = 241.0, 240.0, 240.0
HOURS_BETWEEN = [
    # zone, start on the wall, hours that the last acceptance lies before it
    ("Europe/Berlin", "2026-10-25T01:30", NONE),  # before the clocks go back at 03:00
    ("Europe/Berlin", "2026-10-25T12:00", BACK),
    ("Europe/Berlin", "2026-11-04T01:30", BACK),
    ("Europe/Berlin", "2026-11-04T12:00", NONE),  # ten days after, the change lies behind
    ("Europe/Berlin", "2027-03-28T01:30", NONE),  # before they go forward at 02:00
    ("Europe/Berlin", "2027-03-28T12:00", FORWARD),
    ("Europe/Berlin", "2027-04-07T12:00", NONE),
    ("Atlantic/Canary", "2026-10-25T00:30", NONE),  # back at 02:00 there, the same moment
    ("Atlantic/Canary", "2026-10-25T12:00", BACK),
    ("Atlantic/Canary", "2027-03-28T12:00", FORWARD),
    ("America/New_York", "2026-11-01T00:30", NONE),  # back at 02:00
    ("America/New_York", "2026-11-01T12:00", BACK),
    ("America/New_York", "2026-11-11T12:00", NONE),
    ("America/New_York", "2027-03-14T12:00", FORWARD),
    ("America/New_York", "2027-03-24T12:00", NONE),
    ("Australia/Lord_Howe", "2026-10-04T01:30", NONE),  # forward by half an hour at 02:00
    ("Australia/Lord_Howe", "2026-10-04T12:00", FORWARD),
    ("Australia/Lord_Howe", "2027-04-04T01:15", NONE),  # back by half an hour at 02:00
    ("Australia/Lord_Howe", "2027-04-04T12:00", 240.5),
    ("Australia/Lord_Howe", "2027-04-14T12:00", NONE),
    ("Asia/Kolkata", "2026-10-25T12:00", NONE),
    ("Asia/Kolkata", "2027-03-28T12:00", NONE),
    ("UTC", "2026-10-25T12:00", NONE),
    ("UTC", "2026-11-01T12:00", NONE),
    ("UTC", "2027-03-14T12:00", NONE),
    ("UTC", "2027-03-28T12:00", NONE),
]


def moment(text: str, zone: str) -> datetime:
    """Return a wall time of a zone as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(("zone", "start", "hours"), HOURS_BETWEEN)
def test_last_acceptance_in_hours(zone: str, start: str, hours: float) -> None:
    """The line lies so many hours before the start; on it is in time, a microsecond later is not."""
    begins = moment(start, zone)
    line = latest_acceptance(start=begins, zone=ZoneInfo(zone), days=10)
    assert (begins - line) / HOUR == hours
    told = [enough(accepted_at=line + late, start=begins, zone=ZoneInfo(zone), days=10) for late in (-INSTANT, timedelta(0), INSTANT)]
    assert told == [True, True, False]


@pytest.mark.parametrize(("zone", "start", "hours"), HOURS_BETWEEN)
def test_first_start_in_hours(zone: str, start: str, hours: float) -> None:
    """Accepted on that line, the window may begin then and not a minute before."""
    begins = moment(start, zone)
    assert earliest_start(accepted_at=begins - hours * HOUR, zone=ZoneInfo(zone), days=10) == begins


@pytest.mark.parametrize(("zone", "start", "hours"), HOURS_BETWEEN)
def test_judged_in_hours(zone: str, start: str, hours: float) -> None:
    """The policy says the same of a window that is announced on the line, and a second after it."""
    begins = moment(start, zone)
    asked = [Asked(1, begins, {Clock(zone, 10): 1})]
    refused = [bool(judge(asked, now=begins - hours * HOUR + late, rules=EXACT).refused) for late in (timedelta(0), timedelta(seconds=1))]
    assert refused == [False, True]


@pytest.mark.parametrize(
    ("zone", "accepted_at", "start", "days", "minutes"),
    [
        # the notice given, by the stricter clock: days, and minutes more or less
        ("UTC", "2026-10-15T12:00+00:00", "2026-10-25T12:00+00:00", 10, 0),
        ("UTC", "2026-10-15T12:00+00:00", "2026-10-25T11:59+00:00", 10, -1),
        ("Asia/Kolkata", "2026-10-15T12:00+05:30", "2026-10-25T12:07+05:30", 10, 7),
        ("Europe/Berlin", "2026-10-15T12:00+02:00", "2026-10-25T12:00+01:00", 10, 0),  # 241 hours, ten days on the wall
        ("Europe/Berlin", "2026-10-15T12:00+02:00", "2026-10-25T11:00+01:00", 10, -60),  # 240 hours, an hour less on the wall
        ("Europe/Berlin", "2027-03-18T12:00+01:00", "2027-03-28T12:00+02:00", 10, -60),  # 239 hours, ten days on the wall
        ("Europe/Berlin", "2027-03-18T12:00+01:00", "2027-03-28T13:00+02:00", 10, 0),
        ("America/New_York", "2026-10-22T12:00-04:00", "2026-11-01T11:00-05:00", 10, -60),
        ("America/New_York", "2027-03-04T12:00-05:00", "2027-03-14T12:00-04:00", 10, -60),
        ("Australia/Lord_Howe", "2026-09-24T12:00+10:30", "2026-10-04T12:00+11:00", 10, -30),
        ("Australia/Lord_Howe", "2027-03-25T12:00+11:00", "2027-04-04T11:30+10:30", 10, -30),
        ("Europe/Berlin", "2026-10-25T03:00+01:00", "2026-10-25T02:59+02:00", 0, -61),  # accepted after the start: less than nothing
    ],
)
def test_notice_given(*, zone: str, accepted_at: str, start: str, days: int, minutes: int) -> None:
    """What a refusal says."""
    given = notice_given(accepted_at=datetime.fromisoformat(accepted_at), start=datetime.fromisoformat(start), zone=ZoneInfo(zone))
    assert given == timedelta(days=days, minutes=minutes)


@pytest.mark.parametrize(
    ("accepted_at", "clocks", "expected"),
    [
        ("2026-12-01T09:00:00+00:00", [("UTC", 10)], "2026-12-11T09:00+00:00"),
        ("2026-12-01T09:00:01+00:00", [("UTC", 10)], "2026-12-11T09:01+00:00"),
        ("2026-12-01T09:00:59.999999+00:00", [("UTC", 10)], "2026-12-11T09:01+00:00"),
        ("2026-12-01T09:00:00+00:00", [("UTC", 10), ("UTC", 30)], "2026-12-31T09:00+00:00"),  # a contract asks for thirty days
        ("2026-10-20T09:00+00:00", [("UTC", 10), ("Europe/Berlin", 10), ("Asia/Kolkata", 10)], "2026-10-30T10:00+00:00"),
        # Berlin's first passing of 02:30 would do for Berlin, but for UTC it is 240 hours that count: the same moment
        ("2026-10-15T02:30+02:00", [("Europe/Berlin", 10), ("UTC", 10)], "2026-10-25T02:30+02:00"),
        # Berlin asks for 241 hours; New York shows 01:30 for the second time then
        ("2026-10-22T05:30+00:00", [("America/New_York", 10), ("Europe/Berlin", 10)], "2026-11-01T06:30+00:00"),
        # 240 hours and eleven days of a third make no difference where the eleven are the more
        ("2027-03-18T12:00+00:00", [("Europe/Berlin", 10), ("Europe/Berlin", 11)], "2027-03-29T12:00+00:00"),
    ],
)
def test_common_earliest_by_hand(accepted_at: str, clocks: list[tuple[str, int]], expected: str) -> None:
    """The first whole minute that is in time by each clock."""
    found = common_earliest(accepted_at=datetime.fromisoformat(accepted_at), clocks=[Clock(*one) for one in clocks])
    assert found == datetime.fromisoformat(expected)


def test_common_earliest_steps_over_a_repeated_hour() -> None:
    """One clock's first start falls into the hour that another's repeats: the first minute that is in time by both, and none before it."""
    clocks = [Clock("Europe/Berlin", 10), Clock("Australia/Lord_Howe", 10), Clock("America/New_York", 10), Clock("Asia/Kolkata", 10)]
    for seconds in range(-4 * 3600, 4 * 3600, 1234):
        accepted_at = datetime(2026, 10, 22, 5, 30, tzinfo=UTC) + timedelta(seconds=seconds)
        found = common_earliest(accepted_at=accepted_at, clocks=clocks)
        candidate = (accepted_at + timedelta(days=10)).replace(second=0)
        while not all(enough(accepted_at=accepted_at, start=candidate, zone=clock.place, days=clock.days) for clock in clocks):
            candidate += MINUTE
        assert found == candidate


def test_common_earliest_without_clocks_is_an_error() -> None:
    """Nobody to ask by: whoever calls names at least UTC."""
    with pytest.raises(ValueError, match="empty"):
        common_earliest(accepted_at=datetime(2026, 12, 1, tzinfo=UTC), clocks=[])
