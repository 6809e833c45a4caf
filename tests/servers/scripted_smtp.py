"""An SMTP server that says what a test scripts, byte for byte: for what a well-behaved server library would never do."""

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Self

OFFERS = ("PIPELINING", "SIZE 1000000")
GO = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", ".": "250 taken", "RSET": "250 ok", "QUIT": "221 bye"}


@dataclass
class Talk:
    """One connection: every line that came, contents as one (dots still stuffed), and how many lines came in each read."""

    lines: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)


@dataclass
class ScriptedSmtp:
    """``answer`` gives the answer to a command, or to the end of content ("."), for the n-th mail of a connection: text, "" for silence, None to hang up.

    ``offers``: what EHLO is answered. ``context``: TLS from the start.
    """

    answer: Callable[[str, int], str | None] = lambda verb, _number: GO[verb]
    offers: tuple[str, ...] = OFFERS
    context: ssl.SSLContext | None = None
    talks: list[Talk] = field(default_factory=list)
    _socks: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Listen on a free port."""
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):  # the client has hung up
                    server.serve(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop; connections end with their clients."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def hang_up(self) -> None:
        """Close all connections, whatever is being said."""
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def serve(self, sock: socket.socket) -> None:
        """Talk to one client until one of the two has enough."""
        talk = Talk()
        self.talks.append(talk)
        self._socks.append(sock)
        connection = self.context.wrap_socket(sock, server_side=True) if self.context else sock
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 mx.example.test\r\n")
            number = 0
            while line := lines.readline():
                verb = line[:4].decode().strip().upper()
                talk.lines.append(line.decode().strip())
                if verb == "EHLO":
                    offers = ["mx.example.test", *self.offers]
                    connection.sendall("".join(f"250{'-' if one != offers[-1] else ' '}{one}\r\n" for one in offers).encode())
                    continue
                number += verb == "MAIL"
                if not self._say(connection, verb, number):
                    return
                if verb == "DATA" and (self.answer(verb, number) or "").startswith("354"):
                    content = _content(lines)
                    if content is None:
                        return
                    talk.contents.append(content)
                    if not self._say(connection, ".", number):
                        return

    def _say(self, connection: socket.socket, verb: str, number: int) -> bool:
        said = self.answer(verb, number)
        if said is None:
            return False
        if said:
            connection.sendall(said.encode() + b"\r\n")
        return True


def _content(lines: BinaryIO) -> bytes | None:
    """Return what came before the dot; None where the client hung up instead."""
    content = []
    while (line := lines.readline()) != b".\r\n":
        if not line:
            return None
        content.append(line)
    return b"".join(content)
