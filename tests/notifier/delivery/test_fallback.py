"""The dispatcher with a way that is down: nothing is lost or loses a try, one mail tries, and the fallback is used and left again."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

from maintenance import booking
from maintenance.models import Served
from notifier.delivery import alerts, breaker
from notifier.delivery.breaker import State
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.files import FileBackend
from notifier.delivery.models import Alert, AlertKind, Breaker, Delivery
from notifier.delivery.send import dispatch
from notifier.env import Mail
from tests.factories import BY, NOW, draft, reader
from tests.notifier.delivery.batching import standing_in
from tests.notifier.delivery.esp_server import Esp
from tests.servers.scripted_smtp import GO, ScriptedSmtp
from tests.servers.smtp import OK, Received, SmtpServer

pytestmark = pytest.mark.django_db
SMTP = "notifier.delivery.smtp.SmtpBackend"


def mail_to(port: int) -> Mail:
    """Return the address of a server of the tests."""
    return Mail(SMTP, f"smtp:127.0.0.1:{port}", host="127.0.0.1", port=port)


def first_way(port: int, settings: Settings) -> None:
    """Let the primary lead there."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = SMTP, "127.0.0.1", port, 3
    settings.MAIL = mail_to(port)


@pytest.fixture
def primary(smtp: SmtpServer, settings: Settings) -> SmtpServer:
    """The server of EMAIL_URL."""
    first_way(smtp.port, settings)
    return smtp


@pytest.fixture
def fallback(settings: Settings) -> Iterator[SmtpServer]:
    """The server of EMAIL_URL_FALLBACK."""
    with SmtpServer() as server:
        settings.MAIL_FALLBACK = mail_to(server.port)
        settings.EMAIL_TIMEOUT = 3
        yield server


@pytest.fixture
def esp(settings: Settings) -> Iterator[Esp]:
    """Postmark as the primary."""
    with standing_in("postmark", settings) as server:
        yield server


def queue(number: int, reference: str = "MNT-1") -> None:
    """Announce to so many contacts, and to those there were."""
    for _ in range(number):
        reader()
    booking.announce(booking.book(draft(reference), by=BY, now=NOW), acknowledged="as agreed", by=BY, now=NOW)
    fan_out_due(now=NOW)


def go(minutes: float = 0) -> int:
    """Dispatch at that moment."""
    return dispatch(clock=clock(minutes))


def clock(minutes: float) -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: NOW + timedelta(minutes=minutes)


def rows() -> set[tuple[str, int]]:
    """Return states and tries."""
    return set(Delivery.objects.values_list("state", "attempts"))


def opened() -> tuple[State, int]:
    """Return how it stands with the primary."""
    state = breaker.states()[0]
    return state.state, state.troubles


def test_server_that_is_down_costs_no_mail_a_try_and_keeps_all_due(primary: SmtpServer) -> None:
    """However often it is tried: then they go out at once."""
    queue(30)
    primary.stop()
    for number in range(1, 8):
        assert (go(6 * number), opened()) == (0, (State.OPEN, number))  # the mail that was to try waits again
        assert rows() == {("queued", 0)}
    assert Delivery.objects.filter(due_at__lte=NOW + timedelta(minutes=42)).count() == 30
    primary.start()
    assert (go(60), opened()) == (30, (State.CLOSED, 0))
    assert (rows(), len(primary.received)) == ({("sent", 1)}, 30)


def test_open_breaker_claims_nothing(primary: SmtpServer) -> None:
    queue(3)
    Breaker.objects.create(way="primary", troubles=1, since=NOW, retry_at=NOW + timedelta(seconds=2), reason="down")
    assert (go(), rows(), primary.received) == (0, {("queued", 0)}, [])


def test_one_mail_tries_and_its_success_lets_the_others_follow(settings: Settings) -> None:
    """By a connection of its own; what is said of that mail alone lets the next one try."""
    queue(12)
    Breaker.objects.create(way="primary", troubles=4, since=NOW, retry_at=NOW, reason="down")
    answers = iter(["451 4.7.1 not this one"])
    with ScriptedSmtp(answer=lambda verb, _number: next(answers, GO[verb]) if verb == "." else GO[verb]) as server:
        first_way(server.port, settings)
        go()
    envelopes = [sum(line.startswith("MAIL") for line in talk.lines) for talk in server.talks]
    assert (envelopes[:2], sum(envelopes)) == ([1, 1], 12)
    assert sorted(rows()) == [("queued", 1), ("sent", 1)]
    assert opened() == (State.CLOSED, 0)


