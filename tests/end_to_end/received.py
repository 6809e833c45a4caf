"""A received mail, read from its bytes: what it says in its text, in its HTML and in its calendar, each on its own."""

import email
import email.policy
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from tests.end_to_end.calendar_read import Entry, read_calendar
from tests.end_to_end.expected import Key, Said
from tests.end_to_end.times_read import Moment, from_html, from_text

MAX_LINE = 998
"""RFC 5322, 2.1.1."""
LANGUAGES = {"zh-Hans": "zh-hans"}
"""Tags that differ from the program's own names of languages."""
Interval = tuple[datetime, datetime]
_ACCOUNT = re.compile(r"(?<![\w-])WL[A-Z]{2}\d{6}(?![\w-])")
_OBJECT = re.compile(r"(?<![\w-])WL[A-Z]{2}\d{6}-[A-Z0-9-]+")


@dataclass(frozen=True)
class Mail:
    """``text`` and ``html`` pair start and end of each time shown: of a changed window the new ones, then the old ones."""

    key: Key
    kind: str
    message_id: str
    thread: str
    subject: str
    body: str
    text: tuple[tuple[Moment, Moment], ...]
    html: tuple[tuple[Moment, Moment], ...]
    said_in_text: Said
    said_in_html: Said
    said_in_calendar: Said
    entries: tuple[Entry, ...]

    @property
    def said(self) -> tuple[Said, Said, Said]:
        """What text, HTML and calendar say; all three have to agree with what was expected."""
        return self.said_in_text, self.said_in_html, self.said_in_calendar


def read(data: bytes, recipients: tuple[str, ...] | None = None) -> Mail:
    """Read one mail; ``recipients`` of the envelope, where known, must be the one of its header."""
    assert max(map(len, data.split(b"\r\n"))) <= MAX_LINE
    assert data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n")
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not list(message.defects)
    (to,) = message["To"].addresses
    assert recipients in (None, (to.addr_spec,))
    tag = message["Content-Language"]
    text, html, calendar = _parts(message)
    zone, entries = read_calendar(calendar)
    language = LANGUAGES.get(tag, tag)
    shown, drawn = from_text(text, language), from_html(html, language)
    assert f'<html lang="{tag}">' in html
    assert {entry.language for entry in entries} == {tag}
    for moment in (moment for pair in (*shown, *drawn) for moment in pair):
        assert moment.agrees(ZoneInfo(zone)), (to.addr_spec, zone, moment)
    return Mail(
        key=Key(str(message["X-Maintenance-Reference"]), to.addr_spec, language, zone),
        kind=str(message["X-Notice-Kind"]),
        message_id=str(message["Message-ID"]),
        thread=str(message["References"]),
        subject=str(message["Subject"]),
        body=text,
        text=shown,
        html=drawn,
        said_in_text=_said(text, shown),
        said_in_html=_said(re.sub(r"<[^>]*>", " ", html), drawn),
        said_in_calendar=_said_in(entries),
        entries=entries,
    )


def _parts(message: EmailMessage) -> tuple[str, str, bytes]:
    """Return text, HTML and calendar: one part each, and nothing else."""
    leaves = [part for part in message.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in leaves] == ["text/plain", "text/html", "text/calendar"], message.as_string()[:2000]
    calendar = leaves[2]
    assert (calendar["Content-Transfer-Encoding"], calendar.get_params()) == ("base64", [("text/calendar", ""), ("charset", "utf-8")])
    content = calendar.get_payload(decode=True)
    assert isinstance(content, bytes)
    text, html = (part.get_content().replace("\r\n", "\n") for part in leaves[:2])
    return text, html, content


def _said(words: str, shown: Iterable[tuple[Moment, Moment]]) -> Said:
    windows = tuple((start.utc, end.utc) for start, end in shown)
    return Said(frozenset(_ACCOUNT.findall(words)), frozenset(_OBJECT.findall(words)), windows)


def _said_in(entries: Iterable[Entry]) -> Said:
    windows: dict[str, dict[int, Interval]] = defaultdict(dict)
    for entry in entries:
        windows[entry.account][entry.number] = (entry.start, entry.end)
    of_accounts = {tuple(by_number[number] for number in sorted(by_number)) for by_number in windows.values()}
    assert len(of_accounts) == 1, "every account of the mail has the same windows"
    return Said(frozenset(windows), frozenset(name for entry in entries for name, _impact in entry.objects), of_accounts.pop())
