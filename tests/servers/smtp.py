"""An SMTP server that writes down every mail it is given, and answers as a test wants it to.

``python -m tests.servers.smtp --port 0 --journal FILE`` runs it for other processes: it prints ``127.0.0.1:PORT`` and ends on SIGTERM.
"""

import argparse
import asyncio
import base64
import json
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 OK"
HANG_UP = "hang up"
"""An answer: the connection is cut without a word (after DATA the mail was taken, but its sender never hears of it)."""


@dataclass(frozen=True)
class Received:
    """One DATA: the envelope, the bytes (CRLF, dots unstuffed), when it came (UTC) and what was answered."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    at: datetime
    answer: str = OK

    def to_json(self) -> str:
        """Return one line of a journal."""
        return json.dumps(
            {
                "sender": self.sender,
                "recipients": self.recipients,
                "data": base64.b64encode(self.data).decode(),
                "at": self.at.isoformat(),
                "answer": self.answer,
            },
        )

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Return what a line of a journal holds."""
        raw = json.loads(line)
        return cls(raw["sender"], tuple(raw["recipients"]), base64.b64decode(raw["data"]), datetime.fromisoformat(raw["at"]), raw["answer"])


def read_journal(journal: Path) -> Iterator[Received]:
    """Yield what was received; a last line that is still being written is left out."""
    with journal.open() as lines:
        for line in lines:
            if line.endswith("\n"):
                yield Received.from_json(line)


def agree(_recipient: str) -> str:
    """Take every recipient."""
    return OK


def take(_received: Received) -> str:
    """Take every mail."""
    return OK


class _Handler:
    def __init__(self, server: "SmtpServer") -> None:
        self._server = server

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's own name
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        answer = self._server.answer_recipient(address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return _spoken(server, answer)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's own name
        data = envelope.original_content or b""
        received = Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), data, datetime.now(UTC))
        answer = self._server.answer_mail(received)
        self._server.write_down(Received(received.sender, received.recipients, received.data, received.at, answer))
        await asyncio.sleep(self._server.delay_seconds)
        return _spoken(server, answer)


def _spoken(server: SMTP, answer: str) -> str:
    if answer == HANG_UP:
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()
        return "421 Gone"
    return answer


def _bound(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


class SmtpServer(Controller):
    """``received`` holds every DATA, refused ones with their answer; with ``journal`` each is a line of that file as well.

    ``answer_recipient`` and ``answer_mail`` give the answer to each RCPT and each DATA, such as ``451 Busy``, ``550 No such
    person`` or ``HANG_UP``; ``delay_seconds`` is the wait before the answer to DATA. All three can be set while the server runs.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        journal: Path | None = None,
        answer_recipient: Callable[[str], str] = agree,
        answer_mail: Callable[[Received], str] = take,
    ) -> None:
        """Take a free loopback port unless ``port`` names one."""
        self._socket = _bound(port)
        super().__init__(_Handler(self), hostname="127.0.0.1", port=self._socket.getsockname()[1], server_hostname="mx.example.test")
        self.answer_recipient = answer_recipient
        self.answer_mail = answer_mail
        self.delay_seconds = 0.0
        self.received: list[Received] = []
        self._journal = journal

    @property
    def url(self) -> str:
        """The address in the form of EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def accepted(self) -> list[Received]:
        """What was taken over with a 250."""
        return [received for received in self.received if received.answer == OK]

    def write_down(self, received: Received) -> None:
        """Keep what came, before it is answered."""
        self.received.append(received)
        if self._journal:
            with self._journal.open("a") as lines:
                lines.write(received.to_json() + "\n")

    def start(self) -> None:
        """Listen; after a stop again, on the same port."""
        if self.loop.is_closed():
            self.loop = asyncio.new_event_loop()
            self._socket = _bound(self.port)
        super().start()

    def stop(self, no_assert: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # the signature of Controller
        """Close the port and cut every connection; a second time it does nothing."""
        if self._thread is not None:
            super().stop()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop."""
        self.stop()

    def _create_server(self) -> Awaitable[asyncio.Server]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.smtp", description="SMTP server that writes down what it is given")
    parser.add_argument("--port", type=int, default=0, help="0: any free one, which is printed")
    parser.add_argument("--journal", type=Path, help="file to append a JSON line to for each mail")
    parser.add_argument("--answer", action="append", default=[], metavar="ADDRESS=ANSWER", help="answer for one recipient, as ana@x.example='451 Busy'")
    options = parser.parse_args()
    answers = dict(given.split("=", 1) for given in options.answer)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with SmtpServer(port=options.port, journal=options.journal, answer_recipient=lambda address: answers.get(address, OK)) as server:
        print(f"127.0.0.1:{server.port}", flush=True)  # noqa: T201  # what the caller waits for
        over.wait()


if __name__ == "__main__":
    main()
