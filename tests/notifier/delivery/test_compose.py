"""Whole mails, as they are received."""

import base64
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.utils import timezone, translation

from maintenance.said import SaidText
from maintenance.states import Kind
from notifier.delivery.compose import mailbox, message
from notifier.delivery.contents import one_line
from tests.notifier.delivery.kinds import of_kind
from tests.notifier.delivery.letters import LANGUAGES, TEXTS, ZONES, letter, region, said, service, told
from tests.notifier.delivery.reading import Page, part, received

HOSTILE = "{{ title }} {% now 'Y' %} %s %(title)s {0} <b>&amp;</b> \"'"


def addresses(mail: EmailMessage, header: str) -> list[tuple[str, str]]:
    """Return the names and addresses of a header, by the rules of RFC 2047 (the standard library's parser puts spaces between encoded words)."""
    (raw,) = (value for name, value in mail.raw_items() if name == header)
    return [(str(make_header(decode_header(name))), address) for name, address in getaddresses([raw])]


def entries(mail: EmailMessage) -> list[icalendar.Event]:
    """Return the events of the attached calendar."""
    return [event for event in icalendar.Calendar.from_ical(part(mail, "text/calendar")).walk("VEVENT") if isinstance(event, icalendar.Event)]


def test_message_has_text_html_and_one_calendar() -> None:
    """In the order in which readers prefer the last alternative."""
    assert [one.get_content_type() for one in received(letter()).walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]


def test_message_headers() -> None:
    """All of them but the boundary."""
    mail = received(letter())
    headers = {name: str(value) for name, value in mail.items() if name not in {"Content-Type", "MIME-Version"}}
    assert headers == {
        "Subject": "[MNT-2026-0001] Planned maintenance: Core router upgrade, 14 Dec 2026, 22:00",
        "From": "Network Operations <maintenance-uk@provider.example>",
        "To": "Ana Lefèvre <ana@customer1.example>",
        "Reply-To": "support-uk@provider.example",
        "Date": "Sun, 22 Nov 2026 09:30:00 +0000",
        "Message-ID": "<12345678123456781234567812345678-1@provider.example>",
        "In-Reply-To": "<fba2c5a1@provider.example>",
        "References": headers["In-Reply-To"],
        "Content-Language": "en",
        "Auto-Submitted": "auto-generated",
        "X-Maintenance-Reference": "MNT-2026-0001",
        "X-Notice-Kind": "announced",
    } | {"In-Reply-To": headers["In-Reply-To"]}


def test_message_thread_is_one_for_each_maintenance_and_contact() -> None:
    """The kinds of one maintenance share it; another maintenance or reader does not."""

    def root(**changes: object) -> str:
        return str(received(letter(**changes))["References"])

    assert root() == root(kind=Kind.CANCELLED, name="other-2", language="de")
    assert len({root(), root(said=said(reference="MNT-2")), root(address="bo@customer1.example")}) == 3


def test_message_is_known_to_files_and_esps_by_the_delivery() -> None:
    """Events of an ESP carry it back."""
    mail = message(letter(kind=Kind.EMERGENCY))
    assert (mail.delivery_name, mail.metadata, mail.tags) == (
        "12345678123456781234567812345678-1",
        {"delivery": "12345678123456781234567812345678-1"},
        ["emergency"],
    )


def test_message_is_the_same_at_each_attempt() -> None:
    """Byte for byte, whatever language and zone the worker is in."""
    first = message(of_kind("announced", "fr")).message().as_bytes()
    with translation.override("de"), timezone.override(ZoneInfo("Asia/Tokyo")):
        assert message(of_kind("announced", "fr")).message().as_bytes() == first


def test_message_leaves_language_and_zone_as_they_were() -> None:
    """The worker goes on with the next reader."""
    with translation.override("da"), timezone.override(ZoneInfo("Asia/Tokyo")):
        message(letter(language="de"))
        assert (translation.get_language(), timezone.get_current_timezone_name()) == ("da", "Asia/Tokyo")


