"""What a notice would say otherwise than before, line by line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maintenance.said import Said, SaidText, SaidWindow
from maintenance.states import Impact, WindowState
from notifier.desk.differences import differences

START = datetime(2026, 12, 22, 9, tzinfo=UTC)
WINDOW = SaidWindow(1, START, START + timedelta(hours=2), WindowState.ANNOUNCED, 0)
BEFORE = Said("MNT-1", Impact.OUTAGE, 30, (WINDOW,), {"en": SaidText("a", "b", "c"), "de": SaidText("a", "b", "c")})
DAY = timedelta(days=1)


def windows(*changed: SaidWindow) -> Said:
    """Return what was said, with other windows."""
    return replace(BEFORE, windows=changed)


@pytest.mark.parametrize(
    ("now", "lines"),
    [
        (BEFORE, []),
        (
            windows(replace(WINDOW, start=START + DAY, end=WINDOW.end + DAY)),
            [
                (
                    "Window MNT-1.1: 23 Dec 2026, 10:00 UTC+01:00 to 23 Dec 2026, 12:00 UTC+01:00, "
                    "instead of 22 Dec 2026, 10:00 UTC+01:00 to 22 Dec 2026, 12:00 UTC+01:00."
                )
            ],
        ),
        (windows(replace(WINDOW, state=WindowState.CANCELLED, start=START + DAY)), ["Window MNT-1.1: cancelled."]),
        (windows(replace(WINDOW, state=WindowState.POSTPONED)), ["Window MNT-1.1: postponed."]),
        (
            windows(WINDOW, replace(WINDOW, number=2)),
            ["Window MNT-1.2 is new: 22 Dec 2026, 10:00 UTC+01:00 to 22 Dec 2026, 12:00 UTC+01:00."],
        ),
        (
            windows(replace(WINDOW, alternate=True)),
            ["Window MNT-1.1 becomes an alternate, used only if the work cannot be done in the others."],
        ),
        (replace(BEFORE, impact=Impact.DEGRADED, expected_outage_minutes=5), ["Impact: “outage” becomes “degraded”.", "Expected outage: 30 minutes become 5."]),
        (replace(BEFORE, texts={"en": SaidText("a", "b", "x"), "fr": SaidText("a", "b", "c")}), ["The words change in: German, English, French."]),
    ],
)
def test_differences_are_said_one_a_line(now: Said, lines: list[str]) -> None:
    assert differences(BEFORE, now, ZoneInfo("Europe/Berlin")) == lines


def test_differences_of_alternate_that_is_taken() -> None:
    alternate = windows(replace(WINDOW, alternate=True))
    assert differences(alternate, BEFORE, ZoneInfo("UTC")) == ["Window MNT-1.1 is an alternate no more: the work is done in it."]
