"""Times as they stand in a mail, read back: digits by their place, months by the names that CLDR gives them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from babel import Locale

_BLOCK = re.compile(r"^  [^:：\n]+[:：] *(.+)\n    (.+)\n(?:    = (.+) UTC\n)?", re.MULTILINE)
_OFFSET = re.compile(r"UTC([+-])(\d\d):(\d\d)\)?$")
_CHINESE = re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日\S* (?P<clock>\d{1,2}[:.]\d\d)")
_NUMBERS = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}), (?P<clock>\d{1,2}[:.]\d\d)")
_WORDS = re.compile(r"(?P<day>\d{1,2})\.? (?:de )?(?P<name>[^\W\d]+\.?) (?:de )?(?P<year>\d{4}),? (?P<clock>\d{1,2}[:.]\d\d)")


@dataclass(frozen=True)
class Moment:
    """One moment as shown: the wall time, its offset, and the wall time in UTC (None where the reader lives by UTC)."""

    wall: datetime
    offset: timedelta
    beside: datetime | None

    @property
    def utc(self) -> datetime:
        """The moment that wall time and offset stand for."""
        return (self.wall - self.offset).replace(tzinfo=UTC)

    def agrees(self, zone: ZoneInfo) -> bool:
        """Tell whether it is what clocks of the zone show then, with the zone's offset and the right time in UTC beside it."""
        local = self.utc.astimezone(zone)
        right = (local.replace(tzinfo=None, fold=0), local.utcoffset()) == (self.wall, self.offset)
        return right and (self.beside == self.utc.replace(tzinfo=None) or (self.beside is None and zone.key == "UTC"))


def from_text(text: str, language: str) -> tuple[tuple[Moment, Moment], ...]:
    """Return start and end of each time in the text part."""
    blocks = [found.groups() for found in _BLOCK.finditer(text) if _OFFSET.search(found[2])]
    return _paired([_moment(local, name, beside or "", language) for local, name, beside in blocks])


def from_html(html: str, language: str) -> tuple[tuple[Moment, Moment], ...]:
    """Return start and end of each time in the HTML part: the cells of its tables of times."""
    cells = _Times()
    cells.feed(html)
    moments = []
    for cell in cells.found:
        local, name, *beside = (line.strip() for line in cell.splitlines() if line.strip())
        moments.append(_moment(local, name, "".join(beside).removeprefix("= ").removesuffix(" UTC"), language))
    return _paired(moments)


def wall(text: str, language: str) -> datetime:
    """Read a day with its time of day, in any of the forms of that language."""
    found = _CHINESE.search(text) or _NUMBERS.search(text) or _WORDS.search(text)
    assert found, f"no day in {text!r}"
    parts = found.groupdict()
    month = int(parts["month"]) if "month" in parts else _months(language)[parts["name"].lower()]
    hour, minute = (int(part) for part in re.split(r"[:.]", parts["clock"]))
    return datetime(int(parts["year"]), month, int(parts["day"]), hour, minute)  # noqa: DTZ001  # wall time: its offset stands on the next line


def _moment(local: str, name: str, beside: str, language: str) -> Moment:
    offset = _OFFSET.search(name)
    assert offset, f"no offset in {name!r}"
    shift = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return Moment(wall(local, language), -shift if offset[1] == "-" else shift, wall(beside, language) if beside else None)


def _paired(moments: list[Moment]) -> tuple[tuple[Moment, Moment], ...]:
    return tuple(zip(moments[::2], moments[1::2], strict=True))


@lru_cache
def _months(language: str) -> dict[str, int]:
    months = Locale.parse({"en": "en_GB"}.get(language, language)).months["format"]
    return {name.lower(): number for width in ("wide", "abbreviated") for number, name in months[width].items()}


class _Times(HTMLParser):
    """Collects the text of each td of a table of the class ``times``, with a line break for each br."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._table = self._cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._table = "times" in (dict(attrs).get("class") or "").split()
        elif tag == "td" and self._table:
            self._cell = True
            self.found.append("")
        elif tag == "br" and self._cell:
            self.found[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._cell = False
        elif tag == "table":
            self._table = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.found[-1] += " ".join(data.split()) + " " * (data != data.rstrip())
