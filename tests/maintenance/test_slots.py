"""The pure search: a grid of quarter hours, what forbids a start, and what ranks the others."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from customers.office_hours import OfficeHours
from maintenance.clocks import Clock
from maintenance.slots import Office, Slot, Taken, Wanted, best, days_between, earliest

LONDON, UTC_ZONE = ZoneInfo("Europe/London"), ZoneInfo("UTC")
MONDAY = date(2026, 12, 14)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wanted(*, hours: float = 1, first: date = MONDAY, days: int = 1, zone: ZoneInfo = UTC_ZONE, felt: bool = True) -> Wanted:
    """Return work of an hour on a Monday."""
    return Wanted(timedelta(hours=hours), first, first + timedelta(days=days - 1), zone, felt)


def found(asked: Wanted, **given: Any) -> list[Slot]:  # noqa: ANN401  # what ``best`` takes
    """Return every slot, with nothing against any but for what is given."""
    usual: dict[str, Any] = {"clocks": (Clock("UTC", 10),), "accepted_at": LONG_AGO, "freezes": (), "conflicts": (), "offices": (), "most": 10}
    return best(asked, **usual | given)


def starts(slots: list[Slot]) -> list[str]:
    """Return when they begin."""
    return [slot.start.isoformat(" ", "minutes")[:16] for slot in slots]


def office(opens: int = 9, closes: int = 18, sims: int = 100, *, zone: ZoneInfo = UTC_ZONE, region: str = "") -> Office:
    """Return customers at work from hour to hour."""
    return Office(OfficeHours(zone, time(opens), time(closes), region), sims)


def taken(start: str, end: str, what: str = "other") -> Taken:
    """Return a time that stands against work."""
    return Taken(at(start), at(end), what)


def test_nothing_against_it_is_the_day_from_its_start() -> None:
    """Slots of the length asked for that do not overlap, the first day's first moment before all."""
    slots = found(wanted(hours=9))
    assert slots == [Slot(at(f"2026-12-14T{hour}:00"), at(f"2026-12-{end}:00"), 0) for hour, end in (("00", "14T09"), ("09", "14T18"), ("18", "15T03"))]


def test_each_day_has_its_turn_first() -> None:
    """Ten starts of one night would be no choice; where the days are fewer, they get more, in order of time."""
    assert starts(found(wanted(days=4), most=3)) == ["2026-12-14 00:00", "2026-12-15 00:00", "2026-12-16 00:00"]
    assert starts(found(wanted(days=2), most=3)) == ["2026-12-14 00:00", "2026-12-14 01:00", "2026-12-15 00:00"]


@pytest.mark.parametrize(("hours", "first"), [(0.25, "00:00"), (1, "00:00"), (1.1, "03:00")])
def test_freeze_is_half_open(hours: float, first: str) -> None:
    """What ends when the freeze begins is free, what begins when it ends as well; a length off the grid is not cut."""
    assert starts(found(wanted(hours=hours), freezes=[taken("2026-12-14T01:00", "2026-12-14T03:00")], most=1)) == [f"2026-12-14 {first}"]


def test_freeze_forbids_and_conflict_only_ranks_behind() -> None:
    """Even behind a slot with SIMs at work; the words of every conflict met stand with it."""
    conflicts = [taken("2026-12-14T00:00", "2026-12-14T06:00", "MNT-1"), taken("2026-12-14T05:00", "2026-12-14T12:00", "MNT-2")]
    slots = found(wanted(hours=6), freezes=[taken("2026-12-14T18:00", "2026-12-20T00:00")], conflicts=conflicts, offices=[office(12, 13)])
    assert slots == [
        Slot(at("2026-12-14T12:00"), at("2026-12-14T18:00"), 100),
        Slot(at("2026-12-14T00:00"), at("2026-12-14T06:00"), 0, ("MNT-1", "MNT-2")),
        Slot(at("2026-12-14T06:00"), at("2026-12-14T12:00"), 0, ("MNT-2",)),
    ]


def test_fewest_sims_at_work_go_before_the_earliest() -> None:
    """Two offices: nobody, the small one, the large one, both."""
    offices = [office(0, 12, 1000), office(6, 18, 10)]
    slots = found(wanted(hours=6), offices=offices)
    assert [(start[11:], slot.sims) for start, slot in zip(starts(slots), slots, strict=True)] == [
        ("18:00", 0),
        ("12:00", 10),
        ("00:00", 1000),
        ("06:00", 1010),
    ]


def test_working_hours_are_half_open_and_count_once_a_slot() -> None:
    """Work may end as they begin; a part of them is as bad as all, and two days of one office are not two customers."""
    assert [(slot.start, slot.sims) for slot in found(wanted(hours=15, days=3), offices=[office()], most=2)] == [
        (at("2026-12-14T18:00"), 0),
        (at("2026-12-15T18:00"), 0),
    ]
    assert [slot.sims for slot in found(wanted(hours=40), offices=[office()], most=1)] == [100]


