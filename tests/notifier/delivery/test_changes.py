"""What is said of changes and of endings."""

from dataclasses import replace
from typing import Any

import pytest

from maintenance.said import Interval, SaidEnding
from maintenance.states import FollowUp, Impact, Kind, Outcome, ServiceNow
from notifier.delivery.changes import ShownEnding, changes, ending
from notifier.delivery.shown_windows import shown_windows
from tests.notifier.delivery.letters import NEXT_NIGHT, NIGHT, letter, said, service, told

TIMES = "The times have changed. The new and the old ones are given below."
WORSE = "The expected impact has changed from “degraded” to “outage”."
LONGER = "The time for which service is affected has changed from up to 30 minutes to up to 45 minutes."
NEW = "Services of yours are affected that we had not named before. They are marked as new below."
MOVED = (replace(NIGHT, previous=Interval(NEXT_NIGHT.start, NEXT_NIGHT.end)),)


def found(kind: Kind = Kind.REVISED, *, fresh: bool = False, **changed: Any) -> list[str]:  # noqa: ANN401  # any field of Said
    """Return the sentences for a reader whose services are down."""
    rows = [service("A-1"), service("A-2", fresh=fresh)]
    return changes(letter(kind=kind.value, said=said(**changed), accounts=(told(services=rows),)), Impact.OUTAGE)


@pytest.mark.parametrize(
    ("changed", "fresh", "sentences"),
    [
        ({}, False, []),
        ({"windows": MOVED}, False, [TIMES]),
        ({"previous_impact": Impact.DEGRADED}, False, [WORSE]),
        ({"previous_impact": Impact.OUTAGE, "previous_minutes": 45}, False, []),
        ({"previous_minutes": 30}, False, [LONGER]),
        ({"previous_minutes": 0}, False, [LONGER.replace("30", "0")]),
        ({}, True, [NEW]),
        ({"windows": MOVED, "previous_impact": Impact.DEGRADED, "previous_minutes": 30}, True, [TIMES, WORSE, LONGER, NEW]),
    ],
)
def test_changes_are_named_each(changed: dict[str, Any], fresh: bool, sentences: list[str]) -> None:  # noqa: FBT001  # a parameter of a test
    """What stays is not mentioned."""
    assert found(fresh=fresh, **changed) == sentences


@pytest.mark.parametrize(
    ("kind", "named"),
    [(kind, kind in {Kind.JOINED, Kind.REVISED, Kind.EASED, Kind.EMERGENCY, Kind.LATE}) for kind in Kind],
)
def test_changes_only_where_the_mail_tells_of_them(kind: Kind, named: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """A first announcement or a completion compares with nothing."""
    assert found(kind, windows=MOVED) == ([TIMES] if named else [])


def test_changes_are_none_to_whoever_hears_of_the_work_for_the_first_time() -> None:
    """The old times were told to others."""
    told_of = said(windows=MOVED, previous_impact=Impact.DEGRADED, previous_minutes=30)
    newcomer, both = told("A", services=[service("A-1", fresh=True)]), told("B", services=[service("B-1")])
    first, later = (letter(kind=Kind.LATE.value, said=told_of, accounts=accounts) for accounts in ((newcomer,), (newcomer, both)))
    assert (changes(first, Impact.OUTAGE), changes(later, Impact.OUTAGE)) == ([], [TIMES, WORSE, LONGER])
    assert [shown_windows(one)[0].was is not None for one in (first, later)] == [False, True]


@pytest.mark.parametrize(
    ("said_so", "shown"),
    [
        (
            SaidEnding(Outcome.ROLLED_BACK, ServiceNow.AS_BEFORE, FollowUp.NONE),
            ShownEnding(
                "The work was broken off, and its changes have been undone.", "Your services work as they did before.", "No further work is planned.", ""
            ),
        ),
        (
            SaidEnding(Outcome.PARTIAL, ServiceNow.DEGRADED, FollowUp.NEW_DATE),
            ShownEnding(
                "Part of the work has been done; the rest has not.",
                "Your services work, but may be slow or interrupted now and then.",
                "A new date will be announced in a notice of its own.",
                "",
            ),
        ),
        (
            SaidEnding(Outcome.FAILED, ServiceNow.DOWN, FollowUp.AT_WORK, "%s {{ x }}"),
            ShownEnding("The work has failed.", "Your services are down.", "We are working to bring your services back to normal.", "%s {{ x }}"),
        ),
    ],
)
def test_ending_in_sentences(said_so: SaidEnding, shown: ShownEnding) -> None:
    """And the planner's note as typed."""
    assert ending(said_so, said_so.note) == shown


def test_ending_of_work_that_was_completed() -> None:
    """There is nothing to say."""
    assert ending(None, "") is None
