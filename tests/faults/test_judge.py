"""The judge finds what is wrong, and nothing where nothing is."""

from dataclasses import replace

import pytest

from tests.faults.journal import CUT, TAKEN_UNSAID, Entry
from tests.faults.judge import judge
from tests.faults.rows import Row

DUE, DEADLINE = 1_000.0, 2_000.0
ROW = Row("abc-1", 1, "MNT-1", 1, "c1@customer.example", "announced", "sent", "", 1, DUE, DEADLINE, 1_100.0, 1_101.0, 1_101.0)
TAKEN = Entry("abc-1", "bounces+1-aaaaaaaaaaaaaaaa@provider.example", "c1@customer.example", "250 2.0.0 Taken", "end", 1, 1_100.0, 5.0)
BUSY = replace(TAKEN, answer="451 4.3.0 Busy")
REFUSED = replace(TAKEN, answer="550 5.1.1 No such person", name="", step="RCPT")
UNKNOWN = replace(ROW, state="unknown", reason="handed over, no answer", accepted_at=None)
FAILED = replace(ROW, state="failed", reason="550 5.1.1 No such person", accepted_at=None)

pytestmark = pytest.mark.servers


def _charges(row: Row, *entries: Entry) -> set[str]:
    return {kind for kind, about in judge([row], entries, expected=1).charges.items() if about}


@pytest.mark.parametrize(
    ("row", "entries"),
    [
        (ROW, [TAKEN]),
        (ROW, [BUSY, TAKEN]),
        (ROW, [replace(TAKEN, answer=CUT), TAKEN]),
        (UNKNOWN, [replace(TAKEN, answer=TAKEN_UNSAID)]),
        (UNKNOWN, []),
        (FAILED, [REFUSED]),
        (replace(ROW, state="withdrawn", reason="replaced"), []),
    ],
)
def test_judge_finds_nothing(row: Row, entries: list[Entry]) -> None:
    """What may be."""
    assert _charges(row, *entries) == set()


@pytest.mark.parametrize(
    ("row", "entries", "charge"),
    [
        (replace(ROW, state="queued"), [], "lost: neither sent nor failed nor flagged"),
        (ROW, [BUSY], "lost: said to be sent, never taken"),
        (ROW, [TAKEN, TAKEN], "doubled in silence"),
        (ROW, [replace(TAKEN, answer=TAKEN_UNSAID), TAKEN], "doubled in silence"),
        (UNKNOWN, [TAKEN, TAKEN], "doubled, although flagged"),
        (FAILED, [REFUSED, TAKEN], "taken, but said to be failed"),
        (ROW, [TAKEN, replace(TAKEN, name="abc-2")], "mails of no delivery"),
        (replace(FAILED, reason="no"), [REFUSED], "refused for good, and not failed with the server's words"),
        (FAILED, [BUSY], "refused for now, and not tried again"),
        (FAILED, [], "failed without the server having refused it"),
        (ROW, [replace(TAKEN, wall=DUE - 60)], "early"),
        (ROW, [replace(TAKEN, wall=DEADLINE + 60)], "late"),
        (replace(UNKNOWN, settled_at=1_200.0), [], "flagged too late"),
    ],
)
def test_judge_finds_what_is_wrong(row: Row, entries: list[Entry], charge: str) -> None:
    """What must not be."""
    assert charge in _charges(row, *entries)


def test_judge_counts_deliveries() -> None:
    """A delivery that was never made is missing."""
    assert judge([ROW], [TAKEN], expected=2).lines() == ["deliveries missing or too many: 1 (1 instead of 2)"]


def test_judge_notes_what_was_told() -> None:
    """Unknown, although the server had said what became of it: for the cases without kills."""
    answers = ("250 Taken", "421 Gone", TAKEN_UNSAID)
    assert [len(judge([UNKNOWN], [replace(TAKEN, answer=answer)]).unheard) for answer in answers] == [1, 1, 0]
