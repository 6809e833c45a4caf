"""Two pieces of work are being announced to the same contacts; in the middle one is cancelled and the other moved. Workers are killed meanwhile."""

from collections.abc import Sequence

from tests.faults.cases.kills import DEPTH, SHARES, bound_unknown, grown
from tests.faults.ground import Ground
from tests.faults.journal import Entry
from tests.faults.judge import Verdict, judge
from tests.faults.post import Post
from tests.faults.program import CONNECTIONS, Program, wait
from tests.faults.rows import Row

WHAT = "cancelled and moved in the middle of a run: nothing of it leaves afterwards, whoever was told is told"
WORKERS, KILLS = 2, 2
LONGEST = 240
CANCELLED, MOVED = "MNT-1", "MNT-2"


def run(ground: Ground) -> Verdict:
    """Cancel and move when an eighth has gone out, and kill both workers a little later."""
    contacts = ground.size(1_000, 400)
    post = ground.post()
    program = ground.production(f"fill({contacts})", post, redis=ground.redis())
    _announce(program)
    post.tell(shares=SHARES, delay=0.2)  # so slowly that much is left when it has been cancelled
    program.beat()
    workers = [program.worker(place, pool="prefork") for place in range(WORKERS)]
    at = _change(program, post, contacts)
    for place, worker in enumerate(workers):
        grown(post, 20, 10)
        worker.kill()
        program.worker(place, pool="prefork")
    post.tell(delay=0.0)
    wait(program.done(2 * contacts), 20)
    post.tell(shares={})
    wait(lambda: _moved_is_told(program.store.rows(), contacts) and program.done(2 * contacts)(), LONGEST)
    rows, entries = program.store.rows(), post.entries()
    verdict = judge(rows, entries)
    bound_unknown(verdict, rows, entries, KILLS)
    _judge_changes(verdict, rows, entries, at, contacts)
    return verdict


def naive(ground: Ground) -> Verdict:
    """It has its list, and goes through it."""
    contacts = 300
    post = ground.post()
    post.tell(delay=0.01)
    program = ground.lonely(f"fill({contacts})", post, postgres=ground.postgres)
    _announce(program)
    program.naive(post.port)
    at = _change(program, post, contacts)
    wait(lambda: program.store.states().get("queued", 0) == 0, 30)
    rows, entries = program.store.rows(), post.entries()
    verdict = judge(rows, entries)
    _judge_changes(verdict, rows, entries, at, contacts)
    return verdict


def _announce(program: Program) -> None:
    """Announce both, and mix their mails, so that both are in the middle."""
    program.scene(f"announce('{CANCELLED}', days=30, fan_out=True); scene.announce('{MOVED}', days=35, fan_out=True)")
    program.store.run("UPDATE delivery_delivery SET due_at = due_at - random() * interval '1 minute'")


def _change(program: Program, post: Post, contacts: int) -> dict[str, float]:
    """Cancel the one and move the other; return when each was committed at the latest."""
    grown(post, contacts // 4, 60)
    cancelled, moved = program.scene(f"cancel('{CANCELLED}'); scene.move('{MOVED}')").split("/")[:2]
    return {CANCELLED: float(cancelled), MOVED: float(moved)}


def _moved_is_told(rows: Sequence[Row], contacts: int) -> bool:
    return sum(row.reference == MOVED and row.revision > 1 for row in rows) >= contacts


def _judge_changes(verdict: Verdict, rows: Sequence[Row], entries: Sequence[Entry], at: dict[str, float], contacts: int) -> None:
    by_name = {row.name: row for row in rows}
    for reference, moment in at.items():
        first = [entry for entry in entries if entry.taken and entry.name in by_name and _is_first(by_name[entry.name], reference)]
        after = [entry for entry in first if entry.wall > moment]
        verdict.figures[f"{reference}: taken before"] = len(first) - len(after)
        verdict.figures[f"{reference}: on the wire"] = len(after)
        verdict.require(len(first) > len(after), "it was changed before anything had gone out", reference)
        most = WORKERS * CONNECTIONS * DEPTH
        verdict.require(len(after) <= most, "left after it was cancelled or moved", f"{reference}: {len(after)}, where {most} may be on the wire")
    newest = {(row.reference, row.address) for row in rows if row.revision > 1 and row.state in {"sent", "unknown", "failed"}}
    for row in rows:
        may_know = row.state in {"sent", "unknown"} and _is_first(row, CANCELLED)
        verdict.require(not may_know or (CANCELLED, row.address) in newest, "not told that it is cancelled", row.name)
    told = sum(reference == MOVED for reference, _address in newest)
    verdict.require(told == contacts, "not told that it is moved", f"{contacts - told} contacts")


def _is_first(row: Row, reference: str) -> bool:
    return row.reference == reference and row.revision == 1