def test_work_that_nobody_notices_may_be_done_at_any_time() -> None:
    """The SIMs are shown all the same."""
    slots = found(wanted(hours=6, felt=False), offices=[office(0, 12)], most=2)
    assert slots == [Slot(at("2026-12-14T00:00"), at("2026-12-14T06:00"), 100), Slot(at("2026-12-14T06:00"), at("2026-12-14T12:00"), 100)]


def test_weekends_and_public_holidays_are_not_worked() -> None:
    """Friday, 25 December 2026, is one in England, and an ordinary working day in China."""
    offices = [office(region="uk"), office(sims=7, region="cn")]
    slots = found(wanted(hours=24, first=date(2026, 12, 24), days=3), offices=offices)
    assert [(slot.start, slot.sims) for slot in slots] == [(at("2026-12-25T18:00"), 0), (at("2026-12-26T18:00"), 0), (at("2026-12-24T18:00"), 7)]


@pytest.mark.parametrize(
    ("day", "free"),
    [(date(2026, 10, 23), "16:00"), (date(2026, 10, 26), "17:00"), (date(2027, 3, 26), "17:00"), (date(2027, 3, 29), "16:00")],
)
def test_working_hours_follow_the_customers_clocks(day: date, free: str) -> None:
    """In Madrid an office closes at 18:00: an hour earlier or later in UTC on either side of a change, whatever the planner's zone."""
    hours = office(0, 18, zone=ZoneInfo("Europe/Madrid"))
    slots = found(wanted(hours=2, first=day), offices=[hours], most=1)
    assert [(slot.start, slot.sims) for slot in slots] == [(at(f"{day}T{free}"), 0)]


@pytest.mark.parametrize(
    ("zone", "day", "begin", "hours"),
    [
        ("Europe/London", date(2026, 10, 25), "2026-10-24T23:00", 25),
        ("Europe/London", date(2027, 3, 28), "2027-03-28T00:00", 23),
        ("America/New_York", date(2026, 11, 1), "2026-11-01T04:00", 25),
        ("America/New_York", date(2027, 3, 14), "2027-03-14T05:00", 23),
        ("Australia/Lord_Howe", date(2027, 4, 4), "2027-04-03T13:00", 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T13:30", 23.5),
        ("Asia/Kolkata", date(2026, 10, 25), "2026-10-24T18:30", 24),
        ("UTC", date(2026, 10, 25), "2026-10-25T00:00", 24),
    ],
)
def test_grid_is_of_the_planners_quarter_hours_as_real_moments(zone: str, day: date, begin: str, hours: float) -> None:
    """Each quarter hour that the clocks show on that day, both passings of a repeated hour, and none that does not exist."""
    asked = wanted(hours=0.25, first=day, zone=ZoneInfo(zone))
    assert days_between(asked) == (at(begin), at(begin) + timedelta(hours=hours))
    slots = found(asked, most=1000)
    assert [slot.start for slot in slots] == [at(begin) + number * timedelta(minutes=15) for number in range(int(hours * 4))]
    assert {slot.start.astimezone(ZoneInfo(zone)).minute % 15 for slot in slots} == {0}


def test_work_may_end_on_the_day_after_the_last() -> None:
    assert starts(found(wanted(hours=30), most=1000)) == ["2026-12-14 00:00"]
    assert found(wanted(hours=30, days=2), most=1000)[-1].start == at("2026-12-15T06:00")


def test_nothing_before_it_is_legal_for_everybody() -> None:
    """The strictest customer counts, from the first quarter hour that is in time; a range that ends before offers nothing."""
    clocks = [Clock("Europe/London", 10), Clock("America/New_York", 14)]
    accepted_at = at("2026-12-01T09:01")
    assert earliest(clocks, accepted_at=accepted_at) == at("2026-12-15T09:15")
    assert starts(found(wanted(days=3), clocks=clocks, accepted_at=accepted_at, most=1)) == ["2026-12-15 09:15"]
    assert found(wanted(), clocks=clocks, accepted_at=accepted_at) == []


def test_legal_by_the_clocks_of_a_zone_that_has_gone_back() -> None:
    """240 hours are over an hour before the wall clock has passed ten days; the later counts."""
    accepted_at = at("2026-10-15T22:00")  # 00:00 in Madrid (+02:00), ten days later the clocks are at +01:00
    assert earliest([Clock("UTC", 10)], accepted_at=accepted_at) == at("2026-10-25T22:00")
    assert earliest([Clock("UTC", 10), Clock("Europe/Madrid", 10)], accepted_at=accepted_at) == at("2026-10-25T23:00")


def test_start_in_the_second_passing_of_a_repeated_hour_is_judged_by_itself() -> None:
    """Accepted at 02:50 in Madrid, ten days before the clocks go back at 03:00: 02:50 is legal, 02:00 shown again ten minutes later is not."""
    accepted_at = at("2026-10-15T00:45")
    clocks = [Clock("Europe/Madrid", 10)]
    assert earliest(clocks, accepted_at=accepted_at) == at("2026-10-25T00:45")
    asked = wanted(hours=0.25, first=date(2026, 10, 25))
    assert starts(found(asked, clocks=clocks, accepted_at=accepted_at, most=3)) == ["2026-10-25 00:45", "2026-10-25 01:45", "2026-10-25 02:00"]