@pytest.mark.parametrize("kind", [kind for kind in Kind.values if kind != Kind.ROOT_CAUSE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_message_speaks_one_language_and_zone_in_every_part(kind: str, language: str) -> None:
    """The planner's words, the wall time and the header are the reader's, in subject, text, HTML and calendar."""
    made = of_kind(kind, language)
    mail = received(made)
    title = TEXTS[language].title
    parts = [str(mail["Subject"]), part(mail, "text/plain"), Page(part(mail, "text/html")).text, str(entries(mail)[0]["SUMMARY"])]
    assert [title in one for one in parts] == [True] * 4
    moment = made.windows()[0].end if kind == Kind.EXTENDED else made.windows()[0].start
    wall = moment.astimezone(ZoneInfo(ZONES[language])).strftime("%H.%M" if language == "da" else "%H:%M").removeprefix("0")
    page = Page(part(mail, "text/html"))
    assert [wall in one for one in (parts[0], parts[1], page.text + page.struck, str(entries(mail)[0]["DESCRIPTION"]))] == [True] * 4
    tag = "zh-Hans" if language == "zh-hans" else language
    assert (mail["Content-Language"], page.languages) == (tag, [tag])


def test_message_in_english_for_want_of_a_translation_says_so() -> None:
    """The quoted words carry their language for whoever reads them aloud."""
    mail = received(letter(language="de", said=said(texts={"en": TEXTS["en"]})))
    page = Page(part(mail, "text/html"))
    assert page.languages == ["de", "en", "en"]
    with translation.override("de"):
        sentence = translation.gettext("Our description of this work is not available in your language. It is given below in %(language)s.") % {
            "language": "Englisch"
        }
    assert sentence in page.text
    assert sentence in " ".join(part(mail, "text/plain").split())


@pytest.mark.parametrize(
    ("kind", "quoted"),
    [
        *((kind, "TIDNOPK") for kind in ("announced", "joined", "revised", "eased", "corrected", "late", "reminder")),
        *((kind, "TNOPRK") for kind in ("cancelled", "postponed")),
        *((kind, "TNOPK") for kind in ("started", "extended", "completed")),
        ("emergency", "TIDNOPCK"),
        ("not_completed", "TNOPKE"),
        ("root_cause", "TIDNOK"),
    ],
)
def test_message_shows_hostile_text_as_typed(kind: str, quoted: str) -> None:
    """Nothing that a person typed is a template, a format or markup."""
    made = of_kind(kind)
    changed = replace(
        made.said,
        texts={"en": SaidText(f"T {HOSTILE}", f"I {HOSTILE}", f"D {HOSTILE}")},
        reason=f"R {HOSTILE}",
        incident_title=f"C {HOSTILE}",
        supplier=f"P {HOSTILE}",
        ending=made.said.ending and replace(made.said.ending, note=f"E {HOSTILE}"),
    )
    accounts = (told("A", f"N {HOSTILE}", services=[service(f"O {HOSTILE}")], office=region(sender_name="S, {{ x }}")),)
    mail = received(replace(made, said=changed, accounts=accounts, contact_name=f"K {HOSTILE}"))
    text, page = " ".join(part(mail, "text/plain").split()), Page(part(mail, "text/html"))
    assert [letter for letter in quoted if f"{letter} {HOSTILE}" not in text] == []
    assert [letter for letter in quoted if f"{letter} {HOSTILE}" not in page.text] == []
    assert f"T {HOSTILE}" in str(mail["Subject"])
    assert "b" not in page.tags
    assert mail["To"].addresses[0].display_name == f"K {HOSTILE}"


@pytest.mark.parametrize(
    "name",
    [
        "Lefèvre, Renée",
        'Ana "Nan" O\'Neil',
        "Ana \\ Backslash",
        "张伟，网络部",
        "Ana <ana@other.example>",
        "a@b.example, c@d.example",
        "Ana (Operations); NOC:",
        "Ω" * 200,
        "x" * 200,
    ],
)
def test_message_to_hostile_names_has_one_recipient(name: str) -> None:
    """Whatever the name, one address receives it, and the name is read as it was written."""
    mail = message(letter(contact_name=name, accounts=(told(office=region(sender_name=name)),)))
    assert mail.recipients() == [mailbox(name, "ana@customer1.example")]
    parsed = received(letter(contact_name=name, accounts=(told(office=region(sender_name=name)),)))
    assert addresses(parsed, "To") == [(name, "ana@customer1.example")]
    assert addresses(parsed, "From") == [(name, "maintenance-uk@provider.example")]


def test_message_shows_what_looks_encoded_as_typed() -> None:
    """RFC 2047 words in a title are the title's; in a name they are broken up, so that nobody decodes a line break from them."""
    word = "=?utf-8?q?=0D=0ABcc:?="
    mail = received(letter(contact_name=word, said=said(texts={"en": SaidText(word, "", "")})))
    assert str(mail["Subject"]) == f"[MNT-2026-0001] Planned maintenance: {word}, 14 Dec 2026, 22:00"
    assert addresses(mail, "To") == [("= ?utf-8?q?=0D=0ABcc:?=", "ana@customer1.example")]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028", "\x00"])
def test_message_header_cannot_be_injected(end: str) -> None:
    """A line break in a name, a title or a reference becomes a space."""
    evil = f"x{end}Bcc: all@customer.example"
    mail = received(
        letter(
            contact_name=evil,
            said=said(reference=evil, texts={"en": SaidText(evil, "", "")}),
            accounts=(told(office=region(sender_name=evil)),),
        ),
    )
    assert mail["Bcc"] is None
    assert mail["To"].addresses[0].display_name == "x Bcc: all@customer.example"
    assert mail["X-Maintenance-Reference"] == "x Bcc: all@customer.example"
    assert str(mail["Subject"]) == "[x Bcc: all@customer.example] Planned maintenance: x Bcc: all@customer.example, 14 Dec 2026, 22:00"


def test_message_with_long_words_keeps_lines_short_enough() -> None:
    """RFC 5322, 2.1.1: no line of a mail is longer than 998 octets."""
    long = SaidText("维" * 200, "x" * 3000, "维" * 3000)
    raw = message(letter(said=said(texts={"en": long}))).message().as_bytes(linesep="\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    mail = received(letter(said=said(texts={"en": long})))
    assert str(mail["Subject"]) == f"[MNT-2026-0001] Planned maintenance: {'维' * 200}, 14 Dec 2026, 22:00"
    assert "x" * 3000 in part(mail, "text/plain")
    assert "维" * 3000 in Page(part(mail, "text/html")).text


@pytest.mark.parametrize(
    ("reference", "filename"),
    [
        ("MNT-2026-0001", "maintenance-MNT-2026-0001.ics"),
        ('../a b\\c:"d"*?', "maintenance-..-a-b-c-d-.ics"),
        ("工程-1", "maintenance-工程-1.ics"),
    ],
)
def test_calendar_is_one_part_in_base64(reference: str, filename: str) -> None:
    """With one charset and a name that is safe as that of a file."""
    mail = received(letter(said=said(reference=reference)))
    (calendar,) = (one for one in mail.walk() if one.get_content_type() == "text/calendar")
    assert [one.get_filename() for one in mail.iter_attachments()] == [filename]
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert calendar.get_all("Content-Type") == ['text/calendar; charset="utf-8"']
    assert base64.b64decode(str(calendar.get_payload())).startswith(b"BEGIN:VCALENDAR\r\n")


def test_calendar_has_an_entry_for_each_window_and_account() -> None:
    """One reader, two accounts, two nights and an alternate."""
    mail = received(of_kind("announced"))
    assert sorted((str(event["X-MAINTNOTE-ACCOUNT"]), str(event["X-MAINTNOTE-MAINTENANCE-ID"])) for event in entries(mail)) == [
        ("WLES100004", "MNT-2026-0001.1"),
        ("WLES100004", "MNT-2026-0001.2"),
        ("WLES100004", "MNT-2026-0001.3"),
        ("WLUK100001", "MNT-2026-0001.1"),
        ("WLUK100001", "MNT-2026-0001.2"),
        ("WLUK100001", "MNT-2026-0001.3"),
    ]


def test_html_shows_no_picture_and_loads_nothing() -> None:
    """It reads the same with images off, keeps its dark colours, and carries its styles in its tags."""
    html = part(received(of_kind("announced")), "text/html")
    assert {"img", "script", "link", "iframe", "svg"} & Page(html).tags == set()
    assert "url(" not in html
    assert "prefers-color-scheme: dark" in html
    assert '<h1 style="' in html


def test_text_has_no_markup_of_html() -> None:
    """An ampersand is one character."""
    text = part(received(letter(contact_name="A & B", accounts=(told(name="C < D & 'E'"),))), "text/plain")
    assert ("A & B" in text, "C < D & 'E'" in text, "&amp;" in text) == (True, True, False)


def test_one_line() -> None:
    """Breaks become spaces, halves of characters go."""
    assert one_line(" a\r\n\tb\u2028c\ud800 d ") == "a b c d"


def test_mailbox_without_a_name_is_the_address() -> None:
    """No empty quotes."""
    assert (mailbox("", "a@b.example"), mailbox("\n", "a@b.example"), mailbox("A", "a@b.example")) == ("a@b.example", "a@b.example", '"A" <a@b.example>')
