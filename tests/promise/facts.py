"""What a world, in memory or in a database, shows of itself to the oracle: plain values and no rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Who:
    """A customer: where it lives, how many days were agreed, and its services: since when each is held, by object id."""

    zone: str
    days: int
    held: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """One service in one window: ``rank`` is 0 for no impact up to 3 for an outage. ``planned``: not told as an emergency."""

    window: int
    service: str
    start: datetime
    end: datetime
    rank: int
    minutes: int
    planned: bool = True


@dataclass(frozen=True)
class Word:
    """What one notice told one customer of the work to come. ``accepted_at``: empty where it was not, or has bounced."""

    customer: str
    issued_at: datetime
    named: tuple[Named, ...]
    accepted_at: datetime | None = None


@dataclass(frozen=True)
class Span:
    """One window as a notice stated it: which services it would hit, held or not, is what ``hits`` names."""

    start: datetime
    end: datetime
    rank: int
    minutes: int
    hits: frozenset[str]


@dataclass(frozen=True)
class Statement:
    """All windows of planned work as one notice stated them, whomever it told."""

    issued_at: datetime
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Facts:
    """Everything about one piece of work, the oldest words and statements first."""

    customers: Mapping[str, Who]
    words: tuple[Word, ...]
    statements: tuple[Statement, ...]
