"""The writer: whole files, texts that want to break out, and the same bytes wherever it runs."""

import os
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.calendars.entry import Calendar, Entry
from notifier.calendars.ics import tag, write
from tests.notifier.calendars.golden import golden
from tests.notifier.calendars.reading import events, objects, value

ROOT = Path(__file__).resolve().parents[3]
START = datetime(2026, 12, 14, 22, tzinfo=UTC)
ENTRY = Entry(
    uid="0123456789abcdef@provider.example",
    sequence=2,
    stamp=datetime(2026, 11, 22, 9, 30, 15, 999999, tzinfo=UTC),
    start=START,
    end=START + timedelta(hours=4),
    summary="Outage: Planned work (MNT-1)",
    description="First line.\n\nSecond line.",
    status="CONFIRMED",
    maintnote_status="IN-PROCESS",
    organizer_name="Support",
    organizer_email="support@provider.example",
    provider="provider.example",
    account="ACME-1",
    maintenance_id="MNT-1.3",
    objects=(("vpn-2", "OUTAGE"), ("vpn-1", "NO-IMPACT")),
    impact="OUTAGE",
    language="zh-hans",
    url="https://status.provider.example/MNT-1?a=1;b=2",
)
CALENDAR = Calendar("Maintenance", "What is planned.", "zh-hans", "Asia/Shanghai", (ENTRY,), 60)
HOSTILE = [
    "comma, semicolon; colon: quote\" quotes''",
    "one\r\nATTENDEE:mailto:evil@example.com\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    "literal \\n and \\N and \\\\N and \\, and a last \\",
    "bell\x07 escape\x1b null\x00 delete\x7f c1\x80 next\x85line vertical\x0btab separators\x1c\x1d\x1e\u2028\u2029end",
    "half a character \ud83d",
    "😀 👩‍🔧 維護時間 עברית é\u0301" * 12,
    "{{ 7|add:7 }} {% include 'x' %} %s %(title)s %d {0} {title} ${x} 100%2C",
    "^n ^^ ^' BEGIN:VCALENDAR",
    " leading and trailing ",
    "\t",
    "",
]


def test_write_whole() -> None:
    """Every property, with parameters, folding and order."""
    second = replace(ENTRY, uid="second@provider.example", start=ENTRY.start - timedelta(days=1), objects=(), url="", language="en", status="CANCELLED")
    made = write(replace(CALENDAR, entries=(ENTRY, second)))
    assert made == golden("written.ics", made)


def test_write_without_entries() -> None:
    """RFC 5545, 3.6: at least one component."""
    made = write(Calendar("Maintenance", "What is planned.", "en", "UTC", ()))
    assert made == golden("empty.ics", made)
    assert [component.name for component in icalendar.Calendar.from_ical(made).subcomponents] == ["VTIMEZONE"]


@pytest.mark.parametrize("text", HOSTILE)
def test_write_hostile_text(text: str) -> None:
    """Whatever is typed is read back as typed, less what no calendar may hold; no property or component comes of it."""
    entry = replace(
        ENTRY,
        summary=text,
        description=text,
        account=text,
        maintenance_id=text,
        provider=text,
        organizer_name=text,
        objects=((text, "OUTAGE"), ("other", "NO-IMPACT")),
    )
    made = write(replace(CALENDAR, name=text, description=text, entries=(entry,)))
    calendar = icalendar.Calendar.from_ical(made)
    (event,) = events(made)
    line = allowed(text).replace("\n", " ")
    assert sorted(event) == sorted(events(write(CALENDAR))[0])
    assert sorted(calendar) == sorted(icalendar.Calendar.from_ical(write(CALENDAR)))
    assert str(event["DESCRIPTION"]) == allowed(text)
    singles = ("SUMMARY", "X-MAINTNOTE-ACCOUNT", "X-MAINTNOTE-MAINTENANCE-ID", "X-MAINTNOTE-PROVIDER")
    assert {name: value(event, name) for name in singles} == dict.fromkeys(singles, line)
    assert sorted(objects(event)) == sorted([(line, "OUTAGE"), ("other", "NO-IMPACT")])
    assert event["ORGANIZER"].params.get("CN", "") == line.strip().replace('"', "'").replace("\\", "/")
    assert (value(calendar, "NAME"), value(calendar, "DESCRIPTION")) == (line, line)


