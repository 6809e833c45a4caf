"""A world of rows: the verbs of ``booking`` on a real database, and what the tables say of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from maintenance import booking, emergencies
from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.incidents import close_incident, open_incident
from maintenance.models import Incident, Maintenance, NoticeCustomer, NoticeService, Served, Window
from maintenance.said import Said
from maintenance.states import Basis, Impact
from tests.factories import BY, CustomerFactory, ServiceFactory, component, texts
from tests.promise.facts import Facts, Named, Span, Statement, Who, Word
from tests.promise.plan import LATER, MINUTE, P1, Home, Night, Plan, hits

COMPONENTS = {"A": "netpro.ipsec", "B": "netpro.openvpn"}
SPEAKING = ("announced", "joined", "emergency", "late", "revised", "eased", "corrected", "cancelled", "postponed")
"""Kinds that say what is to come, or take it back."""
TOLD = ("announced", "in_progress", "completed", "not_completed", "presumed_ended")


@dataclass(repr=False)
class Rows:
    """One piece of work at a time; ``gone`` are mails that were not sent any more, by notice and customer."""

    homes: Mapping[str, Home]
    work: Maintenance | None = None
    p1: P1 | None = None
    incident: Incident | None = None
    keys: dict[str, int] = field(default_factory=dict)
    gone: set[tuple[int, int]] = field(default_factory=set)
    statements: list[Statement] = field(default_factory=list)
    seen: Plan | None = None
    windows: list[Window] = field(default_factory=list)
    told: list[NoticeCustomer] = field(default_factory=list)
    services: list[NoticeService] = field(default_factory=list)
    accepted: dict[tuple[int, int], datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Store the customers and their services."""
        for name, home in self.homes.items():
            customer = CustomerFactory.create(account=name, timezone=home.zone, notice_days=home.days if home.days > 10 else None)
            self.keys[name] = customer.pk
            for service, (part, held) in home.services.items():
                ServiceFactory.create(customer=customer, slug=COMPONENTS[part], object_id=service, held_since=held)

    def plan(self) -> Plan | None:
        """As the protocol says."""
        return self.seen and replace(self.seen, nights=self._nights("announced"))

    def postponed(self) -> list[Night]:
        """As the protocol says."""
        return list(self._nights("postponed"))

    def running(self) -> list[Night]:
        """As the protocol says."""
        return list(self._nights("in_progress"))

    def planned(self) -> set[int]:
        """As the protocol says."""
        return {window.number for window in self.windows if (window.state, window.basis) == ("announced", Basis.PLANNED)}

    def announce(self, plan: Plan, *, p1: P1 | None, now: datetime) -> bool:
        """As the protocol says."""
        number = Maintenance.objects.count()
        try:
            with transaction.atomic():
                incident = open_incident(reference=f"INC-{number}", title="Core down", domain="provider", sims=501, now=now) if p1 else None
                work = booking.book(_draft(plan, f"MNT-{number}", incident), by=BY, now=now)
                booking.announce(work, acknowledged="known", by=BY, now=now)
        except ValidationError:
            return False
        self.work, self.p1, self.incident, self.statements, self.gone = work, p1, incident, [], set()
        self._stated(now=now)
        return True

    def revise(self, plan: Plan, *, now: datetime) -> bool:
        """As the protocol says."""
        assert self.work is not None
        try:
            with transaction.atomic():
                booking.revise(self.work, _draft(plan, self.work.reference, self.incident), acknowledged="known", by=BY, now=now)
        except ValidationError:
            return False
        self._stated(now=now)
        return True

    def cancel(self, *, now: datetime) -> None:
        """As the protocol says."""
        assert self.work is not None
        booking.cancel(self.work, by=BY, now=now)
        self._stated(now=now)

    def postpone(self, number: int, *, now: datetime) -> None:
        """As the protocol says."""
        assert self.work is not None
        booking.postpone(self.work, number=number, by=BY, now=now)
        self._stated(now=now)

    def take_alternate(self, number: int, *, now: datetime) -> bool:
        """As the protocol says."""
        assert self.work is not None
        others = [window.number for window in self.windows if window.state == "announced" and not window.alternate]
        if not others and all(window.state not in {"postponed", "cancelled", "not_completed"} for window in self.windows):
            return False
        booking.take_alternate(self.work, number=number, instead_of=others[0] if others else None, acknowledged="known", by=BY, now=now)
        self._stated(now=now)
        return True

    def start(self, number: int, *, now: datetime) -> set[str]:
        """As the protocol says."""
        assert self.work is not None
        window = booking.start(self.work, number=number, by=BY, now=now)
        self._look()
        return set(window.breaches.values_list("customer__account", flat=True))

    def extend(self, number: int, end: datetime, *, now: datetime) -> None:
        """As the protocol says; the end that was announced stays on record."""
        assert self.work is not None
        before = next(window for window in self.windows if window.number == number)
        booking.extend(self.work, number=number, end=end, by=BY, now=now)
        self._look()
        after = next(window for window in self.windows if window.number == number)
        assert (after.end, after.overran_from) == (end, before.overran_from or before.end)

    def finish(self, number: int, *, now: datetime) -> None:
        """As the protocol says."""
        assert self.work is not None
        booking.finish(self.work, number=number, by=BY, now=now)
        self._look()

    def join(self, customer: str, service: str, component: str, *, held: datetime, now: datetime) -> None:
        """As the protocol says; the tick finds it."""
        self.homes[customer].services[service] = (component, held)
        ServiceFactory.create(customer_id=self.keys[customer], customer=None, slug=COMPONENTS[component], object_id=service, held_since=held)
        if self.work is not None:
            booking.join(self.work, now=now)
            self._look()

    def close_p1(self, *, now: datetime) -> None:
        """As the protocol says."""
        assert self.p1 is not None
        assert self.incident is not None
        self.p1.closed_at = now
        close_incident(self.incident, now=now)

    def refute_p1(self, *, now: datetime) -> None:
        """As the protocol says."""
        assert self.p1 is not None
        assert self.incident is not None
        self.p1.refuted = True
        emergencies.refute(self.incident, reason="no P1", by=BY, now=now)
        self._stated(now=now)

    def waiting(self) -> list[tuple[str, datetime | None]]:
        """As the protocol says: only the newest of a customer waits, it has replaced the others."""
        newest = {row.customer_id: row for row in self.told}
        names = {key: name for name, key in self.keys.items()}
        open_ones = {key: row for key, row in newest.items() if not {(row.notice_id, key)} & (self.gone | self.accepted.keys())}
        return [(names[key], row.deadline) for key, row in open_ones.items()]

    def accept(self, customer: str, *, now: datetime) -> bool:
        """As the protocol says: the dispatcher reads the line and nothing else."""
        row = next(row for row in reversed(self.told) if row.customer_id == self.keys[customer])
        if row.deadline is not None and now > row.deadline:
            self.gone.add((row.notice_id, row.customer_id))
            return False
        Served.objects.create(notice_id=row.notice_id, customer_id=row.customer_id, accepted_at=now, hop="relay")
        self._look_at_served()
        return True

    def bounce(self, customer: str) -> None:
        """As the protocol says."""
        served = Served.objects.filter(customer=self.keys[customer], notice__maintenance=self.work, revoked_at=None).order_by("notice__revision").last()
        if served is not None:
            Served.objects.filter(pk=served.pk).update(revoked_at=served.accepted_at)
            self._look_at_served()

    def facts(self) -> Facts:
        """As the protocol says, from the notices' own rows."""
        whos = {name: Who(home.zone, home.days, {service: held for service, (_part, held) in home.services.items()}) for name, home in self.homes.items()}
        names = {key: name for name, key in self.keys.items()}
        services = defaultdict(list)
        for service in self.services:
            services[service.notice_id, service.customer_id].append(service)
        said = {notice.pk: notice.said for notice in {row.notice for row in self.told}}
        words = []
        for row in self.told:
            key = row.notice_id, row.customer_id
            named = [] if row.kind == "cancelled" else [one for service in services[key] for one in _named(said[row.notice_id], service, row.bases)]
            words.append(Word(names[row.customer_id], row.notice.issued_at, tuple(named), self.accepted.get(key)))
        return Facts(whos, tuple(words), tuple(self.statements))

    def _look(self) -> None:
        """Read the tables after a verb: rules ask often."""
        work = Maintenance.objects.get(pk=self.work.pk) if self.work else None
        assert work is not None
        parts = {slug: part for part, slug in COMPONENTS.items()}
        scope = frozenset(parts[slug] for slug in work.scopes.values_list("component__slug", flat=True))
        self.seen = Plan(scope, (), Impact(work.impact).severity, work.expected_outage_minutes)
        self.windows = list(work.windows.order_by("number").prefetch_related("objects_named"))
        rows = NoticeCustomer.objects.filter(notice__maintenance=work, kind__in=SPEAKING)
        self.told = list(rows.select_related("notice").order_by("notice__revision", "pk"))
        self.services = list(NoticeService.objects.filter(notice__maintenance=work))
        self._look_at_served()

    def _nights(self, state: str) -> tuple[Night, ...]:
        return tuple(_night(window) for window in self.windows if window.state == state)

    def _look_at_served(self) -> None:
        served = Served.objects.filter(notice__maintenance=self.work, revoked_at=None).order_by("-accepted_at")
        self.accepted = {(notice, customer): at for notice, customer, at in served.values_list("notice_id", "customer_id", "accepted_at")}

    def _stated(self, *, now: datetime) -> None:
        """Keep what is planned now: what a service that comes later joins."""
        self._look()
        plan = self.plan()
        assert plan is not None
        parts = {service: part for home in self.homes.values() for service, (part, _held) in home.services.items()} | LATER
        planned = self.planned()
        spans = []
        for night in plan.nights:
            named = plan.named(night, "")
            hit = frozenset(name for name, part in parts.items() if hits(plan, night, name, part))
            if night.number in planned:
                spans.append(Span(night.start, night.end, named.rank, named.minutes, hit))
        self.statements.append(Statement(now, tuple(spans)))


