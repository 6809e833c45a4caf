"""Connections whose answers come while the database writes: nothing is lost between the two, and nothing leaves too early."""

import smtplib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from notifier.delivery.pool import Pool
from notifier.delivery.prepared import Prepared
from notifier.delivery.transport import Answer, Outcome
from notifier.delivery.wire import Wire
from tests.notifier.delivery.test_pool import Desk, mails, opener, running
from tests.servers.scripted_smtp import ScriptedSmtp

pytestmark = pytest.mark.servers


@dataclass
class LateDesk(Desk):
    """Takes its time to write: it is done when ``write`` is called."""

    pool: Pool | None = None
    writing: list[tuple[Future[set[int]], set[int]]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    def settle(self, ready: Sequence[Prepared], outcomes: Sequence[tuple[Prepared, Outcome]]) -> "Future[set[int]]":
        """Note what is to be written."""
        del outcomes
        assert all(future.done() for future, _granted in self.writing), "one thing is written after another"
        self.writing.append((Future(), {mail.pk for mail in ready} - self.refused))
        self.came.set()
        return self.writing[-1][0]

    def write(self) -> set[int]:
        """Wait until there is something, and have it written; return whose content may go."""
        assert self.came.wait(5)
        self.came.clear()
        future, granted = self.writing[-1]
        future.set_result(granted)
        assert self.pool is not None
        self.pool.wake()
        return granted


@contextmanager
def sending(server: ScriptedSmtp, desk: LateDesk, *, most: int = 1) -> Iterator[None]:
    """Let the pool run in a thread meanwhile."""
    with running(server, most=most) as pool:
        desk.pool = pool
        thread = threading.Thread(target=pool.run, args=(desk,))
        thread.start()
        yield
        thread.join(5)
        assert not thread.is_alive()


def test_content_goes_only_when_its_marker_is_written_and_at_once_then() -> None:
    server, desk = ScriptedSmtp(), LateDesk(mails(1))
    with sending(server, desk):
        assert desk.came.wait(5)
        time.sleep(0.2)
        assert server.talks[0].contents == []
        began = time.monotonic()
        assert desk.write() == {1}
        assert desk.write() == set()  # its end
        assert time.monotonic() - began < 0.4
    assert desk.ends == {1: (Answer.ACCEPTED, "smtp:test 250 taken")}


def test_answers_are_heard_while_the_database_writes() -> None:
    """And what came meanwhile is written together."""
    server, desk = ScriptedSmtp(), LateDesk(mails(3))
    with sending(server, desk, most=3):
        assert desk.came.wait(5)
        time.sleep(0.3)  # the other two connections are opened and ready
        first = desk.write()
        assert desk.came.wait(5)
        time.sleep(0.3)
        others = desk.write()
        assert first | others == {1, 2, 3}
        assert len(first) == 1
        while desk.came.wait(0.5):
            desk.write()
    assert {end for end, _why in desk.ends.values()} == {Answer.ACCEPTED}


@pytest.mark.parametrize("refused", [False, True])
def test_connection_that_breaks_while_its_marker_is_written_has_sent_nothing(*, refused: bool) -> None:
    """Its end is written after the marker; where there is none, what stood in the way was its end already."""
    server, desk = ScriptedSmtp(), LateDesk(mails(1), refused={1} if refused else set())
    with sending(server, desk):
        assert desk.came.wait(5)
        server.hang_up()
        time.sleep(0.3)
        desk.write()
        if not refused:
            desk.write()
    assert desk.ends == ({} if refused else {1: (Answer.UNREACHABLE, "the server closed the connection")})
    assert server.talks[0].contents == []


def test_a_server_that_takes_few_connections_is_not_asked_again_and_again() -> None:
    """It is left alone with the ones that it took."""
    tried: list[float] = []
    with ScriptedSmtp() as server:
        open_wire = opener(server)

        def few() -> Wire:
            tried.append(time.monotonic())
            if len(tried) > 2:
                raise smtplib.SMTPConnectError(421, "too many connections")
            return open_wire()

        pool, desk = Pool(few, most=9), Desk(mails(200))
        assert pool.run(desk) is None
        pool.close()
    assert len(tried) == 3
    assert {end for end, _why in desk.ends.values()} == {Answer.ACCEPTED}
    assert len(desk.ends) == 200
