"""Nobody gets under the floor: windows that were told stay where they were told, whoever writes, and by whatever way."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from maintenance.models import Window
from maintenance.states import WindowState
from tests.maintenance.conftest import Way
from tests.maintenance.told_rows import (
    ALL,
    BESIDE,
    CANCELLED,
    CLOSED_P1,
    DAY,
    DRAFT,
    EMERGENCY,
    HOUR,
    ISSUED,
    LATE,
    LOWERED_P1,
    MICROSECOND,
    OPEN_P1,
    P2,
    PLANNED,
    REFUTED_P1,
    SECOND,
    SHORT,
    START,
    notice,
    said_window,
    told,
)
from tests.maintenance.ways_in import Change, Row, Tried

pytestmark = pytest.mark.django_db
TELLING = "window_within_what_was_told"
PROMISE = "window_promised_by_notice"
FLOOR = "window_promised_ten_days_ahead"
P1 = "window_emergency_has_p1"
BOTH = f"{TELLING}|{PROMISE}"
"""Which of the two a database finds first is its own affair."""
Fields = dict[str, Any]
Write = Callable[..., Tried]
SOON = START - DAY


@pytest.fixture
def write(way: Way) -> Write:
    """Return what changes the window of that number, after ``rows`` were added to the scene."""

    def change(pk: int, /, *rows: Row, **values: Any) -> Tried:  # noqa: ANN401  # any field
        return way([*told(), *rows], Change(Window, pk, values))

    return change


def revised(**changes: Any) -> Row:  # noqa: ANN401  # any field
    """Return a third notice that says the first window otherwise: ``issued_at``, and fields of the window."""
    issued_at = changes.pop("issued_at", SHORT)
    return notice(3, issued_at, said_window(PLANNED, **changes), *(said_window(number) for number in ALL if number != PLANNED))


@pytest.mark.parametrize(
    ("number", "values", "rule"),
    [
        (PLANNED, {"start": SOON, "end": SOON + 2 * HOUR}, BOTH),
        (PLANNED, {"start": START - MICROSECOND}, BOTH),
        (PLANNED, {"end": START + 2 * HOUR + MICROSECOND}, TELLING),
        (PLANNED, {"start": START + 2 * HOUR, "end": START + 4 * HOUR}, TELLING),  # another window's time
        (PLANNED, {"number": 99}, TELLING),
        (PLANNED, {"maintenance_id": 2}, BOTH),
        (PLANNED, {"promised_since": ISSUED - DAY}, PROMISE),
        (PLANNED, {"promised_since": ISSUED + MICROSECOND}, PROMISE),
        (PLANNED, {"promised_since": None}, FLOOR),
        (PLANNED, {"start": SOON, "end": SOON + 2 * HOUR, "state": "in_progress"}, BOTH),
        (PLANNED, {"start": SOON, "state": "completed"}, BOTH),
        (PLANNED, {"basis": "late", "late_reason": "x"}, TELLING),
        (PLANNED, {"basis": "emergency", "incident_id": OPEN_P1}, TELLING),
        (LATE, {"basis": "planned", "promised_since": ISSUED}, BOTH),
        (LATE, {"start": START}, TELLING),
        (EMERGENCY, {"start": START}, TELLING),
        (EMERGENCY, {"basis": "planned", "incident_id": None, "promised_since": ISSUED}, BOTH),
        (EMERGENCY, {"incident_id": CLOSED_P1}, P1),
        (EMERGENCY, {"incident_id": LOWERED_P1}, P1),
        (EMERGENCY, {"incident_id": REFUTED_P1}, P1),
        (EMERGENCY, {"incident_id": P2}, P1),
        *((CANCELLED, {"state": state}, TELLING) for state in ("announced", "in_progress", "completed", "not_completed", "presumed_ended")),
        *((DRAFT, {"state": state, "promised_since": ISSUED}, TELLING) for state in ("announced", "in_progress")),
    ],
)
def test_window_told_otherwise(write: Write, number: int, values: Fields, rule: str) -> None:
    """No time outside, no number, state or basis but what the newest notice says of it, and no other moment of the promise."""
    refusal, kept = write(number, **values)
    assert (bool(re.search(rule, refusal)), kept) == (True, True), refusal


@pytest.mark.parametrize("number", [PLANNED, BESIDE, EMERGENCY, LATE])
@pytest.mark.parametrize("state", ["in_progress", "completed", "not_completed", "presumed_ended", "postponed", "cancelled"])
def test_window_goes_its_way(write: Write, number: int, state: str) -> None:
    """What begins, ends or is taken back as it was told needs no other notice."""
    assert write(number, state=state) == ("", False)


@pytest.mark.parametrize(
    ("number", "values"),
    [
        (PLANNED, {"end": START + 9 * HOUR, "state": "in_progress", "overran_from": START + 2 * HOUR}),
        (PLANNED, {"sequence": 7, "changed_at": START}),
        (PLANNED, {"start": START + HOUR}),
        (PLANNED, {"end": START + HOUR}),
        (DRAFT, {"start": SOON}),
        (CANCELLED, {"start": SOON}),
    ],
)
def test_window_that_may_change(write: Write, number: int, values: Fields) -> None:
    """Work in progress may take longer, less than was told is within it, stamps rise, and nobody counts on drafts and on what was cancelled."""
    assert write(number, **values) == ("", False)


@pytest.mark.parametrize(
    ("said", "since", "rule"),
    [
        ({"start": SOON, "end": SOON + 2 * HOUR}, ISSUED, PROMISE),
        ({"start": SOON, "end": SOON + 2 * HOUR}, SHORT, FLOOR),
        ({"start": SOON}, ISSUED, PROMISE),
        ({"start": START - MICROSECOND}, ISSUED, PROMISE),
        ({"end": START + 4 * HOUR + MICROSECOND}, ISSUED, PROMISE),
        ({"start": START + HOUR, "end": START + 7 * HOUR}, ISSUED, PROMISE),  # an hour between two promised windows was not promised
        ({"start": START + HOUR, "late": True}, ISSUED, TELLING),
        ({"start": START + HOUR, "state": WindowState.POSTPONED}, ISSUED, TELLING),
        ({"start": START + HOUR, "state": WindowState.DRAFT}, ISSUED, TELLING),
        ({"start": START + 27 * HOUR, "end": START + 28 * HOUR}, ISSUED, PROMISE),
        ({"start": START + 25 * HOUR, "end": START + 26 * HOUR}, ISSUED, PROMISE),  # the emergency's time was told without the full notice
        ({"start": START + 49 * HOUR, "end": START + 50 * HOUR}, ISSUED, PROMISE),  # and so was the late work's
    ],
)
def test_window_told_too_late(write: Write, said: Fields, since: datetime, rule: str) -> None:
    """A notice of three days does not make planned work of it, whichever notice it is said to be promised by."""
    times = {name: value for name, value in said.items() if name in {"start", "end"}}
    refusal, kept = write(PLANNED, revised(**said), promised_since=since, **times)
    assert (bool(re.search(rule, refusal)), kept) == (True, True), refusal


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ({"start": START + HOUR}, {}),
        ({"start": START + HOUR, "emergency": True}, {}),  # for whoever came later it is one
        ({"end": START + HOUR}, {}),
        ({"end": START + 4 * HOUR}, {}),  # through both windows that were promised, which touch
        ({"start": START + 5 * HOUR, "end": START + 6 * HOUR}, {}),
        ({"start": START + HOUR + MICROSECOND, "end": START + 2 * HOUR - MICROSECOND}, {}),
        ({"start": START - HOUR, "issued_at": START - HOUR - 10 * DAY}, {"promised_since": START - HOUR - 10 * DAY}),
        ({"start": START + 99 * DAY, "end": START + 100 * DAY}, {"promised_since": SHORT}),
    ],
)
def test_window_told_anew(write: Write, said: Fields, values: Fields) -> None:
    """Within what was promised at once; outside with ten days of its own, to the second."""
    times = {name: value for name, value in said.items() if name in {"start", "end"}}
    assert write(PLANNED, revised(**said), **times, **values) == ("", False)


def test_window_goes_back_to_what_was_withdrawn(write: Write) -> None:
    """Times that were promised once, and withdrawn since, are promised no more."""
    away = {"start": START + 40 * DAY, "end": START + 41 * DAY}
    rows = [revised(**away)]
    assert write(PLANNED, *rows, **away, promised_since=SHORT) == ("", False)
    refusal, kept = write(PLANNED, *rows, start=START + SECOND)  # the notice is there, the row does not follow it
    assert (TELLING in refusal, kept) == (True, True)


def test_emergency_while_the_p1_lasts(write: Write) -> None:
    """An open P1, and one that was lowered or closed until the ninetieth day after."""
    again = notice(3, SHORT, said_window(EMERGENCY, start=START + DAY - MICROSECOND))
    assert write(EMERGENCY, again, start=START + DAY - MICROSECOND) == ("", False)
    for incident in (CLOSED_P1, LOWERED_P1):
        assert write(EMERGENCY, again, start=START + DAY - MICROSECOND, incident_id=incident) == ("", False)
