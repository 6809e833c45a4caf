"""Processes that are measured, which core they run on, and how they are told to begin."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.environment import outside

ROOT = Path(__file__).parents[2]
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SENDER = str(_CORES[-1])
"""The core of the process that is measured."""
SERVERS = ",".join(map(str, _CORES[:-1] or _CORES))
"""The cores of the mail sink and the database meanwhile."""
ALL = ",".join(map(str, _CORES))


class ProcessError(Exception):
    """A measured process ended early; the message holds what it wrote."""


class Process:
    """One process of ``tests.bench.inside`` (with Django set up, see ``inside/__main__.py``) or of another ``python``."""

    def __init__(self, *arguments: str, variables: Mapping[str, str], cores: str = "", python: str = sys.executable) -> None:
        """Start it; ``arguments`` begin with the module."""
        module, *rest = arguments
        self._name = " ".join(arguments)
        self._process = subprocess.Popen(
            [python, "-W", "ignore", "-m", module, *rest],
            env=outside(**variables, BENCH_CORES=cores),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def told(self) -> dict[str, Any]:
        """Return the next line that it prints."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise ProcessError(f"{self._name} ended with code {self._process.wait()}; what it wrote stands above")
        found: dict[str, Any] = json.loads(said)
        return found

    def go(self) -> None:
        """Let it begin."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Wait until it has ended, however it was left."""
        self._process.communicate()


def run(*arguments: str, variables: Mapping[str, str], cores: str = "", python: str = sys.executable) -> dict[str, Any]:
    """Start one process, let it begin when it is ready, and return its figures."""
    return run_together([arguments], variables=variables, cores=cores, python=python)[0]


def run_together(commands: Sequence[Sequence[str]], *, variables: Mapping[str, str], cores: str = "", python: str = sys.executable) -> list[dict[str, Any]]:
    """As ``run``, for several that begin together when all are ready."""
    started = [Process(*command, variables=variables, cores=cores, python=python) for command in commands]
    try:
        figures = [process.told() for process in started]
        if not all("ready" in one for one in figures):
            return figures  # it only had something to tell
        for process in started:
            process.go()
        return [process.told() for process in started]
    finally:
        for process in started:
            process.end()


@contextmanager
def on_cores(cores: str) -> Iterator[None]:
    """Let the processes that are started in the block, and theirs, run on these cores only."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {int(core) for core in cores.split(",")})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def move(pid: int, cores: str) -> None:
    """Let a process and all that come from it run on these cores."""
    if not hasattr(os, "sched_setaffinity") or not Path("/proc").is_dir():
        return
    parents = {int(folder.name): _parent(folder) for folder in Path("/proc").iterdir() if folder.name.isdigit()}
    for one in [pid, *(child for child, parent in parents.items() if parent == pid)]:
        try:
            os.sched_setaffinity(one, {int(core) for core in cores.split(",")})
        except ProcessLookupError:
            continue


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0
