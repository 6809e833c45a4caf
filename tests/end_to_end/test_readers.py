"""Nine languages and four zones, at fixed dates around changes of clocks: checked from the bytes of every mail."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from tests.end_to_end.calendar_read import Entry
from tests.end_to_end.expected import Files
from tests.end_to_end.proof import files_in, prove_nothing_twice
from tests.end_to_end.readers import REFERENCE, REGIONS, TITLES, ZONES, account_of, work, write_customers, write_work
from tests.end_to_end.received import Mail
from tests.end_to_end.times_read import Moment, wall

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
WINDOWS = [
    ("2026-10-03T15:00", "2026-10-03T16:30"),  # Lord Howe goes half an hour forward at 15:30 UTC
    ("2026-10-25T00:30", "2026-10-25T02:30"),  # Berlin goes back at 01:00 UTC
    ("2026-11-01T05:30", "2026-11-01T07:30"),  # New York goes back at 06:00 UTC
]
SHOWN = {
    "Europe/Berlin": [
        ("2026-10-03T17:00+02:00", "2026-10-03T18:30+02:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T03:30+01:00"),
        ("2026-11-01T06:30+01:00", "2026-11-01T08:30+01:00"),
    ],
    "America/New_York": [
        ("2026-10-03T11:00-04:00", "2026-10-03T12:30-04:00"),
        ("2026-10-24T20:30-04:00", "2026-10-24T22:30-04:00"),
        ("2026-11-01T01:30-04:00", "2026-11-01T02:30-05:00"),
    ],
    "Asia/Kolkata": [
        ("2026-10-03T20:30+05:30", "2026-10-03T22:00+05:30"),
        ("2026-10-25T06:00+05:30", "2026-10-25T08:00+05:30"),
        ("2026-11-01T11:00+05:30", "2026-11-01T13:00+05:30"),
    ],
    "Australia/Lord_Howe": [
        ("2026-10-04T01:30+10:30", "2026-10-04T03:30+11:00"),
        ("2026-10-25T11:30+11:00", "2026-10-25T13:30+11:00"),
        ("2026-11-01T16:30+11:00", "2026-11-01T18:30+11:00"),
    ],
}
"""What each reader's clocks show, reckoned by hand."""


def _shown(zone: str) -> tuple[tuple[Moment, Moment], ...]:
    pairs = zip(SHOWN[zone], WINDOWS, strict=True)
    return tuple((_moment(local[0], utc[0]), _moment(local[1], utc[1])) for local, utc in pairs)


def _moment(local: str, utc: str) -> Moment:
    moment = datetime.fromisoformat(local)
    return Moment(moment.replace(tzinfo=None), moment.utcoffset() or timedelta(), datetime.fromisoformat(utc))


@pytest.mark.django_db
def test_every_reader_gets_own_language_and_clocks(tmp_path: Path, mail_folder: Path) -> None:
    """36 readers, three windows: languages, both local times with their offsets, UTC, object ids and calendar."""
    with time_machine.travel(NOW, tick=False):
        call_command("import_customers", **write_customers(tmp_path), verbosity=0)
        piece = work(WINDOWS)
        call_command("import_maintenance", write_work(tmp_path, piece), announce=True, verbosity=0)
        call_command("deliver")
    mails = files_in(mail_folder)
    prove_nothing_twice(mails)
    expected = Files.read(tmp_path).mails([piece])
    assert {mail.key: mail.said for mail in mails} == {key: (said, said, said) for key, said in expected.items()}
    assert {(mail.key.language, mail.key.zone) for mail in mails} == {(language, zone) for language in REGIONS for zone in ZONES}
    for mail in mails:
        assert (mail.text, mail.html) == (_shown(mail.key.zone), _shown(mail.key.zone))
        assert list(mail.entries) == _entries(mail)
        title = TITLES[mail.key.language]
        assert (title in mail.subject, title in mail.body) == (True, True)
        assert wall(mail.subject, mail.key.language) == _shown(mail.key.zone)[0][0].wall
    assert len({entry.uid for mail in mails for entry in mail.entries}) == len(mails) * len(WINDOWS)
    assert len({mail.body.splitlines()[0] for mail in mails}) == len(REGIONS)


def _entries(mail: Mail) -> list[Entry]:
    """Return the calendar entries that the reader should get; UIDs are taken as they come."""
    account, title = account_of(mail.key.language, mail.key.zone), TITLES[mail.key.language]
    tag = {"zh-hans": "zh-Hans"}.get(mail.key.language, mail.key.language)
    return [
        Entry(
            uid=entry.uid,
            account=account,
            reference=REFERENCE,
            number=number,
            start=start.utc,
            end=end.utc,
            stamp=NOW,
            modified=NOW,
            sequence=0,
            status="CONFIRMED",
            maintnote_status="CONFIRMED",
            objects=((f"{account}-IPSEC-01", "OUTAGE"), (f"{account}-IPSEC-02", "OUTAGE")),
            summary=entry.summary if title in entry.summary and REFERENCE in entry.summary else "",
            language=tag,
        )
        for number, ((start, end), entry) in enumerate(zip(_shown("Europe/Berlin"), mail.entries, strict=True), start=1)
    ]
