"""Write iCalendar (RFC 5545, RFC 7986, NANOG maintnote draft). Pure: values in, bytes out; the same values give the same bytes."""

import unicodedata
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import icalendar
from icalendar.prop import vCalAddress, vDatetime, vDuration, vInt, vText, vUri

from notifier.calendars.entry import Calendar, Entry

PRODID = "-//maintenance-notifier//calendar//EN"

_LINE_ENDS = dict.fromkeys(map(ord, "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
"""Whatever some reader takes for the end of a line (``str.splitlines``)."""


class _Text(vText):
    """TEXT as in RFC 5545, 3.3.11. ``vText`` itself writes a backslash before N as a line break."""

    def to_ical(self) -> bytes:
        """Escape backslash, semicolon, comma and line break; nothing else."""
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()


def write(calendar: Calendar) -> bytes:
    """Return the calendar; no METHOD, as it is published and not an invitation (RFC 5546)."""
    language = tag(calendar.language)
    result = icalendar.Calendar()
    _set(result, "VERSION", _text("2.0"))
    _set(result, "PRODID", _text(PRODID))
    _set(result, "CALSCALE", _text("GREGORIAN"))
    for name, value in (("NAME", calendar.name), ("DESCRIPTION", calendar.description)):
        _set(result, name, _text(value, language=language))
    _set(result, "X-WR-CALNAME", _text(calendar.name))
    _set(result, "X-WR-CALDESC", _text(calendar.description))
    _set(result, "X-WR-TIMEZONE", _text(calendar.zone))
    if calendar.refresh_minutes:
        every = vDuration(timedelta(minutes=calendar.refresh_minutes))
        every.params["VALUE"] = "DURATION"
        _set(result, "REFRESH-INTERVAL", every)
        _set(result, "X-PUBLISHED-TTL", vDuration(timedelta(minutes=calendar.refresh_minutes)))
    if calendar.entries:
        _set(result, "LAST-MODIFIED", _moment(max(entry.stamp for entry in calendar.entries)))
    for entry in sorted(calendar.entries, key=lambda one: (one.start, one.end, one.uid)):
        result.add_component(_event(entry))
    if not calendar.entries:
        result.add_component(_utc())
    return bytes(result.to_ical())


def tag(language: str) -> str:
    """Return the language tag as RFC 5646 writes it: ``zh-Hans``."""
    primary, _separator, script = language.partition("-")
    return f"{primary}-{script.capitalize()}" if script else primary


def _event(entry: Entry) -> icalendar.Event:
    language = tag(entry.language)
    event = icalendar.Event()
    _set(event, "UID", _text(entry.uid))
    _set(event, "SEQUENCE", vInt(entry.sequence))
    for name, moment in (("DTSTAMP", entry.stamp), ("LAST-MODIFIED", entry.stamp), ("DTSTART", entry.start), ("DTEND", entry.end)):
        _set(event, name, _moment(moment))
    _set(event, "SUMMARY", _text(entry.summary, language=language))
    _set(event, "DESCRIPTION", _text(entry.description, lines=True, language=language))
    _set(event, "STATUS", _text(entry.status))
    _set(event, "CLASS", _text("PUBLIC"))
    _set(event, "TRANSP", _text("TRANSPARENT"))
    _set(event, "ORGANIZER", _organizer(entry))
    if entry.url:
        _set(event, "URL", vUri(_line(entry.url)))
    _set(event, "X-MAINTNOTE-PROVIDER", _text(entry.provider))
    _set(event, "X-MAINTNOTE-ACCOUNT", _text(entry.account))
    _set(event, "X-MAINTNOTE-MAINTENANCE-ID", _text(entry.maintenance_id))
    _set(event, "X-MAINTNOTE-IMPACT", _text(entry.impact))
    _set(event, "X-MAINTNOTE-STATUS", _text(entry.maintnote_status))
    if entry.objects:
        _set(event, "X-MAINTNOTE-OBJECT-ID", [_object(name, impact) for name, impact in sorted(entry.objects)])
    return event


def _object(name: str, impact: str) -> _Text:
    value = _text(name)
    value.params["X-MAINTNOTE-OBJECT-IMPACT"] = impact
    return value


def _organizer(entry: Entry) -> vCalAddress:
    address = vCalAddress("mailto:" + quote(_line(entry.organizer_email), safe="@!$'*+-._~"))
    if name := _line(entry.organizer_name).strip():
        # A quoted parameter ends at a double quote, not every reader knows RFC 6868, and some undo backslashes as in TEXT.
        address.params["CN"] = name.replace('"', "'").replace("\\", "/")
    return address


def _utc() -> icalendar.Timezone:
    """Return a component for a calendar without entries: RFC 5545, 3.6, wants at least one."""
    zone, standard = icalendar.Timezone(), icalendar.TimezoneStandard()
    _set(zone, "TZID", _text("UTC"))
    _set(standard, "DTSTART", vDatetime(datetime(1970, 1, 1)))  # noqa: DTZ001  # local time by definition (RFC 5545, 3.6.5)
    for name in ("TZOFFSETFROM", "TZOFFSETTO"):
        _set(standard, name, icalendar.vUTCOffset(timedelta()))
    zone.add_component(standard)
    return zone


def _set(component: icalendar.Component, name: str, value: object) -> None:
    """Store a value that is encoded already: ``Component.add`` would wrap and guess."""
    component[name] = value


def _text(value: str, *, lines: bool = False, language: str = "") -> _Text:
    return _Text(_lines(value) if lines else _line(value), params={"LANGUAGE": language} if language else None)


def _moment(moment: datetime) -> vDatetime:
    return vDatetime(moment.astimezone(UTC))


def _lines(value: str) -> str:
    """Return the text with line feeds for line breaks, and without control characters and halves of characters."""
    text = value.replace("\r\n", "\n").translate(_LINE_ENDS)
    return "".join(character for character in text if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs"))


def _line(value: str) -> str:
    """Return the text on one line: a line break becomes a space."""
    return _lines(value).replace("\n", " ")
