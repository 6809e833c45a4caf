"""The process dies exactly at each step between claim and settling."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.faults.ground import Ground
from tests.faults.judge import Verdict, judge
from tests.faults.program import dying, wait

WHAT = "the process dies at each step from claim to settling: only the hand-over may flag"
MAILS = 8
AT_ONCE = 4
_HERE = "notifier.delivery."


@dataclass(frozen=True)
class Step:
    """``point`` is a failpoint less the number of the call; ``numbers``: at which calls. ``flags``: a mail may become unknown there."""

    name: str
    point: str
    numbers: tuple[int, ...]
    flags: bool = False


STEPS = (
    Step("before the claim", "outbox:claim:before", (1,)),
    Step("claimed", "outbox:claim:after", (1,)),
    Step("nothing read", "prepare:Composer.read:before", (1,)),
    Step("before composing", "prepare:Composer.make:before", (1,)),
    Step("composed", "prepare:Composer.make:after", (1,)),
    Step("before the envelope", "wire:Wire.give:before", (1, 4)),
    Step("envelope written", "wire:Wire.give:after", (1, 4)),
    Step("before the marker", "outbox:granting:before", (1, 4)),
    Step("marker not sent to the database", "writing:together:before", (1, 7)),
    Step("marker committed", "writing:together:after", (1, 7), flags=True),
    Step("marker heard of", "courier:Courier.settled:after", (1, 7), flags=True),
    Step("before the content", "wire:Wire.grant:before", (1, 4), flags=True),
    Step("content written", "wire:Wire.grant:after", (1, 4), flags=True),
    Step("answer heard", "wire:Wire._finish:before", (1, 4), flags=True),
    Step("acceptance not written", "settle:accepting:before", (1, 4), flags=True),
    Step("acceptance not sent to the database", "writing:together:before", (2, 8), flags=True),
    Step("acceptance committed", "writing:together:after", (2, 8)),
    Step("settled", "courier:Courier.settled:after", (2, 8)),
)
"""With one connection and no pipelining, so that there is one mail at each step, and never another at a later one; only composing goes ahead of the
connection, so that there the first mail counts.

So the courier writes in turn the marker of a mail and its acceptance, each by one call of ``together``, beside the connection.
"""


def run(ground: Ground) -> Verdict:
    """Die at each step in an installation of its own; then send what is left."""
    ground.templates.copy(ground.postgres, ground.place("first"), _filled())  # made before several ask for it
    wanted = [(step, number) for step in STEPS for number in step.numbers[: ground.size(2, 1)]]
    verdict = Verdict()
    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        for found in threads.map(lambda one: _tried(ground, *one), wanted):
            verdict.add(found)
    verdict.figures["failpoints"] = len(wanted)
    return verdict


def naive(ground: Ground) -> Verdict:
    """Die after sending, before marking."""
    post = ground.post()
    program = ground.lonely(_filled(), post, postgres=ground.postgres)
    program.naive(post.port, prefix=dying("tests.faults.naive:Sender._mark:before:1")).wait(30)
    program.naive(post.port)
    wait(program.done(MAILS), 10)
    return judge(program.store.rows(), post.entries(), expected=MAILS)


def _filled() -> str:
    return f"fill({MAILS}); scene.announce('MNT-1', fan_out=True)"


def _tried(ground: Ground, step: Step, number: int) -> Verdict:
    """Die, and let another process do what is left."""
    post = ground.post()
    post.tell(pipelining=False)
    program = ground.lonely(_filled(), post, postgres=ground.postgres, SMTP_CONNECTIONS="1", DELIVERY_LEASE_SECONDS="10")
    process = program.command("deliver", prefix=dying(f"{_HERE}{step.point}:{number}"))
    died = process.wait(120) == -signal.SIGKILL
    time.sleep(10)  # the lease
    program.must("deliver", "--until-idle")
    found = judge(program.store.rows(), post.entries(), expected=MAILS)
    verdict = Verdict({f"{step.name} ({number}): {kind}": about for kind, about in found.charges.items()})
    verdict.figures = {name: figure for name, figure in found.figures.items() if name in {"unknown", "longest until flagged (s)"}}
    verdict.require(died, f"{step.name} ({number}): never reached", process.wrote()[-500:])
    unknown = found.figures.get("unknown", 0)
    verdict.require(unknown <= int(step.flags), f"{step.name} ({number}): flagged", f"{unknown:.0f} unknown")
    return verdict