@pytest.mark.parametrize("answer", ["421 4.3.2 going away", None, "451 4.3.0 no room", "530 5.7.0 log in first"])
def test_probe_that_is_refused_by_the_service_is_one_mail_in_vain(answer: str | None, settings: Settings) -> None:
    """Whatever it says that speaks of itself, one connection has brought one envelope."""
    queue(10)
    Breaker.objects.create(way="primary", troubles=1, since=NOW, retry_at=NOW, reason="down")
    with ScriptedSmtp(answer=lambda verb, _number: answer if verb == "MAIL" else ("503 no" if verb in {"RCPT", "DATA"} else GO[verb])) as server:
        first_way(server.port, settings)
        go()
    assert sum(line.startswith("MAIL") for talk in server.talks for line in talk.lines) == 1
    assert (opened(), len(server.talks)) == ((State.OPEN, 2), 1)
    assert {state for state, _tries in rows()} == {"queued"}


def test_server_that_takes_no_sender_costs_few_mails_a_try(settings: Settings) -> None:
    """A quota, or a log-in that is missing: a long queue does not burn its tries on it."""
    queue(60)
    with ScriptedSmtp(answer=lambda verb, _number: {"MAIL": "452 4.3.1 no room", "RCPT": "503 no", "DATA": "503 no"}.get(verb, GO[verb])) as server:
        first_way(server.port, settings)
        go()
    tried = Delivery.objects.filter(attempts=1).count()
    assert 3 <= tried <= 3 + 2 * settings.SMTP_CONNECTIONS
    assert (rows(), opened()) == ({("queued", 0), ("queued", 1)}, (State.OPEN, 1))


def test_mail_whose_sender_is_refused_holds_up_no_other(settings: Settings) -> None:
    """One of them now and then says nothing of the service."""
    queue(20)
    refused = iter(["452 4.3.1 later"])
    with ScriptedSmtp(answer=lambda verb, _number: next(refused, GO[verb]) if verb == "MAIL" else GO[verb]) as server:
        first_way(server.port, settings)
        go()
    assert opened() == (State.CLOSED, 0)
    assert Delivery.objects.filter(state="sent").count() >= 18


def test_mail_that_breaks_each_connection_does_not_keep_a_way_closed(settings: Settings) -> None:
    """It is the oldest at each try: then the newest is taken the next time, which shows that the way works."""
    queue(4)
    poison, *others = Delivery.objects.order_by("pk")
    Delivery.objects.exclude(pk=poison.pk).update(due_at=NOW + timedelta(minutes=11))
    Breaker.objects.create(way="primary", troubles=3, since=NOW, retry_at=NOW, reason="down")
    with ScriptedSmtp() as server:
        server.answer = lambda verb, _number: None if verb == "RCPT" and poison.address in server.talks[-1].lines[-1] else GO[verb]
        first_way(server.port, settings)
        settings.SMTP_CONNECTIONS = 1
        go()
        assert opened() == (State.OPEN, 4)
        go(12)
    assert opened() == (State.CLOSED, 0)
    assert dict(Delivery.objects.values_list("pk", "state")) == {poison.pk: "queued"} | {row.pk: "sent" for row in others}


def test_fallback_is_used_after_three_troubles_and_left_when_the_primary_works(primary: SmtpServer, fallback: SmtpServer) -> None:
    queue(20)
    primary.stop()
    go()
    go(6)
    assert (len(fallback.received), opened()) == (0, (State.OPEN, 2))
    assert (go(12), opened()) == (20, (State.OPEN, 3))
    assert (rows(), len(fallback.accepted)) == ({("sent", 1)}, 20)
    assert set(Served.objects.values_list("hop", "detail")) == {("relay", f"smtp:127.0.0.1:{fallback.port} 250 OK")}
    primary.start()
    queue(5, "MNT-2")
    assert (go(18), opened()) == (25, (State.CLOSED, 0))
    assert (len(primary.accepted), len(fallback.accepted)) == (25, 20)


def test_server_that_hangs_gives_way_to_the_fallback_when_all_connections_do(fallback: SmtpServer, settings: Settings) -> None:
    """Within the same dispatch, and without another connection that would hang as well."""
    queue(30)
    with ScriptedSmtp(answer=lambda verb, number: "" if verb == "RCPT" and number == 2 else GO[verb]) as server:
        first_way(server.port, settings)
        settings.EMAIL_TIMEOUT, settings.SMTP_CONNECTIONS = 1, 4
        go()
        assert opened() == (State.OPEN, 3)
        assert len(server.talks) == 4
        go(0.5)  # those whose connections hung wait a little
    taken = sum(len(talk.contents) for talk in server.talks)
    assert (rows(), taken + len(fallback.accepted)) == ({("sent", 1)}, 30)


