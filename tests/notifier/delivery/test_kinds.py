"""Every kind of notice has a whole mail in every language."""

import re
from email.message import EmailMessage
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from maintenance.states import Kind
from tests.notifier.delivery.kinds import of_kind
from tests.notifier.delivery.letters import LANGUAGES, letter
from tests.notifier.delivery.reading import Page, part, received

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "notices"
PLACEHOLDER = re.compile(r"%\(|%[sd]\b|\{\{|\{%|\{\w*\}|\bNone\b|&\w+;")
EMPTY = {"title", "h1", "h2", "h3", "h4", "p", "li", "dt", "dd", "th", "td", "section"}
TIMES, NOTICE, ABOUT, SERVICES, SUPPORT, CALENDAR = (
    "Start and end",
    "What you will notice",
    "About this work",
    "Your services affected",
    "Support",
    "Calendar",
)
WHOLE = [TIMES, NOTICE, ABOUT, SERVICES, SUPPORT, CALENDAR]
RUNNING = [TIMES, NOTICE, SERVICES, SUPPORT, CALENDAR]
WITHDRAWN = ["What will not take place", "Your services that were to be affected", SUPPORT, CALENDAR]
OVER = ["Planned start and end", "Your services that were affected", SUPPORT, CALENDAR]
SECTIONS = {
    **dict.fromkeys((Kind.ANNOUNCED, Kind.JOINED, Kind.REVISED, Kind.EASED, Kind.CORRECTED, Kind.EMERGENCY, Kind.LATE, Kind.REMINDER), WHOLE),
    **dict.fromkeys((Kind.CANCELLED, Kind.POSTPONED), WITHDRAWN),
    **dict.fromkeys((Kind.STARTED, Kind.EXTENDED), RUNNING),
    Kind.COMPLETED: OVER,
    Kind.NOT_COMPLETED: ["In our planners’ words", *OVER],
    Kind.ROOT_CAUSE: ["What caused it", "What was done about it", "Your services that were affected", SUPPORT],
}


class _Elements(HTMLParser):
    """Each element with the text in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in EMPTY:
            self._open.append((tag, []))

    def handle_data(self, data: str) -> None:
        for _tag, texts in self._open:
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            name, texts = self._open.pop()
            self.found.append((name, " ".join("".join(texts).split())))


def elements(html: str) -> list[tuple[str, str]]:
    """Return the elements that hold text, by their end."""
    reader = _Elements()
    reader.feed(html)
    return reader.found


@cache
def mail(kind: str, language: str) -> EmailMessage:
    """Return the mail of a kind as received."""
    return received(of_kind(kind, language))


def test_templates_are_those_of_the_kinds() -> None:
    """Three files each, and none for what is no kind."""
    found = {folder.name: sorted(path.name for path in folder.iterdir()) for folder in TEMPLATES.iterdir() if folder.is_dir()}
    assert found == {kind: ["body.html", "body.txt", "subject.txt"] for kind in Kind.values}


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("language", LANGUAGES)
def test_mail_has_no_placeholder_left(kind: str, language: str) -> None:
    """Neither a format nor a template, in any part that is read."""
    parts = [str(mail(kind, language)["Subject"]), part(mail(kind, language), "text/plain")]
    shown = [text for tag, text in elements(part(mail(kind, language), "text/html")) if tag != "section"]
    assert [found.group() for text in parts + shown for found in PLACEHOLDER.finditer(text)] == []


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("language", LANGUAGES)
def test_mail_has_nothing_empty(kind: str, language: str) -> None:
    """No heading, cell, paragraph or section without words; no gap in the plain text, no heading without its section."""
    assert [tag for tag, text in elements(part(mail(kind, language), "text/html")) if not text] == []
    text = part(mail(kind, language), "text/plain")
    assert "\n\n\n" not in text
    assert re.findall(r"\n-+\n+[^\n]+\n-+\n", text) == []


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_mail_has_the_sections_of_its_kind(kind: Kind, language: str) -> None:
    """As many in each language and in both bodies; in English by name."""
    headings = [text for tag, text in elements(part(mail(kind, language), "text/html")) if tag == "h2"]
    underlined = re.findall(r"\n([^\n]+)\n-{3,}\n", part(mail(kind, language), "text/plain"))
    assert (len(headings), underlined) == (len(SECTIONS[kind]), headings)
    if language == "en":
        assert headings == SECTIONS[kind]


def test_late_mail_never_calls_itself_in_time() -> None:
    """Neither planned nor announced as promised: the words that first notices use."""
    text = " ".join(part(mail("late", "en"), "text/plain").split())
    assert [word for word in ("in time", "as announced", "Planned maintenance", "is planned") if word in text] == []


@pytest.mark.parametrize(
    ("kind", "now", "was"),
    [
        ("revised", "Monday, 14 December 2026, 22:00", "Monday, 14 December 2026, 23:00"),
        ("eased", "Monday, 14 December 2026, 22:00", "Monday, 14 December 2026, 21:00"),
        ("extended", "Tuesday, 15 December 2026, 04:00", "Tuesday, 15 December 2026, 02:00"),
    ],
)
def test_new_times_are_not_struck_and_old_ones_are(kind: str, now: str, was: str) -> None:
    """And words say which are which."""
    mail = received(of_kind(kind))
    page = Page(part(mail, "text/html"))
    assert (was in page.struck, now in page.struck, now in page.text) == (True, False, True)
    assert page.text.index("Now:") < page.text.index("Was:")
    text = part(mail, "text/plain")
    assert text.index("Now:") < text.index(now) < text.index("Was:") < text.index(was)


@pytest.mark.parametrize(("kind", "start"), [("cancelled", "Monday, 14 December 2026, 22:00"), ("postponed", "Tuesday, 15 December 2026, 22:00")])
def test_what_is_withdrawn_is_struck_through(kind: str, start: str) -> None:
    """And no outage is promised."""
    page = Page(part(received(of_kind(kind)), "text/html"))
    assert (start in page.struck, start in page.text, "45 minutes" in page.text) == (True, False, False)


def test_root_cause_has_no_calendar_and_a_thread_of_its_incident() -> None:
    """It is about no window; answers and later reports stand together."""
    mail = received(of_kind("root_cause"))
    assert [one.get_content_type() for one in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert str(mail["Subject"]) == "[INC-7] Root-cause report: Core router upgrade"
    other = received(of_kind("root_cause", reference="INC-8"))
    assert len({str(one["In-Reply-To"]) for one in (mail, other, received(letter()))}) == 3
