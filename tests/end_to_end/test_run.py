"""``manage.py run``: everything in one process. Starts fast, stops cleanly, and sends exactly one mail each, whatever is killed."""

import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.end_to_end.conftest import DAYS_AHEAD, MakeWorks, Measure, write_works
from tests.end_to_end.expected import Files, Work
from tests.end_to_end.program import CONNECTIONS, Installation, Running, until
from tests.end_to_end.proof import files_in, given, prove_after_kills, prove_exact, taken_by
from tests.servers.smtp import SmtpServer

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

STOP_SECONDS = 5
"""In which Ctrl-C has to end the program."""
THREADS = 2
"""That send."""


def _answers(program: Installation) -> bool:
    try:
        with urllib.request.urlopen(program.address, timeout=5) as page:  # noqa: S310  # our own loopback address
            return bool(page.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def _run(program: Installation, measured: Measure | None = None) -> Running:
    """Start and wait for the first page."""
    process = program.start("run")
    took = until(lambda: _answers(program) or process.ended(), seconds=60, what=process.wrote)
    assert not process.ended(), process.wrote()
    if measured:
        measured("start to first page", took)
    return process


def _stop(process: Running) -> None:
    """Press Ctrl-C."""
    process.tell(signal.SIGINT)
    assert process.wait(STOP_SECONDS) == 0, process.wrote()
    assert "Traceback" not in process.wrote()


def _written(program: Installation, number: int) -> Callable[[], bool]:
    return lambda: len(list(_folder(program).glob("*.eml"))) >= number


def _folder(program: Installation) -> Path:
    return program.folder / "mail"


def test_run_starts_from_nothing_and_again(tmp_path: Path, measured: Measure) -> None:
    """The first start loads the demo, the second finds it; each ends on Ctrl-C with 0."""
    with Installation(tmp_path / "program") as program:
        for _ in ("first", "second"):
            _stop(_run(program, measured))


def test_run_sends_one_mail_each(program: Installation, smtp: SmtpServer, files: Files, works: list[Work]) -> None:
    """What another process imports and announces, the running program finds and sends; Ctrl-C in the middle leaves nothing in doubt."""
    expected = files.mails(works)
    program.variables["EMAIL_URL"] = smtp.url
    with program:
        process = _run(program)
        program.must("import_maintenance", write_works(program, works), "--announce")
        until(given(smtp, len(expected) // 3), seconds=60, what=program.wrote)
        _stop(process)
        assert not program.settled(len(expected)), "Ctrl-C came too late to show anything"
        process = _run(program)
        until(lambda: program.settled(len(expected)), seconds=60, what=program.wrote)
        _stop(process)
        prove_exact(program, taken_by(smtp), expected)


def test_ctrl_c_ends_run_while_a_mail_server_hangs(program: Installation, smtp: SmtpServer, works: list[Work]) -> None:
    """A server that takes a mail and does not answer keeps nobody waiting; the mail's lease sees to it."""
    program.variables |= {"EMAIL_URL": smtp.url, "DELIVERY_LEASE_SECONDS": "60"}
    smtp.delay_seconds = 60
    with program:
        program.must("import_maintenance", write_works(program, works[:1]), "--announce")
        process = _run(program)
        until(given(smtp, 1), seconds=30, what=program.wrote)
        _stop(process)


@pytest.mark.parametrize("by", ["smtp", "files"])
def test_run_killed_in_the_middle_loses_and_doubles_nothing(by: str, program: Installation, smtp: SmtpServer, files: Files, few_works: list[Work]) -> None:
    """Two kills, each followed by a new start. Files know what was written: nothing is in doubt there."""
    smtp.delay_seconds = 0.02
    if by == "smtp":
        program.variables["EMAIL_URL"] = smtp.url
    sent = partial(given, smtp) if by == "smtp" else partial(_written, program)
    expected = files.mails(few_works)
    kills = 2
    with program:
        program.must("import_maintenance", write_works(program, few_works), "--announce")
        for part in range(1, kills + 1):
            process = _run(program)
            until(sent(len(expected) * part // (kills + 1)), seconds=60, what=program.wrote)
            process.kill()
        assert not program.settled(len(expected)), "the kills came too late to show anything"
        process = _run(program)
        until(lambda: program.settled(len(expected)), seconds=90, what=program.wrote)
        _stop(process)
        if by == "smtp":
            prove_after_kills(program, taken_by(smtp), expected, most_unknown=THREADS * CONNECTIONS * kills)
        else:
            prove_exact(program, files_in(_folder(program)), expected)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_all_works_reach_everybody_once(program: Installation, files: Files, make_works: MakeWorks, measured: Measure) -> None:
    """All fifty pieces of work, to files."""
    works = make_works(DAYS_AHEAD)
    expected = files.mails(works)
    with program:
        process = _run(program)
        program.must("import_maintenance", write_works(program, works), "--announce")
        measured(f"{len(expected)} mails (run, files)", until(lambda: program.settled(len(expected)), seconds=3000, what=program.wrote))
        _stop(process)
        prove_exact(program, files_in(_folder(program)), expected)
