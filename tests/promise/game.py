"""What must hold whenever work is announced, changed, handed over or begun; ``machine`` draws the order of things."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis.stateful import RuleBasedStateMachine

from tests.promise.facts import Facts, Named
from tests.promise.oracle import foreseen, in_time, short
from tests.promise.plan import MARGIN, P1, Home, Night, Plan, World, hits


class Game(RuleBasedStateMachine):
    """One planner, a few customers, one piece of work at a time."""

    world: World
    now: datetime
    customers: list[str]
    p1: P1 | None = None
    end: str = ""

    def __init__(self) -> None:
        """``returned``: customers with a mail that came back, which is a shortfall that no line of a later mail can mend."""
        super().__init__()
        self.returned: set[str] = set()

    def new_world(self, homes: Mapping[str, Home]) -> World:
        """Return the world in which it happens."""
        raise NotImplementedError

    def teardown(self) -> None:
        """What is still to come begins at last, so that each game is judged: some after a last mail, or after one came back."""
        if hasattr(self, "world") and sys.exc_info()[0] is None:  # after a failure there is nothing more to learn
            for customer in [name for name, _line in self.world.waiting() if self.end == "hand over"]:
                self.hand_over(customer)
            if self.end == "bounce":
                self.come_back(self.customers[0])
            for night in sorted(self.nights(), key=lambda night: night.start):
                if night in self.nights():
                    self.begin_night(night)

    def nights(self) -> tuple[Night, ...]:
        """Return the windows that can still be changed."""
        plan = self.world.plan()
        return tuple(night for night in plan.nights if night.end > self.now) if plan else ()

    def plan(self) -> Plan:
        """Return the work, which must have been announced."""
        plan = self.world.plan()
        assert plan is not None
        return plan

    def night(self, which: int) -> Night:
        """Return one of the windows that can still be changed."""
        return self.nights()[which % len(self.nights())]

    def minute(self, moment: datetime) -> datetime:
        """Return the whole minute."""
        return moment.replace(second=0, microsecond=0)

    def announce_work(self, plan: Plan, p1: P1 | None) -> None:
        """Announce: allowed exactly where a mail that takes the whole margin would be in time for all, or a P1 excuses it."""
        nothing = Facts(self.world.facts().customers, (), ())
        allowed = self.world.announce(plan, p1=p1, now=self.now)
        assert allowed is self._may(plan, nothing, p1)
        if allowed:
            self.p1, self.returned = p1, set()
            self._check_planned(nothing)

    def change(self, night: Night, changed: Night) -> None:
        """Revise one window."""
        plan = self.plan()
        self.revise_work(replace(plan, nights=tuple(changed if one == night else one for one in plan.nights)))

    def revise_work(self, plan: Plan) -> None:
        """Revise: allowed as announcing is, for what was not promised; a refusal changes nothing."""
        if plan == self.plan() or any(night.end <= self.now for night in plan.nights):
            return
        before = self.world.facts()
        allowed = self.world.revise(plan, now=self.now)
        assert allowed in {self._may(plan, before, self.p1), self._may(plan, before, self.p1, strict=False)}
        if allowed:
            self._check_planned(before)
        else:
            assert self.world.facts() == before

    def begin_night(self, night: Night) -> None:
        """Go to the start and begin: whoever the sentence does not hold for is recorded, and nobody else."""
        self.now = max(self.now, night.start)
        if self.now >= night.end:
            return
        if night.alternate and not self.world.take_alternate(night.number, now=self.now):
            return
        hit, facts = self._hit(self.plan(), night), self.world.facts()
        emergency = night.number not in self.world.planned()
        excused = self.p1 is not None and self.p1.excuses(night.start)
        expected = set() if excused and emergency else short(hit, facts, emergencies=excused)
        assert self.world.start(night.number, now=self.now) == expected

    def _may(self, plan: Plan, facts: Facts, p1: P1 | None, *, strict: bool = True) -> bool:
        """Tell whether it may be told now; ``strict``: also to nobody, and to those whose records were wrong, ten days ahead."""
        for night in plan.nights:
            if p1 is not None and p1.excuses(night.start):
                continue
            hit = self._hit(plan, night)
            if not strict:
                hit = {customer: [one for one in wanted if not self._was_missing(customer, one, facts)] for customer, wanted in hit.items()}
            elif not hit and self.now + MARGIN + timedelta(days=10) > night.start:
                return False
            if not all(foreseen(customer, wanted, facts, in_hand=self.now + MARGIN, emergencies=True) for customer, wanted in hit.items()):
                return False
        return True

    def _check_planned(self, before: Facts) -> None:
        """Look that what is called planned was foreseen to be in time for all, but for those who were told of an emergency."""
        facts, plan = self.world.facts(), self.plan()
        for night in plan.nights:
            if night.number in self.world.planned():
                for customer, wanted in self._hit(plan, night).items():
                    known = [one for one in wanted if not self._was_missing(customer, one, before)]
                    legal = foreseen(customer, known, before, in_hand=self.now + MARGIN, emergencies=False)
                    assert legal or (self._as_emergency(customer, night, facts) and self.p1 is not None and self.p1.excuses(night.start))

    def _as_emergency(self, customer: str, night: Night, facts: Facts) -> bool:
        last = next((word for word in reversed(facts.words) if word.customer == customer), None)
        return last is not None and any(named.window == night.number and not named.planned for named in last.named)

    def _was_missing(self, customer: str, wanted: Named, facts: Facts) -> bool:
        """Tell whether a service was entered later than it was held, and no notice has named it: a shortfall, not a reason to refuse."""
        named = {one.service for word in facts.words if word.customer == customer for one in word.named}
        return "late" in wanted.service and wanted.service not in named and any(span.hits for one in facts.statements for span in one.spans)

    def _hit(self, plan: Plan, night: Night) -> dict[str, list[Named]]:
        found: dict[str, list[Named]] = {}
        for customer, home in self.world.homes.items():
            for service, (part, _held) in home.services.items():
                if hits(plan, night, service, part):
                    found.setdefault(customer, []).append(plan.named(night, service))
        return found

    def come_back(self, customer: str) -> None:
        """A mail that was accepted bounces."""
        self.returned.add(customer)
        self.world.bounce(customer)

    def hand_over(self, customer: str) -> None:
        """Nothing planned goes out as if it were in time when it is not (DESIGN.md, Notice 7)."""
        word = next(word for word in reversed(self.world.facts().words) if word.customer == customer)
        if not self.world.accept(customer, now=self.now) or customer in self.returned:
            return
        facts, plan = self.world.facts(), self.plan()
        for night in plan.nights:
            if night.number in self.world.planned() and in_time(word.issued_at, night.start, facts.customers[customer]):
                assert customer not in short({name: hit for name, hit in self._hit(plan, night).items() if name == customer}, facts)
