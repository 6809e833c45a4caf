"""One mail, taken apart into what a reader would see."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import icalendar

HEADERS = (
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Content-Language",
    "Message-ID",
    "References",
    "Auto-Submitted",
    "X-Maintenance-Reference",
    "X-Notice-Kind",
)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_NEW_WINDOW = '<base target="_blank">'


@dataclass(frozen=True)
class CalendarEntry:
    """An entry of the calendar. ``details`` pairs a property's name with its value."""

    summary: str
    start: datetime | None
    end: datetime | None
    status: str
    description: str
    objects: tuple[str, ...]
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Mail:
    """The parts; None where the mail has no such part. ``calendar`` are the bytes of the .ics file."""

    headers: EmailMessage
    text: str | None
    html: str | None
    calendar: bytes | None
    calendar_name: str

    def shown_headers(self) -> list[tuple[str, str]]:
        """Return the headers that a reader or an auditor looks at, decoded."""
        return [(name, str(self.headers[name])) for name in HEADERS if self.headers[name]]


def take_apart(content: bytes) -> Mail:
    """Return the mail's parts."""
    message: EmailMessage = BytesParser(policy=policy.default).parsebytes(content)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    calendar = next((part for part in message.walk() if part.get_content_type() == "text/calendar"), None)
    return Mail(
        headers=message,
        text=text.get_content() if isinstance(text, EmailMessage) else None,
        html=html.get_content() if isinstance(html, EmailMessage) else None,
        calendar=_decoded(calendar) if calendar else None,
        calendar_name=(calendar and calendar.get_filename()) or "calendar.ics",
    )


def links_to_nowhere(html: str) -> str:
    """Return the HTML so that links want a new window, which the sandbox that it is shown in forbids."""
    found = _HEAD.search(html)
    at = found.end() if found else 0
    return html[:at] + _NEW_WINDOW + html[at:]


def calendar_entries(calendar: bytes) -> list[CalendarEntry]:
    """Return the entries in their order. Raises ValueError where the bytes are no calendar."""
    return [_entry(event) for event in icalendar.Calendar.from_ical(calendar).walk("VEVENT")]


def _entry(event: Any) -> CalendarEntry:  # noqa: ANN401  # icalendar's components are loosely typed
    objects = event.get("X-MAINTNOTE-OBJECT-ID", [])
    details = [(name, str(value)) for name, value in event.items() if name in _DETAILS]
    return CalendarEntry(
        summary=str(event.get("SUMMARY", "")),
        start=_moment(event, "DTSTART"),
        end=_moment(event, "DTEND"),
        status=str(event.get("STATUS", "")),
        description=str(event.get("DESCRIPTION", "")),
        objects=tuple(str(one) for one in (objects if isinstance(objects, list) else [objects])),
        details=tuple(details),
    )


def _moment(event: Any, name: str) -> datetime | None:  # noqa: ANN401  # as above
    value: date | datetime | None = event.decoded(name, None)
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _decoded(part: Any) -> bytes:  # noqa: ANN401  # Message.get_payload is typed by its arguments only
    payload: bytes = part.get_payload(decode=True)
    return payload


_DETAILS = ("UID", "SEQUENCE", "X-MAINTNOTE-ACCOUNT", "X-MAINTNOTE-MAINTENANCE-ID", "X-MAINTNOTE-IMPACT", "X-MAINTNOTE-STATUS")
