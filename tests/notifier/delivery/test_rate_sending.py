"""Mails keep to the rate, whichever way of sending, and what waits for its time stays ours. Times are bounded from above by what was sent, never from below."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models import F
from pytest_django import Settings

from maintenance import booking
from notifier.delivery import outbox, rate, send
from notifier.delivery.courier import Courier
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.pool import Pool
from notifier.delivery.prepared import Prepared
from notifier.delivery.rate import Gate, Rate
from notifier.delivery.send import dispatch
from notifier.delivery.transport import Answer
from notifier.env import Mail
from notifier.ways import primary
from tests.factories import BY, NOW, draft, reader
from tests.notifier.delivery.aside import aside
from tests.notifier.delivery.batching import standing_in
from tests.notifier.delivery.test_pool import Desk, mails, opener
from tests.servers.scripted_smtp import GO, ScriptedSmtp
from tests.servers.smtp import OK, SmtpServer


@pytest.fixture
def to_server(settings: Settings, smtp: SmtpServer) -> SmtpServer:
    """Send mail to the tests' server."""
    backend = "notifier.delivery.smtp.SmtpBackend"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = backend, "127.0.0.1", smtp.port, 3
    settings.MAIL = Mail(backend, f"smtp:127.0.0.1:{smtp.port}", host="127.0.0.1", port=smtp.port)
    return smtp


@pytest.fixture
def slow(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rate]:
    """Let mail go so slowly, from a bucket of this test's own."""

    def make(per_second: int, burst: int) -> Rate:
        settings.MAIL_RATE = per_second
        bucket = Rate("x", per_second=per_second, burst=burst)
        monkeypatch.setattr(rate, "of", lambda _way: bucket)
        return bucket

    return make


def queue(number: int) -> None:
    """Announce to so many contacts."""
    for _ in range(number):
        reader()
    booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    fan_out_due(now=NOW)


def states() -> dict[str, int]:
    """Return how many are in which state."""
    found = list(Delivery.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


@pytest.mark.django_db
@pytest.mark.parametrize("connections", [1, 4])
def test_pool_sends_all_and_never_more_than_the_rate(to_server: SmtpServer, slow: Callable[..., Rate], settings: Settings, connections: int) -> None:
    """The run goes on while the mail waits for its time."""
    settings.SMTP_CONNECTIONS = connections
    queue(30)
    began = time.monotonic()
    slow(20, 5)
    came: list[float] = []
    to_server.answer_mail = lambda _received: noted(came, began)
    assert dispatch(clock=lambda: NOW) == 30
    assert states() == {"sent": 30}
    assert all(number <= 20 * at + 5 for number, at in enumerate(came, 1))


def noted(came: list[float], began: float) -> str:
    """Write down when a mail came."""
    came.append(time.monotonic() - began)
    return OK


@pytest.mark.django_db
def test_files_are_written_at_the_rate(slow: Callable[..., Rate]) -> None:
    """The ordinary path, one by one."""
    queue(20)
    began = time.monotonic()
    slow(20, 5)
    assert dispatch(clock=lambda: NOW) == 20
    assert time.monotonic() - began >= (20 - 5) / 20
    assert states() == {"sent": 20}


@pytest.mark.django_db
def test_mails_of_one_call_take_a_token_each(slow: Callable[..., Rate], settings: Settings) -> None:
    with standing_in("postmark", settings) as esp:
        queue(40)
        began = time.monotonic()
        slow(40, 20)
        came: list[float] = []
        esp.look = lambda: came.append(time.monotonic() - began)
        assert dispatch(clock=lambda: NOW) == 40
    assert esp.sizes() == [20, 20]
    assert came[1] >= (40 - 20) / 40


@pytest.mark.django_db
def test_claims_no_more_than_a_seconds_worth_ahead(slow: Callable[..., Rate]) -> None:
    """What becomes urgent should not find everything in the hands of somebody who waits."""
    queue(12)
    one = Courier(primary().kind, lambda: NOW, lambda: True, lambda: None, aside("settle"), aside("claim"), rate=slow(3, 1))
    assert one.next() is not None
    assert (one.next(), states()) == (None, {"sending": 3, "queued": 9})
    assert 0 < one.pause() <= 0.5


@pytest.mark.django_db
def test_claim_that_waits_for_its_time_stays_ours(slow: Callable[..., Rate]) -> None:
    queue(3)
    one = Courier(primary().kind, lambda: NOW, lambda: True, lambda: None, aside("settle"), aside("claim"), rate=slow(3, 1))
    assert one.next() is not None
    one._held._since = dict.fromkeys(one._held._since, -1000.0)  # long ago
    before = leases_almost_over()
    assert one.next() is None
    assert before.isdisjoint(leases())


@pytest.mark.django_db
def test_batch_that_waits_for_its_time_stays_ours(slow: Callable[..., Rate]) -> None:
    queue(3)
    waited: list[float] = []
    gate = Gate(lambda: not waited, slow(1, 1), waited.append)
    renewal = outbox.Renewal(outbox.claim(now=NOW, most=3))
    renewal._renewed = -1000.0  # long ago
    before = leases_almost_over()
    assert gate.let(1, meanwhile=renewal)
    assert leases() == before
    assert not gate.let(1, meanwhile=renewal)
    assert before.isdisjoint(leases())


def leases_almost_over() -> set[datetime | None]:
    """Make them so, and return when they are over."""
    Delivery.objects.update(lease_until=F("lease_until") - timedelta(seconds=40))
    return leases()


def leases() -> set[datetime | None]:
    """Return until when mails are held."""
    return set(Delivery.objects.values_list("lease_until", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("by_pool", [True, False])
def test_winding_down_ends_the_waiting(slow: Callable[..., Rate], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, *, by_pool: bool) -> None:
    """An hour's worth of mails: it ends after the first, and gives the others back."""
    ending = threading.Event()
    monkeypatch.setattr(send, "_ending", ending)
    if by_pool:
        server: SmtpServer = request.getfixturevalue("to_server")
        server.answer_mail = lambda _received: ending_at(ending)
    queue(5)
    slow(1, 1)
    if not by_pool:
        threading.Timer(0.3, ending.set).start()
    dispatch(clock=lambda: NOW)
    assert states()["queued"] >= 1
    assert set(Delivery.objects.filter(state="queued").values_list("attempts", flat=True)) == {0}


def ending_at(ending: threading.Event) -> str:
    """Let the process end while the mail is answered."""
    ending.set()
    return OK


class SlowDesk(Desk):
    """Gives the next mail when the one before was answered, and says that it has to wait until then; asks are counted."""

    asked = 0

    def next(self) -> Prepared | None:
        """Give one, or none yet."""
        self.asked += 1
        return super().next() if self.pause() == 0 else None

    def pause(self) -> float:
        """Ask again soon."""
        return 0.05 if self.waiting and len(self.ends) < self.waiting[0].pk - 1 else 0


@pytest.mark.servers
def test_pool_that_waits_hears_its_connections_and_does_not_ask_all_the_time() -> None:
    """Were the answer not heard, the next mail would never come."""
    desk = SlowDesk(mails(4))

    def answer(verb: str, _number: int) -> str:
        time.sleep(0.2 if verb == "." else 0)
        return GO[verb]

    with ScriptedSmtp(answer=answer) as server:
        pool = Pool(opener(server), most=2)
        assert pool.run(desk) is None
        pool.close()
    assert [end for end, _why in desk.ends.values()] == [Answer.ACCEPTED] * 4
    assert desk.asked < 200
