"""May it be announced? Each boundary of the promise and of its exception."""

from datetime import UTC, datetime, timedelta

import pytest

from maintenance.clocks import Clock
from maintenance.policy import P1, Asked, Rules, Shortage, Verdict, clocks_of, deadline, earliest, judge, justifies, shortages
from maintenance.states import Basis

RULES = Rules(days=10, margin=timedelta(hours=24), days_after_p1=7)
EXACT = Rules(days=10, margin=timedelta(0), days_after_p1=7)
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY, HOUR, SECOND, INSTANT = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1), timedelta(microseconds=1)
OPEN, CLOSED = P1("INC-1", "P1", NOW, None), P1("INC-1", "P1", NOW, NOW)
UTC_10, UTC_14 = Clock("UTC", 10), Clock("UTC", 14)
BERLIN, LORD_HOWE = Clock("Europe/Berlin", 10), Clock("Australia/Lord_Howe", 10)


def at(text: str) -> datetime:
    """Return the moment of a text with offset."""
    return datetime.fromisoformat(text)


def asked(start: datetime, *clocks: Clock, window: int = 1) -> Asked:
    """Return a window with one customer by each clock, in UTC with ten days without any."""
    return Asked(window, start, dict.fromkeys(clocks or [UTC_10], 1))


def test_shortages_with_exactly_days_and_margin() -> None:
    """Ten days and the margin of 24 hours are enough; a microsecond less is not, and the notice given is told with the margin used up."""
    start = NOW + 11 * DAY
    found = [shortages([asked(moment)], now=NOW, rules=RULES) for moment in (start, start - INSTANT)]
    assert found == [[], [Shortage(1, start - INSTANT, UTC_10, 1, 10 * DAY - INSTANT)]]


@pytest.mark.parametrize(("margin", "short"), [(0, False), (1, True)])
def test_shortages_count_the_margin(*, margin: int, short: bool) -> None:
    """Exactly ten days pass without a margin and fail with the smallest."""
    rules = Rules(days=10, margin=timedelta(hours=margin), days_after_p1=7)
    assert (shortages([asked(NOW + 10 * DAY)], now=NOW, rules=rules) != []) is short


@pytest.mark.parametrize(
    ("clock", "days", "short"), [(UTC_10, 10, False), (UTC_14, 10, True), (UTC_10, 14, True), (Clock("UTC", 9), 10, False), (Clock("UTC", 9), 12, True)]
)
def test_shortages_ask_for_the_most_days(*, clock: Clock, days: int, short: bool) -> None:
    """A contract's days and the program's: the more of both; a clock that says less than the program does not count."""
    rules = Rules(days=days, margin=timedelta(0), days_after_p1=7)
    assert (shortages([asked(NOW + 10 * DAY, clock)], now=NOW, rules=rules) != []) is short


def test_shortages_without_customers_count_in_utc() -> None:
    """Work that hits nobody yet keeps the promise too."""
    found = shortages([Asked(1, NOW + 9 * DAY, {})], now=NOW, rules=RULES)
    assert found == [Shortage(1, NOW + 9 * DAY, UTC_10, 0, 8 * DAY)]


def test_shortages_by_each_clock_the_worst_first() -> None:
    """What lacks most by its own days stands first; clocks that are kept are not named."""
    now = at("2027-03-26T08:00+00:00")
    early, late = at("2027-04-06T07:30+00:00"), at("2027-04-30T08:00+00:00")
    # by Europe's clocks (an hour is lost) 240 hours are the stricter; by Lord Howe's (half an hour is won) the wall clock
    wanted = [
        Asked(1, late, {UTC_10: 9}),
        Asked(2, early, {UTC_10: 1, BERLIN: 5, LORD_HOWE: 2, UTC_14: 3}),
        Asked(3, early + DAY, {BERLIN: 5, UTC_14: 1}),
    ]
    assert shortages(wanted, now=now, rules=RULES) == [
        Shortage(2, early, UTC_14, 3, 10 * DAY - HOUR / 2),
        Shortage(3, early + DAY, UTC_14, 1, 11 * DAY - HOUR / 2),
        Shortage(2, early, LORD_HOWE, 2, 10 * DAY - HOUR),
        Shortage(2, early, BERLIN, 5, 10 * DAY - HOUR / 2),
        Shortage(2, early, UTC_10, 1, 10 * DAY - HOUR / 2),
    ]