def test_long_queue_comes_back_by_itself(primary: SmtpServer, fallback: SmtpServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one dispatch: the primary is looked at again and again while mails go by the fallback."""
    monkeypatch.setattr(breaker, "RETURN_SECONDS", 0)
    monkeypatch.setattr("notifier.delivery.supply.AHEAD", 5)
    queue(40)
    Breaker.objects.create(way="primary", troubles=3, since=NOW, retry_at=NOW + timedelta(minutes=1), reason="down")
    settings.SMTP_CONNECTIONS, moment = 4, {"now": NOW}

    def taken(_received: Received) -> str:
        if len(fallback.received) == 9:  # counted before it is written down
            moment["now"] = NOW + timedelta(minutes=2)
        return OK

    fallback.answer_mail = taken
    assert dispatch(clock=lambda: moment["now"]) == 40
    assert (rows(), opened()) == ({("sent", 1)}, (State.CLOSED, 0))
    assert len(primary.accepted) + len(fallback.accepted) == 40
    assert 10 <= len(fallback.accepted) <= 10 + 3 * 4  # those that were on their way


def test_both_down_costs_no_try(primary: SmtpServer, fallback: SmtpServer) -> None:
    queue(10)
    primary.stop()
    fallback.stop()
    for number in range(6):
        go(6 * number)
    assert rows() == {("queued", 0)}
    assert [state.state for state in breaker.states()] == [State.OPEN, State.OPEN]
    fallback.start()
    go(60)
    assert rows() == {("sent", 1)}


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_esp_that_takes_nothing_gives_way_to_the_fallback(esp: Esp, fallback: SmtpServer, status: int) -> None:
    """Each try costs the mails of one call a try, and after the first it is one mail."""
    queue(25)
    esp.instead = iter([(status, {})] * 9)
    go()
    assert (sorted(Delivery.objects.values_list("attempts", flat=True)), len(esp.urls)) == ([0] * 5 + [1] * 20, 1)
    go(1)
    assert (len(esp.urls), len(fallback.accepted), opened()) == (2, 0, (State.OPEN, 2))
    go(7)
    assert (len(esp.urls), len(fallback.accepted), opened()) == (3, 24, (State.OPEN, 3))
    esp.instead = iter(())
    go(20)
    assert (len(esp.all()), set(Delivery.objects.values_list("state", flat=True)), opened()) == (1, {"sent"}, (State.CLOSED, 0))
    assert set(Delivery.objects.values_list("hop", flat=True)) == {"relay", "esp"}


def test_esp_that_gives_no_answer_is_left_alone_after_two_calls(esp: Esp) -> None:
    """Each leaves its mails in doubt; a hung ESP must not have them all."""
    queue(50)
    esp.instead = iter([(200, {"odd": 1})] * 9)
    go()
    assert (len(esp.urls), opened()) == (2, (State.OPEN, 1))
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["queued"] * 10 + ["unknown"] * 40
    go(1)
    assert (Delivery.objects.filter(state="unknown").count(), opened()) == (41, (State.OPEN, 2))


def test_answer_about_a_mail_does_not_open_the_breaker(esp: Esp) -> None:
    """Nor close it: 422 says nothing of the others, so the next mail tries at once."""
    queue(4)
    Breaker.objects.create(way="primary", troubles=1, since=NOW, retry_at=NOW, reason="down")
    esp.instead = iter([(422, {"ErrorCode": 300, "Message": "no"})])
    go()
    assert sorted(rows()) == [("failed", 1), ("sent", 1)]
    assert opened() == (State.CLOSED, 0)
    assert len(esp.urls) == 3


def test_full_disk_of_the_mail_folder_costs_no_try(monkeypatch: pytest.MonkeyPatch) -> None:
    queue(3)

    def full(_backend: FileBackend, _messages: list[EmailMessage]) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(FileBackend, "send_messages", full)
        go()
        assert (rows(), opened()) == ({("queued", 0)}, (State.OPEN, 1))
    assert (go(1), rows()) == (3, {("sent", 1)})


def test_alert_about_a_dead_relay_gets_out_by_the_fallback(primary: SmtpServer, fallback: SmtpServer, settings: Settings) -> None:
    settings.PLANNERS_EMAIL = ["petra@provider.example"]
    reader()
    facts = {"reference": "INC-1", "title": "Core down", "incident": 1, "due": NOW.isoformat()}
    alerts.raise_alert(AlertKind.ROOT_CAUSE, "one", facts, now=NOW)
    alerts.raise_alert(AlertKind.ROOT_CAUSE, "two", facts, now=NOW)
    primary.stop()
    assert [alerts.send_due(now=NOW + timedelta(minutes=6 * number)) for number in range(3)] == [0, 0, 2]
    assert len(fallback.accepted) == 2
    assert set(Alert.objects.values_list("attempts", flat=True)) == {1}