def _draft(plan: Plan, reference: str, incident: Incident | None) -> Draft:
    return Draft(
        reference=reference,
        timezone=ZoneInfo("UTC"),
        scopes=tuple(ScopeDraft(component(COMPONENTS[part]), "provider") for part in sorted(plan.scope)),
        windows=tuple(WindowDraft(night.start, night.end, tuple(sorted(night.only)), night.alternate, night.number or None) for night in plan.nights),
        impact=list(Impact)[plan.rank],
        expected_outage_minutes=plan.minutes,
        texts=texts("en"),
        incident=incident,
    )


def _named(said: Said, service: NoticeService, bases: Mapping[str, str]) -> Iterator[Named]:
    for window in said.windows:
        if window.state in TOLD and service.window_number in ({window.number} if window.narrowed else {window.number, 0}):
            end = window.overran_from or window.end
            minutes = min(said.expected_outage_minutes, (end - window.start) // MINUTE)
            planned = not window.emergency and bases.get(str(window.number)) != "emergency"
            yield Named(window.number, service.object_id, window.start, end, Impact(service.impact).severity, minutes, planned)


def _night(window: Window) -> Night:
    named = frozenset(one.object_id for one in window.objects_named.all())
    return Night(window.number, window.start, window.end, named, window.alternate)
