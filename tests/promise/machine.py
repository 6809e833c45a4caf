"""The rules of the game: everything that can happen to announced work, in any order.

Numbers that Hypothesis draws pick among what is there; a rule with nothing to do does nothing.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.promise.game import Game
from tests.promise.plan import MARGIN, MINUTE, P1, Home, Night, Plan

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PLACES = [
    ("Europe/Berlin", (2026, 10, 25, 1)),
    ("Europe/Berlin", (2027, 3, 28, 1)),
    ("Atlantic/Canary", (2026, 10, 25, 1)),
    ("America/New_York", (2026, 11, 1, 6)),
    ("America/New_York", (2027, 3, 14, 7)),
    ("Australia/Lord_Howe", (2026, 10, 3, 15)),
    ("Australia/Lord_Howe", (2027, 4, 3, 15)),
    ("Pacific/Chatham", (2027, 4, 3, 14)),
    ("Pacific/Kiritimati", (2026, 12, 1, 0)),
    ("Pacific/Pago_Pago", (2026, 12, 1, 0)),
    ("Asia/Kolkata", (2026, 10, 25, 1)),
    ("Asia/Kathmandu", (2027, 3, 28, 1)),
    ("America/Sao_Paulo", (2026, 11, 1, 6)),
    ("UTC", (2027, 3, 14, 7)),
]
"""Zones, each with a moment (UTC) at which clocks there, or elsewhere, change."""
HOLDINGS = [{"1": "A"}, {"1": "A", "2": "A"}, {"1": "A", "2": "B"}, {"1": "B"}, {}]
"""Services by component; a customer's name goes before each."""
ENDS = ["", "hand over", "bounce"]
places, small = st.sampled_from(PLACES), st.integers(0, 3)
near = st.sampled_from([0, 0, 1, -1, 30, -30, 60, -60, 31, -61, 90, 1440, -1440, 4320])
"""Minutes before or after a line that matters."""
agreed = st.sampled_from([10, 10, 10, 11, 14, 30])
lengths = st.sampled_from([30, 60, 120, 240, 1500])
ranks = st.sampled_from([3, 2, 1, 0])
minutes = st.sampled_from([30, 0, 60, 200])
scopes = st.sampled_from([frozenset("A"), frozenset("AB"), frozenset("B")])
holdings = st.tuples(small, small, st.integers(0, 4))
firsts = st.tuples(scopes, ranks, lengths, agreed, st.sampled_from([True, True, False]), st.sampled_from(ENDS))
Places = tuple[tuple[str, tuple[int, int, int, int]], ...]
First = tuple[frozenset[str], int, int, int, bool, str]


