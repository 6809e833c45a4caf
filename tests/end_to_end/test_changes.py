"""Announced, moved inside and outside of what was promised, cancelled: mails and feed, step by step."""

from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from tests.end_to_end.calendar_read import Entry, read_calendar
from tests.end_to_end.proof import files_in
from tests.end_to_end.readers import REFERENCE, REGIONS, ZONES, account_of, work, write_customers, write_work
from tests.end_to_end.received import Mail
from tests.end_to_end.times_read import Moment

pytestmark = pytest.mark.django_db
FIRST = ("2026-10-20T20:00", "2026-10-21T02:00")
SECOND = ("2026-11-03T01:00", "2026-11-03T03:00")
READERS = len(REGIONS) * len(ZONES)


class State(NamedTuple):
    """An entry of a calendar: number of its window, start, end, SEQUENCE, STATUS."""

    number: int
    start: str
    end: str
    sequence: int
    status: str


class Story:
    """What happened so far: each step is a command, then the dispatcher, then a look at what came and at a feed."""

    def __init__(self, folder: Path, mail_folder: Path, client: Client) -> None:
        """Import the readers."""
        self.folder, self.mail_folder, self.client = folder, mail_folder, client
        self.seen: set[str] = set()
        call_command("import_customers", **write_customers(folder), stdout=StringIO())

    def tell(self, at: datetime, *words: str | Path) -> list[Mail]:
        """Run a command at that time, and the dispatcher; return the mails that are new."""
        with time_machine.travel(at, tick=False):
            call_command(*map(str, words), stdout=StringIO())
            call_command("deliver", stdout=StringIO())
        fresh = [mail for mail in files_in(self.mail_folder) if mail.message_id not in self.seen]
        self.seen |= {mail.message_id for mail in fresh}
        return fresh

    def feed(self, at: datetime, account: str) -> tuple[Entry, ...]:
        """Return what the customer's calendar shows then."""
        with time_machine.travel(at, tick=False):
            printed = StringIO()
            call_command("feed_url", account, stdout=printed)
            answer = self.client.get(printed.getvalue().strip())
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        return read_calendar(answer.content)[1]


@pytest.fixture
def story(tmp_path: Path, mail_folder: Path, client: Client) -> Story:
    """Announced on 1 September, with two windows."""
    with time_machine.travel(_at(1), tick=False):
        return Story(tmp_path, mail_folder, client)


def _at(day: int) -> datetime:
    return datetime(2026, 9, day, 9, 0, tzinfo=UTC)


def _states(entries: Iterable[Entry]) -> dict[str, State]:
    return {entry.uid: State(entry.number, *_interval(entry.start, entry.end), entry.sequence, entry.status) for entry in entries}


def _told(story: Story, at: datetime, mails: list[Mail], *, kind: str, states: list[State], shown: list[tuple[str, str]]) -> None:
    """Every reader got one mail of that kind with these entries and times, and the feed shows the same entries under the same UIDs."""
    assert (len(mails), len({mail.key for mail in mails}), {mail.kind for mail in mails}) == (READERS, READERS, {kind})
    for mail in mails:
        assert list(_states(mail.entries).values()) == states
        assert (_times(mail.text), _times(mail.html)) == (shown, shown)
        assert _states(story.feed(at, account_of(mail.key.language, mail.key.zone))) == _states(mail.entries)


def _times(pairs: Iterable[tuple[Moment, Moment]]) -> list[tuple[str, str]]:
    return [_interval(start.utc, end.utc) for start, end in pairs]


def _interval(start: datetime, end: datetime) -> tuple[str, str]:
    return start.strftime("%Y-%m-%dT%H:%M"), end.strftime("%Y-%m-%dT%H:%M")


def test_moves_and_cancellation_reach_mails_and_feeds(story: Story) -> None:
    """Each change goes to all who were told, with old and new times; SEQUENCE rises where something changed, the UIDs stay."""
    announced = story.tell(_at(1), "import_maintenance", write_work(story.folder, work([FIRST, SECOND])), "--announce")
    first, second = State(1, *FIRST, 0, "CONFIRMED"), State(2, *SECOND, 0, "CONFIRMED")
    _told(story, _at(1), announced, kind="announced", states=[first, second], shown=[FIRST, SECOND])

    inside = ("2026-10-20T21:00", "2026-10-21T01:00")
    moved = story.tell(_at(2), "maintenance", "move", REFERENCE, "--window", "1", "--start", inside[0], "--end", inside[1])
    first, second = State(1, *inside, 1, "CONFIRMED"), State(2, *SECOND, 1, "CONFIRMED")  # every entry has the new notice's stamp
    _told(story, _at(2), moved, kind="eased", states=[first, second], shown=[inside, FIRST, SECOND])

    outside = ("2026-11-10T01:00", "2026-11-10T04:00")
    moved_again = story.tell(_at(3), "maintenance", "move", REFERENCE, "--window", "2", "--start", outside[0], "--end", outside[1])
    first, second = State(1, *inside, 2, "CONFIRMED"), State(2, *outside, 2, "CONFIRMED")
    _told(story, _at(3), moved_again, kind="revised", states=[first, second], shown=[inside, outside, SECOND])

    cancelled = story.tell(_at(4), "maintenance", "cancel", REFERENCE, "--reason", "Parts did not come")
    states = [State(1, *inside, 3, "CANCELLED"), State(2, *outside, 3, "CANCELLED")]
    _told(story, _at(4), cancelled, kind="cancelled", states=states, shown=[inside, outside])
    assert all("Parts did not come" in mail.body for mail in cancelled)

    uids = [{mail.key: set(_states(mail.entries)) for mail in mails} for mails in (announced, moved, moved_again, cancelled)]
    assert uids == [uids[0]] * 4
    threads = [{mail.key: mail.thread for mail in mails} for mails in (announced, moved, moved_again, cancelled)]
    assert threads == [threads[0]] * 4
    assert len(set(threads[0].values())) == READERS


def test_move_without_fresh_notice_is_told_to_nobody(story: Story) -> None:
    """Nine days before the new start is too late: refused, no mail, the feed stays."""
    story.tell(_at(1), "import_maintenance", write_work(story.folder, work([FIRST, SECOND])), "--announce")
    account = account_of("de", "Asia/Kolkata")
    before = _states(story.feed(_at(2), account))
    with pytest.raises(CommandError):
        story.tell(_at(2), "maintenance", "move", REFERENCE, "--window", "1", "--start", "2026-09-11T20:00", "--end", "2026-09-11T22:00")
    assert story.tell(_at(2), "deliver") == []
    assert _states(story.feed(_at(2), account)) == before
