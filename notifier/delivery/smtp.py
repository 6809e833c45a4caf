"""Django's SMTP backend with one difference: it tells a mail that was not handed over from one whose answer was lost."""

import math
import smtplib
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from notifier.delivery import verp
from notifier.delivery.compose import Mail
from notifier.delivery.transport import AnswerLostError

if TYPE_CHECKING:
    import socket

    from _typeshed import ReadableBuffer as Buffer


class _Watched:
    """For a class of smtplib: one mail's time is limited as a whole, and DATA is done in two steps.

    Before the last byte was given to the network nothing can have been accepted.
    """

    give_up_at: float = math.inf

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer, but not beyond the time that the mail in hand has. Raises TimeoutError then."""
        left = self.give_up_at - time.monotonic()
        if left <= 0:
            message = "the server is too slow"
            raise TimeoutError(message)
        sock: socket.socket | None = getattr(self, "sock", None)
        if sock is not None and left < (sock.gettimeout() or math.inf):
            sock.settimeout(left)
        answer: tuple[int, bytes] = super().getreply()  # type: ignore[misc]  # mixed into a subclass of SMTP below
        return answer

    def data(self: smtplib.SMTP, msg: "str | Buffer") -> tuple[int, bytes]:  # type: ignore[misc]  # mixed into a subclass of SMTP below
        """Send the mail's content and return the answer (RFC 5321, 4.1.1.4)."""
        self.putcmd("data")
        code, text = self.getreply()
        if code != _GO_AHEAD:
            raise smtplib.SMTPDataError(code, text)
        content = smtplib._fix_eols(msg).encode("ascii") if isinstance(msg, str) else bytes(msg)  # type: ignore[attr-defined]  # noqa: SLF001  # as SMTP.data does it
        quoted = smtplib._quote_periods(content)  # type: ignore[attr-defined]  # noqa: SLF001  # as SMTP.data does it
        self.send(quoted + (b"" if quoted.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        try:
            return self.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise AnswerLostError from error


class _Plain(_Watched, smtplib.SMTP):
    """SMTP, with or without STARTTLS."""


class _Tls(_Watched, smtplib.SMTP_SSL):
    """SMTP inside TLS from the start."""


class SmtpBackend(EmailBackend):
    """As Django's; see ``_Watched``. A mail has two time-outs' time from MAIL to the answer to DATA: less than a lease lasts."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send; each message's time begins when it is its turn."""
        sent = 0
        for message in email_messages:
            if self.connection is not None and self.timeout:
                self.connection.give_up_at = time.monotonic() + 2 * self.timeout  # type: ignore[attr-defined]  # _Watched's
                self.connection.sock.settimeout(self.timeout)  # type: ignore[union-attr]  # it is connected
            _return_to_us(message)
            sent += super().send_messages([message]) or 0
        return sent

    def abandon(self) -> None:
        """Close without a word, whatever stage the connection has come to: a server that hangs would be waited for."""
        for connection in (self.connection, getattr(self, "_partial_connection", None)):  # the second while greeting, TLS or log-in are under way
            if connection is not None:
                connection.close()

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The classes above."""
        return _Tls if self.use_ssl else _Plain


def _return_to_us(message: EmailMessage) -> None:
    """Give a delivery's mail the envelope sender by which a bounce is known again (VERP), where bounces are read; its From stays."""
    path = verp.envelope_sender(message.delivery_name) if isinstance(message, Mail) else ""
    if path:
        message.message()  # made before: Django takes the envelope's sender from where it takes the header
        message.from_email = path


_GO_AHEAD = 354
