"""The mail server of the faults: ``python -m tests.faults.server JOURNAL``. It writes each outcome down before it answers.

It prints its port. Each line of standard input is a JSON object with fields of ``Plan`` to change, answered with ``ok``; when standard
input ends, so does the server.
"""

import asyncio
import json
import os
import re
import sys
import time
from dataclasses import fields
from pathlib import Path

from tests.faults.journal import CUT, TAKEN_UNSAID, Entry
from tests.faults.plan import Fault, Mode, Plan

_END = b"\r\n.\r\n"
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^@>\s]+)@", re.IGNORECASE | re.MULTILINE)
_SUBJECT = re.compile(rb"^subject: ?([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_HEAD = 4096
_OK = b"250 OK\r\n"
_GREETING = b"220 mx.example.test\r\n"


class MailServer:
    """Listens, and holds what all connections share."""

    def __init__(self, journal: Path) -> None:
        """Open the journal."""
        self.plan = Plan()
        self.connections: set[Connection] = set()
        self.number = 0
        self._file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._server: asyncio.Server | None = None
        self.port = 0

    def write_down(self, entry: Entry) -> None:
        """Append to the journal; it is in the file when this returns."""
        os.write(self._file, entry.to_line())

    async def change(self, wanted: dict[str, object]) -> None:
        """Take up a new plan; connections that hung before are cut."""
        before = self.plan.mode
        given = {one.name: getattr(self.plan, one.name) for one in fields(Plan) if one.init and not one.name.startswith("_")}
        given |= wanted
        given["mode"] = Mode(given["mode"])
        given["shares"] = {Fault(name): share for name, share in given["shares"].items()}
        self.plan = Plan(**given)
        if self.plan.mode is Mode.DOWN or before in {Mode.HANG, Mode.TARPIT}:
            self._cut_all()
        if self.plan.mode is Mode.DOWN and self._server is not None:
            self._server.close()
            self._server = None
        elif self.plan.mode is not Mode.DOWN:
            await self.listen()

    async def listen(self) -> None:
        """Accept connections, on the same port as before."""
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(lambda: Connection(self), "127.0.0.1", self.port, backlog=200, reuse_address=True)
            self.port = self._server.sockets[0].getsockname()[1]

    def _cut_all(self) -> None:
        for connection in list(self.connections):
            connection.cut()


class Connection(asyncio.Protocol):
    """One sender."""

    def __init__(self, server: MailServer) -> None:
        """Nothing was said yet."""
        server.number += 1
        self.server, self.number = server, server.number
        self.buffer = bytearray()
        self.sender = self.recipient = ""
        self.fault = Fault.NONE
        self.came = 0.0
        self.in_content = self.waiting = self.silent = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.connections.add(self)
        self.say(_GREETING)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Forget it."""
        self.server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Go on with what came."""
        if self.server.plan.mode is not Mode.HANG:
            self.buffer += data
            self.work()

    def cut(self) -> None:
        """Hang up without a word."""
        self.silent = True
        if self.transport is not None:
            self.transport.abort()

    def say(self, answer: bytes) -> None:
        """Answer, as fast as the plan allows."""
        mode = self.server.plan.mode
        if self.transport is None or self.silent or mode is Mode.HANG:
            return
        if mode is Mode.TARPIT:
            self.waiting = True
            self._drip(answer)
        else:
            self.transport.write(answer)

    def _drip(self, rest: bytes) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(rest[:1])
        asyncio.get_running_loop().call_later(1, self._drip, rest[1:]) if rest[1:] else self._go_on()

    def _go_on(self) -> None:
        self.waiting = False
        self.work()

    def work(self) -> None:
        """Take commands and contents, one after the other."""
        while not self.waiting and not self.silent:
            if self.in_content:
                if not self._content():
                    return
                continue
            end = self.buffer.find(b"\n")
            if end < 0:
                return
            line = bytes(self.buffer[: end + 1]).strip()
            del self.buffer[: end + 1]
            self._command(line)

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"MAIL":
            self.sender = _address(line)
            self.say(_OK)
        elif verb == b"RCPT":
            self._recipient(line)
        elif verb == b"DATA":
            self._data()
        elif verb == b"EHLO":
            lines = ["mx.example.test", *(["PIPELINING"] if self.server.plan.pipelining else []), "SIZE 50000000", "8BITMIME"]
            self.say("".join(f"250{'-' if one != lines[-1] else ' '}{one}\r\n" for one in lines).encode())
        elif verb == b"QUIT":
            self.say(b"221 Bye\r\n")
            self.silent = True
            if self.transport is not None:
                self.transport.close()
        else:
            self.recipient = ""
            self.say(_OK)

    def _recipient(self, line: bytes) -> None:
        recipient = _address(line)
        self.fault = self.server.plan.draw(recipient)
        if self.fault in {Fault.BUSY_AT_RCPT, Fault.NOBODY_AT_RCPT, Fault.CLOSING_AT_MAIL}:
            answer = {Fault.BUSY_AT_RCPT: "451 4.3.0 Busy", Fault.NOBODY_AT_RCPT: "550 5.1.1 No such person", Fault.CLOSING_AT_MAIL: "421 4.3.2 Going away"}
            self._decide("RCPT", answer[self.fault], recipient)
            return
        self.recipient = recipient
        self.say(_OK)

    def _data(self) -> None:
        if not self.recipient:
            self.say(b"503 5.5.1 No recipient\r\n")
        elif self.fault is Fault.DROP_AT_DATA:
            self._note("DATA", CUT, self.recipient)
            self.cut()
        else:
            self.in_content = True
            self.say(b"354 Go ahead\r\n")

    def _content(self) -> bool:
        """Read the content; tell whether all of it has come."""
        if self.fault is Fault.DROP_IN_CONTENT and self.buffer:
            self._note("content", CUT, self.recipient)
            self.cut()
            return False
        end = self.buffer.find(_END)
        if end < 0:
            return False
        self.came = time.time()
        head = bytes(self.buffer[: min(end, _HEAD)])
        del self.buffer[: end + len(_END)]
        self.in_content = False
        if self.server.plan.delay:
            self.waiting = True
            asyncio.get_running_loop().call_later(self.server.plan.delay, self._late, head)
        else:
            self._end(head)
        return True

    def _late(self, head: bytes) -> None:
        self.waiting = False
        if not self.silent:
            self._end(head)
            self.work()

    def _end(self, head: bytes) -> None:
        recipient, self.recipient = self.recipient, ""
        if self.fault is Fault.SILENT_AT_END:
            self._note("end", CUT, recipient, head)
            self.silent = True
        elif self.fault is Fault.DROP_TAKEN:
            self._note("end", TAKEN_UNSAID, recipient, head)
            self.cut()
        else:
            answer = {Fault.BUSY_AT_END: "451 4.3.0 Busy", Fault.NOBODY_AT_END: "550 5.7.1 Not wanted", Fault.CLOSING_AT_END: "421 4.3.2 Going away"}
            self._decide("end", answer.get(self.fault, "250 2.0.0 Taken"), recipient, head)
            if self.fault is Fault.DROP_ANSWERED and self.transport is not None:
                self.silent = True
                self.transport.close()

    def _decide(self, step: str, answer: str, recipient: str, head: bytes = b"") -> None:
        self._note(step, answer, recipient, head)
        self.say(answer.encode() + b"\r\n")
        if answer.startswith("421") and self.transport is not None:
            self.silent = True
            self.transport.close()

    def _note(self, step: str, answer: str, recipient: str, head: bytes = b"") -> None:
        name, subject = _MESSAGE_ID.search(head), _SUBJECT.search(head)
        self.server.write_down(
            Entry(
                name=name[1].decode("ascii", "replace") if name else "",
                sender=self.sender,
                recipient=recipient,
                answer=answer,
                step=step,
                connection=self.number,
                wall=self.came if head else time.time(),
                elapsed=time.monotonic(),
                subject=subject[1].decode("ascii", "replace")[:80] if subject else "",
            ),
        )


def _address(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode("ascii", "replace").lower()


async def serve(journal: Path) -> None:
    """Serve until standard input ends."""
    server = MailServer(journal)
    await server.listen()
    print(server.port, flush=True)  # noqa: T201  # what the caller waits for
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await server.change(json.loads(line))
        print("ok", flush=True)  # noqa: T201  # as above


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
