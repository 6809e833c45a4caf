"""Trouble in the middle of a run of many connections: what is on its way is heard to its end, and nothing else stays claimed."""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from notifier.delivery import breaker, ending, outbox, prepared_sql, send, settle, supply, writing
from notifier.delivery.breaker import Choice
from notifier.delivery.frozen_sql import together
from notifier.delivery.models import Breaker, Delivery
from notifier.delivery.outbox import Claim
from notifier.delivery.recovery import recover
from notifier.delivery.send import dispatch
from notifier.delivery.transport import Answer, Outcome
from tests.factories import NOW
from tests.notifier.delivery.test_courier import courier, queue, states, taken
from tests.notifier.delivery.test_fallback import first_way, mail_to
from tests.servers.scripted_smtp import GO, ScriptedSmtp

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def slow(seconds: float) -> Callable[[str, int], str]:
    """Return the answers of a server that takes its time with contents."""

    def answer(verb: str, _number: int) -> str:
        time.sleep(seconds if verb == "." else 0)
        return GO[verb]

    return answer


def unsettled() -> int:
    """Return how many have their marker and no end."""
    return Delivery.objects.filter(state="sending", handed_over_at__isnull=False).count()


def contents(*servers: ScriptedSmtp) -> list[int]:
    """Return how many contents each server was given."""
    return [sum(len(talk.contents) for talk in server.talks) for server in servers]


@pytest.mark.parametrize("answer", ["250 queued \x00 as 1", "250 queued \x85\x7f"])
def test_an_answer_that_no_database_keeps_is_written_down_as_it_can_be(settings: Settings, answer: str) -> None:
    queue(6)
    with ScriptedSmtp(answer=lambda verb, _number: answer if verb == "." else GO[verb]) as server:
        first_way(server.port, settings)
        assert dispatch(clock=lambda: NOW) == 6
    assert set(states()) == {"sent"}
    assert all(detail.isprintable() for detail in Delivery.objects.values_list("hop_detail", flat=True))


