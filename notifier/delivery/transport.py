"""Hand one mail to Django's mail API, whatever the backend, and say what became of it."""

import contextlib
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, cast

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage, EmailMultiAlternatives
from urllib3.exceptions import NewConnectionError

from notifier.delivery import esp_batches
from notifier.delivery.esp_answers import refusal
from notifier.delivery.plain_reason import plain_reason
from notifier.ways import Way

if TYPE_CHECKING:
    from anymail.message import AnymailStatus
    from django.core.mail.backends.base import BaseEmailBackend


class Answer(Enum):
    """What the first hop said."""

    ACCEPTED = "accepted"  # it has taken the mail over
    TEMPORARY = "temporary"  # not now: try this one again later
    PERMANENT = "permanent"  # never: this mail cannot be delivered
    UNREACHABLE = "unreachable"  # nothing was handed over: the host is down, or slow
    UNKNOWN = "unknown"  # it was handed over, and no answer came


@dataclass(frozen=True)
class Outcome:
    """``reason`` is what a planner reads; ``detail`` names the server, and the id that it gave. ``of_service``: it says nothing of the mail.

    ``hung``: nothing was heard for as long as a time-out lasts.
    """

    answer: Answer
    reason: str = ""
    detail: str = ""
    of_service: bool = False
    hung: bool = False


class AnswerLostError(Exception):
    """The whole mail was handed over and the connection failed before the answer came."""


class Findable(Protocol):
    """A backend that can tell later whether it has taken a mail over."""

    def has_taken(self, name: str) -> bool:
        """Tell whether the delivery of that name was accepted."""


class Transport:
    """One connection, kept for many mails and made anew after any trouble. Not for use by several threads."""

    def __init__(self, way: Way) -> None:
        """Nothing is opened before the first mail."""
        self.way = way
        self._connection: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        """Use as a context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        if self._connection is not None:
            with contextlib.suppress(Exception):  # it is given up anyway
                self._connection.close()
            self._connection = None

    def send(self, message: EmailMessage) -> Outcome:
        """Hand one mail over; never raises for what the server or the network does."""
        outcome = self._send(message)
        if outcome.answer is not Answer.ACCEPTED:
            self.close()  # a connection after an error is not to be trusted
        return outcome

    def open(self) -> Outcome | None:
        """Connect, if it is not yet done; return what stands in the way. Whatever goes wrong here is not the mail's fault."""
        if self._connection is not None:
            return None
        try:
            self._connection = self.way.connect()
            self._connection.open()
        except Exception as error:  # noqa: BLE001  # a refused log-in, a host name that is none, a package that is missing
            self.close()
            return Outcome(Answer.UNREACHABLE, plain_reason(error), of_service=True, hung=timed_out(error))
        return None

    def _send(self, message: EmailMessage) -> Outcome:
        problem = self.open()
        if problem is not None or self._connection is None:
            return problem or Outcome(Answer.UNREACHABLE, "no connection")
        try:
            taken = self._connection.send_messages([message])
        except Exception as error:  # noqa: BLE001  # a backend may raise anything; what it means is told by judge
            return judge(error)
        if not taken:
            return Outcome(Answer.TEMPORARY, "the mail backend sent nothing")
        return self._answered(message, refusal(message))

    @property
    def esp(self) -> str:
        """Return anymail's name for the ESP that is connected to; empty for any other backend."""
        return str(getattr(self._connection, "esp_name", ""))

    def send_together(self, messages: Sequence[EmailMultiAlternatives]) -> list[Outcome] | None:
        """Hand over in one call what ``esp_batches.groups`` put together; return what became of each.

        None: the call was refused as a whole, as it may be for one mail's sake. Nothing of it was taken, and each is to be sent by itself.
        """
        problem = self.open()
        if problem is not None:
            return [problem] * len(messages)
        try:
            refusals = esp_batches.post(self._connection, messages)
        except Exception as error:  # noqa: BLE001  # as above
            self.close()
            outcome = judge(error)
            return None if outcome.answer is Answer.PERMANENT else [outcome] * len(messages)
        return [self._answered(message, error) for message, error in zip(messages, refusals, strict=True)]

    def has_taken(self, name: str) -> bool | None:
        """Tell whether a delivery was accepted earlier; None where the backend cannot know."""
        backend = self.way.connect()
        return cast("Findable", backend).has_taken(name) if hasattr(backend, "has_taken") else None

    def _answered(self, message: EmailMessage, refused: Exception | None) -> Outcome:
        if refused is not None:
            return judge(refused)
        status: AnymailStatus | None = getattr(message, "anymail_status", None)
        given = str(status.message_id) if status is not None and status.message_id else ""
        return Outcome(Answer.ACCEPTED, detail=f"{self.way.hop} {given}".strip()[:300])


