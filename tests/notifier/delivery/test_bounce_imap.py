"""Bounces from an IMAP server: marked by number when stored, TLS verified, and over within the time whatever the server does."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django import Settings

from notifier.bounce_url import Mailbox
from notifier.delivery import bounce_mailbox
from notifier.delivery.bounce_mailbox import read_bounces
from notifier.delivery.mail_parts import MOST_BYTES
from notifier.delivery.models import StoredReceipt
from tests.notifier.delivery.returned import BOUNCES, LATER, accepted, returned
from tests.servers.imap import CERTIFICATE, ImapServer

pytestmark = pytest.mark.django_db
TALK = ["CAPABILITY", 'LOGIN reader "hush hush"', 'SELECT "Bounces"', "UID SEARCH UNSEEN UNFLAGGED UNDELETED"]


def fetch(number: int) -> str:
    """Return what the client says to read a mail."""
    return f"UID FETCH {number} (BODY.PEEK[]<0.{MOST_BYTES}>)"


@pytest.fixture
def imap(settings: Settings) -> Iterator[ImapServer]:
    """The bounce mailbox, on a server without TLS."""
    with ImapServer() as server:
        settings.BOUNCE_ADDRESS = BOUNCES
        settings.BOUNCE_MAILBOX = Mailbox("imap", host="127.0.0.1", port=server.port, user=server.user, password=server.password, name=server.mailbox)
        yield server


def test_bounces_are_stored_and_seen_and_the_others_flagged_and_left_unseen(imap: ImapServer) -> None:
    [delivery] = accepted()
    imap.put(returned("postfix_user_unknown", delivery), r"\Seen")
    bounce, absence = imap.put(returned("postfix_user_unknown", delivery)), imap.put(returned("no_absence_note", delivery))
    imap.put(b"flagged", r"\Flagged")
    assert read_bounces(now=LATER) == 1
    assert list(StoredReceipt.objects.values_list("delivery_name", "what")) == [(delivery.name, "bounced")]
    assert imap.flags == {101: {r"\Seen"}, bounce: {r"\Seen"}, absence: {r"\Flagged"}, 104: {r"\Flagged"}}
    assert imap.said == [
        *TALK,
        fetch(bounce),
        rf"UID STORE {bounce} +FLAGS.SILENT (\Seen)",
        fetch(absence),
        rf"UID STORE {absence} +FLAGS.SILENT (\Flagged)",
        "LOGOUT",
    ]
    assert read_bounces(now=LATER) == 0
    assert imap.said[9:] == [*TALK, "LOGOUT"]


def test_connection_lost_before_marking_takes_the_same_in_once(imap: ImapServer, caplog: pytest.LogCaptureFixture) -> None:
    [delivery] = accepted()
    number = imap.put(returned("postfix_user_unknown", delivery))
    imap.hang_up_at = "UID STORE"
    assert read_bounces(now=LATER) == 0
    assert (StoredReceipt.objects.count(), imap.flags) == (1, {number: set()})
    assert "BOUNCE_MAILBOX cannot be read, the next look tries again" in caplog.text
    imap.hang_up_at = ""
    assert read_bounces(now=LATER) == 1
    assert (StoredReceipt.objects.count(), imap.flags) == (1, {number: {r"\Seen"}})


def test_look_takes_the_oldest_and_so_many_at_most(imap: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [imap.put(b"x") for _ in range(12)]
    monkeypatch.setattr(bounce_mailbox, "MOST", 11)
    assert read_bounces(now=LATER) == 0
    assert [number for number, flags in imap.flags.items() if not flags] == numbers[11:]


def test_mail_that_is_gone_and_one_that_is_huge(imap: ImapServer) -> None:
    [delivery] = accepted()
    gone, huge = imap.put(b""), imap.put(returned("postfix_user_unknown", delivery) + b"x" * MOST_BYTES)
    del imap.mails[gone]
    assert read_bounces(now=LATER) == 1
    assert imap.flags == {gone: set(), huge: {r"\Seen"}}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"user": "nobody"}, "error: b'not LOGIN nobody \"...\"'"),
        ({"name": 'No "such" \\ box'}, r'error: the server answers NO not SELECT "No \"such\" \\ box"'),
        ({"port": 1}, "ConnectionRefusedError: [Errno 111] Connection refused"),
    ],
)
def test_server_that_refuses_is_a_warning_without_the_password(
    imap: ImapServer, settings: Settings, caplog: pytest.LogCaptureFixture, changed: dict[str, object], said: str
) -> None:
    imap.put(b"x")
    settings.BOUNCE_MAILBOX = replace(settings.BOUNCE_MAILBOX, **changed)
    assert read_bounces(now=LATER) == 0
    assert [(record.levelname, record.getMessage(), record.exc_info) for record in caplog.records] == [
        ("WARNING", f"BOUNCE_MAILBOX cannot be read, the next look tries again: {said}", None)
    ]
    assert imap.password not in caplog.text


def test_mailbox_named_in_any_way_is_quoted(imap: ImapServer, settings: Settings) -> None:
    settings.BOUNCE_MAILBOX = replace(settings.BOUNCE_MAILBOX, name='No "such" \\ box')
    read_bounces(now=LATER)
    assert imap.said[2] == r'SELECT "No \"such\" \\ box"'


@pytest.mark.parametrize("fault", ["silent", "drips"])
def test_slow_server_costs_the_look_no_more_than_its_time(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """One that drips sends something within every time-out of its own, and would take a minute for its greeting and capabilities."""
    imap.silent, imap.drip_seconds = fault == "silent", 1.0
    monkeypatch.setattr(bounce_mailbox, "LONGEST_SECONDS", 1.5)
    began = time.monotonic()
    assert read_bounces(now=LATER) == 0
    assert 1.4 < time.monotonic() - began < 4
    assert "BOUNCE_MAILBOX cannot be read, the next look tries again: " in caplog.text


def test_server_is_trusted_by_its_certificate_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    [delivery] = accepted()
    settings.BOUNCE_ADDRESS = BOUNCES
    with ImapServer(tls=True) as server:
        number = server.put(returned("postfix_user_unknown", delivery))
        where = Mailbox("imaps", host="localhost", port=server.port, user=server.user, password=server.password, name=server.mailbox)
        settings.BOUNCE_MAILBOX = where
        assert (read_bounces(now=LATER), server.said) == (0, [])
        assert "CERTIFICATE_VERIFY_FAILED" in caplog.text
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        settings.BOUNCE_MAILBOX = replace(where, host="127.0.0.2")
        assert (read_bounces(now=LATER), server.said) == (0, [])
        settings.BOUNCE_MAILBOX = where
        assert (read_bounces(now=LATER), server.flags) == (1, {number: {r"\Seen"}})
