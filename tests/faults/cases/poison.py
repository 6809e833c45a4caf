"""Among the mails is one that can't be composed and one that crashes the process that composes it."""

from functools import partial

from tests.faults.cases.kills import DEPTH
from tests.faults.ground import Ground
from tests.faults.judge import Verdict, judge
from tests.faults.program import CONNECTIONS, Program, Shift, dying, wait

WHAT = "a mail that can't be composed, and one that crashes the process: apart after 3 attempts, all others sent"
MOST_ATTEMPTS = 3
BROKEN, CRASHING = "c5@customer.example", "c77@customer.example"
MAILS = 300
LONGEST = 180
CRASH = (f"notifier.delivery.personal:values_of:before:0:'{CRASHING}'", f"notifier.delivery.compose:message:before:0:'{CRASHING}'")
"""Whichever way a mail is composed, one of them is called with what its address is in."""


def run(ground: Ground) -> Verdict:
    """Workers of both kinds; who has crashed is started again, as a supervisor does."""
    post = ground.post()
    program = ground.production(f"fill({MAILS})", post, redis=ground.redis(), DELIVERY_LEASE_SECONDS="10")
    _spoil(program)
    program.beat()
    shift = Shift(*(partial(program.worker, place, prefix=dying(*CRASH)) for place in range(2)))
    ended = wait(shift.until(program.done(MAILS)), LONGEST)
    rows = program.store.rows()
    verdict = judge([row for row in rows if row.address not in {BROKEN, CRASHING}], post.entries(), expected=MAILS - 2)
    verdict.figures["seconds"] = round(ended or LONGEST)
    for row in rows:
        if row.address in {BROKEN, CRASHING}:
            what = "the one that can't be composed" if row.address == BROKEN else "the one that crashes"
            told = f"{what}: {row.state} after {row.attempts} attempts: {row.reason}"
            verdict.require(row.state == "failed" and bool(row.reason) and row.attempts <= MOST_ATTEMPTS, "not set apart", told)
    verdict.require(ended is not None, "not done", f"{program.store.states()}")
    unknown = verdict.figures.get("unknown", 0)
    verdict.require(unknown <= CONNECTIONS * DEPTH * MOST_ATTEMPTS, "too many unknown", f"{unknown:.0f}")
    return verdict


def naive(ground: Ground) -> Verdict:
    """One bad row in the batch, and it never gets past it."""
    post = ground.post()
    program = ground.lonely(f"fill({MAILS})", post, postgres=ground.postgres)
    _spoil(program)
    program.naive(post.port)
    wait(program.done(MAILS), 5)
    rows = [row for row in program.store.rows() if row.address not in {BROKEN, CRASHING}]
    return judge(rows, post.entries(), expected=MAILS - 2)


def _spoil(program: Program) -> None:
    program.scene("announce('MNT-1', fan_out=True)")
    program.store.run(f"UPDATE delivery_delivery SET timezone = 'Mars/Olympus' WHERE address = '{BROKEN}'")  # noqa: S608  # a constant
