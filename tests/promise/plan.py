"""What a planner of the machine has in mind, and what a world must be able to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from tests.promise.facts import Facts, Named

MARGIN = timedelta(hours=24)
DAYS_AFTER_P1 = 7
MINUTE = timedelta(minutes=1)
LATER = {f"{name}-late-{part}": part for name in "xyz" for part in "AB"}
"""Services that a customer may come to hold."""


@dataclass(frozen=True)
class Night:
    """A window; ``number`` is 0 for a new one, and ``only`` are the objects that it is narrowed to."""

    number: int
    start: datetime
    end: datetime
    only: frozenset[str] = frozenset()
    alternate: bool = False


@dataclass(frozen=True)
class Plan:
    """The work: ``scope`` are components, ``rank`` is 0 for no impact up to 3 for an outage."""

    scope: frozenset[str]
    nights: tuple[Night, ...]
    rank: int
    minutes: int

    def named(self, night: Night, service: str, *, planned: bool = True) -> Named:
        """Return what a night does to a service; it is never hit for longer than the night lasts."""
        return Named(night.number, service, night.start, night.end, self.rank, min(self.minutes, (night.end - night.start) // MINUTE), planned)


def hits(plan: Plan, night: Night, service: str, component: str) -> bool:
    """Tell whether a service is hit in a night."""
    return component in plan.scope and (not night.only or service in night.only)


@dataclass
class Home:
    """A customer: zone, days agreed (10 where nothing was), and the component and first day of each service by object id."""

    zone: str
    days: int
    services: dict[str, tuple[str, datetime]] = field(default_factory=dict)


@dataclass
class P1:
    """The incident of an emergency."""

    closed_at: datetime | None = None
    refuted: bool = False

    def excuses(self, start: datetime) -> bool:
        """Tell whether it justifies work that starts then (DOMAIN.md: a P1, and its lasting repair within seven days)."""
        return not self.refuted and (self.closed_at is None or start <= self.closed_at + timedelta(days=DAYS_AFTER_P1))


class World(Protocol):
    """Where the machine's rules happen. A verb that is refused for too little notice returns False and changes nothing."""

    homes: Mapping[str, Home]

    def plan(self) -> Plan | None:
        """Return the work with its windows that have not begun, if any was announced."""

    def postponed(self) -> list[Night]:
        """Return the windows that wait for a new date, with their old one."""

    def running(self) -> list[Night]:
        """Return the windows in progress."""

    def planned(self) -> set[int]:
        """Return the numbers of the windows of ``plan`` that count as planned (the others are emergencies)."""

    def announce(self, plan: Plan, *, p1: P1 | None, now: datetime) -> bool:
        """Book and announce new work."""

    def revise(self, plan: Plan, *, now: datetime) -> bool:
        """Change announced work; a night that is not in the plan any more is cancelled."""

    def cancel(self, *, now: datetime) -> None:
        """Withdraw all that has not begun."""

    def postpone(self, number: int, *, now: datetime) -> None:
        """Withdraw a window; a new date comes later, by ``revise``."""

    def take_alternate(self, number: int, *, now: datetime) -> bool:
        """Use an alternate in the place of another window; False where there is none that it could stand in for."""

    def start(self, number: int, *, now: datetime) -> set[str]:
        """Begin a window; return the customers recorded as not served in time."""

    def extend(self, number: int, end: datetime, *, now: datetime) -> None:
        """Let a window in progress take longer."""

    def finish(self, number: int, *, now: datetime) -> None:
        """End a window in progress."""

    def join(self, customer: str, service: str, component: str, *, held: datetime, now: datetime) -> None:
        """Enter a service that is held since ``held``."""

    def close_p1(self, *, now: datetime) -> None:
        """Close the incident."""

    def refute_p1(self, *, now: datetime) -> None:
        """Find that the incident never was a P1: its emergencies that have not begun stop."""

    def waiting(self) -> list[tuple[str, datetime | None]]:
        """Return the customers with a mail that waits, each with the last moment at which it may go out."""

    def accept(self, customer: str, *, now: datetime) -> bool:
        """Hand a customer's waiting mail over; False where it is too late for that."""

    def bounce(self, customer: str) -> None:
        """Let a customer's newest accepted mail come back."""

    def facts(self) -> Facts:
        """Return what was said and accepted, for the oracle."""
