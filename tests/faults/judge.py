"""The judge: what the mail server wrote down against what the database says became of each mail. It knows nothing of who sent them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.journal import Entry
from tests.faults.rows import Row

FLAGGED_WITHIN = 60.0
"""Seconds after the hand-over within which a mail is flagged whose answer was never seen (DESIGN.md section 4, Delivery 2)."""
_CLOCKS = 0.1
"""Seconds that two clocks of one machine may be apart where their readings are rounded."""
_SHOWN = 3
_TO_PLANNERS = "alert-"


@dataclass
class Verdict:
    """``charges``: what must not be, by kind, each with the deliveries that it is about. ``figures``: what was counted.

    ``unheard``: unknown ones of which the server had told what became of them.
    """

    charges: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    unheard: list[str] = field(default_factory=list)

    @property
    def guilty(self) -> bool:
        """Tell whether there is any charge."""
        return any(self.charges.values())

    def charge(self, kind: str, about: str) -> None:
        """Add to what must not be."""
        self.charges.setdefault(kind, []).append(about)

    def require(self, holds: bool, kind: str, about: str = "") -> None:  # noqa: FBT001  # the condition reads first
        """Charge where a condition does not hold."""
        if not holds:
            self.charge(kind, about or kind)

    def add(self, other: "Verdict") -> None:
        """Take over what another found; figures are added up."""
        for kind, about in other.charges.items():
            self.charges[kind] = [*self.charges.get(kind, []), *about]
        for name, figure in other.figures.items():
            highest = name.startswith(("longest", "most"))
            self.figures[name] = max(self.figures.get(name, 0), figure) if highest else self.figures.get(name, 0) + figure

    def lines(self) -> list[str]:
        """Return a line for each kind of charge."""
        return [
            f"{kind}: {len(about)} ({', '.join(about[:_SHOWN])}{', ...' if len(about) > _SHOWN else ''})"
            for kind, about in sorted(self.charges.items())
            if about
        ]


def judge(rows: Sequence[Row], entries: Sequence[Entry], *, expected: int | None = None) -> Verdict:
    """Return what is wrong. ``expected``: how many deliveries there must be."""
    verdict = Verdict()
    tries = _by_name(rows, entries)
    states = Counter(row.state for row in rows)
    verdict.figures |= {"deliveries": len(rows), "journalled": len(entries), **dict(sorted(states.items()))}
    verdict.figures["taken"] = sum(entry.taken for entry in entries)
    if expected is not None:
        verdict.require(len(rows) == expected, "deliveries missing or too many", f"{len(rows)} instead of {expected}")
    for row in rows:
        _judge_row(row, tries[row.name], verdict)
    known = {row.name for row in rows}
    for entry in entries:
        ours = not entry.name or entry.name in known or entry.name.startswith(_TO_PLANNERS)
        verdict.require(ours, "mails of no delivery", entry.name)
    _judge_flags(rows, verdict)
    return verdict


def _by_name(rows: Sequence[Row], entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Return each delivery's tries.

    One refused before its content came is told by its sender's address, else by its recipient, where that has one delivery only.
    """
    of_address = defaultdict(set)
    for row in rows:
        of_address[row.address.lower()].add(row.name)
    of_number = {row.pk: row.name for row in rows}
    found = defaultdict(list)
    for entry in entries:
        here = of_address[entry.recipient]
        name = entry.name or of_number.get(entry.number or 0, "") or (next(iter(here)) if len(here) == 1 else "")
        found[name].append(entry)
    return found


def _judge_row(row: Row, tries: list[Entry], verdict: Verdict) -> None:
    taken = [entry for entry in tries if entry.taken]
    told = f"{row.name} ({row.state}; {', '.join(entry.answer for entry in tries) or 'never tried'}; {row.reason})"
    if row.state in {"queued", "sending"}:
        verdict.charge("lost: neither sent nor failed nor flagged", told)
    if row.state in {"sent", "delivered"} and not taken:
        verdict.charge("lost: said to be sent, never taken", told)
    if len(taken) > 1 and row.state != "unknown":
        verdict.charge("doubled in silence", told)
    if len(taken) > 1 and row.state == "unknown":
        verdict.charge("doubled, although flagged", told)
    if row.state in {"failed", "withdrawn"} and taken:
        verdict.charge(f"taken, but said to be {row.state}", told)
    _judge_refusals(row, tries, told, verdict)
    _judge_times(row, taken, told, verdict)


def _judge_refusals(row: Row, tries: list[Entry], told: str, verdict: Verdict) -> None:
    refused = next((entry for entry in tries if entry.heard.startswith("5")), None)
    if refused is not None and row.state != "unknown" and not any(entry.taken for entry in tries):
        said = refused.answer.partition(" ")[2]
        verdict.require(row.state == "failed" and said in row.reason, "refused for good, and not failed with the server's words", told)
    if row.state == "failed" and refused is None and not row.reason.startswith(("too late", "cannot be composed", "given up")):
        verdict.charge("failed without the server having refused it", told)
    last = tries[-1] if tries else None
    if last is not None and last.heard.startswith("4") and row.state == "failed" and not row.reason.startswith("given up"):
        verdict.charge("refused for now, and not tried again", told)
    if last is not None and last.heard and row.state == "unknown":  # right where the worker was killed between hearing and writing
        verdict.unheard.append(told)


def _judge_times(row: Row, taken: list[Entry], told: str, verdict: Verdict) -> None:
    for entry in taken:
        if row.first_due_at is not None and entry.wall < row.first_due_at - _CLOCKS:
            verdict.charge("early", f"{row.first_due_at - entry.wall:.0f} s: {told}")
        if row.deadline is not None and entry.wall > row.deadline + _CLOCKS:
            verdict.charge("late", f"{entry.wall - row.deadline:.0f} s: {told}")


def _judge_flags(rows: Sequence[Row], verdict: Verdict) -> None:
    waits = [row.settled_at - row.handed_over_at for row in rows if row.state == "unknown" and row.settled_at and row.handed_over_at]
    if waits:
        verdict.figures["longest until flagged (s)"] = round(max(waits), 1)
        verdict.require(max(waits) <= FLAGGED_WITHIN, "flagged too late", f"{max(waits):.0f} s after the hand-over")
