"""One SMTP connection as a machine without blocking: commands go in groups where the server allows it (PIPELINING, RFC 2920).

The envelope of the next mail travels with the content of the one before, so that a mail costs one round trip. Content is written only
when its marker is committed (``grant``); until the last byte of it was given to the network nothing can have been accepted.
"""

import contextlib
import re
import smtplib
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from notifier.delivery.plain_reason import plain_reason
from notifier.delivery.prepared import Prepared
from notifier.delivery.transport import SERVICE_CLOSING, Answer, Outcome, meaning

_RECEIVE_BYTES = 65_536
_LONGEST_REPLY = 65_536
"""More than that without an end is no reply (RFC 5321, 4.5.3.1.5 allows 512 octets a line)."""
_REPLY = re.compile(r"[2-5]\d\d([ -].*)?", re.ASCII | re.DOTALL)
_GO_AHEAD = 354
_FIRST_ERROR = 400
_TOO_BIG = 552
_LONGEST_REASON = 500


class _Step(Enum):
    RESET = "RSET"
    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    CONTENT = "DATA"
    END = "end of content"


@dataclass
class _Exchange:
    """What goes on with one mail; ``refused``: the envelope's first refusal. ``begun``, ``ended``: its content was begun, given whole to the network."""

    mail: Prepared
    refused: Outcome | None = None
    ready: bool = False
    begun: bool = False
    ended: bool = False


@dataclass
class Said:
    """What a look at the connection brought: mails that may have their content now, what became of others, and why it is of no use any more."""

    ready: list[Prepared] = field(default_factory=list)
    outcomes: list[tuple[Prepared, Outcome]] = field(default_factory=list)
    broken: str = ""


class BrokenWireError(Exception):
    """The connection is of no use any more; its text says why."""


class SilentWireError(BrokenWireError):
    """Nothing was heard for too long."""


