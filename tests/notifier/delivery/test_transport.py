"""What each answer of a server, an ESP or the network means for the one mail it was given for."""

import os
import smtplib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import requests
from anymail.exceptions import AnymailConfigurationError, AnymailRecipientsRefused, AnymailRequestsAPIError
from django.core.mail import EmailMessage
from pytest_django import Settings
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError

from notifier.delivery.files import FileBackend
from notifier.delivery.plain_reason import plain_reason
from notifier.delivery.transport import Answer, AnswerLostError, Outcome, Transport, judge
from notifier.env import Mail
from notifier.ways import primary

if TYPE_CHECKING:
    from collections.abc import Mapping


def api_error(status: int | None, cause: Exception | None = None) -> AnymailRequestsAPIError:
    """Return what anymail raises for an HTTP status, or for a request that failed."""
    if status is None:
        error = AnymailRequestsAPIError("failed")
        error.__cause__ = cause
        return error
    response = requests.Response()
    response.status_code = status
    return AnymailRequestsAPIError("refused", response=response, status_code=status)


REFUSED_CONNECTION = requests.ConnectionError(MaxRetryError(HTTPConnectionPool("127.0.0.1"), "/", NewConnectionError(HTTPConnection("127.0.0.1"), "refused")))


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (451, b"later")}), Answer.TEMPORARY),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"never")}), Answer.PERMANENT),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (421, b"closing")}), Answer.UNREACHABLE),
        (smtplib.SMTPSenderRefused(452, b"full", "me@provider.example"), Answer.TEMPORARY),
        (smtplib.SMTPSenderRefused(530, b"log in first", "me@provider.example"), Answer.TEMPORARY),
        (smtplib.SMTPDataError(499, b"last of the 4xx"), Answer.TEMPORARY),
        (smtplib.SMTPDataError(500, b"first of the 5xx"), Answer.PERMANENT),
        (smtplib.SMTPServerDisconnected("gone"), Answer.UNREACHABLE),
        (TimeoutError("slow"), Answer.UNREACHABLE),
        (AnswerLostError(), Answer.UNKNOWN),
        (api_error(422), Answer.PERMANENT),
        (api_error(429), Answer.TEMPORARY),
        (api_error(401), Answer.TEMPORARY),
        (api_error(503), Answer.TEMPORARY),
        (api_error(200), Answer.UNKNOWN),
        (api_error(None, requests.ReadTimeout("slow")), Answer.UNKNOWN),
        (api_error(None, requests.ConnectionError("reset")), Answer.UNKNOWN),
        (api_error(None, requests.ConnectTimeout("slow")), Answer.UNREACHABLE),
        (api_error(None, REFUSED_CONNECTION), Answer.UNREACHABLE),
        (AnymailRecipientsRefused(), Answer.PERMANENT),
        (AnymailConfigurationError("no key"), Answer.PERMANENT),
        (UnicodeEncodeError("ascii", "ø", 0, 1, "no"), Answer.PERMANENT),
    ],
)
def test_judge_by_code_not_by_class(error: Exception, answer: Answer) -> None:
    """4xx and 5xx mean what RFC 5321 says, whatever carries them."""
    assert judge(error).answer is answer


@pytest.mark.parametrize(
    ("error", "of_service"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (451, b"later")}), False),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"never")}), False),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (421, b"closing")}), True),
        (smtplib.SMTPSenderRefused(530, b"log in first", "me@provider.example"), True),
        (smtplib.SMTPDataError(452, b"full"), False),
        (smtplib.SMTPServerDisconnected("gone"), True),
        (AnswerLostError(), True),
        *[(api_error(status), True) for status in (200, 401, 403, 408, 425, 429, 500, 503)],
        *[(api_error(status), False) for status in (400, 404, 409, 422)],
        (api_error(None, requests.ReadTimeout("slow")), True),
        (api_error(None, REFUSED_CONNECTION), True),
        (AnymailRecipientsRefused(), False),
        (AnymailConfigurationError("no key"), False),
        (UnicodeEncodeError("ascii", "ø", 0, 1, "no"), False),
    ],
)
def test_judge_tells_what_says_nothing_of_the_mail(error: Exception, *, of_service: bool) -> None:
    """It is by these that a way is found to be in trouble."""
    assert judge(error).of_service is of_service


