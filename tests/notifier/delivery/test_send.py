"""The dispatcher against a mail server that answers in every way."""

import smtplib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

from maintenance import booking
from maintenance.models import Maintenance, Served
from notifier.delivery import outbox
from notifier.delivery.compose import message as composed
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.letter import Letter
from notifier.delivery.models import Delivery
from notifier.delivery.send import dispatch
from notifier.delivery.smtp import SmtpBackend
from notifier.delivery.verp import envelope_sender, number_in
from notifier.env import Mail
from tests.factories import BY, NOW, draft, reader
from tests.servers.smtp import HANG_UP, OK, Received, SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def to_server(settings: Settings, smtp: SmtpServer) -> SmtpServer:
    """Send mail to the tests' server."""
    backend = "notifier.delivery.smtp.SmtpBackend"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = backend, "127.0.0.1", smtp.port, 3
    settings.MAIL = Mail(backend, f"smtp:127.0.0.1:{smtp.port}", host="127.0.0.1", port=smtp.port)
    return smtp


def at(moment: datetime) -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: moment


def announced(readers: int = 3) -> Maintenance:
    """Announce work that hits so many customers with a contact each."""
    for _ in range(readers):
        reader()
    made = booking.book(draft(), by=BY, now=NOW)
    booking.announce(made, by=BY, now=NOW)
    return made


def results() -> list[tuple[str, str]]:
    """Return state and reason of every delivery."""
    return list(Delivery.objects.order_by("pk").values_list("state", "reason"))


def addressees(server: SmtpServer) -> list[str]:
    """Return to whom mails were accepted."""
    return sorted(recipient for mail in server.accepted for recipient in mail.recipients)


def test_dispatch_sends_each_mail_once_and_serves_each_customer(to_server: SmtpServer) -> None:
    """One recipient a mail; a second dispatch finds nothing."""
    announced()
    assert dispatch(clock=at(NOW)) == 3
    assert dispatch(clock=at(NOW)) == 0
    assert results() == [("sent", "")] * 3
    assert addressees(to_server) == sorted(Delivery.objects.values_list("address", flat=True))
    assert {len(mail.recipients) for mail in to_server.accepted} == {1}
    assert set(Served.objects.values_list("hop", "detail", "accepted_at")) == {("relay", f"smtp:127.0.0.1:{to_server.port} 250 OK", NOW)}


def test_dispatch_with_one_refused_for_good_sends_the_others(to_server: SmtpServer) -> None:
    """Each is settled by itself; the refused one shows the server's words."""
    announced()
    fan_out_due(now=NOW)
    refused = Delivery.objects.order_by("pk")[1].address
    to_server.answer_recipient = lambda address: "550 5.1.1 No such person" if address == refused else OK
    dispatch(clock=at(NOW))
    assert results() == [("sent", ""), ("failed", "550 5.1.1 No such person"), ("sent", "")]
    assert Served.objects.count() == 2


def test_dispatch_refused_for_now_tries_again_later(to_server: SmtpServer) -> None:
    """`SMTPRecipientsRefused` carries 4xx too: that is no failure."""
    announced(1)
    to_server.answer_recipient = lambda _address: "451 4.7.1 Greylisted"
    dispatch(clock=at(NOW))
    row = Delivery.objects.get()
    assert (row.state, row.reason, row.attempts) == ("queued", "451 4.7.1 Greylisted", 1)
    assert row.due_at > NOW
    to_server.answer_recipient = lambda _address: OK
    assert dispatch(clock=at(row.due_at - timedelta(microseconds=1))) == 0
    assert dispatch(clock=at(row.due_at)) == 1
    assert results() == [("sent", "")]


def test_dispatch_refused_after_data_is_judged_by_its_code(to_server: SmtpServer) -> None:
    """554 is for good, 452 for now."""
    announced(2)
    answers = iter(["554 5.6.0 Content refused", "452 4.2.2 Full"])
    to_server.answer_mail = lambda _received: next(answers)
    dispatch(clock=at(NOW))
    assert results() == [("failed", "554 5.6.0 Content refused"), ("queued", "452 4.2.2 Full")]


