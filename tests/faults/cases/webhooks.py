"""Events of an ESP: forged, replayed, early, out of order and doubled, posted to the program's web process."""

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from tests.faults.esp import KEY, SECRET, Event, careless_receiver, post
from tests.faults.ground import Ground
from tests.faults.judge import Verdict
from tests.faults.program import Program, wait
from tests.faults.rows import Row

WHAT = "webhooks forged, replayed, early, out of order, doubled: no state goes back, forged ones are refused"
MAILS = 60
KINDS = ("accepted", "delivered", "failed", "opened")
RANK = {"queued": 0, "sending": 0, "sent": 1, "delivered": 2, "failed": 3}
FORBIDDEN = (401, 403)
_OLD = 3 * 24 * 3600


def run(ground: Ground) -> Verdict:
    """Post to the program."""
    program = _installation(ground)
    program._start([*program._python(()), "-m", "waitress", "--host=127.0.0.1", f"--port={program.variables['PORT']}", "notifier.wsgi:application"])
    return _posted(program, program.address + "hooks/mailgun/")


def naive(ground: Ground) -> Verdict:
    """Post to a receiver that believes whatever it is told."""
    program = _installation(ground)
    with careless_receiver(program.store) as address:
        return _posted(program, address)


def _installation(ground: Ground) -> Program:
    """Return one all of whose mails were accepted, but for some that a worker is just sending; none of them went anywhere."""
    nobody = ground.post()
    given = {"EMAIL_URL": "mailgun://key-of-nobody@mail.provider.example", "WEBHOOK_SECRETS": SECRET, "WEBHOOK_SIGNING_KEY": KEY}
    program = ground.lonely(f"fill({MAILS}); scene.announce('MNT-1', fan_out=True)", nobody, postgres=ground.postgres)
    program.variables |= given
    program.store.run("UPDATE delivery_delivery SET state = 'sent', accepted_at = now(), settled_at = now(), hop = 'esp', handed_over_at = now()")
    sending = "state = 'sending', accepted_at = NULL, settled_at = NULL, hop = '', lease_token = 'held', lease_until = now() + interval '1 hour'"
    program.store.run(f"UPDATE delivery_delivery SET {sending} WHERE id % 5 = 0")  # noqa: S608  # a constant
    return program


def _posted(program: Program, address: str) -> Verdict:
    verdict = Verdict()
    wait(lambda: post(address, Event("nobody-1", "opened", token="a" * 50)) == 200, 60)
    rows = program.store.rows()
    _forge(verdict, program, address, rows)
    dice = random.Random(11)  # noqa: S311  # the same events in each run
    events = [
        Event(row.name, kind, token=f"{row.pk:025d}{place:025d}", recipient=row.address) for row in rows for place, kind in enumerate(dice.sample(KINDS, 3))
    ]
    told = {row.name: {event.kind for event in events if event.name == row.name} for row in rows}
    posted = [*events, *events, *dice.sample(events, MAILS)]
    dice.shuffle(posted)
    with _watched(program, verdict), ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda event: post(address, event), posted))
        verdict.require(set(statuses) == {200}, "genuine events refused", json.dumps(sorted(set(statuses))))
        program.store.run("UPDATE delivery_delivery SET state = 'sent', accepted_at = now(), settled_at = now(), lease_until = NULL WHERE state = 'sending'")
        program.must("deliver")
        time.sleep(0.5)
    _judge_states(verdict, program.store.rows(), told)
    _replay(verdict, program, address, events)
    verdict.figures |= {"posted": len(posted), "mails": len(rows)}
    return verdict


def _forge(verdict: Verdict, program: Program, address: str, rows: Sequence[Row]) -> None:
    """Post without the secret, with another, with a signature of another key, and one that is too old."""
    before = program.store.rows()
    event = Event(rows[0].name, "failed", token="f" * 50, recipient=rows[0].address)
    statuses = [
        post(address, event, secret=""),
        post(address, event, secret="esp:a-wrong-password-of-hooks"),  # noqa: S106  # not the right one
        post(address, event, key="another-key"),
        post(address, replace(event, token="e" * 50, age=_OLD)),
    ]
    verdict.require(all(status in FORBIDDEN for status in statuses), "forged events taken", json.dumps(statuses))
    verdict.require(program.store.rows() == before, "forged events had an effect")


def _replay(verdict: Verdict, program: Program, address: str, events: Sequence[Event]) -> None:
    """Post what was posted before, and the same ids with other words."""
    before = program.store.rows()
    other = {"failed": "delivered", "delivered": "failed"}
    for event in events[::7]:
        post(address, event)
        post(address, replace(event, kind=other.get(event.kind, event.kind)))
    program.must("deliver")
    verdict.require(program.store.rows() == before, "a replay had an effect")


def _judge_states(verdict: Verdict, rows: Sequence[Row], told: dict[str, set[str]]) -> None:
    for row in rows:
        right = "failed" if "failed" in told[row.name] else "delivered" if "delivered" in told[row.name] else "sent"
        verdict.require(row.state == right, "in the wrong state", f"{row.name}: {row.state}, after {sorted(told[row.name])}")


@contextmanager
def _watched(program: Program, verdict: Verdict) -> Iterator[None]:
    """Look all the time whether a state goes back."""
    over = threading.Event()
    highest: dict[str, int] = {}

    def watch() -> None:
        while not over.wait(0.03):
            for row in program.store.rows():
                rank = RANK[row.state]
                if rank < highest.get(row.name, 0):
                    verdict.charge("a state went back", f"{row.name} to {row.state}")
                highest[row.name] = max(rank, highest.get(row.name, 0))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
