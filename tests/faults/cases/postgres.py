"""PostgreSQL is restarted, cuts all its sessions every second, and takes no more of them, while mails go out."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial

import psycopg

from tests.faults.cases.kills import DEPTH, dropped, grown
from tests.faults.ground import Ground
from tests.faults.judge import Verdict, judge
from tests.faults.program import CONNECTIONS, Program, Shift, wait
from tests.servers.kept import alive
from tests.servers.postgres import Postgres

WHAT = "PostgreSQL restarted at once, sessions cut, none left to have: goes on within 30 s, nothing doubled"
RECOVERED_WITHIN = 30
WORKERS = 2
LONGEST = 150


def run(ground: Ground) -> Verdict:
    """Each trouble while the mails of another piece of work go out; so slowly that there are some left when it is over."""
    mails = ground.size(500, 250)
    postgres, post = ground.own_postgres(), ground.post()
    booked = "; scene.".join(f"announce('{name}', days={30 + place}, fan_out=True)" for place, name in enumerate(TROUBLES))
    program = ground.production(f"fill({mails}); scene.{booked}; scene.postpone_mails(1440)", post, redis=ground.redis(), postgres=postgres)
    shift = Shift(program.beat, *(partial(program.worker, place) for place in range(WORKERS)))
    verdict = Verdict()
    for name, trouble in TROUBLES.items():
        post.tell(delay=1.0)
        program.release(name)
        grown(post, CONNECTIONS * WORKERS * 2, 60)
        trouble(postgres, program)
        verdict.require(_not_begun(program, name) > 0, f"{name}: nothing was left to do afterwards")
        post.tell(delay=0.1)
        before = post.lines()
        goes_on = wait(shift.until(lambda before=before: post.lines() > before + CONNECTIONS * WORKERS), RECOVERED_WITHIN)  # type: ignore[misc]  # bound at once
        verdict.require(goes_on is not None, f"{name}: not recovered within {RECOVERED_WITHIN} s", f"{program.left(name)} left")
        verdict.figures[f"{name}: goes on after (s)"] = round(goes_on or RECOVERED_WITHIN, 1)
        begun = wait(shift.until(lambda name=name: _not_begun(program, name) == 0), LONGEST)  # type: ignore[misc]  # bound at once
        took = (goes_on or RECOVERED_WITHIN) + (begun or LONGEST)
        verdict.require(took <= RECOVERED_WITHIN, f"{name}: some mails were held up", f"begun after {took:.0f} s")
        verdict.figures[f"{name}: all under way after (s)"] = round(took, 1)
        ended = wait(shift.until(lambda name=name: program.left(name) == 0), LONGEST)  # type: ignore[misc]  # bound at once
        verdict.require(ended is not None, f"{name}: not done", f"{program.store.states()}")
    rows, entries = program.store.rows(), post.entries()
    verdict.add(judge(rows, entries, expected=mails * len(TROUBLES)))
    unknown = {row.name for row in rows if row.state == "unknown"} - dropped(rows, entries)
    verdict.require(len(unknown) <= CONNECTIONS * DEPTH * WORKERS * len(TROUBLES), "too many unknown", f"{len(unknown)}")
    verdict.figures["restarts of workers"] = shift.restarts
    return verdict


def naive(ground: Ground) -> Verdict:
    """It sends, and can't mark what it has sent."""
    mails = 200
    postgres, post = ground.own_postgres(), ground.post()
    program = ground.lonely(f"fill({mails}); scene.announce('MNT-1', fan_out=True)", post, postgres=postgres)
    post.tell(delay=0.02)
    program.naive(post.port)
    grown(post, 20, 10)
    _restart(postgres, program)
    wait(program.done(mails), 30)
    return judge(program.store.rows(), post.entries(), expected=mails)


def _restart(postgres: Postgres, _program: Program) -> None:
    """Stop it as ``pg_ctl -m immediate`` does, and start it again."""
    os.kill(postgres.pid, signal.SIGQUIT)
    wait(lambda: not alive(postgres.pid), 30)
    postgres._dismiss(b"keep")
    time.sleep(1)
    postgres.start()


def _cut_sessions(postgres: Postgres, program: Program) -> None:
    """Every second for a while."""
    for _ in range(15):
        _terminate(postgres, program)
        time.sleep(1)


def _take_all_sessions(postgres: Postgres, program: Program) -> None:
    """Hold all that there are, those of the program too once they are cut, so that nobody gets one."""
    with ExitStack() as held:
        ends = time.monotonic() + 12
        while time.monotonic() < ends:
            with suppress(psycopg.OperationalError):
                while True:
                    mine = held.enter_context(psycopg.connect(postgres.url(), connect_timeout=5, autocommit=True))
                    _cut_those_of(program, mine)
            _cut_those_of(program, mine)
            time.sleep(0.1)


def _terminate(postgres: Postgres, program: Program) -> None:
    with suppress(psycopg.OperationalError), psycopg.connect(postgres.url(), autocommit=True) as connection:
        _cut_those_of(program, connection)


def _cut_those_of(program: Program, connection: psycopg.Connection) -> None:
    name = program.store.url.rpartition("/")[2]
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def _not_begun(program: Program, reference: str) -> int:
    """Return how many mails of one piece of work wait, or are held by a worker that has not handed them over."""
    return sum(
        row.reference == reference and (row.state == "queued" or (row.state == "sending" and row.handed_over_at is None)) for row in program.store.rows()
    )


TROUBLES: dict[str, Callable[[Postgres, Program], None]] = {"restart": _restart, "sessions cut": _cut_sessions, "no session": _take_all_sessions}