def test_dispatch_answer_lost_after_data_is_unknown(to_server: SmtpServer) -> None:
    """The server took it, and nobody heard: not sent again, not called sent, and the others go on."""
    announced()
    cut = iter([HANG_UP])
    to_server.answer_mail = lambda _received: next(cut, OK)
    dispatch(clock=at(NOW))
    states = results()
    assert [state for state, _reason in states] == ["unknown", "sent", "sent"]
    assert states[0][1].startswith("handed over, no answer: the server closed the connection")
    dispatch(clock=at(NOW + timedelta(days=1)))
    assert len(to_server.received) == 3


def test_dispatch_cut_before_data_loses_and_doubles_nothing(to_server: SmtpServer) -> None:
    """Nothing of that mail was handed over: it waits, and goes out later."""
    announced()
    cut = iter([HANG_UP])
    to_server.answer_recipient = lambda _address: next(cut, OK)
    dispatch(clock=at(NOW))
    assert [state for state, _reason in results()] == ["queued", "sent", "sent"]
    dispatch(clock=at(NOW + timedelta(minutes=2)))
    assert [state for state, _reason in results()] == ["sent"] * 3
    assert len(to_server.received) == 3


def test_dispatch_with_server_down_keeps_everything_waiting(to_server: SmtpServer, settings: Settings) -> None:
    """And counts no try: nothing was handed over, and nothing is in doubt."""
    announced()
    settings.EMAIL_PORT = 9  # nobody listens there
    dispatch(clock=at(NOW))
    assert [state for state, _reason in results()] == ["queued"] * 3
    assert list(Delivery.objects.order_by("pk").values_list("attempts", flat=True)) == [0, 0, 0]
    assert to_server.received == []


@pytest.mark.parametrize("host", ["x" * 64, "127.0.0.1"])
def test_dispatch_without_a_connection_leaves_nothing_in_doubt(to_server: SmtpServer, settings: Settings, host: str) -> None:
    """A host name that is none, or a log-in that cannot be said: no marker is set, so nothing is unknown afterwards."""
    announced()
    settings.EMAIL_HOST, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = host, "ü", "x"
    dispatch(clock=at(NOW))
    assert set(Delivery.objects.values_list("state", "attempts", "handed_over_at")) == {("queued", 0, None)}
    assert to_server.received == []


def test_smtp_mail_has_a_time_of_its_own_shorter_than_a_lease(to_server: SmtpServer, settings: Settings) -> None:
    """Each answer may be in time and all of them together not: then the mail is given up before another worker may judge it."""
    settings.EMAIL_TIMEOUT = 2
    backend = SmtpBackend()
    backend.open()
    backend.send_messages([EmailMessage("S", "B", "me@provider.example", ["you@customer.example"])])
    connection = backend.connection
    assert isinstance(connection, smtplib.SMTP)
    left = connection.give_up_at - time.monotonic()  # type: ignore[attr-defined]  # our own
    assert 3 < left <= 4 < settings.DELIVERY_LEASE_SECONDS
    connection.give_up_at = time.monotonic()  # type: ignore[attr-defined]  # its time is over
    with pytest.raises(TimeoutError, match="too slow"):
        connection.noop()
    connection.close()
    assert len(to_server.accepted) == 1


def test_dispatch_after_the_deadline_sends_nothing_as_if_in_time(to_server: SmtpServer) -> None:
    """A queue that stood still for weeks: each fails with its reason, and nobody is served."""
    announced()
    dispatch(clock=at(NOW + timedelta(days=25)))
    assert to_server.received == []
    assert results() == [("failed", "too late: it could no longer be accepted in time, and is not sent as if it were")] * 3
    assert Served.objects.count() == 0