def test_judge_tells_where_nothing_was_heard() -> None:
    wrapped = smtplib.SMTPServerDisconnected("Connection unexpectedly closed: timed out")
    wrapped.__context__ = TimeoutError("timed out")
    lost = AnswerLostError()
    lost.__cause__ = wrapped
    silent = [TimeoutError("slow"), wrapped, lost, api_error(None, requests.ReadTimeout("slow")), api_error(None, requests.ConnectTimeout("slow"))]
    spoken = [ConnectionRefusedError("no"), smtplib.SMTPServerDisconnected("gone"), api_error(503), api_error(None, REFUSED_CONNECTION)]
    assert [judge(error).hung for error in [*silent, *spoken]] == [True] * 5 + [False] * 4


def test_plain_reason_of_hostile_answer_is_one_short_line() -> None:
    """Planners read it; a server wrote it."""
    error = smtplib.SMTPDataError(550, b"5.7.1 no\r\nBcc: x\x1b[31m " + b"y" * 900)
    reason = plain_reason(error)
    assert reason.startswith("550 5.7.1 no  Bcc: x [31m yyy")
    assert len(reason) == 500


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "a\\b", "x" * 101, "a\n"])
def test_file_of_a_name_that_is_none_refused(name: str, tmp_path: Path) -> None:
    """Nothing is written outside the folder."""
    with pytest.raises(ValueError, match="not the name of a delivery"):
        FileBackend(folder=tmp_path).path(name)


def test_file_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full leaves no mail behind that looks like one."""
    message = EmailMessage("S", "B", "me@provider.example", ["you@customer.example"])
    message.delivery_name = "abc-1"  # type: ignore[attr-defined]  # as compose sets it
    backend = FileBackend(folder=tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", _full)
        with pytest.raises(OSError, match="no space"):
            backend.send_messages([message])
    assert list(tmp_path.glob("*.eml")) == []
    assert not backend.has_taken("abc-1")
    backend.send_messages([message])
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".eml"] == ["abc-1.eml"]
    assert backend.has_taken("abc-1")


def test_half_written_file_of_a_killed_worker_is_cleared_away(tmp_path: Path) -> None:
    """An old one only: a young one may be another worker's."""
    for name, age in [("old.1.part", 3700), ("young.2.part", 60), ("old.eml", 9999)]:
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    FileBackend(folder=tmp_path).open()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.eml", "young.2.part"]


def _full(_descriptor: int) -> None:
    message = "no space left"
    raise OSError(message)


def test_esp_gets_one_recipient_headers_and_calendar(settings: Settings) -> None:
    """Any backend of anymail serves: what goes over the wire to one of them."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.MAIL = Mail(settings.EMAIL_BACKEND, "esp:postmark")
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token"}
    response = requests.Response()
    response.status_code = 200
    response._content = b'{"ErrorCode": 0, "Message": "OK", "MessageID": "m-1", "SubmittedAt": "2026-11-22T09:00:00Z", "To": "you@customer.example"}'
    payloads: list[Mapping[str, Any]] = []

    def post(_session: requests.Session, **request: Any) -> requests.Response:  # noqa: ANN401  # whatever requests takes
        payloads.append(request)
        return response

    message = EmailMessage("S", "B", "me@provider.example", ["you@customer.example"], headers={"X-Notice-Kind": "announced"})
    with patch.object(requests.Session, "request", post), Transport(primary()) as transport:
        outcome = transport.send(message)
    assert outcome == Outcome(Answer.ACCEPTED, detail="esp:postmark m-1")
    assert len(payloads) == 1
    assert '"To": "you@customer.example"' in str(payloads[0]["data"])
    assert '"X-Notice-Kind"' in str(payloads[0]["data"])
