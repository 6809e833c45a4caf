"""Production: PostgreSQL, Redis, two worker processes and beat. Exactly one mail each, whatever is killed."""

from pathlib import Path

import pytest

from tests.end_to_end.conftest import DAYS_AHEAD, MakeWorks, Measure, import_customers, write_works
from tests.end_to_end.expected import Files, Work
from tests.end_to_end.program import CONNECTIONS, Installation, Running, until
from tests.end_to_end.proof import Inbox, given, prove_after_kills, prove_exact, taken_by
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.smtp import SmtpServer

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

POOLS = ("solo", "prefork")


@pytest.fixture
def production(tmp_path: Path, postgres: Postgres, redis: Redis, smtp: SmtpServer, measured: Measure) -> Installation:
    """An installation on PostgreSQL and Redis with all shared customers; nothing of it runs yet."""
    name = f"program_{redis.port}"
    program = Installation(tmp_path / "program", {"DATABASE_URL": postgres.create(name), "REDIS_URL": redis.url(), "EMAIL_URL": smtp.url})
    program.must("migrate", "--verbosity=0")
    measured("import of all customers (PostgreSQL)", import_customers(program))
    return program


def _worker(program: Installation, number: int) -> Running:
    pool = POOLS[number % len(POOLS)]
    return program.celery("worker", f"--pool={pool}", "--concurrency=1", f"--hostname=worker{number}@localhost", "--loglevel=WARNING")


def _beat(program: Installation, number: int = 0) -> Running:
    return program.celery("beat", "--loglevel=WARNING", f"--schedule={program.folder / f'beat{number}'}", "--pidfile=")


def test_two_workers_send_one_mail_each(production: Installation, smtp: SmtpServer, files: Files, works: list[Work]) -> None:
    """Two workers and two beats, which do no harm, while the planner's import announces."""
    expected = files.mails(works)
    with production as program:
        for number in range(2):
            _worker(program, number)
            _beat(program, number)
        program.must("import_maintenance", write_works(program, works), "--announce")
        until(lambda: program.settled(len(expected)), seconds=90, what=program.wrote)
        prove_exact(program, taken_by(smtp), expected)
        assert "Traceback" not in program.wrote()


def test_workers_and_redis_killed_in_the_middle_lose_and_double_nothing(
    production: Installation,
    redis: Redis,
    smtp: SmtpServer,
    files: Files,
    few_works: list[Work],
) -> None:
    """Each worker is killed once and started again. Redis is down when the work is announced, and later loses what it knew."""
    smtp.delay_seconds = 0.02
    expected = files.mails(few_works)
    with production as program:
        redis.kill()
        program.must("import_maintenance", write_works(program, few_works), "--announce")
        redis.start()
        _beat(program)
        workers = [_worker(program, number) for number in range(2)]
        for number, worker in enumerate(workers):
            until(given(smtp, len(expected) * (number + 1) // 4), seconds=60, what=program.wrote)
            worker.kill()
            _worker(program, number)
        until(given(smtp, len(expected) * 3 // 4), seconds=60, what=program.wrote)
        assert not program.settled(len(expected)), "the kills came too late to show anything"
        redis.kill()
        redis.start()
        until(lambda: program.settled(len(expected)), seconds=90, what=program.wrote)
        prove_after_kills(program, taken_by(smtp), expected, most_unknown=len(workers) * CONNECTIONS)


def test_nudge_alone_is_enough(production: Installation, smtp: SmtpServer, files: Files, works: list[Work], measured: Measure) -> None:
    """Without beat, announcing by command asks a worker to send at once."""
    few = works[:1]
    expected = files.mails(few)
    with production as program:
        _worker(program, 0)
        until(lambda: bool(program.manage("shell", "-c", _PING).stdout.strip()), seconds=60, what=program.wrote)
        program.must("import_maintenance", write_works(program, few), "--announce")
        measured("announced to sent, by the nudge", until(lambda: program.settled(len(expected)), seconds=20, what=program.wrote))
        prove_exact(program, taken_by(smtp), expected)


_PING = "from notifier.celery import app; print(app.control.ping(timeout=2) or '')"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_all_works_reach_everybody_once(production: Installation, smtp: SmtpServer, files: Files, make_works: MakeWorks, measured: Measure) -> None:
    """All fifty pieces of work by two workers."""
    works = make_works(DAYS_AHEAD)
    expected = files.mails(works)
    inbox = Inbox(smtp)
    with production as program:
        _beat(program)
        for number in range(2):
            _worker(program, number)
        program.must("import_maintenance", write_works(program, works), "--announce")
        took = until(inbox.when(lambda: program.settled(len(expected))), seconds=3000, what=program.wrote)
        measured(f"{len(expected)} mails (PostgreSQL, Redis, two workers)", took)
        prove_exact(program, inbox.all(), expected)
