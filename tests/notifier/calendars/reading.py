"""Read calendars back as another program would."""

import re

import icalendar
from icalendar.prop import vUnknown

_ESCAPED = re.compile(r"\\([\\,;nN])")


def events(body: bytes) -> list[icalendar.Component]:
    """Return the VEVENTs in the order of the file."""
    return icalendar.Calendar.from_ical(body).walk("VEVENT")


def value(event: icalendar.Component, name: str) -> str:
    """Return a text; icalendar leaves properties that it doesn't know as they are in the file (RFC 7265, 5)."""
    found = event[name]
    return plain(found) if isinstance(found, vUnknown) else str(found)


def objects(event: icalendar.Component) -> list[tuple[str, str]]:
    """Return object ids with their impacts."""
    found = event.get("X-MAINTNOTE-OBJECT-ID", [])
    several = found if isinstance(found, list) else [found]
    return [(plain(one), str(one.params["X-MAINTNOTE-OBJECT-IMPACT"])) for one in several]


def plain(raw: str) -> str:
    """Undo the escapes of a TEXT (RFC 5545, 3.3.11)."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], raw)
