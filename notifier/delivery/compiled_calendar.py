"""The calendar of a mail as octets with holes: lines that hold nobody's values are folded and encoded once for all mails of a shape."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from notifier.calendars.entries import uid
from notifier.delivery.encoded import Holes, Segment, base64_body, base64_lines
from notifier.delivery.folded import folded, folded_start
from notifier.delivery.sentinels import Marks

_END = b"\r\n"


@dataclass(frozen=True)
class _Event:
    """An entry. ``when`` is what entries are sorted by before their UIDs; ``lines`` fill the holes of ``parts`` after that of the UID."""

    when: tuple[bytes, ...]
    window: int
    code: int
    lines: tuple[Holes, ...]
    parts: tuple[bytes | int, ...]

    def filled(self, name: bytes, values: Sequence[bytes]) -> list[bytes]:
        """Return the lines that hold values, without their ends."""
        return [folded(b"UID:" + name), *[folded(line.filled(values)) for line in self.lines]]


class CompiledCalendar:
    """Calendars of one shape."""

    def __init__(self, ics: bytes, marks: Marks, *, reference: str, uids: Mapping[str, tuple[int, int]]) -> None:
        """``ics`` is written with marks; ``uids`` says of each UID in it the window's number and which value is the account's code."""
        self._reference = reference
        lines = ics.decode().replace("\r\n ", "").split("\r\n")
        starts = [number for number, line in enumerate(lines) if line == "BEGIN:VEVENT"]
        ends = [number + 1 for number, line in enumerate(lines) if line == "END:VEVENT"]
        first, last = (starts[0], ends[-1]) if starts else (len(lines) - 1, len(lines) - 1)
        before, after = (_parts(some, marks)[0] for some in (lines[:first], lines[last:-1]))
        self._events = [_event(lines[start:end], marks, uids) for start, end in zip(starts, ends, strict=True)]
        self._in_order = len({event.when for event in self._events}) == len(self._events)
        if self._in_order:
            self._whole = base64_body([*before, *_moved(self._events), *after])
        else:
            self._before, self._after = base64_body(before), base64_body(after)
            self._each = {event: base64_body(event.parts) for event in self._events}

    def lines(self, values: Sequence[bytes], plain: Sequence[str]) -> bytes:
        """Return the body in base64; ``values`` are escaped as TEXT (RFC 5545, 3.3.11), ``plain`` are not."""
        names = [uid(self._reference, event.window, plain[event.code]).encode() for event in self._events]
        if self._in_order:
            filled: list[bytes] = []
            for name, event in zip(names, self._events, strict=True):
                filled += event.filled(name, values)
            return base64_lines([(segment, filled) for segment in self._whole])
        return base64_lines(self._sorted(names, values))

    def _sorted(self, names: Sequence[bytes], values: Sequence[bytes]) -> Iterator[tuple[Segment, Sequence[bytes]]]:
        """Yield the segments with what fills them; entries at the same time stand in the order of their UIDs."""
        yield from ((segment, ()) for segment in self._before)
        for _when, name, event in sorted(zip([event.when for event in self._events], names, self._events, strict=True), key=itemgetter(0, 1)):
            filled = event.filled(name, values)
            yield from ((segment, filled) for segment in self._each[event])
        yield from ((segment, ()) for segment in self._after)


def _moved(events: Iterable[_Event]) -> Iterator[bytes | int]:
    """Yield the parts of all events, their holes numbered through."""
    first = 0
    for event in events:
        yield from (part + first if isinstance(part, int) else part for part in event.parts)
        first += 1 + len(event.lines)


def _event(lines: Sequence[str], marks: Marks, uids: Mapping[str, tuple[int, int]]) -> _Event:
    names = {line.partition(":")[0].partition(";")[0]: line for line in lines}
    window, code = uids[names["UID"].removeprefix("UID:")]
    place = lines.index(names["UID"])
    before, _none = _parts(lines[:place], marks)
    after, holes = _parts(lines[place + 1 :], marks, first=1)
    return _Event((names["DTSTART"].encode(), names["DTEND"].encode()), window, code, tuple(holes), (*before, 0, _END, *after))


def _parts(lines: Sequence[str], marks: Marks, *, first: int = 0) -> tuple[list[bytes | int], list[Holes]]:
    """Return the lines as texts, folded, and numbers for the lines with marks, from ``first`` on; and those lines, to be filled and folded."""
    parts: list[bytes | int] = []
    holes: list[Holes] = []
    text = b""
    for line in lines:
        start, *others = marks.split(line)
        if not others:
            text += folded(line.encode()) + _END
            continue
        certain, rest = folded_start(str(start).encode())
        holes.append(Holes([rest, *[part.encode() if isinstance(part, str) else part for part in others]]))
        parts += [text + certain, first + len(holes) - 1]
        text = _END
    return [*parts, text], holes
