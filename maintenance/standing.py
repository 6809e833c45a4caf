"""What each customer was told of a maintenance, notice by notice, and which of it was accepted: read once, asked often.

A customer's standing notice is the newest that says what is to come (or takes it back). Progress, reminders and reports say nothing new
of that kind. Served is read, never deliveries (DESIGN.md section 3).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from maintenance.clocks import Clock, enough
from maintenance.models import Maintenance, NoticeCustomer, NoticeService, Served
from maintenance.promises import Piece, lacking
from maintenance.said import Said
from maintenance.states import CONTENT_KINDS, TOLD_STATES, WITHDRAWING_KINDS, Basis, Impact, Kind

SPEAKING = (*CONTENT_KINDS, *WITHDRAWING_KINDS)
"""Kinds that say, or take back, what is to come."""


@dataclass(frozen=True)
class Told:
    """One notice to one customer. ``accepted_at``: when it was first taken over or given, None where it was not (or a bounce revoked it).

    ``clock``: by which the customer's notice was counted then (None in what earlier versions stored).
    """

    notice: int
    issued_at: datetime
    said: Said
    kind: Kind
    deadline: datetime | None
    accepted_at: datetime | None
    bases: Mapping[int, Basis] = field(default_factory=dict)
    clock: Clock | None = None


def _never(_start: datetime) -> bool:
    return False


@dataclass
class Standing:
    """What a maintenance's customers were told; ``told`` by customer, the oldest first.

    ``excuses`` tells of a start whether a P1 allows an emergency then: whoever was told of one needs no ten days.
    """

    told: Mapping[int, Sequence[Told]]
    excuses: Callable[[datetime], bool] = _never
    _named: dict[tuple[int, int], dict[str, list[tuple[int, Impact, bool]]]] = field(default_factory=dict)
    _read: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, maintenance: Maintenance) -> "Standing":
        """Read it: three queries, and one more for each notice whose services are asked for."""
        notices = {notice.pk: notice for notice in maintenance.notices.all()}
        said = {pk: notice.said for pk, notice in notices.items()}
        accepted: dict[tuple[int, int], datetime] = {}
        served = Served.objects.filter(notice__maintenance=maintenance, revoked_at__isnull=True)
        for notice, customer, at in served.values_list("notice_id", "customer_id", "accepted_at"):
            accepted[notice, customer] = min(at, accepted.get((notice, customer), at))
        rows = NoticeCustomer.objects.filter(notice__maintenance=maintenance, kind__in=SPEAKING).order_by("notice__revision")
        told: dict[int, list[Told]] = defaultdict(list)
        for notice, customer, kind, deadline, bases, zone, days in rows.values_list("notice_id", "customer_id", "kind", "deadline", "bases", "zone", "days"):
            exceptions = {int(number): Basis(basis) for number, basis in bases.items()}
            first = accepted.get((notice, customer))
            counted = Clock(zone, days) if zone else None
            told[customer].append(Told(notice, notices[notice].issued_at, said[notice], Kind(kind), deadline, first, exceptions, counted))
        return cls(dict(told))

    def customers(self) -> list[int]:
        """Return whoever stands told that work will touch it."""
        return [customer for customer, told in self.told.items() if told[-1].kind != Kind.CANCELLED]

    def newest(self, customer: int) -> Told | None:
        """Return the customer's standing notice."""
        told = self.told.get(customer)
        return told[-1] if told and told[-1].kind != Kind.CANCELLED else None

    def content(self, customer: int) -> Told | None:
        """Return the newest notice that told the customer all that is to come."""
        return next((told for told in reversed(self.told.get(customer, ())) if told.kind in CONTENT_KINDS), None)

    def promised(self, customer: int) -> dict[str, list[Piece]]:
        """Return what the customer's standing notice says of each service, served or not."""
        newest = self.newest(customer)
        return self._pieces(customer, newest) if newest else {}

    def has_heard(self, customer: int) -> bool:
        """Tell whether any notice of the work was accepted for the customer."""
        return any(told.accepted_at for told in self.told.get(customer, ()))

    def has_heard_late(self, customer: int, window: int) -> bool:
        """Tell whether the customer's newest word told it late of that window, and was accepted."""
        newest = self.content(customer)
        return newest is not None and newest.accepted_at is not None and newest.bases.get(window) == Basis.LATE

    def is_pending(self, customer: int) -> bool:
        """Tell whether the standing notice needs its ten days and has not been accepted so far."""
        newest = self.content(customer)
        return newest is not None and newest.deadline is not None and newest.accepted_at is None

    def is_covered(self, customer: int, wanted: Mapping[str, Sequence[Piece]], clock: Clock, *, heard: bool = False) -> bool:
        """Tell whether all that is wanted, by service, stands promised by notices that were accepted in time by the customer's clock.

        ``heard``: as if a notice that says all of it were accepted some time; that is enough for what was added later.
        """
        return not any(self._lacks(customer, service, piece, clock, heard=heard) for service, pieces in wanted.items() for piece in pieces)

    def _lacks(self, customer: int, service: str, piece: Piece, clock: Clock, *, heard: bool) -> bool:
        history = []
        for told in reversed(self.told.get(customer, ())):
            if told.kind == Kind.CANCELLED:
                break
            heard = heard or (told.accepted_at is not None and told.kind in CONTENT_KINDS)
            said = self._pieces(customer, told).get(service, [])
            history.append((self._in_time(customer, told, service, piece, clock, heard=heard), said))
        return bool(lacking(piece, history))

    def _in_time(self, customer: int, told: Told, service: str, piece: Piece, clock: Clock, *, heard: bool) -> bool:
        if heard and any(joined for _number, _impact, joined in self._services(customer, told.notice).get(service, ())):
            return True  # added after the announcement: it is enough that this notice, or a later one that says so too, was accepted
        if told.accepted_at is None or told.kind == Kind.POSTPONED:
            return False  # a postponement takes away, and says nothing new of the other windows
        if self.excuses(piece.start) and told.bases.get(piece.window) == Basis.EMERGENCY:
            return True  # DOMAIN.md, 4; work that a P1 does not hurry keeps its ten days
        clocks = {clock, told.clock or clock}  # what was agreed then, and what is now: neither editing makes a notice more than it was
        return all(enough(accepted_at=told.accepted_at, start=piece.start, zone=one.place, days=one.days) for one in clocks)

    def _pieces(self, customer: int, told: Told) -> dict[str, list[Piece]]:
        """Return what a notice named to the customer; windows that it calls off are not among it."""
        found: dict[str, list[Piece]] = {}
        for service, rows in self._services(customer, told.notice).items():
            for number, impact, _joined in rows:
                for window in told.said.windows:
                    if window.state in TOLD_STATES and number in window.named_by:
                        end = window.overran_from or window.end
                        minutes = min(told.said.expected_outage_minutes, (end - window.start) // timedelta(minutes=1))
                        found.setdefault(service, []).append(Piece(window.number, window.start, end, impact, minutes))
        return found

    def _services(self, customer: int, notice: int) -> Mapping[str, Sequence[tuple[int, Impact, bool]]]:
        if notice not in self._read:
            self._read.add(notice)
            rows = NoticeService.objects.filter(notice=notice).values_list("customer_id", "object_id", "window_number", "impact", "joined")
            for owner, name, number, impact, joined in rows:
                self._named.setdefault((notice, owner), {}).setdefault(name, []).append((number, Impact(impact), joined))
        return self._named.get((notice, customer), {})


def account_sample(accounts: Iterable[str], *, most: int = 10) -> str:
    """Return the first accounts as text, and how many more there are."""
    listed = sorted(accounts)
    named = ", ".join(listed[:most])
    return named if len(listed) <= most else f"{named} (+{len(listed) - most})"
