"""In the measured process: wait for the word, do the work, tell what it took. Standard library only: the peers' environment uses it too."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def measured(work: Callable[[], int], **known: Any) -> None:  # noqa: ANN401  # numbers and words
    """Say that all is ready, wait for a line on standard input, do the work and print its figures as JSON, with what is ``known`` besides.

    ``work`` returns how many things it did. Times in seconds; ``begun`` and ``ended`` by the clock that all processes share.
    """
    say({"ready": True})
    sys.stdin.readline()
    forget_peak()
    busy, begun = time.process_time(), time.monotonic()
    done = work()
    ended, cpu = time.monotonic(), time.process_time() - busy
    say({"done": done, "begun": begun, "ended": ended, "cpu": cpu, "peak_mb": peak_megabytes(), **known})


def say(told: dict[str, Any]) -> None:
    """Print one line of JSON, for the process that started this one."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def pin(cores: str) -> None:
    """Run on these cores only (``0,1``), where the system can do that; empty: wherever it likes."""
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core) for core in cores.split(",")})


def forget_peak() -> None:
    """Count the most memory from now on, where the system can do that (Linux)."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return


def peak_megabytes() -> float:
    """Return the most memory that this process has held. Not ``ru_maxrss`` where that can be helped: it begins with the parent's."""
    if _STATUS.exists():
        told = dict(one.split(":", 1) for one in _STATUS.read_text().splitlines())
        if "VmHWM" in told:
            return round(int(told["VmHWM"].split()[0]) / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
