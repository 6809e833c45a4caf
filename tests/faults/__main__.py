"""``python -m tests.faults [--quick] [CASE ...]``: run the cases, print a line for each, write build/faults.json.

The exit code is 1 where a case does not hold, where the naive sender is not found guilty of anything, or where a case can't be run for
an error. A case that is impossible on this machine is skipped, and said to be.
"""

import argparse
import importlib
import json
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.ground import Case, Ground, SkippedError
from tests.faults.judge import Verdict
from tests.faults.program import Templates
from tests.servers.postgres import Postgres

CASES = ("kills", "failpoints", "hang", "redis", "postgres", "disk", "beats", "clock", "cancel", "poison", "webhooks", "embedded")
REPORT = Path(__file__).resolve().parents[2] / "build" / "faults.json"


@dataclass
class Result:
    """What became of one case; ``charges`` are the program's, ``naive`` the naive sender's."""

    case: str
    what: str
    outcome: str = "error"
    seconds: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)
    charges: list[str] = field(default_factory=list)
    naive: list[str] = field(default_factory=list)


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="The program under faults; see docs/faults.md")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; none: all")
    parser.add_argument("--quick", action="store_true", help="smaller numbers")
    parser.add_argument("--jobs", type=int, default=2, help="so many cases at once (2): they mostly wait")
    parser.add_argument("--keep", action="store_true", help="leave journals and logs of a case that does not hold")
    options = parser.parse_args()
    unknown = set(options.cases) - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    results: list[Result] = []
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="notifier-faults-"))
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres())
        templates = Templates(folder / "templates")
        threads = stack.enter_context(ThreadPoolExecutor(options.jobs))
        cases = [threads.submit(_run, name, folder / name, postgres, templates, quick=options.quick) for name in options.cases or CASES]
        for done in as_completed(cases):
            results.append(done.result())
            _print(results[-1])
    if options.keep and any(one.outcome == "fails" for one in results):
        _line(f"journals and logs: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return _report(results, quick=options.quick, seconds=round(time.monotonic() - began))


def _run(name: str, folder: Path, postgres: Postgres, templates: Templates, *, quick: bool) -> Result:
    case: Case = importlib.import_module(f"tests.faults.cases.{name}")
    result = Result(name, case.WHAT)
    began = time.monotonic()
    try:
        verdict = _verdict(case.run, folder / "program", postgres, templates, quick=quick)
        result.figures, result.charges = verdict.figures, verdict.lines()
        naive = _verdict(case.naive, folder / "naive", postgres, templates, quick=quick)
        result.naive = naive.lines()
        if not naive.guilty:
            result.charges.append("the rig shows nothing: the naive sender was found guilty of nothing")
        result.outcome = "fails" if result.charges else "holds"
    except SkippedError as reason:
        result.outcome, result.charges = "skipped", [f"SKIPPED: {reason}"]
    except Exception:  # noqa: BLE001  # the other cases still say something
        result.charges = [traceback.format_exc()]
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _verdict(run: Callable[[Ground], Verdict], folder: Path, postgres: Postgres, templates: Templates, *, quick: bool) -> Verdict:
    ground = Ground(folder, postgres, templates, quick, lambda text: _line(f"    {text}"))
    with ground.stack:
        return run(ground)


def _print(result: Result) -> None:
    _line(f"{result.case:<12} {result.outcome:<8} {result.seconds:>6.0f} s  {result.what}")
    _line(f"    {', '.join(f'{name} {figure:g}' for name, figure in result.figures.items())}")
    for charge in result.charges:
        _line(f"    ! {charge}")
    for charge in result.naive:
        _line(f"    naive: {charge}")


def _report(results: list[Result], *, quick: bool, seconds: int) -> int:
    REPORT.parent.mkdir(exist_ok=True)
    told = {"quick": quick, "seconds": seconds, "cases": [vars(one) for one in sorted(results, key=lambda one: CASES.index(one.case))]}
    REPORT.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    numbers = {outcome: sum(one.outcome == outcome for one in results) for outcome in ("holds", "fails", "error", "skipped")}
    _line(f"{', '.join(f'{number} {outcome}' for outcome, number in numbers.items())}; {seconds} s; {REPORT}")
    return int(numbers["fails"] + numbers["error"] > 0)


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