def test_shortages_in_the_second_passing_of_a_repeated_hour() -> None:
    """240 hours and forty minutes, but the clock on the wall shows twenty minutes too little."""
    start = at("2026-10-25T02:10+01:00")
    found = shortages([asked(start, BERLIN)], now=at("2026-10-15T02:30+02:00"), rules=EXACT)
    assert found == [Shortage(1, start, BERLIN, 1, 10 * DAY - HOUR / 3)]


FULL, NEAR = NOW + 11 * DAY, NOW + 2 * DAY
NEAR_SHORTAGE = Shortage(1, NEAR, UTC_10, 1, DAY)
SHORT = frozenset({(1, UTC_10)})


@pytest.mark.parametrize(
    ("start", "incident", "late", "expected"),
    [
        (FULL, None, False, Verdict({1: Basis.PLANNED})),
        (FULL, OPEN, True, Verdict({1: Basis.PLANNED})),  # with the full notice it is planned work, whatever would excuse it
        (NEAR, None, False, Verdict({}, (NEAR_SHORTAGE,), SHORT)),
        (NEAR, OPEN, False, Verdict({1: Basis.EMERGENCY}, short=SHORT)),
        (NEAR, CLOSED, False, Verdict({1: Basis.EMERGENCY}, short=SHORT)),
        (NEAR, P1("INC-1", "P2", None, None), False, Verdict({}, (NEAR_SHORTAGE,), SHORT)),
        (NEAR, P1("INC-1", "P1", NOW, NEAR - 7 * DAY - SECOND), False, Verdict({}, (NEAR_SHORTAGE,), SHORT)),
        (NEAR, None, True, Verdict({1: Basis.LATE}, short=SHORT)),
        (NEAR, OPEN, True, Verdict({1: Basis.EMERGENCY}, short=SHORT)),  # a P1 excuses it; late notice is a breach
        (NEAR, P1("INC-1", "P2", None, None), True, Verdict({1: Basis.LATE}, short=SHORT)),
    ],
)
def test_judge_one_window(*, start: datetime, incident: P1 | None, late: bool, expected: Verdict) -> None:
    """Full notice makes planned work; without it only a P1, or the admission of a breach."""
    assert judge([asked(start)], now=NOW, rules=RULES, incident=incident, late=late) == expected


def test_judge_each_window_by_itself() -> None:
    """One with full notice, one for which the P1 was closed too long ago, one that it excuses."""
    wanted = [asked(FULL, window=1), asked(NOW + 8 * DAY, window=2), asked(NOW + 7 * DAY, window=3)]
    assert judge(wanted, now=NOW, rules=RULES, incident=CLOSED) == Verdict(
        {1: Basis.PLANNED, 3: Basis.EMERGENCY},
        (Shortage(2, NOW + 8 * DAY, UTC_10, 1, 7 * DAY),),
        frozenset({(2, UTC_10), (3, UTC_10)}),
    )


def test_judge_one_clock_of_many_is_enough_to_refuse() -> None:
    """The window is legal for all or for nobody."""
    found = judge([asked(FULL, UTC_10, UTC_14)], now=NOW, rules=RULES)
    assert found == Verdict({}, (Shortage(1, FULL, UTC_14, 1, 10 * DAY),), frozenset({(1, UTC_14)}))


def test_judge_by_each_clock() -> None:
    """A window's rule is that of its worst clock; whoever counts by another gets the full notice."""
    verdict = judge([asked(FULL, UTC_10, UTC_14)], now=NOW, rules=RULES, late=True)
    found = [verdict.basis(1, clock) for clock in (UTC_10, UTC_14)] + [verdict.basis(2, UTC_14)]
    assert (verdict.bases, found) == ({1: Basis.LATE}, [Basis.PLANNED, Basis.LATE, Basis.PLANNED])


