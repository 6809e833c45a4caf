"""``manage.py run`` on SQLite, killed in the middle and started again."""

from tests.faults.cases.kills import bound_unknown, grown
from tests.faults.ground import Ground
from tests.faults.judge import Verdict, judge
from tests.faults.program import wait

WHAT = "everything in one process on SQLite, killed in the middle: everything sent, the file whole"
THREADS = 2
LONGEST = 120


def run(ground: Ground) -> Verdict:
    """Kill the process again and again; each time another goes on."""
    mails, kills = ground.size(1_500, 600), ground.size(6, 3)
    post = ground.post()
    program = ground.lonely(f"fill({mails})", post, DELIVERY_LEASE_SECONDS="15")
    program.scene("announce('MNT-1')")
    post.tell(delay=0.02)
    for _ in range(kills):
        process = program.command("run")
        grown(post, mails // (kills + 3), 30)
        process.kill()
    early = program.store.open()
    post.tell(delay=0.0)
    program.command("run")
    ended = wait(program.done(mails), LONGEST)
    rows, entries = program.store.rows(), post.entries()
    verdict = judge(rows, entries, expected=mails)
    verdict.figures["left after the last kill"] = early
    verdict.require(early > 0, "the kills came too late")
    verdict.require(ended is not None, "not done", f"{program.store.states()}")
    bound_unknown(verdict, rows, entries, kills * THREADS)
    integrity = program.store.ask("PRAGMA integrity_check")
    verdict.require(integrity == [("ok",)], "the file is damaged", str(integrity))
    return verdict


def naive(ground: Ground) -> Verdict:
    """The same with the naive sender."""
    mails = 400
    post = ground.post()
    post.tell(delay=0.005)
    program = ground.lonely(f"fill({mails})", post)
    program.scene("announce('MNT-1', fan_out=True)")
    for _ in range(3):
        process = program.naive(post.port)
        grown(post, 70, 30)
        process.kill()
    program.naive(post.port)
    wait(program.done(mails), 60)
    return judge(program.store.rows(), post.entries(), expected=mails)
