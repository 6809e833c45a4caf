"""Two beats and three workers; ticks are doubled and lost at random. Each run is a notice that any of them may fan out and send."""

import random
import threading
import time
from contextlib import suppress
from functools import partial

from redis import Redis as Client
from redis.exceptions import RedisError

from tests.faults.ground import Ground
from tests.faults.judge import Verdict, judge
from tests.faults.program import Program, Shift, wait
from tests.servers.redis import Redis

WHAT = "two beats, three dispatchers, ticks doubled and lost: no duplicate"
CONTACTS = 30
LONGEST = 240


def run(ground: Ground) -> Verdict:
    """All notices are announced one after the other by a process of the program, while the dispatchers are at work."""
    runs = ground.size(50, 20)
    post, redis = ground.post(), ground.redis()
    program = ground.production(f"fill({CONTACTS})", post, redis=redis)
    post.tell(delay=0.005)
    shift = Shift(partial(program.beat, 0), partial(program.beat, 1), *(partial(program.worker, place) for place in range(3)))
    over = threading.Event()
    muddle = threading.Thread(target=_muddle, args=(program, redis, over))
    muddle.start()
    try:
        program.scene("; scene.".join(f"announce('MNT-{number}', days={30 + number})" for number in range(runs)))
        ended = wait(shift.until(program.done(runs * CONTACTS)), LONGEST)
    finally:
        over.set()
        muddle.join()
    time.sleep(1)  # a second mail would come now
    verdict = judge(program.store.rows(), post.entries(), expected=runs * CONTACTS)
    verdict.figures["runs"] = runs
    verdict.require(ended is not None, "not done", f"{program.store.states()}")
    verdict.require(not verdict.figures.get("unknown"), "unknown without need", f"{verdict.figures.get('unknown')}")
    return verdict


def naive(ground: Ground) -> Verdict:
    """Three of it."""
    post = ground.post()
    post.tell(delay=0.1)
    program = ground.lonely(f"fill({CONTACTS})", post, postgres=ground.postgres)
    program.scene("announce('MNT-1', fan_out=True)")
    for _ in range(3):
        program.naive(post.port)
    wait(program.done(CONTACTS), 30)
    time.sleep(1)
    return judge(program.store.rows(), post.entries(), expected=CONTACTS)


def _muddle(program: Program, redis: Redis, over: threading.Event) -> None:
    """Give up to three more ticks, or take away all that wait."""
    dice = random.Random(3)  # noqa: S311  # the same muddle in each run
    while not over.wait(dice.uniform(0.1, 0.8)):
        if dice.random() < 0.3:  # about one in three
            with suppress(RedisError), Client.from_url(redis.url()) as client:
                client.delete("celery")
        else:
            for _ in range(dice.randint(1, 3)):
                program.nudge()
