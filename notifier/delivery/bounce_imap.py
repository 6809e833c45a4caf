"""A bounce mailbox on an IMAP server (RFC 3501): read without marking, marked as seen when all is stored, and all of it within seconds."""

import contextlib
import imaplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Self

from notifier.bounce_url import Mailbox
from notifier.delivery.mail_parts import MOST_BYTES


class ImapMailbox:
    """Mails that are neither seen nor flagged. What was read is marked as seen; what is for a person stays unseen and is flagged, so that it stands out.

    Every method may raise OSError (time-outs and certificates among them) or imaplib.IMAP4.error.
    """

    def __init__(self, where: Mailbox, *, stop_at: float) -> None:
        """``stop_at``: when the connection ends, whatever the server does, by ``time.monotonic``."""
        self._where = where
        self._stop_at = stop_at
        self._server: _Connection

    def __enter__(self) -> Self:
        """Connect, log in, and open the mailbox."""
        self._server = _Connection(self._where, self._stop_at)
        try:
            self._server.login(self._where.user, self._where.password)
            self._must(*self._server.select(_quoted(self._where.name)))
        except BaseException:
            self._server.end()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """Disconnect."""
        self._server.end()

    def waiting(self, most: int) -> Iterator[str]:
        """Yield the keys of what was not looked at, the oldest first."""
        found = self._must(*self._server.uid("SEARCH", "UNSEEN", "UNFLAGGED", "UNDELETED"))
        numbers = sorted(int(number) for line in found if isinstance(line, bytes) for number in line.split())
        yield from map(str, numbers[:most])

    def content(self, key: str) -> bytes | None:
        """Return the beginning of a mail; None where it is gone."""
        found = self._must(*self._server.uid("FETCH", key, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
        return next((bytes(piece[1]) for piece in found if isinstance(piece, tuple)), None)

    def done(self, key: str) -> None:
        """Note that a mail was read, and is stored."""
        self._must(*self._server.uid("STORE", key, "+FLAGS.SILENT", r"(\Seen)"))

    def aside(self, key: str) -> None:
        """Leave a mail for a person."""
        self._must(*self._server.uid("STORE", key, "+FLAGS.SILENT", r"(\Flagged)"))

    @staticmethod
    def _must(answer: str, found: Sequence[object]) -> Sequence[object]:
        if answer != "OK":
            said = next((line for line in found if isinstance(line, bytes)), b"")
            raise imaplib.IMAP4.error(f"the server answers {answer} {said[:300].decode('utf-8', 'replace')}")
        return found


class _Connection(imaplib.IMAP4):
    """As imaplib's, with TLS verified, and ended from outside when the time is over: its own time-out begins anew with every byte."""

    def __init__(self, where: Mailbox, stop_at: float) -> None:
        self._tls = ssl.create_default_context() if where.kind == "imaps" else None
        self._stop_at = stop_at
        self._guard: socket.socket | None = None
        self._timer: threading.Timer | None = None
        try:
            super().__init__(where.host, where.port)
        except BaseException:
            self._release()
            raise

    def end(self) -> None:
        """Log out as far as the server still answers, and close."""
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self.logout()
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self.shutdown()
        self._release()

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002  # imaplib's; the time is limited as a whole
        plain = self._connected()
        self._guard = plain.dup()
        self._timer = threading.Timer(self._left(), self._cut)
        self._timer.daemon = True
        self._timer.start()
        try:
            return self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
        except BaseException:
            plain.close()
            raise

    def _connected(self) -> socket.socket:
        """Try the addresses of the host one after the other; the first has half of the time, so that another still gets its turn."""
        problem: OSError = OSError("the host has no address")
        for family, kind, protocol, _name, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(self._left() / 2)
                made.connect(address)
                made.settimeout(self._left())
            except OSError as error:
                made.close()
                problem = error
            else:
                return made
        raise problem

    def _left(self) -> float:
        left = self._stop_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the server is too slow")
        return left

    def _cut(self) -> None:
        if self._guard is not None:
            with contextlib.suppress(OSError):
                self._guard.shutdown(socket.SHUT_RDWR)

    def _release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._guard is not None:
            self._guard.close()


def _quoted(name: str) -> str:
    """Return a mailbox's name as a quoted string (RFC 3501, 4.3)."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
