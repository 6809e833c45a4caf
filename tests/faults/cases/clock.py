"""The clock of workers and beat steps an hour ahead and back; that of the database does not."""

import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from tests.faults.cases.kills import grown
from tests.faults.ground import Ground, skip
from tests.faults.judge import Verdict, judge
from tests.faults.program import Shift, wait

WHAT = "the clock steps by +1 h and -1 h: nothing early, nothing twice, beat alive"
MAILS = 100
SOON, FIRST = "MNT-SOON", "MNT-0"
STEPS = (("+3600", "+3600"), ("-3600", "-3600"), ("+0", "+0"), ("+3600", "+0"), ("-3600", "+0"))
"""Of the workers' clock and that of beat: both on one machine, which steps; then two machines whose clocks differ."""
WAITED = 40
_NAMES = (SOON, *(f"MNT-{place}" for place in range(len(STEPS))))
_BOOKED = "; scene.".join(f"announce('{name}', days={30 + place}, fan_out=True)" for place, name in enumerate(_NAMES))
_FILLED = f"fill({MAILS}); scene.{_BOOKED}; scene.postpone_mails(1440)"
_PLACES = "/usr/lib/*/faketime/libfaketime.so.1"


def run(ground: Ground) -> Verdict:
    """One piece of work is due in half an hour, and goes out in no case; the others are due when the clock has just stepped."""
    post = ground.post()
    (of_workers, worker), (of_beat, beat) = _other_clock(ground), _other_clock(ground)
    program = ground.production(_FILLED, post, redis=ground.redis())
    post.tell(delay=0.05)
    shift = Shift(partial(program.beat, prefix=beat), *(partial(program.worker, place, prefix=worker) for place in range(2)))
    verdict = Verdict()
    program.release(SOON, minutes=30)
    program.release(FIRST)
    grown(post, MAILS // 3, 60)
    for place, (step, of_the_beat) in enumerate(STEPS):
        name = f"MNT-{place}"
        of_workers.write_text(f"{step}\n")
        of_beat.write_text(f"{of_the_beat}\n")
        time.sleep(0 if name == FIRST else 7)  # a tick
        if name != FIRST:
            program.release(name)
        took = wait(shift.until(lambda name=name: program.left(name) == 0), WAITED)  # type: ignore[misc]  # bound at once
        now = f"clock {step} s, of beat {of_the_beat} s"
        verdict.require(took is not None, f"{now}: not sent within {WAITED} s", f"{program.left(name)} of {MAILS} left")
        verdict.figures[f"{now}: sent after (s)"] = round(took or WAITED, 1)
    entries = post.entries()
    rows = program.store.rows()
    found = judge([row for row in rows if row.reference != SOON], entries)
    found.charges.pop("mails of no delivery", None)  # judged below
    early = {row.name for row in rows if row.reference == SOON} & {entry.name for entry in entries}
    verdict.require(not early, "early", f"{len(early)} mails that are due in half an hour")
    verdict.require(shift.restarts == 0, "a process ended", f"{shift.restarts} restarts")
    verdict.add(found)
    return verdict


def naive(ground: Ground) -> Verdict:
    """It asks its own clock."""
    post = ground.post()
    steps, prefix = _other_clock(ground)
    program = ground.lonely(_FILLED, post, postgres=ground.postgres)
    program.release(SOON, minutes=30)
    program.naive(post.port, prefix=prefix)
    steps.write_text("+3600\n")
    grown(post, MAILS, 10)
    return judge(program.store.rows(), post.entries())


def _other_clock(ground: Ground) -> tuple[Path, tuple[str, ...]]:
    """Return a file that says by how much the clock differs, and the prefix of commands that go by it."""
    steps = ground.place("clock") / "steps"
    steps.write_text("+0\n")
    library = next(iter(sorted(Path("/").glob(_PLACES.lstrip("/")))), None) or _fetched(ground.place("faketime"))
    words = (f"LD_PRELOAD={library}", f"FAKETIME_TIMESTAMP_FILE={steps}", "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1")
    return steps, ("env", *words, sys.executable, "-W", "ignore", "-m", "tests.faults.stepping")


def _fetched(folder: Path) -> Path:
    """Take libfaketime from the distribution's package, without installing it."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg")
    if apt is None or dpkg is None:
        skip("libfaketime is not installed (Debian: libfaketime)")
    done = subprocess.run([apt, "download", "libfaketime"], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    for package in folder.glob("*.deb"):
        subprocess.run([dpkg, "-x", str(package), str(folder)], check=True)
    found = next(iter(sorted(folder.glob(_PLACES.lstrip("/")))), None)
    if found is None:
        skip(f"libfaketime is not installed, and could not be fetched: {done.stderr.strip()[-200:]}")
    return found
