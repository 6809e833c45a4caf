"""The mail server for tests: writes down what came and answers as told."""

import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.smtp import HANG_UP, Received, SmtpServer, read_journal

SENDER, ANA, BEN = "noc@provider.example", "ana@customer.example", "ben@customer.example"
MAIL = b"Subject: Work\r\n\r\n.dot\r\n"


def _client(port: int) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", port, timeout=10)


def _facts(received: Received) -> tuple[str, tuple[str, ...], bytes, str]:
    return received.sender, received.recipients, received.data, received.answer


def test_smtp_journals_envelope_and_bytes(tmp_path: Path) -> None:
    """Memory and file hold the same: sender, recipients, bytes, time."""
    with SmtpServer(journal=tmp_path / "journal") as server, _client(server.port) as client:
        client.sendmail(SENDER, [ANA, BEN], MAIL)
        client.sendmail(SENDER, [ANA], MAIL)
    assert [_facts(one) for one in server.received] == [(SENDER, (ANA, BEN), MAIL, "250 OK"), (SENDER, (ANA,), MAIL, "250 OK")]
    assert list(read_journal(tmp_path / "journal")) == server.received


def test_smtp_refuses_one_recipient(smtp: SmtpServer) -> None:
    """An answer for one recipient leaves the others alone."""
    smtp.answer_recipient = lambda address: "451 Busy" if address == ANA else "250 OK"
    with _client(smtp.port) as client:
        assert client.sendmail(SENDER, [ANA, BEN], MAIL) == {ANA: (451, b"Busy")}
    assert [one.recipients for one in smtp.accepted] == [(BEN,)]


def test_smtp_refuses_a_mail(smtp: SmtpServer) -> None:
    """A refusal after DATA is journalled with its answer and not counted as accepted."""
    smtp.answer_mail = lambda _received: "550 No"
    with _client(smtp.port) as client, pytest.raises(smtplib.SMTPDataError, match="550"):
        client.sendmail(SENDER, [ANA], MAIL)
    assert ([one.answer for one in smtp.received], smtp.accepted) == (["550 No"], [])


def test_smtp_hangs_up_after_data(smtp: SmtpServer) -> None:
    """The sender is left in doubt; the journal shows that the mail came."""
    smtp.answer_mail = lambda _received: HANG_UP
    client = _client(smtp.port)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.sendmail(SENDER, [ANA], MAIL)
    assert [one.answer for one in smtp.received] == [HANG_UP]


def test_smtp_stops_and_comes_back(smtp: SmtpServer) -> None:
    """While it is down nobody listens; after that it has the same port and still knows what it received."""
    for _ in range(2):
        with _client(smtp.port) as client:
            client.sendmail(SENDER, [ANA], MAIL)
        smtp.stop()
        with pytest.raises(ConnectionRefusedError):
            _client(smtp.port)
        smtp.start()
    assert len(smtp.accepted) == 2


def test_smtp_runs_as_a_process(tmp_path: Path) -> None:
    """The command prints its address, journals, and ends on SIGTERM."""
    command = [sys.executable, "-m", "tests.servers.smtp", "--port", "0", "--journal", str(tmp_path / "journal"), "--answer", f"{BEN}=550 Gone"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        host, port = process.stdout.readline().split(":")
        with _client(int(port)) as client:
            assert client.sendmail(SENDER, [ANA, BEN], MAIL) == {BEN: (550, b"Gone")}
        process.send_signal(signal.SIGTERM)
        assert (host, process.wait(10)) == ("127.0.0.1", 0)
    assert [_facts(one) for one in read_journal(tmp_path / "journal")] == [(SENDER, (ANA,), MAIL, "250 OK")]
