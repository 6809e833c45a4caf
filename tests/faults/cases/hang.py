"""The mail server accepts connections and says nothing, says a byte a second, or is down for an hour; a second one takes over meanwhile."""

import time
from functools import partial

from tests.faults.cases.kills import DEPTH, dropped, grown
from tests.faults.ground import Ground
from tests.faults.judge import Verdict, judge
from tests.faults.plan import Mode
from tests.faults.program import CONNECTIONS, Shift, wait

WHAT = "the mail server hangs, tarpits, is down for an hour: mails go by the other one, the alarm is given before the line"
WORKERS = 1
LEAST_SHARE = 0.5
LONGEST = 150
PLANNERS = "planners@provider.example"
LINE_IN_DAYS = 11.03
"""Ten days' notice and a little more than the day before the line in which the alarm is due."""
ALARMED_WITHIN = 240
"""The program looks every minute, and says what it has seen twice."""


def run(ground: Ground) -> Verdict:
    """Three installations, one after the other."""
    verdict = _silent(ground, Mode.HANG)
    verdict.add(_silent(ground, Mode.TARPIT))
    verdict.add(_taken_over(ground))
    verdict.add(_down(ground))
    return verdict


def naive(ground: Ground) -> Verdict:
    """It waits for an answer, and waits."""
    mails = 200
    post = ground.post()
    program = ground.lonely(f"fill({mails}); scene.announce('MNT-1', fan_out=True)", post, postgres=ground.postgres)
    post.tell(delay=0.01)
    program.naive(post.port)
    grown(post, 20, 10)
    post.tell(mode=Mode.HANG)
    wait(program.done(mails), 30)
    return judge(program.store.rows(), post.entries(), expected=mails)


def _silent(ground: Ground, mode: Mode) -> Verdict:
    """Without another server: nothing is lost, and it goes on when the server does."""
    mails, seconds = ground.size(600, 300), 25
    post = ground.post()
    program = ground.production(f"fill({mails}); scene.announce('MNT-1', fan_out=True)", post, redis=ground.redis())
    post.tell(delay=0.05)
    shift = Shift(program.beat, *(partial(program.worker, place) for place in range(2)))
    grown(post, mails // 4, 30)
    post.tell(mode=mode)
    time.sleep(seconds)
    post.tell(mode=Mode.NORMAL)
    took = wait(shift.until(program.done(mails)), LONGEST)
    rows, entries = program.store.rows(), post.entries()
    verdict = judge(rows, entries, expected=mails)
    verdict.figures = {f"{mode}: done after (s)": round(took or LONGEST, 1), f"{mode}: unknown": verdict.figures.get("unknown", 0)}
    verdict.require(took is not None, f"{mode}: not done", f"{program.store.states()}")
    unknown = {row.name for row in rows if row.state == "unknown"} - dropped(rows, entries)
    verdict.require(len(unknown) <= CONNECTIONS * DEPTH * 2, f"{mode}: too many unknown", f"{len(unknown)}")
    return verdict


def _taken_over(ground: Ground) -> Verdict:
    """With another server: the share of the usual throughput from the moment on at which the first one hangs."""
    mails = ground.size(4_000, 2_000)
    first, second = ground.post("first"), ground.post("second")
    filled = f"fill({mails}); scene.announce('MNT-1', fan_out=True)"
    program = ground.production(filled, first, redis=ground.redis(), EMAIL_URL_FALLBACK=second.url)
    for post in (first, second):
        post.tell(delay=0.06)
    shift = Shift(program.beat, *(partial(program.worker, place) for place in range(WORKERS)))
    grown(first, 50, 30)
    began, before = time.monotonic(), first.lines()
    grown(first, mails // 4, 60)
    usual = (first.lines() - before) / (time.monotonic() - began)
    first.tell(mode=Mode.HANG)
    left = program.store.open()
    took = wait(shift.until(lambda: program.store.open() <= CONNECTIONS), LONGEST) or LONGEST
    share = (left - program.store.open()) / took / usual
    wait(shift.until(program.done(mails)), 90)
    entries = sorted([*first.entries(), *second.entries()], key=lambda entry: entry.elapsed)
    verdict = judge(program.store.rows(), entries, expected=mails)
    verdict.figures = {"usual mails/s": round(usual, 1), "share kept (%)": round(share * 100)}
    verdict.require(share >= LEAST_SHARE, "the others were held up", f"{share:.0%} of the throughput")
    return verdict


def _down(ground: Ground) -> Verdict:
    """An hour passes at once: the rows' times move into the past by as much."""
    mails = ground.size(300, 100)
    post = ground.post()
    filled = f"fill({mails}); scene.announce('MNT-1', days={LINE_IN_DAYS}, fan_out=True)"
    program = ground.production(filled, post, redis=ground.redis(), PLANNERS_EMAIL=PLANNERS, NOTICE_MARGIN_HOURS="0")
    post.tell(mode=Mode.DOWN)
    shift = Shift(program.beat, partial(program.worker, 0))
    time.sleep(15)
    program.scene("travel(60)")
    alarms = "SELECT count(*) FROM delivery_alert WHERE kind = 'not_accepted'"
    alarmed = wait(shift.until(lambda: program.store.ask(alarms)[0][0] > 0), ALARMED_WITHIN)
    verdict = Verdict()
    verdict.require(alarmed is not None, "no alarm before the line")
    early = [row for row in program.store.rows() if row.state != "queued"]
    verdict.require(not early, "given up while the server was down", ", ".join(f"{row.name} {row.state}" for row in early[:3]))
    post.tell(mode=Mode.NORMAL)
    took = wait(shift.until(program.done(mails)), LONGEST)  # the breaker tries once a minute at least
    verdict.require(took is not None, "down: not done", f"{program.store.states()}")
    told = wait(lambda: any(entry.recipient == PLANNERS and entry.taken for entry in post.entries()), 60)
    verdict.require(told is not None or alarmed is None, "the alarm reached nobody")
    found = judge(program.store.rows(), [entry for entry in post.entries() if entry.recipient != PLANNERS], expected=mails)
    found.figures = {"down: alarm after (s)": round(alarmed or ALARMED_WITHIN), "down: done after (s)": round(took or LONGEST, 1)}
    verdict.add(found)
    return verdict
