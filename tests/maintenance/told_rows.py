"""Rows of work that was told as it should be, written by hand: what attacks on the floor begin from."""

from datetime import UTC, datetime, timedelta
from typing import Any

from maintenance.models import Incident, Maintenance, Notice, Served, Window
from maintenance.said import Said, SaidText, SaidWindow
from maintenance.states import Basis, Impact, WindowState
from tests.maintenance.ways_in import Change, Row, row

START = datetime(2027, 1, 10, 22, 0, tzinfo=UTC)
DAY, HOUR, SECOND, MICROSECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1), timedelta(microseconds=1)
ISSUED = START - 20 * DAY
PLANNED, BESIDE, EMERGENCY, LATE, CANCELLED, DRAFT, APART = range(1, 8)
"""The windows' numbers and keys."""
OPEN_P1, CLOSED_P1, REFUTED_P1, P2, LOWERED_P1 = range(1, 6)
"""The incidents' keys."""
SHORT = START - 3 * DAY
"""When an emergency and late work were told."""
BEGINS = {PLANNED: START, BESIDE: START + 2 * HOUR, EMERGENCY: START + DAY, LATE: START + 2 * DAY, CANCELLED: START, DRAFT: START, APART: START + 5 * HOUR}
STATES = {CANCELLED: WindowState.CANCELLED, DRAFT: WindowState.DRAFT}
BASES = {EMERGENCY: Basis.EMERGENCY, LATE: Basis.LATE}


def said_window(number: int, **changes: Any) -> SaidWindow:  # noqa: ANN401  # any field
    """Return a window of two hours as its row has it."""
    basis = BASES.get(number)
    told: dict[str, Any] = {
        "start": BEGINS[number],
        "end": BEGINS[number] + 2 * HOUR,
        "state": STATES.get(number, WindowState.ANNOUNCED),
        "sequence": 0,
        "emergency": basis == Basis.EMERGENCY,
        "late": basis == Basis.LATE,
    }
    return SaidWindow(number, **told | changes)


def notice(revision: int, issued_at: datetime, *windows: SaidWindow, raw: dict[str, Any] | None = None, **fields: Any) -> Row:  # noqa: ANN401  # any field
    """Return a notice (its key is its revision) that says these windows."""
    said = Said("R", Impact.OUTAGE, 30, windows, {"en": SaidText("t", "i", "d")})
    given = {"maintenance_id": 1, "issued_by": "x", "said_json": said.to_json()}
    return row(Notice, raw, pk=revision, revision=revision, issued_at=issued_at, **given | fields)


def window(number: int, raw: dict[str, Any] | None = None, **fields: Any) -> Row:  # noqa: ANN401  # any field
    """Return a window as it was told."""
    basis = BASES.get(number, Basis.PLANNED)
    right: dict[str, Any] = {
        "maintenance_id": 1,
        "start": BEGINS[number],
        "end": BEGINS[number] + 2 * HOUR,
        "state": STATES.get(number, WindowState.ANNOUNCED),
        "basis": basis,
        "incident_id": OPEN_P1 if basis == Basis.EMERGENCY else None,
        "late_reason": "the supplier's" if basis == Basis.LATE else "",
        "promised_since": None if number == DRAFT else SHORT if basis != Basis.PLANNED else ISSUED,
        "changed_at": ISSUED,
        "start_decision": {"answer": "in time"} if number == BESIDE else {},
    }
    return row(Window, raw, pk=number, number=number, **right | fields)


def maintenance(pk: int = 1) -> Row:
    """Return a maintenance."""
    work: dict[str, Any] = {"impact": "outage", "expected_outage_minutes": 30, "created_at": ISSUED, "created_by": "x", "timezone": "UTC"}
    return row(Maintenance, pk=pk, reference=f"R{pk}", **work)


def incident(pk: int, **fields: Any) -> Row:  # noqa: ANN401  # any field
    """Return an incident, an open P1."""
    right: dict[str, Any] = {"title": "t", "domain": "mno", "sims": 1000, "priority": "P1", "computed_priority": "P1", "opened_at": ISSUED}
    return row(Incident, pk=pk, reference=f"I{pk}", **right | {"p1_identified_at": ISSUED} | fields)


TOO_LONG_AGO = START + DAY - 90 * DAY - MICROSECOND
"""A P1 that lasted until then is no reason for the emergency."""
INCIDENTS: tuple[tuple[int, dict[str, Any]], ...] = (
    (OPEN_P1, {}),
    (CLOSED_P1, {"opened_at": ISSUED - 100 * DAY, "closed_at": TOO_LONG_AGO, "p1_until": TOO_LONG_AGO}),
    (REFUTED_P1, {"refuted_at": ISSUED, "refuted_by": "x", "refuted_reason": "r", "priority": "P2", "computed_priority": "P2", "p1_until": ISSUED}),
    (P2, {"priority": "P2", "computed_priority": "P2", "p1_identified_at": None}),
    (LOWERED_P1, {"opened_at": ISSUED - 100 * DAY, "priority": "P4", "computed_priority": "P4", "p1_until": TOO_LONG_AGO}),
)
FIRST = (PLANNED, BESIDE, CANCELLED, APART)
ALL = (*FIRST, EMERGENCY, LATE)


def told() -> list[Row]:
    """Return it all: first the planned windows are told, then one is cancelled, and an emergency and late work are added."""
    first = [said_window(number, state=WindowState.ANNOUNCED) for number in FIRST]
    return [
        maintenance(),
        maintenance(2),
        *(incident(pk, **fields) for pk, fields in INCIDENTS),
        notice(1, ISSUED, *first),
        notice(2, SHORT, *(said_window(number) for number in ALL)),
        *(window(number) for number in (*ALL, DRAFT)),
    ]


def accepted(raw: dict[str, Any] | None = None, **fields: Any) -> Row:  # noqa: ANN401  # any field
    """Return that the first notice was accepted as soon as it was issued."""
    return row(Served, raw, **{"pk": 1, "notice_id": 1, "customer_id": 1, "accepted_at": ISSUED, "hop": "relay"} | fields)


SOON: dict[str, Any] = {"start": START - DAY, "end": START - DAY + HOUR}
MOVE = Change(Window, PLANNED, SOON)
"""What nobody was told: the first window a day earlier."""
NINTH: dict[str, Any] = {"pk": 9, "maintenance_id": 1, "number": 9, **SOON, "state": "announced", "promised_since": ISSUED, "changed_at": ISSUED}
"""A window that no notice names."""
BOTH = ("window_within_what_was_told", "window_promised_by_notice")
"""Rules that refuse these; which of the two a database finds first is its own affair."""
