"""The server that is far away: late, but not slow."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.bench.round_trip import far_away

pytestmark = pytest.mark.servers


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says everything again, to one caller after another."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket) -> None:
    while True:
        try:
            caller, _address = server.accept()
        except OSError:
            return
        with caller:
            while data := caller.recv(65_536):
                caller.sendall(data)


def test_answer_comes_a_round_trip_later(echo: int) -> None:
    """Each way takes its time, and no answer changes."""
    with far_away(echo, 50) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
        begun = time.monotonic()
        caller.sendall(b"EHLO example.com\r\n")
        assert caller.recv(100) == b"EHLO example.com\r\n"
        assert 0.1 <= time.monotonic() - begun < 1


def test_much_is_not_slower_than_little(echo: int) -> None:
    """Whatever is under way arrives in order, and no piece waits until the one before has arrived."""
    much = b"".join(b"%07d\n" % number for number in range(4_000_000))
    with far_away(echo, 50) as port, socket.create_connection(("127.0.0.1", port), timeout=30) as caller:
        begun = time.monotonic()
        writing = threading.Thread(target=caller.sendall, args=(much,))
        writing.start()
        said = bytearray()
        while len(said) < len(much):
            said += caller.recv(1_048_576)
        writing.join()
        assert time.monotonic() - begun < 5  # piece by piece it would take more than 12 s
    assert said == much
