"""Several connections in one loop, against servers that behave in every way: each mail's end, and what went over the wire."""

import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from notifier.delivery.pool import Pool
from notifier.delivery.prepared import Prepared
from notifier.delivery.transport import Answer, Outcome
from notifier.delivery.wire import Wire
from tests.servers.scripted_smtp import GO, OFFERS, ScriptedSmtp

pytestmark = pytest.mark.servers
TLS = Path(__file__).resolve().parents[2] / "data/tls"


def mails(number: int, content: bytes = b"Subject: x\r\n\r\nbody\r\n") -> list[Prepared]:
    """Return so many mails, numbered from 1."""
    return [Prepared(pk, f"name-{pk}", "from@provider.example", f"to{pk}@customer.example", content) for pk in range(1, number + 1)]


@dataclass
class Desk:
    """Gives mails and keeps what became of them; ``refused``: whose content may not go."""

    waiting: list[Prepared]
    refused: set[int] = field(default_factory=set)
    ends: dict[int, tuple[Answer, str]] = field(default_factory=dict)
    granted: list[int] = field(default_factory=list)

    def next(self) -> Prepared | None:
        """Give the next."""
        return self.waiting.pop(0) if self.waiting else None

    def pause(self) -> float:
        """Nothing waits for its time."""
        return 0

    def settle(self, ready: Sequence[Prepared], outcomes: Sequence[tuple[Prepared, Outcome]]) -> "Future[set[int]]":
        """Write it at once."""
        del outcomes
        future: Future[set[int]] = Future()
        future.set_result({mail.pk for mail in ready} - self.refused)
        return future

    def settled(self, ready: Sequence[Prepared], outcomes: Sequence[tuple[Prepared, Outcome]], granted: Collection[int]) -> None:
        """Note each end; one mail has one only."""
        for mail, outcome in outcomes:
            assert mail.pk not in self.ends
            self.ends[mail.pk] = (outcome.answer, outcome.reason or outcome.detail)
        self.granted += [mail.pk for mail in ready if mail.pk in granted]


def opener(server: ScriptedSmtp, *, timeout: float = 5, context: ssl.SSLContext | None = None) -> Callable[[], Wire]:
    """Return what opens a connection."""

    def open_wire() -> Wire:
        made = smtplib.SMTP_SSL("127.0.0.1", server.port, context=context) if context else smtplib.SMTP("127.0.0.1", server.port)
        made.ehlo()
        return Wire(made, timeout=timeout, hop="smtp:test")

    return open_wire


@contextmanager
def running(server: ScriptedSmtp, *, most: int = 1, timeout: float = 5, context: ssl.SSLContext | None = None) -> Iterator[Pool]:
    """Run server and pool."""
    with ExitStack() as stack:
        stack.enter_context(server)
        pool = Pool(opener(server, timeout=timeout, context=context), most=most)
        stack.callback(pool.close)
        yield pool


def run(server: ScriptedSmtp, desk: Desk, *, most: int = 1, timeout: float = 5) -> Outcome | None:
    """Send what the desk has."""
    with running(server, most=most, timeout=timeout) as pool:
        return pool.run(desk)


def scripted(**answers: str | None) -> Callable[[str, int], str | None]:
    """Return answers by verb and mail: ``RCPT2="550 no"`` answers the second mail's RCPT, ``END1`` the first's content."""
    by_key = {key.replace("END", "."): answer for key, answer in answers.items()}
    return lambda verb, number: by_key.get(f"{verb}{number}", GO[verb])


def test_run_with_pipelining_sends_the_next_envelope_behind_the_content() -> None:
    server, desk = ScriptedSmtp(), Desk(mails(3))
    assert run(server, desk) is None
    assert desk.ends == dict.fromkeys((1, 2, 3), (Answer.ACCEPTED, "smtp:test 250 taken"))
    (talk,) = server.talks
    assert talk.lines[1:7] == [
        "MAIL FROM:<from@provider.example> SIZE=20",
        "RCPT TO:<to1@customer.example>",
        "DATA",
        "MAIL FROM:<from@provider.example> SIZE=20",
        "RCPT TO:<to2@customer.example>",
        "DATA",
    ]
    assert talk.contents == [b"Subject: x\r\n\r\nbody\r\n"] * 3


