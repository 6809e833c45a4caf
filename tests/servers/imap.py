"""An IMAP server (RFC 3501) with one mailbox, as much of it as reading bounces needs, and with the faults that real ones have."""

import re
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "localhost.pem"
KEY = CERTIFICATE.with_name("localhost.key.pem")


class ImapServer:
    """``mails`` by number, ``flags`` beside them; ``said`` is what the client wrote. The faults are attributes, to be set before or in a test."""

    user, password, mailbox = "reader", "hush hush", "Bounces"

    def __init__(self, *, tls: bool = False) -> None:
        """Listen on a port of its own."""
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.said: list[str] = []
        self.drip_seconds = 0.0  # between the bytes of every answer
        self.silent = False
        self.hang_up_at = ""  # the first command that begins so
        self._tls = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(CERTIFICATE, KEY)
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                server.serve(self)

        socketserver.ThreadingTCPServer.daemon_threads = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.block_on_close = False
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        """Serve in a thread."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop; connections that hang end with the process."""
        self._server.shutdown()
        self._server.server_close()

    def put(self, content: bytes, *flags: str) -> int:
        """Deliver a mail; return its number."""
        number = max(self.mails, default=100) + 1
        self.mails[number], self.flags[number] = content, set(flags)
        return number

    def serve(self, handler: socketserver.StreamRequestHandler) -> None:
        """Talk with one client until it leaves."""
        try:
            connection = self._tls.wrap_socket(handler.request, server_side=True) if self._tls else handler.request
            with connection, connection.makefile("rb") as lines:
                self._talk(lines.readline, lambda answer: self._write(connection.sendall, answer))
        except OSError:  # the client has left in the middle, as it may
            return

    def _write(self, send: Callable[[bytes], None], answer: bytes) -> None:
        if not self.drip_seconds:
            send(answer)
            return
        for place in range(len(answer)):
            send(answer[place : place + 1])
            time.sleep(self.drip_seconds)

    def _talk(self, read: Callable[[], bytes], write: Callable[[bytes], None]) -> None:
        while self.silent:
            time.sleep(0.05)
        write(b"* OK ready\r\n")
        while line := read():
            tag, _space, command = line.decode().strip().partition(" ")
            self.said.append(command)
            if self.hang_up_at and command.startswith(self.hang_up_at):
                return
            write(self._answer(command) % tag.encode())
            if command == "LOGOUT":
                return

    def _answer(self, command: str) -> bytes:
        right = {
            "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n",
            f'LOGIN {self.user} "{self.password}"': b"%s OK in\r\n",
            f'SELECT "{self.mailbox}"': b"* 3 EXISTS\r\n%s OK [READ-WRITE] open\r\n",
            "LOGOUT": b"* BYE\r\n%s OK bye\r\n",
        }
        if command == "UID SEARCH UNSEEN UNFLAGGED UNDELETED":
            found = [str(number) for number, flags in self.flags.items() if not flags & {r"\Seen", r"\Flagged", r"\Deleted"}]
            return b"* SEARCH " + " ".join(found).encode() + b"\r\n%s OK done\r\n"
        if fetch := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            return self._fetched(int(fetch[1]), int(fetch[2]))
        if store := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \((\\\w+)\)", command):
            self.flags[int(store[1])].add(store[2])
            return b"%s OK done\r\n"
        return right.get(command, b"%s NO not " + command.encode() + b"\r\n")  # it repeats everything, as some do

    def _fetched(self, number: int, most: int) -> bytes:
        if number not in self.mails:
            return b"%s OK gone\r\n"
        content = self.mails[number][:most]
        head = f"* 1 FETCH (UID {number} BODY[]<0> {{{len(content)}}}\r\n".encode()
        return head + content.replace(b"%", b"%%") + b")\r\n%s OK done\r\n"