class Promise(Game):
    """The rules; ``new_world`` says where it happens."""

    # -- what is there at first

    @initialize(where=st.tuples(places, places, places), days=st.tuples(agreed, agreed, agreed), held=holdings, hours=st.integers(-30, 30), first=firsts)
    def begin(self, where: Places, days: tuple[int, ...], held: tuple[int, ...], hours: int, first: First) -> None:
        """Three customers, a day about ten days before the first one's clocks change or about that change, and work announced in good time."""
        self.customers = ["x", "y", "z"]
        self.now = datetime(*where[0][1], tzinfo=UTC) - (11 * DAY if hours % 3 else timedelta(0)) + hours * HOUR
        homes = {
            name: Home(zone, least, {f"{name}{key}": (part, self.now - 90 * DAY) for key, part in HOLDINGS[kind].items()})
            for name, (zone, _change), least, kind in zip(self.customers, where, days, held, strict=True)
        }
        self.world = self.new_world(homes)
        scope, rank, length, far, arrives, self.end = first
        start = self.now + far * DAY + MARGIN + HOUR
        self.announce_work(Plan(scope, (Night(0, start, start + length * MINUTE),), rank, 60), None)
        for customer in [name for name, _line in self.world.waiting() if arrives]:
            self.hand_over(customer)

    # -- the planner

    @precondition(lambda self: not self.nights() and not self.world.running())
    @rule(scope=scopes, off=near, length=lengths, rank=ranks, least=minutes, far=agreed, emergency=st.sampled_from([False, False, False, True]))
    def announce(self, scope: frozenset[str], off: int, length: int, rank: int, least: int, far: int, *, emergency: bool) -> None:
        """New work near the line of ``far`` days, or an emergency a few hours ahead."""
        start = self.minute(self.now + (5 * HOUR if emergency else far * DAY + MARGIN)) + off * MINUTE
        if start <= self.now:
            return
        self.announce_work(Plan(scope, (Night(0, start, start + length * MINUTE),), rank, least), P1() if emergency else None)

    @precondition(lambda self: self.nights())
    @rule(which=small, off=near, length=lengths)
    def move(self, which: int, off: int, length: int) -> None:
        """Other times."""
        night = self.night(which)
        self.change(night, replace(night, start=night.start + off * MINUTE, end=night.start + (off + length) * MINUTE))

    @precondition(lambda self: self.nights())
    @rule(which=small, before=st.sampled_from([0, 30, 90]), after=st.sampled_from([0, 30, 90]))
    def widen(self, which: int, before: int, after: int) -> None:
        """An earlier start, a later end, or both."""
        night = self.night(which)
        self.change(night, replace(night, start=night.start - before * MINUTE, end=night.end + after * MINUTE))

    @precondition(lambda self: self.nights())
    @rule(which=small, share=st.sampled_from([0, 1, 2]))
    def shrink(self, which: int, share: int) -> None:
        """A later start, an earlier end, or both."""
        night = self.night(which)
        third = max(MINUTE, (night.end - night.start) // 3 // MINUTE * MINUTE)
        shorter = replace(night, start=night.start + (third if share != 1 else timedelta(0)), end=night.end - (third if share else timedelta(0)))
        if shorter.start < shorter.end:
            self.change(night, shorter)

    @precondition(lambda self: self.nights())
    @rule(rank=ranks, least=minutes, scope=scopes)
    def rescope(self, rank: int, least: int, scope: frozenset[str]) -> None:
        """Another impact, other minutes, other components: better or worse."""
        self.revise_work(replace(self.plan(), rank=rank, minutes=least, scope=scope))

    @precondition(lambda self: self.nights())
    @rule(which=small, key=st.sampled_from("12"))
    def narrow(self, which: int, key: str) -> None:
        """Narrow a window to a service of each customer, or take that back."""
        night = self.night(which)
        self.change(night, replace(night, only=frozenset() if night.only else frozenset(f"{name}{key}" for name in self.customers)))

    @precondition(lambda self: self.nights())
    @rule(off=near, alternate=st.booleans(), inside=st.booleans(), which=small)
    def add(self, off: int, which: int, *, alternate: bool, inside: bool) -> None:
        """One window more: anywhere near the line, or within one that was announced."""
        night = self.night(which)
        start = night.start + 10 * MINUTE if inside else self.minute(self.now + 10 * DAY + MARGIN) + off * MINUTE
        if start > self.now:
            plan = self.plan()
            self.revise_work(replace(plan, nights=(*plan.nights, Night(0, start, start + 20 * MINUTE, alternate=alternate))))

    @precondition(lambda self: len(self.nights()) > 1)
    @rule(which=small)
    def drop(self, which: int) -> None:
        """One window less."""
        plan, night = self.plan(), self.night(which)
        self.revise_work(replace(plan, nights=tuple(one for one in plan.nights if one != night)))

    @precondition(lambda self: len(self.nights()) > 1 and any(night.alternate for night in self.nights()))
    @rule()
    def take_alternate(self) -> None:
        """The alternate is used: it was announced, so nothing more is asked."""
        self.world.take_alternate(next(night.number for night in self.nights() if night.alternate), now=self.now)

    @precondition(lambda self: self.nights() and not self.world.running())
    @rule()
    def cancel(self) -> None:
        """All of it."""
        self.world.cancel(now=self.now)

    @precondition(lambda self: self.nights())
    @rule(which=small)
    def postpone(self, which: int) -> None:
        """To a date that nobody knows yet."""
        self.world.postpone(self.night(which).number, now=self.now)

    @precondition(lambda self: self.world.plan() is not None and self.world.postponed())
    @rule(off=near, far=agreed, same=st.booleans())
    def date_again(self, off: int, far: int, *, same: bool) -> None:
        """The new date of a postponed window, or its old one after all."""
        night = self.world.postponed()[0]
        start = night.start if same else self.minute(self.now + far * DAY + MARGIN) + off * MINUTE
        plan = self.plan()
        if start > self.now:
            self.revise_work(replace(plan, nights=(*plan.nights, Night(night.number, start, start + (night.end - night.start)))))

    # -- the night

    @precondition(lambda self: self.nights())
    @rule(which=small)
    def start(self, which: int) -> None:
        """Go to the start and begin: whoever the sentence does not hold for is recorded, and nobody else."""
        self.begin_night(self.night(which))

    @precondition(lambda self: self.world.running())
    @rule(more=lengths)
    def extend(self, more: int) -> None:
        """It takes longer."""
        night = self.world.running()[0]
        if self.now < night.end:
            self.world.extend(night.number, night.end + more * MINUTE, now=self.now)

    @precondition(lambda self: self.world.running())
    @rule()
    def finish(self) -> None:
        """It is done."""
        self.world.finish(self.world.running()[0].number, now=self.now)

    # -- the incident, the customers, the mails, the time

    @precondition(lambda self: self.p1 is not None and self.p1.closed_at is None and not self.p1.refuted)
    @rule(refute=st.booleans())
    def end_p1(self, *, refute: bool) -> None:
        """Closed, or found never to have been a P1."""
        (self.world.refute_p1 if refute else self.world.close_p1)(now=self.now)

    @precondition(lambda self: self.world.plan() is not None)
    @rule(which=st.integers(0, 2), part=st.sampled_from("AB"), ago=st.sampled_from([0, 0, 0, 20, 60]))
    def join(self, which: int, part: str, ago: int) -> None:
        """A customer gets a service, or the record of one that it had is put right."""
        customer = self.customers[which]
        name = f"{customer}-late-{part}"
        if name not in self.world.homes[customer].services:
            self.world.join(customer, name, part, held=self.now - ago * DAY, now=self.now)

    @precondition(lambda self: self.world.waiting())
    @rule(which=small, every=st.booleans(), wait=st.sampled_from([0, 0, 1, 600, 15_000]))
    def accept(self, which: int, wait: int, *, every: bool) -> None:
        """Mails are taken over: all, or one."""
        self.now += wait * MINUTE
        names = [customer for customer, _line in self.world.waiting()]
        for customer in names if every else [names[which % len(names)]]:
            self.hand_over(customer)

    @precondition(lambda self: any(line for _customer, line in self.world.waiting()))
    @rule(which=small, late=st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(hours=1)]))
    def accept_on_the_line(self, which: int, late: timedelta) -> None:
        """At the last moment, or just after it."""
        waiting = [(customer, line) for customer, line in self.world.waiting() if line]
        customer, line = waiting[which % len(waiting)]
        self.now = max(self.now, line + late)
        self.hand_over(customer)

    @precondition(lambda self: self.world.plan() is not None and any(word.accepted_at for word in self.world.facts().words))
    @rule(which=st.integers(0, 2))
    def bounce(self, which: int) -> None:
        """What was accepted comes back; it may be accepted again."""
        self.come_back(self.customers[which])

    @rule(minutes_on=st.sampled_from([1, 30, 61, 24 * 60, 5 * 24 * 60, 9 * 24 * 60]))
    def wait(self, minutes_on: int) -> None:
        """Time passes, in UTC: clocks on walls jump as they do."""
        self.now += minutes_on * MINUTE
