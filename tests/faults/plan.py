"""What the mail server of the faults does wrong, and how often."""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What happens to one try of one mail."""

    NONE = "none"
    CLOSING_AT_MAIL = "421 at MAIL"
    BUSY_AT_RCPT = "451 at RCPT"
    NOBODY_AT_RCPT = "550 at RCPT"
    DROP_AT_DATA = "drop at DATA"
    DROP_IN_CONTENT = "drop in the content"
    BUSY_AT_END = "451 at the end"
    NOBODY_AT_END = "550 at the end"
    CLOSING_AT_END = "421 at the end"
    DROP_TAKEN = "drop after the content, without an answer"
    DROP_ANSWERED = "drop after the answer"
    SILENT_AT_END = "silent after the content, not taken"


class Mode(StrEnum):
    """What the whole server does."""

    NORMAL = "normal"
    HANG = "hang"  # accepts connections and says nothing; those there are fall silent too
    TARPIT = "tarpit"  # one byte of an answer a second
    DOWN = "down"  # refuses connections, and has cut those there were


PASSING = frozenset({Fault.CLOSING_AT_MAIL, Fault.BUSY_AT_RCPT, Fault.BUSY_AT_END, Fault.CLOSING_AT_END, Fault.DROP_AT_DATA, Fault.DROP_IN_CONTENT})
"""After them the mail is tried again."""


@dataclass
class Plan:
    """``shares`` says how often (0 to 1) which fault happens; ``most`` how often to one recipient, as far as it is tried again.

    ``delay``: seconds before the answer to a content. ``silent``: recipients at whose contents the server falls silent.
    """

    shares: dict[Fault, float] = field(default_factory=dict)
    most: int = 2
    delay: float = 0.0
    mode: Mode = Mode.NORMAL
    pipelining: bool = True
    silent: str = ""
    seed: int = 1
    _random: random.Random = field(default_factory=random.Random)
    _done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin the row of random numbers."""
        self._random = random.Random(self.seed)  # noqa: S311  # the same faults in each run

    def draw(self, recipient: str) -> Fault:
        """Choose what happens to this try."""
        if self.silent and recipient.startswith(self.silent):
            return Fault.SILENT_AT_END
        point = self._random.random()
        for fault, share in self.shares.items():
            if point < share:
                return self._once_more(fault, recipient)
            point -= share
        return Fault.NONE

    def _once_more(self, fault: Fault, recipient: str) -> Fault:
        if fault not in PASSING:
            return fault
        self._done[recipient] += 1
        return fault if self._done[recipient] <= self.most else Fault.NONE