def test_dispatch_cancelled_meanwhile_sends_no_announcement(to_server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cancellation commits while a batch is being composed: not one of the announcements leaves."""
    maintenance = announced()

    def cancel_first(letter: Letter) -> object:
        if maintenance.notices.count() == 1:
            booking.cancel(maintenance, reason="", by=BY, now=NOW)
        return composed(letter)

    monkeypatch.setattr("notifier.delivery.compose.message", cancel_first)
    dispatch(clock=at(NOW))
    assert to_server.received == []
    assert results() == [("withdrawn", "replaced by a newer notice")] * 3


def test_dispatch_mail_that_cannot_be_composed_holds_up_nobody(to_server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is put back by itself, and fails with a reason when it was tried three times."""
    announced()

    def break_second(letter: Letter) -> object:
        if letter.name.endswith(f"-{Delivery.objects.order_by('pk')[1].pk}"):
            message = "poison"
            raise ValueError(message)
        return composed(letter)

    monkeypatch.setattr("notifier.delivery.prepare.are_usual", lambda _values: False)  # one by one
    monkeypatch.setattr("notifier.delivery.compose.message", break_second)
    dispatch(clock=at(NOW))
    assert results() == [("sent", ""), ("queued", "cannot be composed: ValueError: poison"), ("sent", "")]
    for hour in (1, 2, 3):
        dispatch(clock=at(NOW + timedelta(hours=hour)))
    assert (results()[1], Delivery.objects.order_by("pk")[1].attempts) == (("failed", "cannot be composed: ValueError: poison"), 3)
    assert len(to_server.received) == 2


def test_dispatch_after_a_killed_worker_flags_only_what_was_handed_over(to_server: SmtpServer) -> None:
    """Before the marker back to the queue, after it unknown."""
    announced()
    fan_out_due(now=NOW)
    claimed = outbox.claim(now=NOW, most=2)
    outbox.hand_over(claimed.ids[0], claimed.token, now=NOW)
    Delivery.objects.filter(state="sending").update(lease_until=DatabaseTime(timedelta(seconds=-1)))
    dispatch(clock=at(NOW))
    assert results() == [
        ("unknown", "the worker was lost between handing the mail over and hearing the answer"),
        ("sent", ""),
        ("sent", ""),
    ]
    assert len(to_server.received) == 2


def test_dispatch_to_files_knows_what_a_killed_worker_had_written(mail_folder: Path) -> None:
    """The file is the answer: there it was sent, elsewhere it was not, and nothing is unknown."""
    announced(2)
    fan_out_due(now=NOW)
    claimed = outbox.claim(now=NOW, most=2)
    for pk in claimed.ids:
        outbox.hand_over(pk, claimed.token, now=NOW)
    written = Delivery.objects.get(pk=claimed.ids[0])
    mail_folder.mkdir()
    (mail_folder / f"{written.name}.eml").write_bytes(b"Subject: whole\r\n\r\n")
    Delivery.objects.update(lease_until=DatabaseTime(timedelta(seconds=-1)))
    dispatch(clock=at(NOW))
    assert results() == [("sent", ""), ("sent", "")]
    assert (mail_folder / f"{written.name}.eml").read_bytes() == b"Subject: whole\r\n\r\n"
    assert len(list(mail_folder.glob("*.eml"))) == 2


def test_message_id_is_the_same_at_every_attempt(to_server: SmtpServer) -> None:
    """So that a receiver, or a person, can tell a copy."""
    announced(1)
    answers = iter(["451 Later"])
    to_server.answer_mail = lambda _received: next(answers, OK)
    dispatch(clock=at(NOW))
    dispatch(clock=at(NOW + timedelta(hours=1)))
    first, second = (message_from_bytes(mail.data)["Message-ID"] for mail in to_server.received)
    assert first == second == f"<{Delivery.objects.get().name}@provider.example>"


def test_received_bytes_are_what_the_file_transport_writes(to_server: SmtpServer, settings: Settings, mail_folder: Path) -> None:
    """One message, whichever way it goes."""
    announced(1)
    dispatch(clock=at(NOW))
    sent: Received = to_server.accepted[0]
    Delivery.objects.update(state="queued", due_at=NOW)
    settings.EMAIL_BACKEND = "notifier.delivery.files.FileBackend"
    settings.MAIL = replace(settings.MAIL, backend=settings.EMAIL_BACKEND, hop="file", folder=mail_folder)
    dispatch(clock=at(NOW))
    (file,) = mail_folder.glob("*.eml")
    received = message_from_bytes(sent.data)
    del received["X-Peer"]
    assert received.as_bytes().rstrip() == message_from_bytes(file.read_bytes()).as_bytes().rstrip()


def test_dispatch_names_where_a_bounce_goes_and_leaves_the_sender_as_it_is(to_server: SmtpServer, settings: Settings) -> None:
    """The envelope's sender tells the delivery (VERP); without BOUNCE_ADDRESS it is the sender."""
    announced(1)
    settings.BOUNCE_ADDRESS = "bounces@provider.example"
    dispatch(clock=at(NOW))
    (mail,) = to_server.accepted
    row = Delivery.objects.get()
    assert mail.sender == envelope_sender(row.name)
    assert number_in(mail.sender, address="bounces@provider.example") == row.pk
    assert "bounces" not in message_from_bytes(mail.data)["From"]
