"""May it be announced? Each boundary of the promise, of its exception and of DOMAIN.md's table of priorities."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintenance.clocks import enough
from maintenance.policy import P1, Rules, Shortage, basis, classify, common_earliest, deadline, forecast, justifies
from maintenance.states import Basis, Priority

RULES = Rules(days=10, margin=timedelta(hours=24), days_after_p1=7)
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
OPEN = P1("INC-1", "P1", NOW, None)


def at(text: str) -> datetime:
    """Return the moment of a text with offset."""
    return datetime.fromisoformat(text)


def test_forecast_with_exactly_days_and_margin() -> None:
    """Ten days and the margin of 24 hours are enough; a microsecond less is not, by that much."""
    start = NOW + timedelta(days=11)
    short = start - timedelta(microseconds=1)
    found = [forecast(starts=[moment], zones={"UTC": 3}, now=NOW, rules=RULES) for moment in (start, short)]
    assert found == [None, Shortage(short, "UTC", 3, timedelta(microseconds=1), NOW + timedelta(days=10), start)]


@pytest.mark.parametrize(("margin", "refused"), [(0, False), (1, True)])
def test_forecast_counts_the_margin(*, margin: int, refused: bool) -> None:
    """Exactly ten days pass without a margin and fail with the smallest."""
    rules = Rules(days=10, margin=timedelta(hours=margin), days_after_p1=7)
    found = forecast(starts=[NOW + timedelta(days=10)], zones={"UTC": 1}, now=NOW, rules=rules)
    assert (found is not None) is refused


def test_forecast_days_more_than_the_floor() -> None:
    """A number of days above ten is asked for in full."""
    rules = Rules(days=14, margin=timedelta(0), days_after_p1=7)
    found = [forecast(starts=[NOW + timedelta(days=days)], zones={"UTC": 1}, now=NOW, rules=rules) is None for days in (13, 14)]
    assert found == [False, True]


def test_forecast_without_customers_counts_in_utc() -> None:
    """Work that hits nobody yet keeps the promise too."""
    assert forecast(starts=[NOW + timedelta(days=9)], zones={}, now=NOW, rules=RULES) == Shortage(
        NOW + timedelta(days=9),
        "UTC",
        0,
        timedelta(days=2),
        NOW + timedelta(days=10),
        NOW + timedelta(days=11),
    )


def test_forecast_names_the_worst_of_all_starts_and_zones() -> None:
    """The start and the zone that lack most are named; the earliest start would do in every zone."""
    now = at("2027-03-20T08:00+00:00")
    starts = [at("2027-04-30T08:00+00:00"), at("2027-03-31T07:50+00:00"), at("2027-03-31T07:30+00:00")]
    # by Europe's clocks (an hour is lost) 240 hours are the stricter; by Lord Howe's (half an hour is won) the wall clock
    zones = {"Europe/Berlin": 5, "Australia/Lord_Howe": 2, "UTC": 1}
    late = at("2027-04-20T08:00+00:00")
    assert forecast(starts=starts, zones=zones, now=now, rules=RULES) == Shortage(
        starts[2],
        "Europe/Berlin",
        5,
        timedelta(minutes=30),
        at("2027-03-30T08:00+00:00"),
        at("2027-03-31T08:00+00:00"),
    )
    assert forecast(starts=[late], zones=zones, now=late - timedelta(days=11), rules=RULES) is None
    autumn = at("2026-10-20T08:00+00:00")
    found = forecast(starts=[autumn + timedelta(days=11)], zones={"UTC": 9, "Europe/Berlin": 4}, now=autumn, rules=RULES)
    assert found == Shortage(
        autumn + timedelta(days=11),
        "Europe/Berlin",
        4,
        timedelta(hours=1),
        at("2026-10-30T09:00+00:00"),
        at("2026-10-31T09:00+00:00"),
    )


def test_forecast_in_the_second_passing_of_a_repeated_hour() -> None:
    """What is missing is counted forward from the start asked for: never less than nothing."""
    rules = Rules(days=10, margin=timedelta(0), days_after_p1=7)
    start = at("2026-10-25T02:10+01:00")
    assert forecast(starts=[start], zones={"Europe/Berlin": 1}, now=at("2026-10-15T02:30+02:00"), rules=rules) == Shortage(
        start,
        "Europe/Berlin",
        1,
        timedelta(minutes=20),
        at("2026-10-25T02:30+02:00"),
        at("2026-10-25T02:30+02:00"),
    )


@pytest.mark.parametrize(
    ("accepted_at", "zones", "expected"),
    [
        ("2026-12-01T09:00:00+00:00", ["UTC"], "2026-12-11T09:00+00:00"),
        ("2026-12-01T09:00:01+00:00", ["UTC"], "2026-12-11T09:01+00:00"),
        ("2026-12-01T09:00:59.999999+00:00", ["UTC"], "2026-12-11T09:01+00:00"),
        ("2026-10-20T09:00+00:00", ["UTC", "Europe/Berlin", "Asia/Kolkata"], "2026-10-30T10:00+00:00"),
        # Berlin's first passing of 02:30 would do for Berlin, but for UTC it is 240 hours that count: the same moment
        ("2026-10-15T02:30+02:00", ["Europe/Berlin", "UTC"], "2026-10-25T02:30+02:00"),
        # Berlin asks for 241 hours; New York shows 01:30 for the second time then
        ("2026-10-22T05:30+00:00", ["America/New_York", "Europe/Berlin"], "2026-11-01T06:30+00:00"),
    ],
)
def test_common_earliest_by_hand(accepted_at: str, zones: list[str], expected: str) -> None:
    """The first whole minute that is in time in each zone."""
    assert common_earliest(accepted_at=at(accepted_at), zones=zones, days=10) == at(expected)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    zones=st.sets(st.sampled_from(["UTC", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "Atlantic/Azores", "Asia/Kolkata"]), min_size=1, max_size=4),
    seconds=st.integers(-6 * 3600, 6 * 3600),
)
def test_common_earliest_is_the_first_whole_minute(zones: set[str], seconds: int) -> None:
    """No whole minute from 240 hours on, up to it, is in time in all zones; it is."""
    accepted_at = at("2026-10-15T01:00+00:00") + seconds * SECOND
    found = common_earliest(accepted_at=accepted_at, zones=zones, days=10)

    def good(start: datetime) -> bool:
        return all(enough(accepted_at=accepted_at, start=start, zone=ZoneInfo(zone), days=10) for zone in zones)

    candidate = (accepted_at + timedelta(days=10)).replace(second=0)
    while candidate < found:
        assert not good(candidate)
        candidate += MINUTE
    assert (candidate, good(found)) == (found, True)


def test_deadline_is_that_of_the_first_start() -> None:
    """All starts must be in time; without any there is none."""
    starts = [at("2026-12-30T10:00+00:00"), at("2026-12-20T10:00+00:00")]
    found = [deadline(starts=given, zone=zone, rules=RULES) for given, zone in ((starts, "UTC"), (starts, "Europe/Berlin"), ([], "UTC"))]
    assert found == [at("2026-12-10T10:00+00:00"), at("2026-12-10T10:00+00:00"), None]


def test_deadline_goes_by_the_zone() -> None:
    """One start, three zones: the wall clock of Berlin (an hour won on the way) asks for an hour more."""
    start = at("2026-10-30T10:00+00:00")
    found = [deadline(starts=[start], zone=zone, rules=RULES) for zone in ("UTC", "Europe/Berlin", "America/New_York")]
    assert found == [at("2026-10-20T10:00+00:00"), at("2026-10-20T09:00+00:00"), at("2026-10-20T10:00+00:00")]


@pytest.mark.parametrize(
    ("incident", "start", "expected"),
    [
        (OPEN, NOW, True),
        (OPEN, NOW + timedelta(days=365), True),
        (P1("INC-1", "P1", NOW, NOW), NOW + timedelta(days=7), True),
        (P1("INC-1", "P1", NOW, NOW), NOW + timedelta(days=7, seconds=1), False),
        (P1("INC-1", "P2", NOW, None), NOW, True),  # it was a P1 once
        (P1("INC-1", "P2", None, None), NOW, False),
        (P1("INC-1", "P1", None, None), NOW, False),
    ],
)
def test_justifies_only_what_was_a_p1(*, incident: P1, start: datetime, expected: bool) -> None:
    """Open, or closed at most seven days before the start, to the second; never what was no P1."""
    assert justifies(incident, start=start, rules=RULES) is expected


def test_justifies_days_are_configuration() -> None:
    """With no days, a closed P1 justifies nothing after it was closed."""
    rules = Rules(days=10, margin=timedelta(0), days_after_p1=0)
    found = [justifies(P1("INC-1", "P1", NOW, NOW), start=start, rules=rules) for start in (NOW, NOW + SECOND)]
    assert found == [True, False]


SHORT = Shortage(NOW, "UTC", 1, MINUTE, NOW, NOW)
CLOSED = P1("INC-1", "P1", NOW, NOW)


@pytest.mark.parametrize(
    ("shortage", "incident", "starts", "expected"),
    [
        (None, None, [NOW], Basis.PLANNED),
        (None, OPEN, [NOW], Basis.PLANNED),
        (SHORT, OPEN, [NOW], Basis.EMERGENCY),
        (SHORT, None, [NOW], None),
        (SHORT, P1("INC-1", "P2", None, None), [NOW], None),
        (SHORT, CLOSED, [NOW, NOW + timedelta(days=7)], Basis.EMERGENCY),
        (SHORT, CLOSED, [NOW, NOW + timedelta(days=8)], None),
    ],
)
def test_basis_of_the_announcement(shortage: Shortage | None, incident: P1 | None, starts: list[datetime], expected: Basis | None) -> None:
    """Full notice makes planned work; without it only a P1 that covers every start."""
    assert basis(shortage=shortage, incident=incident, starts=starts, rules=RULES) == expected


@pytest.mark.parametrize(
    ("domain", "sims", "by_customer", "private_apn", "expected"),
    [
        # provider: over all customers
        ("provider", 501, [], "unaffected", Priority.P1),
        ("provider", 500, [], "unaffected", Priority.P2),
        ("provider", 251, [], "unaffected", Priority.P2),
        ("provider", 250, [], "unaffected", Priority.P3),
        ("provider", 26, [], "unaffected", Priority.P3),
        ("provider", 25, [], "unaffected", Priority.P4),
        ("provider", 24, [], "unaffected", Priority.P4),
        ("provider", 0, [], "unaffected", Priority.P4),
        # provider: a customer's share, where its base is at least 250
        ("provider", 126, [(126, 250)], "unaffected", Priority.P1),
        ("provider", 125, [(125, 250)], "unaffected", Priority.P2),  # exactly 50 % is not more
        ("provider", 249, [(249, 249)], "unaffected", Priority.P3),  # a base of 249 does not count
        ("provider", 63, [(63, 250)], "unaffected", Priority.P2),
        ("provider", 250, [(250, 1000)], "unaffected", Priority.P3),  # exactly 25 % is not more
        ("provider", 251, [(126, 251), (125, 249)], "unaffected", Priority.P1),
        ("provider", 30, [(20, 249), (10, 1000)], "unaffected", Priority.P3),
        ("provider", 10, [], "down", Priority.P4),  # the private APN's rows are the MNO's
        # mno
        ("mno", 10, [], "down", Priority.P1),
        ("mno", 10, [], "impaired", Priority.P2),
        ("mno", 26, [], "unaffected", Priority.P3),
        ("mno", 25, [], "unaffected", Priority.P4),
        ("mno", 100_000, [(1000, 1000)], "unaffected", Priority.P3),  # numbers alone make no P1 there
        # the customer's own
        ("customer", 100_000, [(1000, 1000)], "down", Priority.NONE),
    ],
)
def test_classify_by_the_table(domain: str, sims: int, by_customer: list[tuple[int, int]], private_apn: str, expected: Priority) -> None:
    """Each row of DOMAIN.md's table with both sides of its boundary."""
    assert classify(domain=domain, sims=sims, by_customer=by_customer, private_apn=private_apn) == expected
