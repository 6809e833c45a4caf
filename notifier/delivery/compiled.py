"""Mails of one shape as octets with holes: one real message, written by ``compose.message`` with marks, cut up where they stand."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr

from django.core.mail.message import sanitize_address
from django.utils import timezone, translation
from django.utils.translation import gettext

from notifier.calendars.entries import uid
from notifier.delivery import compose
from notifier.delivery.claimed import MailRow, Shared
from notifier.delivery.compiled_calendar import CompiledCalendar
from notifier.delivery.contents import contents
from notifier.delivery.encoded import QP_WIDTH, Holes, Segment, base64_body, base64_lines, quoted_body, quoted_value
from notifier.delivery.letter import Letter
from notifier.delivery.personal import ACCOUNTS, ADDRESS
from notifier.delivery.plain_layout import listed, wrapped
from notifier.delivery.sentinels import Marks, marked

_TO, _NAME, _THREAD, _OUTER, _INNER, _TEXT, _HTML, _CALENDAR, _VALUES = range(9)
"""The holes of a mail: whole headers and bodies, and from the last on the values in quoted-printable, the same for HTML, and the paragraphs."""
_RECIPIENT = re.compile(rb"(?<=\r\n)To:[^\r]*(?:\r\n[ \t][^\r]*)*")
_HOLE = re.compile(rb"\0(\d)\0")
"""No header has a zero."""


class NotCompilableError(Exception):
    """The message is not made as we think: its mails take the ordinary path."""


@dataclass(frozen=True)
class _Paragraph:
    """A part of the plain text whose line breaks depend on the values in it."""

    shown: str
    made: Callable[[Sequence[str]], str]


class Compiled:
    """All mails of one shape."""

    def __init__(self, mail: MailRow, shared: Shared) -> None:
        """Compile the shape of ``mail``; raise ``NotCompilableError`` where that cannot be done."""
        marks = Marks()
        letter = marked(mail, shared, marks)
        self._reference = letter.said.reference
        region = letter.accounts[0].customer.region
        self.sender = envelope_address(region.sender_email)
        self._paragraphs: list[_Paragraph] = []
        self._bodies: dict[int, list[Segment]] = {}
        self._calendar: CompiledCalendar | None = None
        self._number = ACCOUNTS + sum(2 + len({row.object_id for row in account.services}) for account in letter.accounts)
        self._frame = Holes(self._cut(letter, marks))

    def content(self, name: str, recipient: bytes, values: Sequence[str]) -> bytes:
        """Return the mail of a delivery of that name, with ``personal.recipient_header`` and ``personal.values_of``; the values are usual ones."""
        made = [paragraph.made(values) for paragraph in self._paragraphs]
        together = "".join(values)
        escaped = [value.replace("&", "&amp;") for value in values] if "&" in together else values
        octets = [value.encode() for value in values]
        holes: list[bytes] = [
            recipient,
            name.encode(),
            compose.thread(self._reference, values[ADDRESS]).encode(),
            compose.boundary(name, 0).encode(),
            compose.boundary(name, 1).encode(),
            b"",
            b"",
            b"",
        ]
        if self._calendar:
            holes[_CALENDAR] = self._calendar.lines([value.replace(b",", b"\\,") for value in octets] if "," in together else octets, values)
        if self._bodies:
            plain, html = [*octets, *map(str.encode, made)], [value.encode() for value in escaped]
            holes[_TEXT] = base64_lines([(segment, plain) for segment in self._bodies[_TEXT]])
            holes[_HTML] = base64_lines([(segment, html) for segment in self._bodies[_HTML]])
        else:
            quoted = [octet if octet.isascii() and len(octet) <= QP_WIDTH else quoted_value(value) for octet, value in zip(octets, values, strict=True)]
            holes += quoted
            holes += quoted if escaped is values else [quoted_value(value) for value in escaped]
            holes += [quoted_value(value) for value in made]
        return self._frame.filled(holes)

    def _cut(self, letter: Letter, marks: Marks) -> list[bytes | int]:
        """Return the whole message in parts."""
        mail = compose.message(letter)
        message = mail.message()
        raw = message.as_bytes(linesep="\r\n")
        parts: list[bytes | int] = []
        place = 0
        for leaf in (part for part in message.walk() if not part.is_multipart()):
            payload = str(leaf.get_payload()).replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii")
            before, found, _after = raw[place:].partition(payload)
            if not found:
                raise NotCompilableError("a body cannot be found")
            parts += _framed(before, letter, marks)
            place += len(before) + len(payload)
            parts += self._body(leaf, letter, marks)
        return [*parts, *_framed(raw[place:], letter, marks)]

    def _body(self, leaf: Message, letter: Letter, marks: Marks) -> Sequence[bytes | int]:
        """Return the parts of one body, encoded as it was."""
        payload = leaf.get_payload(decode=True)
        if not isinstance(payload, bytes):
            raise NotCompilableError("a body is none")
        kind, encoding = leaf.get_content_type(), leaf["Content-Transfer-Encoding"]
        if (kind, encoding) == ("text/calendar", "base64"):
            self._calendar = CompiledCalendar(payload, marks, reference=self._reference, uids=_uids(letter))
            return (_CALENDAR,)
        if kind not in {"text/plain", "text/html"}:
            raise NotCompilableError(f"a part is {kind}")
        parts = self._text(payload.decode(), letter, marks) if kind == "text/plain" else marks.split(payload.decode())
        hole = _TEXT if kind == "text/plain" else _HTML
        if encoding == "base64":
            self._bodies[hole] = base64_body(part.encode() if isinstance(part, str) else part for part in parts)
            return (hole,)
        if encoding != "quoted-printable":
            raise NotCompilableError(f"a body is {encoding}")
        first = _VALUES if kind == "text/plain" else _VALUES + self._number
        made = _VALUES + self._number  # paragraphs follow both forms of the values
        moved = [part if isinstance(part, str) else part + (first if part < self._number else made) for part in parts]
        return quoted_body(moved)

    def _text(self, text: str, letter: Letter, marks: Marks) -> list[str | int]:
        """Return the plain text, the paragraphs in it numbered from that of the values on."""
        for paragraph in _paragraphs(letter, marks):
            if paragraph.shown in text:
                text = text.replace(paragraph.shown, marks.of(self._number + len(self._paragraphs)))
                self._paragraphs.append(paragraph)
        return marks.split(text)


def envelope_address(address: str) -> str:
    """Return the address as SMTP takes it (a domain of other scripts as punycode); ValueError where it is none."""
    return parseaddr(sanitize_address(("", address), "utf-8"))[1]


def _framed(text: bytes, letter: Letter, marks: Marks) -> list[bytes | int]:
    """Return headers and delimiters in parts."""
    text = _RECIPIENT.sub(_hole(_TO), text)
    for known, hole in (
        (marks.delivery_name, _NAME),
        (compose.thread(letter.said.reference, letter.address), _THREAD),
        (compose.boundary(letter.name, 0), _OUTER),
        (compose.boundary(letter.name, 1), _INNER),
    ):
        text = text.replace(known.encode(), _hole(hole))
    pieces = _HOLE.split(text)
    parts = [int(piece) if number % 2 else piece for number, piece in enumerate(pieces)]
    if any(marks.are_in(part) for part in parts if isinstance(part, bytes)):
        raise NotCompilableError("a header that we do not know of holds a personal value")
    return parts


def _hole(number: int) -> bytes:
    return b"\0%d\0" % number


def _paragraphs(letter: Letter, marks: Marks) -> list[_Paragraph]:
    """Return the paragraphs that ``layout.txt`` wraps, and the lists of several names."""
    with translation.override(letter.language), timezone.override(letter.zone):
        shown = contents(letter)
        found = [_wrapped(shown["addressed"], "", marks)]
        found += [_wrapped(gettext("For %(accounts)s:") % {"accounts": support.accounts}, "  ", marks) for support in shown["support"] if support.accounts]
        groups = {service.objects for account in shown["accounts"] for hit in account.hits for service in hit.services if len(service.objects) > 1}
    return [*found, *(_listed(group, "    ", marks) for group in sorted(groups, key=len, reverse=True))]


def _wrapped(text: str, indent: str, marks: Marks) -> _Paragraph:
    parts = marks.split(text)
    return _Paragraph(wrapped(text, indent), lambda values: wrapped("".join([part if isinstance(part, str) else values[part] for part in parts]), indent))


def _listed(names: Sequence[str], indent: str, marks: Marks) -> _Paragraph:
    numbers = [part for name in names for part in marks.split(name) if isinstance(part, int)]
    return _Paragraph(listed(names, indent), lambda values: listed([values[number] for number in numbers], indent))


def _uids(letter: Letter) -> dict[str, tuple[int, int]]:
    """Return what each UID of the calendar is made of: the window's number, and which value is the account's code."""
    found = {}
    code = ACCOUNTS
    for account in letter.accounts:
        for window in letter.said.windows:
            found[uid(letter.said.reference, window.number, account.customer.account)] = (window.number, code)
        code += 2 + len({row.object_id for row in account.services})
    return found
