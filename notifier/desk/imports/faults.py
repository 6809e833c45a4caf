"""What is wrong in a file, and where."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

WHOLE = "maintenance"
"""What stands in a report's column where a piece of work as a whole is at fault."""

_LONGEST_SHOWN = 80


def shown(value: object) -> str:
    """Return the value as Python writes it, with every character that does not print escaped, cut where it is long: fit for a terminal."""
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return repr(value[:_LONGEST_SHOWN] + "…")
    text = repr(value)
    return text if isinstance(value, str) or len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def worded(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield field (empty where the error has none) and message of everything that an error says."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            for one in errors:
                for message in one.messages:
                    yield ("" if name == "__all__" else name), message
    else:
        for message in error.messages:
            yield "", message


@dataclass(frozen=True)
class Fault:
    """``line`` counts from 1 as editors do; ``column`` is a CSV column, or the path of a field as ``windows[2].start``."""

    file: str
    line: int
    column: str
    message: str
    code: str = ""

    def __str__(self) -> str:
        """Return the line of the report."""
        return f"{self.file}:{self.line}: {self.column}: {self.message}"


class Refused(Exception):  # noqa: N818  # an answer to the person who wrote the file, not a failure of the program
    """A file has faults, so nothing was changed; ``faults`` holds every one of them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order of the files and their lines."""
        self.faults = tuple(faults)
        super().__init__(
            ngettext(
                "Refused: %(count)d fault, nothing was changed.",
                "Refused: %(count)d faults, nothing was changed.",
                len(self.faults),
            )
            % {"count": len(self.faults)},
        )


@dataclass
class Findings:
    """The faults of one file as they are found."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def add(self, line: int, column: str, message: str, *, code: str = "") -> None:
        """Note one fault."""
        self.faults.append(Fault(self.file, line, column, message, code))

    def note(self, line: int, column: str, error: ValidationError) -> None:
        """Note everything that an error says."""
        for name, message in worded(error):
            self.add(line, ".".join(part for part in (column, name) if part) or WHOLE, message, code=getattr(error, "code", None) or "")

    @contextmanager
    def at(self, line: int, column: str) -> Iterator[None]:
        """Note what the block refuses by ValidationError, and go on."""
        try:
            yield
        except ValidationError as error:
            self.note(line, column, error)

    def in_order(self) -> list[Fault]:
        """Return the faults by line; those of one line in the order in which they were found."""
        return sorted(self.faults, key=lambda fault: fault.line)