class Wire:
    """A connection that was opened (greeting, TLS, log-in) by ``smtplib``. ``timeout``: seconds of silence after which it is given up."""

    def __init__(self, server: smtplib.SMTP, *, timeout: float, hop: str) -> None:
        """Take the socket over."""
        self._server = server
        self._sock: socket.socket = server.sock  # type: ignore[assignment]  # it is connected
        self._sock.settimeout(0)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._pipelining = server.has_extn("pipelining")
        self._sizes = server.has_extn("size")
        self._timeout, self._hop = timeout, hop
        self._out: deque[memoryview] = deque()
        self._held: deque[bytes] = deque()  # commands that wait for the answer to the one before: no pipelining
        self._in = bytearray()
        self._expected: deque[tuple[_Step, _Exchange]] = deque()
        self._current: _Exchange | None = None
        self._following: _Exchange | None = None
        self._needs_reset = False
        self._heard = self._began = time.monotonic()

    def fileno(self) -> int:
        """For ``selectors``."""
        return self._sock.fileno()

    @property
    def wants_mail(self) -> bool:
        """Tell whether it has nothing to do."""
        return self._current is None

    @property
    def wants_to_write(self) -> bool:
        """Tell whether bytes wait for the network."""
        return bool(self._out)

    def give(self, mail: Prepared) -> None:
        """Begin a mail with its envelope."""
        self._current = _Exchange(mail)
        self._heard = self._began = time.monotonic()
        self._write(self._envelope(self._current))

    def grant(self, mail: Prepared, following: Callable[[], Prepared | None]) -> None:
        """Write the content of a mail that is ready, and behind it the envelope of the ``following`` one, if there is one."""
        exchange = self._current
        if exchange is None or exchange.mail is not mail:
            return
        exchange.ready, exchange.begun = False, True
        self._began = time.monotonic()
        self._out.append(memoryview(_stuffed(mail.content)))
        self._expected.append((_Step.END, exchange))
        upcoming = following() if self._pipelining else None
        if upcoming is not None:
            self._following = _Exchange(upcoming)
            self._out.append(memoryview(b"".join(self._envelope(self._following))))
        self.push()

    def push(self) -> None:
        """Give the network what it takes. Raises BrokenWireError."""
        try:
            while self._out:
                taken = self._sock.send(self._out[0]) if isinstance(self._sock, ssl.SSLSocket) else self._sock.sendmsg(self._out)
                self._heard = time.monotonic()  # it takes what it is given: that is a sign of life too
                while self._out and taken >= len(self._out[0]):
                    taken -= len(self._out.popleft())
                    self._note_end()
                if taken:
                    self._out[0] = self._out[0][taken:]
                    return
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            raise BrokenWireError(plain_reason(error)) from error

    def _note_end(self) -> None:
        """The first piece after ``begun`` is the content itself."""
        if self._current is not None and self._current.begun:
            self._current.ended = True

    def pull(self) -> Said:
        """Read what has come and say what it means. Where the connection is ``broken``, what is unsettled is told by ``give_up``."""
        said = Said()
        trouble = self._receive()
        try:
            for code, text in self._replies():
                self._take(code, text, said)
                if said.broken:
                    return said
        except BrokenWireError as error:
            trouble = str(error)
        said.broken = trouble
        return said

    def check(self, *, now: float) -> None:
        """Raise BrokenWireError where the server is silent too long, or one mail takes twice that time (``now``: ``time.monotonic()``)."""
        if self._current is not None and not self._current.ready and (now - self._heard > self._timeout or now - self._began > 2 * self._timeout):
            reason = "the server is too slow"
            raise SilentWireError(reason)

    def give_up(self, reason: str, *, hung: bool = False) -> list[tuple[Prepared, Outcome]]:
        """Close, and say what has become of the mails in hand: not handed over, or without an answer."""
        self.close()
        found = []
        for exchange in (self._current, self._following):
            if exchange is None:
                continue
            answer = Answer.UNKNOWN if exchange.ended else Answer.UNREACHABLE
            outcome = exchange.refused or Outcome(answer, reason, hung=hung)
            found.append((exchange.mail, outcome))
        self._current = self._following = None
        return found

    def close(self) -> None:
        """Close without a word; whatever is not answered stays so."""
        self._server.close()

    def quit(self) -> None:
        """Say good-bye, without waiting for the answer."""
        with contextlib.suppress(BrokenWireError):
            if self._current is None and not self._out:
                self._write([b"QUIT\r\n"])
        self.close()

    def _envelope(self, exchange: _Exchange) -> list[bytes]:
        mail = exchange.mail
        size = f" SIZE={len(mail.content)}" if self._sizes else ""
        commands = [
            (_Step.SENDER, f"MAIL FROM:<{mail.sender}>{size}\r\n"),
            (_Step.RECIPIENT, f"RCPT TO:<{mail.recipient}>\r\n"),
            (_Step.CONTENT, "DATA\r\n"),
        ]
        if self._needs_reset:
            commands.insert(0, (_Step.RESET, "RSET\r\n"))
            self._needs_reset = False
        self._expected.extend((step, exchange) for step, _command in commands)
        return [command.encode("ascii") for _step, command in commands]

    def _write(self, commands: list[bytes]) -> None:
        if self._pipelining:
            self._out.append(memoryview(b"".join(commands)))
        else:
            self._out.append(memoryview(commands[0]))
            self._held.extend(commands[1:])
        self.push()

    def _receive(self) -> str:
        """Read all that there is; return what ended the connection, if anything did: what came before it is still to be read."""
        try:
            while True:
                data = self._sock.recv(_RECEIVE_BYTES)
                if not data:
                    return "the server closed the connection"
                self._heard = time.monotonic()
                self._in += data
                if len(data) < _RECEIVE_BYTES and not isinstance(self._sock, ssl.SSLSocket):
                    return ""
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return ""
        except OSError as error:
            return plain_reason(error)

    def _replies(self) -> Iterator[tuple[int, str]]:
        """Yield whole replies: all lines but the last have a hyphen after the code (RFC 5321, 4.2.1)."""
        lines: list[str] = []
        begin = 0
        while (end := self._in.find(b"\n", begin)) >= 0:
            line = self._in[begin:end].decode("ascii", "replace").rstrip("\r")
            lines.append(line[4:])
            begin = end + 1
            if line[3:4] != "-":
                del self._in[:begin]
                begin = 0
                if not _REPLY.fullmatch(line):
                    reason = f"the server's answer is no SMTP: {line[:80]}"
                    raise BrokenWireError(plain_reason(ValueError(reason)))
                yield int(line[:3]), " ".join(lines)
                lines = []
        if len(self._in) > _LONGEST_REPLY:
            reason = "the server's answer has no end"
            raise BrokenWireError(reason)

    def _take(self, code: int, text: str, said: Said) -> None:
        if code == SERVICE_CLOSING or not self._expected:
            said.broken = _printable(code, text)[:300]
            if self._expected and self._expected[0][0] is _Step.END:  # the content was answered: it is not taken
                self._finish(self._expected.popleft()[1], code, text, said)
            return
        step, exchange = self._expected.popleft()
        if step is _Step.END:
            self._finish(exchange, code, text, said)
        elif step is _Step.CONTENT:
            self._invited(exchange, code, text, said)
        elif step is not _Step.RESET and code >= _FIRST_ERROR and exchange.refused is None:
            exchange.refused = _refusal(code, text, of_sender=step is _Step.SENDER)
        if self._held and step is not _Step.END:
            self._out.append(memoryview(self._held.popleft()))
            self.push()

    def _invited(self, exchange: _Exchange, code: int, text: str, said: Said) -> None:
        """The answer to DATA: content may come, or the envelope was refused."""
        if code == _GO_AHEAD and exchange.refused is None:
            exchange.ready = True
            said.ready.append(exchange.mail)
            return
        said.outcomes.append((exchange.mail, exchange.refused or _refusal(code, text)))
        self._current, self._needs_reset = None, True
        if code == _GO_AHEAD:  # it wants content for nobody: there is no way back but to hang up
            said.broken = "the server asked for content after it had refused the recipient"

    def _finish(self, exchange: _Exchange, code: int, text: str, said: Said) -> None:
        outcome = _refusal(code, text) if code >= _FIRST_ERROR else Outcome(Answer.ACCEPTED, detail=f"{self._hop} {_printable(code, text)}"[:300])
        said.outcomes.append((exchange.mail, outcome))
        self._current, self._following = self._following, None
        self._began = time.monotonic()


def _refusal(code: int, text: str, *, of_sender: bool = False) -> Outcome:
    """Return what a refusal means. One of our sender says nothing of the recipient, unless it is the mail that is too big."""
    of_service = of_sender and code != _TOO_BIG
    reason = _printable(code, text)[:_LONGEST_REASON]
    return Outcome(Answer.TEMPORARY if of_service else meaning(code), reason, of_service=of_service)


def _printable(code: int, text: str) -> str:
    """Return an answer as the database can keep it: PostgreSQL takes no NUL."""
    return "".join(one if one.isprintable() else " " for one in f"{code} {text}").strip()


def _stuffed(content: bytes) -> bytes:
    """Return the content as DATA wants it (RFC 5321, 4.5.2): dots at the beginning of lines doubled, and the end."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")