@pytest.mark.parametrize("most", [1, 3])
def test_run_without_pipelining_waits_for_each_answer(most: int) -> None:
    """A server that is written to before it has answered would see two commands at once."""
    early: list[str] = []
    server = ScriptedSmtp(offers=("SIZE 1000",))
    said = server.answer

    def answer(verb: str, number: int) -> str | None:
        time.sleep(0.02)
        early.append(verb)
        return said(verb, number)

    server.answer = answer
    desk = Desk(mails(6))
    run(server, desk, most=most)
    assert {end[0] for end in desk.ends.values()} == {Answer.ACCEPTED}
    assert len(desk.ends) == 6
    assert all("\n" not in line for talk in server.talks for line in talk.lines)


def test_run_content_with_dots_arrives_as_it_was() -> None:
    content = b".first\r\n..second\r\nmid.dle\r\n.\r\nend"
    server, desk = ScriptedSmtp(), Desk(mails(1, content))
    run(server, desk)
    (received,) = server.talks[0].contents
    assert received.replace(b"\r\n..", b"\r\n.").removeprefix(b".") == content + b"\r\n"


def test_run_refused_recipients_are_judged_by_their_own_code() -> None:
    """And the connection goes on, with a reset before the next envelope."""
    server = ScriptedSmtp(answer=scripted(RCPT1="550 5.1.1 nobody", DATA1="503 no recipients", RCPT2="451 4.7.1 greylisted", DATA2="503 no recipients"))
    desk = Desk(mails(3))
    run(server, desk)
    assert desk.ends == {
        1: (Answer.PERMANENT, "550 5.1.1 nobody"),
        2: (Answer.TEMPORARY, "451 4.7.1 greylisted"),
        3: (Answer.ACCEPTED, "smtp:test 250 taken"),
    }
    assert len(server.talks) == 1
    assert server.talks[0].lines.count("RSET") == 2


def test_run_sender_refused_says_nothing_of_the_recipient() -> None:
    server = ScriptedSmtp(answer=scripted(MAIL1="550 5.7.1 who are you", RCPT1="503 bad sequence", DATA1="503 bad sequence", MAIL2="552 too big"))
    desk = Desk(mails(2))
    run(server, desk)
    assert desk.ends == {1: (Answer.TEMPORARY, "550 5.7.1 who are you"), 2: (Answer.PERMANENT, "552 too big")}


def test_run_invited_after_a_refused_recipient_hangs_up() -> None:
    """354 although nobody is left: content must not be sent, and the next mail takes another connection."""
    server, desk = ScriptedSmtp(answer=scripted(RCPT1="550 nobody")), Desk(mails(2))
    server.answer = lambda verb, number: "550 nobody" if verb == "RCPT" and number == 1 and len(server.talks) == 1 else GO[verb]
    run(server, desk)
    assert desk.ends == {1: (Answer.PERMANENT, "550 nobody"), 2: (Answer.ACCEPTED, "smtp:test 250 taken")}
    assert [talk.contents for talk in server.talks] == [[], [b"Subject: x\r\n\r\nbody\r\n"]]


@pytest.mark.parametrize(
    ("verb", "first", "second"),
    [
        ("MAIL", (Answer.UNREACHABLE, "the server closed the connection"), (Answer.ACCEPTED, "smtp:test 250 taken")),
        ("DATA", (Answer.UNREACHABLE, "the server closed the connection"), (Answer.ACCEPTED, "smtp:test 250 taken")),
        (".", (Answer.UNKNOWN, "the server closed the connection"), (Answer.UNREACHABLE, "the server closed the connection")),
    ],
)
def test_run_cut_off_tells_what_was_handed_over(verb: str, first: tuple[Answer, str], second: tuple[Answer, str]) -> None:
    """Only after the whole content nobody knows; of the mail behind it the envelope alone was on its way. Another goes by another connection."""
    server = ScriptedSmtp()
    server.answer = lambda said, number: None if said == verb and number == 1 and len(server.talks) == 1 else GO[said]
    desk = Desk(mails(2))
    run(server, desk)
    assert desk.ends == {1: first, 2: second}
    assert sum(len(talk.contents) for talk in server.talks) == 1


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
def test_run_421_is_no_mails_fault(verb: str) -> None:
    """The service goes away (RFC 5321, 3.8); after the whole content the mail is refused by it, not in doubt."""
    server = ScriptedSmtp()
    server.answer = lambda said, number: "421 4.3.2 shutting down" if said == verb and number == 1 and len(server.talks) == 1 else GO[said]
    desk = Desk(mails(1))
    run(server, desk)
    assert desk.ends == {1: (Answer.UNREACHABLE, "421 4.3.2 shutting down")}


