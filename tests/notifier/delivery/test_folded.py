"""Folds of iCalendar: those of the library, found by octets."""

from hypothesis import example, given
from hypothesis import strategies as st
from icalendar.parser import Contentline

from notifier.delivery.folded import folded, folded_start


def by_library(line: str) -> bytes:
    """Return the line as whole calendars have it."""
    made: bytes = Contentline(line).to_ical()  # type: ignore[no-untyped-call]  # it has no types
    return made


LINE = st.text("abc é中😀\\,^", max_size=400)


@given(LINE)
@example("a" * 74)
@example("a" * 75)
@example("a" * 73 + "\\" * 9)
@example("a" * 72 + "é" + "b" * 80)
def test_folded_is_what_the_library_makes(line: str) -> None:
    """Of whole characters, 75 octets at most, and no escape sequence cut."""
    made = folded(line.encode())
    assert made == by_library(line)
    assert [piece for piece in made.split(b"\r\n") if len(piece) > 75] == []


@given(LINE, LINE)
@example("a" * 74, "")
@example("a" * 73 + "\\", "," + "b" * 80)
def test_folded_start_holds_whatever_follows(start: str, rest: str) -> None:
    """What is certain of a line before the rest is known stays so."""
    certain, left = folded_start(start.encode())
    assert certain + folded(left + rest.encode()) == by_library(start + rest)