def test_judge_nothing() -> None:
    """What needs no notice is not refused."""
    assert judge([], now=NOW, rules=RULES) == Verdict()


@pytest.mark.parametrize(
    ("incident", "start", "expected"),
    [
        (OPEN, NOW, True),
        (OPEN, NOW + 365 * DAY, True),
        (CLOSED, NOW + 7 * DAY, True),
        (CLOSED, NOW + 7 * DAY + SECOND, False),
        (P1("INC-1", "P4", NOW - DAY, NOW), NOW + 7 * DAY, True),  # lowered
        (P1("INC-1", "P4", NOW - DAY, NOW), NOW + 7 * DAY + SECOND, False),
        (P1("INC-1", "P2", None, None), NOW, False),
        (P1("INC-1", "P1", None, None), NOW, False),
    ],
)
def test_justifies_only_what_was_a_p1(*, incident: P1, start: datetime, expected: bool) -> None:
    """Open, or lowered or closed at most seven days before the start, to the second; never what was no P1."""
    assert justifies(incident, start=start, rules=RULES) is expected


def test_justifies_days_are_configuration() -> None:
    """With no days, a closed P1 justifies nothing after it was closed."""
    rules = Rules(days=10, margin=timedelta(0), days_after_p1=0)
    assert [justifies(CLOSED, start=start, rules=rules) for start in (NOW, NOW + SECOND)] == [True, False]


def test_earliest_with_and_without_the_margin() -> None:
    """By the strictest clock of all; Berlin wins an hour on the way, and a contract asks for 14 days."""
    now = at("2026-10-20T08:00+00:00")
    found = [earliest([asked(now, *clocks)], now=now, rules=RULES) for clocks in ((UTC_10,), (UTC_10, BERLIN), (BERLIN, UTC_14))]
    assert found == [
        (at("2026-10-30T08:00+00:00"), at("2026-10-31T08:00+00:00")),
        (at("2026-10-30T09:00+00:00"), at("2026-10-31T09:00+00:00")),
        (at("2026-11-03T08:00+00:00"), at("2026-11-04T08:00+00:00")),
    ]


def test_earliest_would_not_be_refused() -> None:
    """What is offered is what would do: the first whole minute with the margin, and not one before."""
    now = at("2027-03-17T08:00:01+00:00")
    clocks = (UTC_10, BERLIN, LORD_HOWE, UTC_14)
    start = earliest([asked(now, *clocks)], now=now, rules=RULES)[1]
    found = [judge([asked(moment, *clocks)], now=now, rules=RULES).bases for moment in (start - timedelta(minutes=1), start)]
    assert found == [{}, {1: Basis.PLANNED}]


def test_clocks_of_all_windows() -> None:
    """Every clock once; without any customer UTC and the program's days."""
    found = [clocks_of(given, rules=RULES) for given in ([asked(NOW, UTC_14), asked(NOW, BERLIN, UTC_14)], [Asked(1, NOW, {})], [])]
    assert found == [{UTC_14, BERLIN}, {UTC_10}, {UTC_10}]


def test_deadline_is_that_of_the_first_start() -> None:
    """All starts must be in time; without any there is none."""
    starts = [at("2026-12-30T10:00+00:00"), at("2026-12-20T10:00+00:00")]
    found = [deadline(starts=given, clock=clock) for given, clock in ((starts, UTC_10), (starts, UTC_14), ([], UTC_10))]
    assert found == [at("2026-12-10T10:00+00:00"), at("2026-12-06T10:00+00:00"), None]


def test_deadline_goes_by_the_zone() -> None:
    """One start, three zones: the wall clock of Berlin (an hour won on the way) asks for an hour more."""
    start = at("2026-10-30T10:00+00:00")
    found = [deadline(starts=[start], clock=Clock(zone, 10)) for zone in ("UTC", "Europe/Berlin", "America/New_York")]
    assert found == [at("2026-10-20T10:00+00:00"), at("2026-10-20T09:00+00:00"), at("2026-10-20T10:00+00:00")]
