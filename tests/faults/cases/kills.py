"""5,000 mails, 40 times ``kill -9`` of a worker at random, and a mail server that refuses, goes away and drops connections."""

import random
import time
from contextlib import suppress

from tests.faults.ground import Ground
from tests.faults.journal import CUT, TAKEN_UNSAID, Entry
from tests.faults.judge import Verdict, judge
from tests.faults.plan import Fault
from tests.faults.post import Post
from tests.faults.program import CONNECTIONS, Program, kill_child, wait
from tests.faults.rows import Row

WHAT = "workers killed at random, the server refuses and drops: 0 lost, 0 doubled in silence"
DEPTH = 1
"""How many mails' contents are under way at once on one SMTP connection."""
WORKERS = 4
"""Starting one takes seconds; with so many there is always one at work, and each has worked for a while when it is its turn."""
LONGEST = 300
_LAST = 0.1
"""When so few are left, the server gets well: what it refuses late is tried again late."""
SHARES = {
    Fault.CLOSING_AT_MAIL: 0.005,
    Fault.BUSY_AT_RCPT: 0.03,
    Fault.NOBODY_AT_RCPT: 0.01,
    Fault.DROP_AT_DATA: 0.003,
    Fault.DROP_IN_CONTENT: 0.003,
    Fault.BUSY_AT_END: 0.03,
    Fault.NOBODY_AT_END: 0.01,
    Fault.CLOSING_AT_END: 0.005,
    Fault.DROP_TAKEN: 0.005,
    Fault.DROP_ANSWERED: 0.005,
}


def run(ground: Ground) -> Verdict:
    """First the same answers without kills, judged more strictly; then with them."""
    verdict = _answers(ground)
    verdict.add(_kills(ground, mails=ground.size(5_000, 1_500), kills=ground.size(40, 12)))
    return verdict


def naive(ground: Ground) -> Verdict:
    """Two of its processes, killed a few times."""
    mails = 600
    post = ground.post()
    program = ground.lonely(f"fill({mails})", post, postgres=ground.postgres)
    program.scene("announce('MNT-1', fan_out=True)")
    post.tell(shares=SHARES, delay=0.002)
    dice = random.Random(1)  # noqa: S311  # the same kills in each run
    senders = [program.naive(post.port) for _ in range(2)]
    for kill in range(10):
        grown(post, dice.randint(5, 60), 5)
        senders[kill % 2].kill()
        senders[kill % 2] = program.naive(post.port)
    wait(program.done(mails), 30)
    return judge(program.store.rows(), post.entries(), expected=mails)


def _answers(ground: Ground) -> Verdict:
    """Without kills only a mail that was given whole to a server that then said nothing is unknown."""
    mails = ground.size(1_000, 400)
    post = ground.post()
    program = ground.production(f"fill({mails})", post, redis=ground.redis())
    program.scene("announce('MNT-0')")
    post.tell(shares={fault: share * 3 for fault, share in SHARES.items()})
    program.beat()
    program.worker()
    wait(program.done(mails), LONGEST)
    rows, entries = program.store.rows(), post.entries()
    verdict = judge(rows, entries, expected=mails)
    for told in verdict.unheard:
        verdict.charge("unknown, although the server had answered", told)
    excused = dropped(rows, entries)
    for row in rows:
        verdict.require(row.state != "unknown" or row.name in excused, "unknown without need", row.name)
    return Verdict(verdict.charges, {f"{name} without kills": figure for name, figure in verdict.figures.items() if name in {"unknown", "failed"}})


def _kills(ground: Ground, *, mails: int, kills: int) -> Verdict:
    post = ground.post()
    program = ground.production(f"fill({mails})", post, redis=ground.redis())
    program.scene("announce('MNT-1')")
    post.tell(shares=SHARES, delay=0.15)
    began = time.monotonic()
    killed = kill_workers(program, post, kills=kills, most_mails=mails)
    post.tell(delay=0.0)
    wait(lambda: program.store.open() < mails * _LAST, LONGEST - (time.monotonic() - began))
    post.tell(shares={})
    ended = wait(program.done(mails), LONGEST - (time.monotonic() - began))
    took = time.monotonic() - began
    rows, entries = program.store.rows(), post.entries()
    verdict = judge(rows, entries, expected=mails)
    verdict.figures |= {"kills": killed, "seconds": round(took)}
    verdict.require(killed >= kills * 0.9, "the kills came too late", f"only {killed} of {kills} while there was something to do")
    verdict.require(ended is not None, "not done in five minutes", f"{program.store.states()}")
    bound_unknown(verdict, rows, entries, killed)
    return verdict


def bound_unknown(verdict: Verdict, rows: list[Row], entries: list[Entry], killed: int) -> None:
    """Charge where more mails are unknown than a worker can have had under way when it was killed."""
    excused = dropped(rows, entries)
    unknown = [row.name for row in rows if row.state == "unknown" and row.name not in excused]
    verdict.figures["unknown by kills"] = len(unknown)
    verdict.require(len(unknown) <= CONNECTIONS * DEPTH * killed, "too many unknown", f"{len(unknown)} after {killed} kills")


def kill_workers(program: Program, post: Post, *, kills: int, most_mails: int) -> int:
    """Kill workers, or only their children, while mails go out; each is started again. Return how many kills there were with work left."""
    dice = random.Random(7)  # noqa: S311  # the same kills in each run
    program.beat()
    workers = [program.worker(place, pool="prefork") for place in range(WORKERS)]
    grown(post, 1, 60)
    killed = 0
    for kill in range(kills):
        program.nudge()
        time.sleep(dice.uniform(0.5, 2))
        grown(post, 1, 15)
        if program.done(most_mails)():
            break
        victim = kill % WORKERS
        if kill % 3 == 0 or not kill_child(workers[victim]):
            workers[victim].kill()
            workers[victim] = program.worker(victim, pool="prefork")
        killed += 1
    program.nudge()
    return killed


def grown(post: Post, more: int, seconds: float) -> None:
    """Wait until the journal has grown by so many lines, but not for ever."""
    with suppress(FileNotFoundError):
        before = post.lines()
        wait(lambda: post.lines() - before >= more, seconds)


def dropped(rows: list[Row], entries: list[Entry]) -> set[str]:
    """Return the deliveries at one of whose tries the server cut the connection after it may have had the content."""
    names = {row.address.lower(): row.name for row in rows}
    numbers = {row.pk: row.name for row in rows}
    cut = [entry for entry in entries if entry.answer == TAKEN_UNSAID or (entry.answer == CUT and entry.step in {"content", "end"})]
    return {entry.name or numbers.get(entry.number or 0) or names.get(entry.recipient, "") for entry in cut}