def judge(error: Exception) -> Outcome:  # noqa: PLR0911  # one line a kind of error
    """Say what an error of a mail backend means for the one mail that it was raised for."""
    if isinstance(error, AnswerLostError):
        return Outcome(Answer.UNKNOWN, plain_reason(error.__cause__ or error), of_service=True, hung=timed_out(error))
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _by_code(code, smtplib.SMTPResponseException(code, text))
    if isinstance(error, smtplib.SMTPSenderRefused):  # says nothing of the recipient: our sender, our log-in, our quota
        return Outcome(Answer.TEMPORARY, plain_reason(error), of_service=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, error)
    if isinstance(error, AnymailRecipientsRefused):
        return Outcome(Answer.PERMANENT, plain_reason(error))
    if isinstance(error, AnymailAPIError):
        return _by_http_status(error)
    if isinstance(error, AnymailError):  # the ESP cannot express this mail, or its settings are wrong: trying again does not help
        return Outcome(Answer.PERMANENT, plain_reason(error))
    if isinstance(error, OSError):
        return Outcome(Answer.UNREACHABLE, plain_reason(error), of_service=True, hung=timed_out(error))
    return Outcome(Answer.PERMANENT, plain_reason(error))


def timed_out(error: BaseException) -> bool:
    """Tell whether an error was brought about by nothing being heard; libraries wrap that in errors of their own."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, TimeoutError | requests.Timeout):
            return True
        found = found.__cause__ or found.__context__
    return False


def _by_code(code: int, error: smtplib.SMTPResponseException) -> Outcome:
    return Outcome(meaning(code), plain_reason(error), of_service=code == SERVICE_CLOSING)


def meaning(code: int) -> Answer:
    """Return what a refusal means (RFC 5321, 4.2.1): 4xx is transient, 5xx permanent; 421 says that the whole service goes away."""
    if code == SERVICE_CLOSING:
        return Answer.UNREACHABLE
    return Answer.PERMANENT if code >= _PERMANENT else Answer.TEMPORARY


def _by_http_status(error: AnymailAPIError) -> Outcome:
    status = error.status_code
    if status == _BAD_REQUEST and _TAKEN_BEFORE in str(error):
        return Outcome(Answer.UNKNOWN, plain_reason(error))
    if status is None and _never_connected(error.__cause__):
        return Outcome(Answer.UNREACHABLE, plain_reason(error), of_service=True, hung=timed_out(error))
    if status is None or status < _REDIRECTS:  # no answer, or one that can't be read: the ESP may have taken the mail
        return Outcome(Answer.UNKNOWN, plain_reason(error), of_service=True, hung=timed_out(error))
    if status in _NOT_NOW or status >= _PERMANENT:  # a server's error, unlike SMTP's 5xx, may pass
        return Outcome(Answer.TEMPORARY, plain_reason(error), of_service=status != _CONFLICT)
    return Outcome(Answer.PERMANENT, plain_reason(error))


def _never_connected(cause: BaseException | None) -> bool:
    """Tell whether a request failed before anything of it was sent."""
    if isinstance(cause, requests.ConnectTimeout):
        return True
    inner = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    return isinstance(getattr(inner, "reason", inner), NewConnectionError)


SERVICE_CLOSING = 421
_PERMANENT = 500
_REDIRECTS = 300
_BAD_REQUEST = 400
_CONFLICT = 409
"""Another request with the mail's own key is under way."""
_TAKEN_BEFORE = "duplicate_parameter"
"""Brevo's word for an idempotency key that it has seen: an earlier attempt reached it, whatever was answered then."""
_NOT_NOW = frozenset({401, 403, 408, 409, 425, 429})
"""HTTP statuses that say nothing against the mail itself: credentials, time-outs, another request with its key under way, too many requests (RFC 9110)."""
