"""All customers, twelve pieces of work, ``manage.py deliver`` on SQLite and a real mail server: exactly one mail each, whatever is killed."""

import threading

import pytest

from tests.end_to_end.conftest import DAYS_AHEAD, MakeWorks, Measure, write_works
from tests.end_to_end.expected import Files, Work
from tests.end_to_end.program import CONNECTIONS, Installation, until
from tests.end_to_end.proof import Inbox, given, prove_after_kills, prove_exact, taken_by
from tests.servers.smtp import OK, Received, SmtpServer

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]


def _announced(program: Installation, works: list[Work], smtp: SmtpServer) -> None:
    program.variables["EMAIL_URL"] = smtp.url
    program.must("import_maintenance", write_works(program, works), "--announce")


def test_two_deliver_at_once_send_one_mail_each(program: Installation, smtp: SmtpServer, files: Files, works: list[Work]) -> None:
    """Two dispatchers share the work and do no harm; a third run finds nothing to do."""
    with program:
        _announced(program, works, smtp)
        both = [program.start("deliver", "--until-idle") for _ in range(2)]
        assert [process.wait(120) for process in both] == [0, 0], program.wrote()
        assert program.must("deliver", "--until-idle") == "0 mails dealt with.\n"
        prove_exact(program, taken_by(smtp), files.mails(works))
        assert "Traceback" not in program.wrote()


def test_deliver_killed_in_the_middle_loses_and_doubles_nothing(program: Installation, smtp: SmtpServer, files: Files, few_works: list[Work]) -> None:
    """Three kills in the middle of sending, each followed by a new start; a connection has one mail in the air."""
    smtp.delay_seconds = 0.02
    expected = files.mails(few_works)
    with program:
        _announced(program, few_works, smtp)
        for part in (1, 2, 3):
            process = program.start("deliver", "--until-idle")
            until(given(smtp, len(expected) * part // 4), seconds=60, what=program.wrote)
            process.kill()
        assert not program.settled(len(expected)), "the kills came too late to show anything"
        assert program.start("deliver", "--until-idle").wait(120) == 0, program.wrote()
        prove_after_kills(program, taken_by(smtp), expected, most_unknown=3 * CONNECTIONS)


def test_deliver_killed_before_the_answer_leaves_one_unknown(
    program: Installation,
    smtp: SmtpServer,
    files: Files,
    few_works: list[Work],
    measured: Measure,
) -> None:
    """The server has the mail and holds its answer back: that one delivery is in doubt, and flagged when its lease has run out."""
    expected = files.mails(few_works)
    held = threading.Event()

    def answer(_received: Received) -> str:
        holds = len(smtp.received) == len(expected) // 2
        smtp.delay_seconds = 30 if holds else 0
        if holds:
            held.set()
        return OK

    smtp.answer_mail = answer
    program.variables["SMTP_CONNECTIONS"] = "1"  # no other mail is in the air when it is killed
    with program:
        _announced(program, few_works, smtp)
        process = program.start("deliver", "--until-idle")
        assert held.wait(60), program.wrote()
        until(given(smtp, len(expected) // 2 + 1), seconds=5, what="the held mail was not written down")
        process.kill()
        program.start("deliver", "--until-idle")
        took = until(lambda: program.states()["unknown"] > 0, seconds=60, what=program.wrote)
        measured("a killed hand-over flagged unknown after", took)
        until(lambda: program.settled(len(expected)), seconds=60, what=program.wrote)
        mails = taken_by(smtp)
        assert len(mails) == len(expected)
        assert program.states() == {"sent": len(expected) - 1, "unknown": 1}
        prove_after_kills(program, mails, expected, most_unknown=1)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_all_works_reach_everybody_once(program: Installation, smtp: SmtpServer, files: Files, make_works: MakeWorks, measured: Measure) -> None:
    """All fifty pieces of work, two dispatchers at once."""
    works = make_works(DAYS_AHEAD)
    expected = files.mails(works)
    with program:
        inbox = Inbox(smtp)
        _announced(program, works, smtp)
        both = [program.start("deliver", "--until-idle") for _ in range(2)]
        took = until(inbox.when(lambda: all(process.ended() for process in both)), seconds=3000, what=program.wrote)
        measured(f"{len(expected)} mails (SQLite, two deliver)", took)
        prove_exact(program, inbox.all(), expected)