@pytest.mark.parametrize("text", HOSTILE)
def test_write_lines_of_hostile_text(text: str) -> None:
    """RFC 5545, 3.1: CRLF, 75 octets, no control characters, whole characters; nothing that another reader takes for a line's end."""
    made = write(replace(CALENDAR, name=text, entries=(replace(ENTRY, summary=text, description=text, organizer_name=text),)))
    assert made.endswith(b"END:VCALENDAR\r\n")
    lines = made.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert [line.decode() for line in lines] == made.decode().splitlines()
    assert {character for character in made.decode() if unicodedata.category(character) == "Cc"} <= {"\r", "\n", "\t"}


@given(st.text(), st.text(), st.text())
def test_write_any_text(summary: str, description: str, name: str) -> None:
    """Texts come back as written, whatever they are."""
    entry = replace(ENTRY, summary=summary, description=description, objects=((name, "DEGRADED"), ("x", "OUTAGE")))
    (event,) = events(write(replace(CALENDAR, entries=(entry,))))
    found = (str(event["SUMMARY"]), str(event["DESCRIPTION"]), sorted(objects(event)))
    one, two = allowed(summary).replace("\n", " "), allowed(name).replace("\n", " ")
    assert found == (one, allowed(description), sorted([(two, "DEGRADED"), ("x", "OUTAGE")]))


def test_write_address_is_one_address() -> None:
    """An address can't add parameters or a query to the organizer (RFC 6068)."""
    (event,) = events(write(replace(CALENDAR, entries=(replace(ENTRY, organizer_email="a b?cc=c@x.example\r\nX:1"),))))
    assert str(event["ORGANIZER"]) == "mailto:a%20b%3Fcc%3Dc@x.example%20X%3A1"


def test_write_order_of_values_is_nothing() -> None:
    """Entries and objects come in any order; the bytes don't change."""
    second = replace(ENTRY, uid="second@provider.example")
    turned = replace(ENTRY, objects=ENTRY.objects[::-1])
    assert write(replace(CALENDAR, entries=(ENTRY, second))) == write(replace(CALENDAR, entries=(second, turned)))


@pytest.mark.parametrize("options", [(), ("-O",), ("-OO",)])
@pytest.mark.parametrize("seed", ["0", "4711"])
def test_write_in_another_process(options: tuple[str, ...], seed: str) -> None:
    """Neither the order of hashes nor missing assertions change a byte, hostile texts included."""
    program = "import sys; from tests.notifier.calendars.test_ics import hostile; sys.stdout.buffer.write(hostile())"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *options, "-c", program], env=environment, cwd=ROOT, check=True, capture_output=True)
    assert done.stdout == hostile()


@pytest.mark.parametrize(("language", "expected"), [("en", "en"), ("zh-hans", "zh-Hans"), ("nb", "nb")])
def test_tag(language: str, expected: str) -> None:
    """RFC 5646."""
    assert tag(language) == expected


def hostile() -> bytes:
    """Return a calendar of hostile texts."""
    return write(replace(CALENDAR, entries=tuple(replace(ENTRY, uid=f"{number}@x", summary=text, description=text) for number, text in enumerate(HOSTILE))))


def allowed(text: str) -> str:
    """Return what of a text a calendar can hold (RFC 5545, 3.1): one kind of line break, no other control character, no half character."""
    joined = "\n".join((text.replace("\r\n", "\n") + "|").splitlines())[:-1]
    return "".join(character for character in joined if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs"))