def test_a_failure_between_claims_lets_what_is_on_its_way_end(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(12)
    monkeypatch.setattr(supply, "AHEAD", 4)
    calls = itertools.count()

    def fails(*, now: datetime) -> int:
        del now
        if next(calls) >= 3:
            raise RuntimeError("a look that fails")
        return 0

    monkeypatch.setattr(send, "recover", fails)
    settings.TICK_SECONDS, settings.SMTP_CONNECTIONS = 0, 3
    with ScriptedSmtp(answer=slow(0.1)) as server:
        first_way(server.port, settings)
        with pytest.raises(RuntimeError, match="a look that fails"):
            dispatch(clock=lambda: NOW)
    assert (unsettled(), "sending" in states(), states().count("sent")) == (0, False, contents(server)[0])


def test_the_database_going_away_under_the_fallback_lets_what_is_on_its_way_end(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(12)
    Breaker.objects.create(way="primary", troubles=3, since=NOW, retry_at=NOW + timedelta(minutes=1), reason="down")
    settings.SMTP_CONNECTIONS = 2
    asked = itertools.count()

    def away(_choice: Choice, *, now: datetime) -> bool:
        del now
        if next(asked) == 8:
            raise OperationalError("terminating connection")
        return False

    monkeypatch.setattr(breaker, "may_return", away)
    with ScriptedSmtp(answer=slow(0.05)) as server, ScriptedSmtp() as first:
        first_way(first.port, settings)
        settings.MAIL_FALLBACK = mail_to(server.port)
        with pytest.raises(OperationalError):
            dispatch(clock=lambda: NOW)
    assert (unsettled(), "sending" in states(), states().count("sent")) == (0, False, contents(server)[0])


def test_a_long_queue_comes_back_from_the_fallback_whoever_asks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is asked now and then, for all who ask in between."""
    queue(60)
    monkeypatch.setattr(breaker, "RETURN_SECONDS", 0.3)
    monkeypatch.setattr(supply, "AHEAD", 10)
    Breaker.objects.create(way="primary", troubles=3, since=NOW, retry_at=NOW + timedelta(seconds=30), reason="down")
    moment = {"now": NOW}
    settings.SMTP_CONNECTIONS = 4
    with ScriptedSmtp(answer=slow(0.1)) as server, ScriptedSmtp() as first:
        first_way(first.port, settings)
        settings.MAIL_FALLBACK = mail_to(server.port)
        later = threading.Timer(0.4, lambda: moment.update(now=NOW + timedelta(minutes=2)))
        later.start()
        assert dispatch(clock=lambda: moment["now"]) == 60
        later.join()
    by_first, by_second = contents(first, server)
    assert (by_first + by_second, by_first > 20) == (60, True)


def test_mails_that_wait_for_a_slow_greeting_stay_ours(settings: Settings) -> None:
    """And lose neither a try nor a worker."""
    queue(3)
    settings.DELIVERY_LEASE_SECONDS, settings.EMAIL_TIMEOUT = 1, 1
    found: list[int] = []

    class Late(ScriptedSmtp):
        def serve(self, sock: object) -> None:
            time.sleep(0.6)
            for _ in range(3):
                found.append(recover(now=NOW))
                time.sleep(0.5)
            connection.close()
            super().serve(sock)  # type: ignore[arg-type]  # as it came

    with Late() as server:
        first_way(server.port, settings)
        settings.EMAIL_TIMEOUT, settings.SMTP_CONNECTIONS = 5, 1
        assert dispatch(clock=lambda: NOW) == 3
    assert (found, states(), set(Delivery.objects.values_list("lost_workers", "attempts"))) == ([0, 0, 0], ["sent"] * 3, {(0, 1)})


def test_a_server_that_never_ends_its_greeting_is_given_up(settings: Settings) -> None:
    queue(2)

    class Drips(ScriptedSmtp):
        def serve(self, sock: object) -> None:
            for _ in range(40):
                sock.sendall(b"2")  # type: ignore[attr-defined]  # a socket
                time.sleep(0.1)

    with Drips() as server:
        first_way(server.port, settings)
        settings.EMAIL_TIMEOUT = 0.5
        began = time.monotonic()
        assert dispatch(clock=lambda: NOW) == 0
        assert time.monotonic() - began < 3
    assert (states(), breaker.states()[0].reason) == (["queued"] * 2, "the server is too slow with its greeting")


def test_what_is_claimed_is_given_back_also_when_the_next_claim_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(30)
    monkeypatch.setattr(supply, "AHEAD", 24)
    real, calls, over = outbox.claim, itertools.count(), threading.Event()

    def claim(*, now: datetime, most: int, newest: bool) -> Claim:
        if next(calls):
            over.set()
            raise OperationalError("server closed the connection")
        return real(now=now, most=most, newest=newest)

    monkeypatch.setattr(outbox, "claim", claim)
    monkeypatch.setattr(send, "_may_go_on", lambda _ends: not over.is_set())
    settings.SMTP_CONNECTIONS = 1
    with ScriptedSmtp(answer=slow(0.02)) as server:
        first_way(server.port, settings)
        with contextlib.suppress(OperationalError):
            dispatch(clock=lambda: NOW)
    assert (set(states()), states().count("sent")) == ({"sent", "queued"}, contents(server)[0])


def test_what_is_claimed_is_given_back_also_when_nothing_can_be_written(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database was away for longer than anybody waits."""
    queue(12)

    def away(_write: object) -> NoReturn:
        raise OperationalError("away")

    monkeypatch.setattr(writing, "until_written", away)
    settings.SMTP_CONNECTIONS = 1
    with ScriptedSmtp() as server:
        first_way(server.port, settings)
        with pytest.raises(OperationalError):
            dispatch(clock=lambda: NOW)
    assert (set(states()), contents(server)) == ({"queued"}, [0])
    assert set(Delivery.objects.values_list("attempts", "lost_workers")) == {(0, 0)}


def test_one_mail_that_cannot_be_written_down_holds_up_no_other(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(4)
    broken = Delivery.objects.order_by("pk")[1].pk
    real = ending.by_answer

    def answers(delivery: Delivery, *args: object, **given: object) -> None:
        if delivery.pk == broken:
            raise ValueError("broken")
        real(delivery, *args, **given)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(ending, "by_answer", answers)
    settings.SMTP_CONNECTIONS = 4
    with ScriptedSmtp(answer=lambda verb, _number: "550 no" if verb == "." else GO[verb]) as server:
        first_way(server.port, settings)
        dispatch(clock=lambda: NOW)
    assert sorted(states()) == ["failed", "failed", "failed", "sending"]
    assert Delivery.objects.get(pk=broken).handed_over_at is not None


def test_a_mail_claimed_again_before_its_end_is_noted_is_held_by_its_new_claim() -> None:
    queue(1)
    one = courier()
    (mail,) = taken(one)
    gone = [(mail, Outcome(Answer.UNREACHABLE, "gone", of_service=True))]
    one.settle([], gone).result()  # written: it is due again
    one._supply._empty_until = 0
    again = one.next()
    assert again is not None
    one.settled([], gone, set())
    assert one.settle([again], []).result() == {again.pk}


def test_a_mail_that_breaks_connections_is_given_up_after_days(settings: Settings) -> None:
    queue(1)
    Delivery.objects.update(deadline=None, stale_at=None)
    settings.SMTP_CONNECTIONS = 1
    with ScriptedSmtp(answer=lambda verb, _number: None if verb == "RCPT" else GO[verb]) as server:
        first_way(server.port, settings)
        for days in (0, 2, 4):
            assert states() == ["queued"]
            dispatch(clock=lambda days=days: NOW + timedelta(days=days))  # type: ignore[misc]  # a clock
    row = Delivery.objects.get()
    assert (row.state, row.reason) == ("failed", "given up: its connections break: the server closed the connection")


def test_a_mail_flagged_unknown_meanwhile_goes_again_when_it_is_known_not_to_have_left() -> None:
    queue(1)
    one = courier()
    (mail,) = taken(one)
    assert one.settle([mail], []).result() == {mail.pk}
    row = Delivery.objects.select_related("notice").get()
    settle.unknown(row, row.lease_token, at=NOW, reason="slow")
    one.settle([], [(mail, Outcome(Answer.UNREACHABLE, "closed before the content"))]).result()
    assert states() == ["queued"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite needs no preparation")
def test_statements_of_one_execution_are_never_forgotten_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    queue(2)
    monkeypatch.setattr(prepared_sql, "KEPT_SECONDS", -1)  # always too long ago
    claimed = outbox.claim(now=NOW, most=9)
    made = prepared_sql.Prepared()
    monkeypatch.setattr("notifier.delivery.frozen_sql._prepared", made)
    for _ in range(3):
        assert outbox.grant(claimed.ids, claimed.token, now=NOW) == set(claimed.ids)
        together([*outbox.granting(claimed.ids[:1], claimed.token, now=NOW), *outbox.granting(claimed.ids, claimed.token, now=NOW)])
    assert made.works
