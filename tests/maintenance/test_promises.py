"""What needs notice of its own and what does not: tables by hand, and the interval arithmetic against brute force on a grid of minutes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintenance.promises import Gap, Piece, Reason, lacking, uncovered
from maintenance.said import Interval
from maintenance.states import Impact

NIGHT = datetime(2026, 12, 20, 22, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes: int) -> datetime:
    """Return the moment so many minutes after ten in the evening."""
    return NIGHT + minutes * MINUTE


def piece(start: int = 0, end: int = 120, impact: Impact = Impact.DEGRADED, minutes: int = 30, *, window: int = 1) -> Piece:
    """Return what a window does, in minutes after ten."""
    return Piece(window, at(start), at(end), impact, minutes)


def gaps(wanted: Sequence[Piece], *promised: Piece) -> list[tuple[int, int, int, Reason]]:
    """Return window, from and to in minutes, and the reason, for one service."""
    found = uncovered({"VPN-1": wanted}, {"VPN-1": promised})
    assert {(gap.service, gap.window_start) for gap in found} <= {("VPN-1", one.start) for one in wanted}
    return [(gap.window, (gap.start - NIGHT) // MINUTE, (gap.end - NIGHT) // MINUTE, gap.reason) for gap in found]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        # needs notice of its own: an instant outside, worse, for longer
        (piece(-30), [(1, -30, 0, Reason.EARLIER_START)]),
        (piece(0, 150), [(1, 120, 150, Reason.LATER_END)]),
        (piece(-30, 150), [(1, -30, 0, Reason.EARLIER_START), (1, 120, 150, Reason.LATER_END)]),
        (piece(60, 180), [(1, 120, 180, Reason.LATER_END)]),
        (piece(120, 240), [(1, 120, 240, Reason.MOVED)]),  # half open: the end is not in it
        (piece(-120, 0), [(1, -120, 0, Reason.MOVED)]),
        (piece(1000, 1120), [(1, 1000, 1120, Reason.MOVED)]),
        (piece(1000, 1120, window=2), [(2, 1000, 1120, Reason.NEW_WINDOW)]),
        (piece(impact=Impact.OUTAGE), [(1, 0, 120, Reason.WORSE_IMPACT)]),
        (piece(minutes=31), [(1, 0, 120, Reason.MORE_MINUTES)]),
        (piece(impact=Impact.OUTAGE, minutes=31), [(1, 0, 120, Reason.WORSE_IMPACT)]),
        (piece(-30, 150, Impact.OUTAGE), [(1, -30, 0, Reason.EARLIER_START), (1, 0, 120, Reason.WORSE_IMPACT), (1, 120, 150, Reason.LATER_END)]),
        # needs none: the same, less of it, milder, within it, under another number
        (piece(), []),
        (piece(30, 90), []),
        (piece(0, 119), []),
        (piece(impact=Impact.REDUCED_REDUNDANCY), []),
        (piece(impact=Impact.NO_IMPACT, minutes=1000), []),  # of no impact there can't be too much
        (piece(minutes=29), []),
        (piece(minutes=0), []),
        (piece(30, 90, window=2), []),
    ],
)
def test_uncovered_against_one_window(wanted: Piece, expected: list[tuple[int, int, int, Reason]]) -> None:
    """Two hours, degraded, for thirty minutes at most were promised."""
    assert gaps([wanted], piece()) == expected


def test_uncovered_between_two_windows() -> None:
    """What lies between two promised nights was not promised, nor does a milder night cover a worse one."""
    promised = (piece(0, 60), piece(90, 120, window=2), piece(120, 180, Impact.REDUCED_REDUNDANCY, window=3))
    assert gaps([piece(-10, 200)], *promised) == [
        (1, -10, 0, Reason.EARLIER_START),
        (1, 60, 90, Reason.LATER_END),
        (1, 120, 180, Reason.WORSE_IMPACT),
        (1, 180, 200, Reason.LATER_END),
    ]


def test_uncovered_by_windows_that_touch() -> None:
    """Two windows without a gap between them cover one that spans both; what is cancelled or given to the alternate needs nothing."""
    promised = piece(0, 60), piece(60, 120, window=2)
    assert [gaps(wanted, *promised) for wanted in ([piece(30, 90)], [promised[1]], [])] == [[], [], []]


def test_uncovered_by_service_not_by_component() -> None:
    """Another service of the same customer is another promise; one that is hit no more needs none."""
    promised = {"VPN-1": [piece()], "VPN-2": []}
    assert uncovered({"VPN-1": [piece()], "VPN-2": [piece(0, 60)], "VPN-3": [piece(0, 30)]}, promised) == [
        Gap(1, "VPN-2", at(0), at(60), Reason.NEW_SERVICE, at(0)),
        Gap(1, "VPN-3", at(0), at(30), Reason.NEW_SERVICE, at(0)),
    ]
    assert uncovered({}, promised) == []


def test_gap_is_judged_by_the_start_of_its_window() -> None:
    """A later end is legal from the same moment as the window: the promise counts ten days before the start."""
    assert uncovered({"VPN-1": [piece(0, 150)]}, {"VPN-1": [piece()]}) == [Gap(1, "VPN-1", at(120), at(150), Reason.LATER_END, at(0))]


WHOLE = piece()


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], [(0, 120)]),
        ([(False, [WHOLE])], [(0, 120)]),
        ([(True, [WHOLE])], []),
        ([(True, [])], [(0, 120)]),
        # a later notice that is not in time, and says the same: the older one stands
        ([(False, [WHOLE]), (True, [WHOLE])], []),
        # it names less, so the older one has been taken back for the rest
        ([(False, [piece(0, 60)]), (True, [WHOLE])], [(60, 120)]),
        ([(False, []), (True, [WHOLE])], [(0, 120)]),
        # taken back and said again: the first notice counts no more
        ([(False, [WHOLE]), (False, []), (True, [WHOLE])], [(0, 120)]),
        ([(False, [WHOLE]), (False, [piece(30, 90)]), (True, [WHOLE])], [(0, 30), (90, 120)]),
        # parts promised by several notices in time
        ([(True, [piece(0, 60)]), (True, [WHOLE])], [(60, 120)]),
        ([(False, [WHOLE]), (True, [piece(0, 60)]), (True, [WHOLE])], [(60, 120)]),
        ([(True, [piece(60, 180)]), (True, [WHOLE])], [(0, 60)]),
        # a milder or shorter notice does not name it, so it takes it back
        ([(False, [piece(impact=Impact.NO_IMPACT)]), (True, [WHOLE])], [(0, 120)]),
        ([(False, [piece(minutes=29)]), (True, [WHOLE])], [(0, 120)]),
        ([(False, [piece(impact=Impact.OUTAGE, minutes=30)]), (True, [WHOLE])], []),
        # windows that overlap: each instant counts once
        ([(False, [WHOLE, piece(0, 60, window=2)]), (True, [piece(0, 90), piece(30, 120, window=2)])], []),
    ],
)
def test_lacking_by_history(history: list[tuple[bool, list[Piece]]], expected: list[tuple[int, int]]) -> None:
    """The newest notice first, each with whether it was accepted in time."""
    assert lacking(WHOLE, history) == [Interval(at(start), at(end)) for start, end in expected]


def test_lacking_with_a_long_story_of_overlapping_windows() -> None:
    """Forty notices of three windows at one time take no longer than four: the parts do not multiply."""
    said = [piece(), piece(window=2), piece(0, 60, window=3)]
    assert lacking(WHOLE, [(False, said)] * 40) == [Interval(at(0), at(120))]
    assert lacking(WHOLE, [*[(False, said)] * 40, (True, said)]) == []


pieces = st.builds(
    lambda start, length, impact, minutes, window: piece(start, start + length, impact, minutes, window=window),
    st.integers(0, 20),
    st.integers(1, 10),
    st.sampled_from([Impact.NO_IMPACT, Impact.DEGRADED, Impact.OUTAGE]),
    st.sampled_from([0, 15, 30]),
    st.integers(1, 3),
)
often = settings(max_examples=600, deadline=None, derandomize=True)


def minutes_of(start: datetime, end: datetime) -> set[int]:
    """Return every minute of an interval, by number."""
    return set(range((start - NIGHT) // MINUTE, (end - NIGHT) // MINUTE))


def named_minutes(wanted: Piece, said: Sequence[Piece]) -> set[int]:
    """Return the minutes of ``wanted`` that were named, at least as bad, minute by minute."""
    order = [Impact.NO_IMPACT, Impact.REDUCED_REDUNDANCY, Impact.DEGRADED, Impact.OUTAGE]
    found = set()
    for minute in minutes_of(wanted.start, wanted.end):
        for one in said:
            long_enough = wanted.impact == Impact.NO_IMPACT or one.minutes >= wanted.minutes
            if minute in minutes_of(one.start, one.end) and order.index(one.impact) >= order.index(wanted.impact) and long_enough:
                found.add(minute)
    return found


@often
@given(wanted=st.lists(pieces, max_size=3), said=st.lists(pieces, max_size=4))
def test_uncovered_agrees_with_every_minute(wanted: list[Piece], said: list[Piece]) -> None:
    """The gaps of a window are its minutes that were not named, each once; its covered ones need no notice."""
    found = uncovered({"VPN-1": wanted}, {"VPN-1": said})
    expected = sorted(minute for one in wanted for minute in minutes_of(one.start, one.end) - named_minutes(one, said))
    assert sorted(minute for gap in found for minute in minutes_of(gap.start, gap.end)) == expected
    assert all(gap.start < gap.end for gap in found)


@often
@given(wanted=pieces, said=st.lists(pieces, max_size=4))
def test_uncovered_is_closed_by_its_own_promise(wanted: Piece, said: list[Piece]) -> None:
    """Once it is promised, nothing of it is missing; and less of it never needs more."""
    assert uncovered({"VPN-1": [wanted]}, {"VPN-1": [*said, wanted]}) == []
    shorter = replace(wanted, end=wanted.start + max(MINUTE, (wanted.end - wanted.start) // 2 // MINUTE * MINUTE))
    if not uncovered({"VPN-1": [wanted]}, {"VPN-1": said}):
        assert uncovered({"VPN-1": [shorter]}, {"VPN-1": said}) == []


@often
@given(wanted=pieces, history=st.lists(st.tuples(st.booleans(), st.lists(pieces, max_size=3)), max_size=4))
def test_lacking_agrees_with_every_minute(wanted: Piece, history: list[tuple[bool, list[Piece]]]) -> None:
    """A minute is promised where a notice in time named it, and so did every later one."""
    promised = {
        minute
        for number, (in_time, _said) in enumerate(history)
        if in_time
        for minute in minutes_of(wanted.start, wanted.end)
        if all(minute in named_minutes(wanted, said) for _in_time, said in history[: number + 1])
    }
    left = lacking(wanted, history)
    assert [minute for part in left for minute in sorted(minutes_of(part.start, part.end))] == sorted(minutes_of(wanted.start, wanted.end) - promised)
