"""Django's SMTP backend with one difference: it tells a mail that was not handed over from one whose answer was lost."""

import smtplib
from typing import TYPE_CHECKING

from django.core.mail.backends.smtp import EmailBackend

from notifier.delivery.transport import AnswerLostError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class _Watched:
    """For a class of smtplib: DATA in two steps. Before the last byte was given to the network nothing can have been accepted."""

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
    """As Django's; see ``_Watched``."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The classes above."""
        return _Tls if self.use_ssl else _Plain


_GO_AHEAD = 354
