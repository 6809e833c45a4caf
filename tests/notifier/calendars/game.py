"""A game on rows: one planner changes one piece of work in every way, at random, while its nights go by (``test_game`` looks at the feeds)."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.core.exceptions import ValidationError
from django.db import transaction

from customers.models import Component, Customer, Service
from maintenance import booking
from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.models import Maintenance, NoticeCustomer, Served, Window
from maintenance.said import SaidEnding
from maintenance.states import FollowUp, Impact, Outcome, ServiceNow
from maintenance.stored_draft import as_draft
from tests.notifier.calendars.rows import NOW, announced, customer, night

_BY = "planner"
_HOUR = timedelta(hours=1)
_SLUGS = ("netpro.ipsec", "netpro.openvpn")


class Game:
    """``now`` is the moment of the last move; the same ``seed`` makes the same moves."""

    def __init__(self, seed: int) -> None:
        """Announce two or three windows to three customers, of which some have services of two components."""
        self.random, self.now = Random(seed), NOW  # noqa: S311  # nothing secret
        self.customers = [customer(account, language="en", services=(f"{account}-1", f"{account}-2")) for account in ("ACME-1", "ACME-2", "ACME-3")]
        for one in self.customers[:2]:
            self._service(one, f"{one.account}-3", _SLUGS[1])
        windows = [night(3 * number, *self._objects()) for number in range(self.random.choice([2, 3]))]
        self.work, _notice = announced("MNT-1", *windows)

    def move(self) -> bool:
        """Do one thing, a little later; False where it was refused, or nothing was to be done."""
        self.now += timedelta(minutes=self.random.choice([1, 7, 60]))
        act = self.random.choice([*[self._revise] * 5, *[self._night] * 4, self._accept, self._postpone, self._join, self._take_alternate, self._cancel])
        try:
            with transaction.atomic():
                return act()
        except ValidationError:
            return False

    def windows(self, *states: str) -> list[Window]:
        """Return the windows in those states."""
        return list(Window.objects.filter(maintenance=self.work, state__in=states).order_by("start", "number"))

    def _objects(self) -> tuple[str, ...]:
        names = list(Service.objects.order_by("pk").values_list("object_id", flat=True))
        return tuple(self.random.sample(names, self.random.randint(1, 4))) if self.random.random() < 0.35 else ()

    def _service(self, owner: Customer, name: str, slug: str, *, held_since: datetime = NOW) -> None:
        kind = Component.objects.get(slug=slug)
        Service.objects.create(customer=owner, component=kind, domain="provider", object_id=name, sims=1, held_since=held_since)

    def _revise(self) -> bool:
        draft = as_draft(self.work)
        for change in self.random.sample([self._narrow, self._other_facts, self._other_scope, self._other_windows], 2):
            draft = change(draft)
        booking.revise(self.work, draft, acknowledged="known", by=_BY, now=self.now)
        return True

    def _narrow(self, draft: Draft) -> Draft:
        return replace(draft, windows=tuple(replace(one, objects=self._objects()) for one in draft.windows))

    def _other_facts(self, draft: Draft) -> Draft:
        texts = {language: replace(text, description=f"{text.description} And more.") for language, text in draft.texts.items()}
        changes = {"texts": texts, "impact": self.random.choice(list(Impact)), "expected_outage_minutes": self.random.choice([5, 20, 40])}
        name = self.random.choice(sorted(changes))
        return replace(draft, **{name: changes[name]})  # type: ignore[arg-type]  # fields of Draft, by name

    def _other_scope(self, draft: Draft) -> Draft:
        slugs = self.random.choice([_SLUGS, _SLUGS[:1], _SLUGS[1:]])
        return replace(draft, scopes=tuple(ScopeDraft(Component.objects.get(slug=slug), "provider") for slug in slugs), objects=self._objects())

    def _other_windows(self, draft: Draft) -> Draft:
        windows = list(draft.windows)
        start = self.now + timedelta(days=self.random.choice([14, 30]))
        which = self.random.randrange(len(windows)) if windows else None
        act = self.random.choice(["add", "drop", "shorten", "move"])
        if act == "add" or which is None:
            windows.append(WindowDraft(start, start + 3 * _HOUR, self._objects(), alternate=self.random.random() < 0.5))
        elif act == "drop" and len(windows) > 1:
            windows.pop(which)
        elif act == "shorten":
            windows[which] = replace(windows[which], start=windows[which].start + timedelta(minutes=10))
        else:
            windows[which] = replace(windows[which], start=start, end=start + 4 * _HOUR)
        return replace(draft, windows=tuple(windows))

    def _night(self) -> bool:
        running = self.windows("in_progress")
        if running and self.random.random() < 0.6:
            return self._go_on(self.random.choice(running))
        due = [window for window in self.windows("announced") if not window.alternate]
        if not due:
            return False
        self.now = max(self.now, due[0].start + timedelta(minutes=self.random.randint(0, 30)))
        booking.start(self.work, number=due[0].number, by=_BY, now=self.now)
        return True

    def _go_on(self, window: Window) -> bool:
        self.now = max(self.now, window.start + timedelta(minutes=20))
        failed = SaidEnding(Outcome.FAILED, ServiceNow.DOWN, FollowUp.AT_WORK)
        if self.random.random() < 0.3:
            booking.extend(self.work, number=window.number, end=max(window.end, self.now) + _HOUR, by=_BY, now=self.now)
        else:
            booking.finish(self.work, number=window.number, ending=self.random.choice([None, failed]), by=_BY, now=self.now)
        return True

    def _accept(self) -> bool:
        for one in self.random.sample(self.customers, 2):
            told = NoticeCustomer.objects.filter(customer=one).order_by("notice__revision").last()
            if told is not None:
                Served.objects.get_or_create(notice=told.notice, customer=one, defaults={"accepted_at": self.now, "hop": "relay"})
        return True

    def _postpone(self) -> bool:
        windows = self.windows("announced", "postponed")
        window = self.random.choice(windows) if windows else None
        if window is None:
            return False
        if window.state == "announced":
            booking.postpone(self.work, number=window.number, reason="Parts", by=_BY, now=self.now)
        else:
            start = self.now + timedelta(days=20)
            booking.move(self.work, number=window.number, start=start, end=start + _HOUR, acknowledged="known", by=_BY, now=self.now)
        return True

    def _join(self) -> bool:
        owner = self.random.choice(self.customers)
        self._service(owner, f"{owner.account}-{Service.objects.count()}", self.random.choice(_SLUGS), held_since=self.now)
        return booking.join(self.work, now=self.now) is not None

    def _take_alternate(self) -> bool:
        spare = [window for window in self.windows("announced") if window.alternate]
        others = [window.number for window in self.windows("announced") if not window.alternate]
        if not spare:
            return False
        booking.take_alternate(self.work, number=spare[0].number, instead_of=others[0] if others else None, by=_BY, now=self.now)
        return True

    def _cancel(self) -> bool:
        if self.random.random() < 0.7:
            return False
        booking.cancel(Maintenance.objects.get(pk=self.work.pk), reason="Never", by=_BY, now=self.now)
        return True
