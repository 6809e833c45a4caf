"""A calendar, read from its bytes by the rules of RFC 5545 alone: content lines are unfolded, taken apart, and their text unescaped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_LINE = re.compile(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]*))*):(.*)')
_ESCAPED = re.compile(r"\\(.)")
LONGEST = 75
"""Octets in a line (RFC 5545, 3.1)."""


@dataclass(frozen=True)
class Entry:
    """One VEVENT; ``number`` is that of the window, ``objects`` pairs object id and impact, moments are UTC."""

    uid: str
    account: str
    reference: str
    number: int
    start: datetime
    end: datetime
    stamp: datetime
    modified: datetime
    sequence: int
    status: str
    maintnote_status: str
    objects: tuple[tuple[str, str], ...]
    summary: str
    language: str


@dataclass(frozen=True)
class Line:
    """One content line."""

    name: str
    parameters: dict[str, str]
    value: str


def read_calendar(content: bytes) -> tuple[str, tuple[Entry, ...]]:
    """Return the zone that the calendar is written for, and its entries, whose UIDs are all different."""
    assert content.endswith(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= LONGEST
    lines = [_line(line) for line in content.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")]
    assert [(lines[place].name, lines[place].value) for place in (0, 1, -1)] == [("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("END", "VCALENDAR")]
    assert "METHOD" not in {line.name for line in lines}
    entries = tuple(_entry(event) for event in _events(lines))
    assert len({entry.uid for entry in entries}) == len(entries)
    return next(line.value for line in lines if line.name == "X-WR-TIMEZONE"), entries


def _line(text: str) -> Line:
    found = _LINE.fullmatch(text)
    assert found, f"no content line: {text!r}"
    parameters = dict(pair.split("=", 1) for pair in found[2].split(";")[1:])
    return Line(found[1], parameters, _ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], found[3]))


def _events(lines: list[Line]) -> Iterator[list[Line]]:
    event: list[Line] | None = None
    for line in lines:
        if (line.name, line.value) == ("BEGIN", "VEVENT"):
            event = []
        elif (line.name, line.value) == ("END", "VEVENT"):
            assert event
            yield event
            event = None
        elif event is not None:
            event.append(line)


def _entry(lines: list[Line]) -> Entry:
    objects = tuple((line.value, line.parameters["X-MAINTNOTE-OBJECT-IMPACT"]) for line in lines if line.name == "X-MAINTNOTE-OBJECT-ID")
    one = {line.name: line for line in lines}
    assert len(one) == len(lines) - max(0, len(objects) - 1), "a property that may stand once stands twice"
    reference, _, number = one["X-MAINTNOTE-MAINTENANCE-ID"].value.rpartition(".")
    start, end, stamp, modified = (_moment(one[name].value) for name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED"))
    return Entry(
        uid=one["UID"].value,
        account=one["X-MAINTNOTE-ACCOUNT"].value,
        reference=reference,
        number=int(number),
        start=start,
        end=end,
        stamp=stamp,
        modified=modified,
        sequence=int(one["SEQUENCE"].value),
        status=one["STATUS"].value,
        maintnote_status=one["X-MAINTNOTE-STATUS"].value,
        objects=objects,
        summary=one["SUMMARY"].value,
        language=one["SUMMARY"].parameters["LANGUAGE"],
    )


def _moment(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
