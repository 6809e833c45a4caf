"""The disk is full, under SQLite and the logs beside it, and under PostgreSQL; then there is room again."""

import time
from contextlib import suppress
from functools import partial

from tests.faults.cases.kills import DEPTH, dropped, grown
from tests.faults.ground import Ground
from tests.faults.journal import Entry
from tests.faults.judge import Verdict, judge
from tests.faults.program import CONNECTIONS, Program, Shift, wait
from tests.faults.small_disk import small_disk
from tests.servers.kept import alive, make_folder
from tests.servers.postgres import Postgres

WHAT = "disk full under SQLite and its logs, and under PostgreSQL: nothing doubled, goes on by itself when there is room"
FULL_SECONDS = 20
LONGEST = 150


def run(ground: Ground) -> Verdict:
    """First SQLite, then PostgreSQL."""
    verdict = _sqlite(ground)
    verdict.add(_postgres(ground))
    return verdict


def naive(ground: Ground) -> Verdict:
    """It sends, can't mark, and sends again."""
    mails = 200
    post = ground.post()
    post.tell(delay=0.01)
    disk = ground.stack.enter_context(small_disk(ground.place("disk"), megabytes=40))
    program = ground.stack.enter_context(
        ground.templates.copy(None, disk.folder / "program", f"fill({mails}); scene.announce('MNT-1', fan_out=True)", EMAIL_URL=post.url)
    )
    program.naive(post.port)
    grown(post, 60, 10)
    disk.fill()
    time.sleep(5)
    disk.free()
    wait(program.done(mails), 30)
    return judge(program.store.rows(), post.entries(), expected=mails)


def _sqlite(ground: Ground) -> Verdict:
    mails = ground.size(600, 300)
    post = ground.post()
    disk = ground.stack.enter_context(small_disk(ground.place("disk"), megabytes=60))
    program = ground.stack.enter_context(
        ground.templates.copy(None, disk.folder / "program", f"fill({mails}); scene.announce('MNT-1', fan_out=True)", EMAIL_URL=post.url)
    )
    post.tell(delay=0.1)
    shift = Shift(partial(program.command, "run"))
    grown(post, mails // 4, 60)
    disk.fill()
    time.sleep(FULL_SECONDS)
    disk.free()
    took = wait(shift.until(program.done(mails)), LONGEST)
    verdict = _judged(program, post.entries(), mails, "SQLite", took)
    verdict.require(program.store.ask("PRAGMA integrity_check") == [("ok",)], "the file is damaged")
    verdict.figures["SQLite: restarts"] = shift.restarts
    return verdict


def _postgres(ground: Ground) -> Verdict:
    mails = ground.size(600, 300)
    post = ground.post()
    server = Postgres(durable=True)
    folder = make_folder(server.owner)
    disk = ground.stack.enter_context(small_disk(folder, megabytes=220, owner=server.owner.pw_uid if server.owner else 0))
    server.folder = folder
    server.prepare(folder)
    ground.stack.enter_context(server)
    filled = f"fill({mails}); scene.announce('MNT-1', fan_out=True)"
    program = ground.production(filled, post, redis=ground.redis(), postgres=server)
    post.tell(delay=0.1)
    shift = Shift(program.beat, *(partial(program.worker, place) for place in range(2)))
    grown(post, mails // 4, 60)
    disk.fill()
    time.sleep(FULL_SECONDS)
    disk.free()
    if not alive(server.pid):  # it may have ended where it could not write its log; its supervisor starts it
        server._dismiss(b"keep")
        server.start()
    took = wait(shift.until(program.done(mails)), LONGEST)
    verdict = _judged(program, post.entries(), mails, "PostgreSQL", took)
    with suppress(OSError):
        verdict.figures["PostgreSQL: said that the disk is full"] = server.log().count("No space left")
        verdict.require("No space left" in server.log(), "the disk was not full")
    return verdict


def _judged(program: Program, entries: list[Entry], mails: int, name: str, took: float | None) -> Verdict:
    rows = program.store.rows()
    found = judge(rows, entries, expected=mails)
    unknown = {row.name for row in rows if row.state == "unknown"} - dropped(rows, entries)
    found.figures = {f"{name}: done after (s)": round(took or LONGEST, 1), f"{name}: unknown": len(unknown)}
    found.require(took is not None, f"{name}: does not go on by itself", f"{program.store.states()}")
    found.require(len(unknown) <= CONNECTIONS * DEPTH * 2, f"{name}: too many unknown", f"{len(unknown)}")
    return found
