"""A world in memory: the pure rules of the program, put together the way ``booking`` does, without a database."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from maintenance import policy
from maintenance.clocks import Clock, enough
from maintenance.policy import Asked, Rules
from maintenance.promises import Gap, Piece, lacking, uncovered
from maintenance.states import Basis, Impact
from tests.promise.facts import Facts, Named, Span, Statement, Who, Word
from tests.promise.plan import DAYS_AFTER_P1, LATER, MARGIN, P1, Home, Night, Plan, hits

RULES = Rules(days=10, margin=MARGIN, days_after_p1=DAYS_AFTER_P1)
Services = dict[str, list[Piece]]


@dataclass
class Told:
    """A notice to one customer, newest last; ``deadline`` as the dispatcher is given it."""

    customer: str
    issued_at: datetime
    pieces: Services
    deadline: datetime | None
    emergencies: frozenset[int]
    waits: bool = True
    accepted_at: datetime | None = None

    def promised(self, window: int = 0) -> Services:
        """What was promised with full notice, and what was said of the window itself."""
        return {
            service: [piece for piece in pieces if piece.window not in self.emergencies or piece.window == window] for service, pieces in self.pieces.items()
        }


@dataclass
class Memory:
    """One piece of work at a time; ``states`` by window number, as in the program."""

    homes: Mapping[str, Home]
    work: Plan | None = None
    p1: P1 | None = None
    states: dict[int, str] = field(default_factory=dict)
    bases: dict[int, Basis] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    def plan(self) -> Plan | None:
        """As the protocol says."""
        return self.work and replace(self.work, nights=tuple(self._in_state("announced")))

    def postponed(self) -> list[Night]:
        """As the protocol says."""
        return self._in_state("postponed")

    def running(self) -> list[Night]:
        """As the protocol says."""
        return self._in_state("in_progress")

    def planned(self) -> set[int]:
        """As the protocol says."""
        return {night.number for night in self._in_state("announced") if self.bases[night.number] == Basis.PLANNED}

    def announce(self, plan: Plan, *, p1: P1 | None, now: datetime) -> bool:
        """As the protocol says."""
        fresh = Memory(self.homes, work=replace(plan, nights=()), p1=p1)
        if not fresh.revise(plan, now=now):
            return False
        self.__dict__ |= fresh.__dict__
        return True

    def revise(self, plan: Plan, *, now: datetime) -> bool:
        """As the protocol says."""
        assert self.work is not None
        nights = number(plan.nights, after=max(self.states, default=0))
        wanted = self._hit(replace(plan, nights=nights))
        gaps = {customer: self._gaps(customer, services) for customer, services in wanted.items()}
        asked, partly = [], set()
        for night in nights:
            hit = {customer for customer, services in wanted.items() if any(piece.window == night.number for pieces in services.values() for piece in pieces)}
            lacks = {customer for customer, found in gaps.items() if any(gap.window == night.number for gap in found)}
            if lacks or not (hit or self._stated(night)):
                asked.append(Asked(night.number, night.start, Counter(self.clock(customer) for customer in lacks)))
            if hit - lacks and self.bases.get(night.number) == Basis.EMERGENCY:
                partly.add(night.number)  # some were told of an emergency, and it remains one
        verdict = policy.judge(asked, now=now, rules=RULES, incident=self._incident(now))
        if verdict.refused:
            return False
        for night in nights:
            judged = verdict.bases.get(night.number, self.bases.get(night.number, Basis.PLANNED))
            self.bases[night.number] = Basis.EMERGENCY if night.number in partly else judged
        kept = [night for night in self.work.nights if night.number not in {one.number for one in nights}]
        self.states |= {night.number: "cancelled" for night in kept if self.states[night.number] == "announced"}
        self.states |= {night.number: "announced" for night in nights}
        self.work = replace(plan, nights=(*kept, *nights))
        self._tell_all(now=now)
        return True

    def cancel(self, *, now: datetime) -> None:
        """As the protocol says."""
        self._withdraw([night.number for night in self._in_state("announced")], "cancelled", now=now)

    def postpone(self, number: int, *, now: datetime) -> None:
        """As the protocol says."""
        self._withdraw([number], "postponed", now=now)

    def take_alternate(self, number: int, *, now: datetime) -> bool:
        """As the protocol says."""
        assert self.work is not None
        others = [night.number for night in self._in_state("announced") if not night.alternate]
        if not others and not {"postponed", "cancelled"} & set(self.states.values()):
            return False
        self.work = replace(self.work, nights=tuple(replace(night, alternate=night.alternate and night.number != number) for night in self.work.nights))
        self._withdraw(others[:1], "cancelled", now=now)
        return True

    def start(self, number: int, *, now: datetime) -> set[str]:  # noqa: ARG002  # the protocol's
        """As the protocol says."""
        assert self.work is not None
        night = next(night for night in self.work.nights if night.number == number)
        hit = self._hit(replace(self.work, nights=(night,)))
        self.states[number] = "in_progress"
        if self.bases[number] == Basis.EMERGENCY and self.p1 is not None and self.p1.excuses(night.start):
            return set()
        return {customer for customer, services in hit.items() if any(self._open(customer, *one) for one in services.items())}

    def extend(self, number: int, end: datetime, *, now: datetime) -> None:  # noqa: ARG002  # the protocol's
        """As the protocol says; the window's promise was judged when it started."""
        assert self.work is not None
        self.work = replace(self.work, nights=tuple(replace(night, end=end) if night.number == number else night for night in self.work.nights))

    def finish(self, number: int, *, now: datetime) -> None:  # noqa: ARG002  # the protocol's
        """As the protocol says."""
        self.states[number] = "completed"

    def join(self, customer: str, service: str, component: str, *, held: datetime, now: datetime) -> None:
        """As the protocol says: told at once, with whatever the customer hears of the work."""
        self.homes[customer].services[service] = (component, held)
        if self.work is not None:
            hit = self._hit(replace(self.work, nights=tuple(self._in_state("announced")))).get(customer, {})
            if service in hit:
                self._tell(customer, hit, now=now)

    def close_p1(self, *, now: datetime) -> None:
        """As the protocol says."""
        assert self.p1 is not None
        self.p1.closed_at = now

    def refute_p1(self, *, now: datetime) -> None:
        """As the protocol says."""
        assert self.p1 is not None
        self.p1.refuted = True
        stopped = [number for number, state in self.states.items() if state == "announced" and self.bases[number] == Basis.EMERGENCY]
        self._withdraw(stopped, "cancelled", now=now)

    def waiting(self) -> list[tuple[str, datetime | None]]:
        """As the protocol says."""
        return [(one.customer, one.deadline) for one in self.told if one.waits]

    def accept(self, customer: str, *, now: datetime) -> bool:
        """As the protocol says."""
        told = next(one for one in reversed(self.told) if one.customer == customer and one.waits)
        told.waits = False
        if told.deadline is not None and now > told.deadline:
            return False
        told.accepted_at = now
        return True

    def bounce(self, customer: str) -> None:
        """As the protocol says; it may be sent again."""
        told = next((one for one in reversed(self.told) if one.customer == customer and one.accepted_at), None)
        if told is not None:
            told.accepted_at = None
            told.waits = told is self._last(customer)

    def facts(self) -> Facts:
        """As the protocol says."""
        whos = {name: Who(home.zone, home.days, {service: held for service, (_component, held) in home.services.items()}) for name, home in self.homes.items()}
        words = [Word(one.customer, one.issued_at, tuple(_named(one)), one.accepted_at) for one in self.told]
        return Facts(whos, tuple(words), tuple(self.statements))

    def clock(self, customer: str) -> Clock:
        """Return by what a customer's notice is counted."""
        return Clock(self.homes[customer].zone, max(RULES.days, self.homes[customer].days))

    def _in_state(self, state: str) -> list[Night]:
        return [night for night in self.work.nights if self.states[night.number] == state] if self.work else []

    def _incident(self, now: datetime) -> policy.P1 | None:
        if self.p1 is None:
            return None
        return policy.P1("INC-1", "P1", None if self.p1.refuted else now, self.p1.closed_at)

    def _hit(self, plan: Plan) -> dict[str, Services]:
        found: dict[str, Services] = {}
        for customer, home in self.homes.items():
            for service, (component, _held) in home.services.items():
                pieces = [_piece(plan.named(night, service)) for night in plan.nights if hits(plan, night, service, component)]
                if pieces:
                    found.setdefault(customer, {})[service] = pieces
        return found

    def _last(self, customer: str) -> Told | None:
        return next((one for one in reversed(self.told) if one.customer == customer), None)

    def _gaps(self, customer: str, wanted: Services) -> list[Gap]:
        """An emergency promises nothing to another window than its own."""
        last = self._last(customer)
        gaps = []
        for number in {piece.window for pieces in wanted.values() for piece in pieces}:
            of_it = {service: [piece for piece in pieces if piece.window == number] for service, pieces in wanted.items()}
            gaps += uncovered(of_it, last.promised(number) if last else {})
        return gaps

    def _open(self, customer: str, service: str, pieces: Iterable[Piece]) -> bool:
        """Tell whether notice in time is missing; a service that came after the work was announced has none to miss."""
        clock, held = self.clock(customer), self.homes[customer].services[service][1]
        words = [one for one in reversed(self.told) if one.customer == customer]
        for piece in pieces:
            said = [
                (
                    one.accepted_at is not None and enough(accepted_at=one.accepted_at, start=piece.start, zone=clock.place, days=clock.days),
                    one.pieces.get(service, []),
                )
                for one in words
            ]
            stated = [(one.issued_at < held, [_piece(_of(span, service)) for span in one.spans if service in span.hits]) for one in reversed(self.statements)]
            given = [(one.accepted_at is not None, one.pieces.get(service, [])) for one in words]
            for part in lacking(piece, said):
                rest = replace(piece, start=part.start, end=part.end)
                if lacking(rest, stated) or lacking(rest, given):
                    return True
        return False

    def _stated(self, night: Night) -> bool:
        """Tell whether planned work was announced for that time already, though it hits nobody."""
        return any(span.start <= night.start and night.end <= span.end for one in self.statements[-1:] for span in one.spans)

    def _withdraw(self, numbers: Iterable[int], state: str, *, now: datetime) -> None:
        self.states |= dict.fromkeys(numbers, state)
        self._tell_all(now=now)

    def _tell_all(self, *, now: datetime) -> None:
        assert self.work is not None
        plan = replace(self.work, nights=tuple(self._in_state("announced")))
        self.statements.append(Statement(now, tuple(self._span(plan, night) for night in plan.nights if self.bases[night.number] == Basis.PLANNED)))
        hit = self._hit(plan)
        for customer in self.homes:
            last = self._last(customer)
            if customer in hit or (last and last.pieces):
                self._tell(customer, hit.get(customer, {}), now=now)

    def _tell(self, customer: str, pieces: Services, *, now: datetime) -> None:
        """A newer notice replaces one that still waits, and takes its line over."""
        emergencies = frozenset(number for number, basis in self.bases.items() if basis == Basis.EMERGENCY)
        for one in self.told:
            one.waits = one.waits and one.customer != customer
        told = Told(customer, now, pieces, None, emergencies)
        self.told.append(told)
        clock = self.clock(customer)
        starts = [
            piece.start
            for service, said in told.promised().items()
            for piece in said
            if enough(accepted_at=now, start=piece.start, zone=clock.place, days=clock.days) and self._open(customer, service, [piece])
        ]
        told.deadline = policy.deadline(starts=starts, clock=clock)

    def _span(self, plan: Plan, night: Night) -> Span:
        every = {service: component for home in self.homes.values() for service, (component, _held) in home.services.items()} | LATER
        named = plan.named(night, "")
        return Span(night.start, night.end, named.rank, named.minutes, frozenset(name for name, part in every.items() if hits(plan, night, name, part)))


def number(nights: Iterable[Night], *, after: int) -> tuple[Night, ...]:
    """Give new nights the next numbers."""
    numbered = []
    for night in nights:
        after += night.number == 0
        numbered.append(replace(night, number=night.number or after))
    return tuple(numbered)


def _piece(named: Named) -> Piece:
    return Piece(named.window, named.start, named.end, list(Impact)[named.rank], named.minutes)


def _of(span: Span, service: str) -> Named:
    return Named(0, service, span.start, span.end, span.rank, span.minutes)


def _named(told: Told) -> Iterable[Named]:
    for service, pieces in told.pieces.items():
        for piece in pieces:
            yield Named(piece.window, service, piece.start, piece.end, piece.impact.severity, piece.minutes, piece.window not in told.emergencies)