def test_run_with_a_silent_server_gives_up_and_goes_on() -> None:
    """One connection hangs before anything was handed over, the others take the rest."""
    server = ScriptedSmtp()
    hung = threading.Event()

    def answer(said: str, _number: int) -> str | None:
        if said == "RCPT" and not hung.is_set():
            hung.set()
            return ""
        return GO[said]

    server.answer = answer
    desk = Desk(mails(40))
    began = time.monotonic()
    run(server, desk, most=3, timeout=1)
    ends = [end for end, _why in desk.ends.values()]
    assert (ends.count(Answer.ACCEPTED), ends.count(Answer.UNREACHABLE)) == (39, 1)
    assert [why for end, why in desk.ends.values() if end is Answer.UNREACHABLE] == ["the server is too slow"]
    assert time.monotonic() - began < 8


def test_run_with_a_drip_of_answers_gives_up() -> None:
    """A server that says something now and then, and never comes to an end, has twice the time of silence."""
    server = ScriptedSmtp()
    dripping = {"MAIL": "250-a", "RCPT": "250-b", "DATA": "250-c"}

    def answer(said: str, _number: int) -> str:
        time.sleep(0.4)
        return dripping.get(said, GO[said])

    server.answer = answer
    desk = Desk(mails(1))
    run(server, desk, timeout=0.5)
    assert desk.ends == {1: (Answer.UNREACHABLE, "the server is too slow")}


@pytest.mark.parametrize("nonsense", ["hello", "25", "9" * 70_000])
def test_run_with_a_server_that_speaks_no_smtp_is_unreachable(nonsense: str) -> None:
    server, desk = ScriptedSmtp(), Desk(mails(1))
    server.answer = lambda _said, _number: nonsense
    run(server, desk)
    ((end, why),) = desk.ends.values()
    assert end is Answer.UNREACHABLE
    assert "no SMTP" in why or "no end" in why


def test_run_with_nobody_listening_tells_why_and_begins_nothing() -> None:
    with ScriptedSmtp() as server:
        open_wire = opener(server)
    pool, desk = Pool(open_wire, most=2), Desk(mails(2))
    problem = pool.run(desk)
    pool.close()
    assert problem is not None
    assert problem.answer is Answer.UNREACHABLE
    assert desk.ends == {1: (Answer.UNREACHABLE, problem.reason)}
    assert [mail.pk for mail in desk.waiting] == [2]


def test_run_content_is_held_back_where_the_marker_was_not_committed() -> None:
    """Cancelled in that moment: its content never leaves, and the mail after it does."""
    server, desk = ScriptedSmtp(), Desk(mails(2), refused={1})
    run(server, desk)
    assert desk.granted == [2]
    assert sum(len(talk.contents) for talk in server.talks) == 1
    assert desk.ends == {2: (Answer.ACCEPTED, "smtp:test 250 taken")}


def test_run_over_tls_sends_large_mails_whole() -> None:
    """More than the socket takes at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "localhost.pem", TLS / "localhost.key.pem")
    client = ssl.create_default_context()
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    content = b"Subject: x\r\n\r\n" + b"0123456789abcdef\r\n" * 200_000
    server, desk = ScriptedSmtp(context=context, offers=OFFERS), Desk(mails(3, content))
    with running(server, most=2, context=client) as pool:
        pool.run(desk)
    assert {end for end, _why in desk.ends.values()} == {Answer.ACCEPTED}
    assert sorted(len(one) for talk in server.talks for one in talk.contents) == [len(content)] * 3


def test_connections_are_kept_for_the_next_run() -> None:
    server = ScriptedSmtp()
    with running(server) as pool:
        pool.run(Desk(mails(1)))
        pool.run(Desk(mails(1)))
    assert len(server.talks) == 1
