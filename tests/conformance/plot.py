"""What becomes of each piece of work, verb by verb, and how a customer's feed must read from first to last (DESIGN.md section 4, Calendars)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from customers.models import Customer, Service
from maintenance import booking, incidents, root_causes
from maintenance.draft import Draft, Late, WindowDraft
from maintenance.impact import hit_services
from maintenance.models import Incident, Maintenance, RootCauseReport, Window
from maintenance.root_causes import Words
from maintenance.said import SaidEnding
from maintenance.states import FollowUp, Outcome, ServiceNow
from maintenance.stored_draft import as_draft

COURSES: dict[str, dict[int, str]] = {
    # the nights that are played, in this order
    "extended": {1: "CONFIRMED IN-PROCESS"},
    "completed": {1: "CONFIRMED IN-PROCESS COMPLETED"},
    "not completed": {1: "CONFIRMED IN-PROCESS COMPLETED"},
    "alternate not needed": {1: "CONFIRMED IN-PROCESS COMPLETED", 2: "TENTATIVE CANCELLED"},
    "joined between two nights": {1: "CONFIRMED IN-PROCESS COMPLETED", 2: "CONFIRMED IN-PROCESS"},
    "reworded while it runs": {1: "CONFIRMED IN-PROCESS COMPLETED", 2: "CONFIRMED IN-PROCESS"},
    "started": {1: "CONFIRMED IN-PROCESS"},
    "presumed ended": {1: "CONFIRMED IN-PROCESS"},  # never called completed without word
    "presumed started": {1: "CONFIRMED IN-PROCESS"},
    # to come after the last of those nights
    "joined": {1: "CONFIRMED"},
    "moved": {1: "CONFIRMED"},
    "shortened": {1: "CONFIRMED"},
    "reworded": {1: "CONFIRMED"},
    "cancelled": {1: "CONFIRMED CANCELLED"},
    "not for this customer any more": {1: "CONFIRMED CANCELLED"},
    "one night for others only": {1: "CONFIRMED CANCELLED", 2: "CONFIRMED"},
    "postponed": {1: "CONFIRMED CANCELLED", 2: "CONFIRMED"},
    "announced again": {1: "CONFIRMED CANCELLED CONFIRMED"},
    "alternate taken": {1: "CONFIRMED CANCELLED", 2: "TENTATIVE CONFIRMED"},
    # at once; nobody reports how they go
    "emergency": {1: "CONFIRMED IN-PROCESS"},
    "late": {1: "CONFIRMED IN-PROCESS"},
}
"""By role and window: what the parser must find in the feed of the customer whom all work hits, each status once, in the order of time."""
TWO_NIGHTS = ("joined between two nights", "reworded while it runs", "one night for others only", "postponed")
"""Roles that are announced with two windows."""

_BY = "conformance"
_WHY = "All work hits the same customer here"
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Plot:
    """``references`` by role; ``hostile`` is the account that all work hits."""

    references: Mapping[str, str]
    hostile: str

    def work(self, role: str) -> Maintenance:
        """Return the piece of work that plays the role, as it is now."""
        return Maintenance.objects.get(reference=self.references[role])

    def window(self, role: str) -> Window:
        """Return its first window."""
        return self.work(role).windows.get(number=1)

    def change(self, now: datetime) -> None:
        """Everything that is changed long before; ``now`` in UTC."""
        window = self.window("moved")
        booking.move(self.work("moved"), number=1, start=window.start + 2 * _HOUR, end=window.end + 3 * _HOUR, now=now, acknowledged=_WHY, by=_BY)
        window = self.window("shortened")
        booking.move(self.work("shortened"), number=1, start=window.start, end=window.end - _MINUTE, now=now, acknowledged=_WHY, by=_BY)
        booking.revise(self.work("reworded"), _reworded(as_draft(self.work("reworded"))), now=now, acknowledged=_WHY, by=_BY)
        booking.cancel(self.work("cancelled"), reason="Not needed; see \\n, and more", by=_BY, now=now)
        booking.revise(
            self.work("not for this customer any more"), self._without_customer("not for this customer any more"), now=now, acknowledged=_WHY, by=_BY
        )
        booking.revise(self.work("one night for others only"), self._one_night_without("one night for others only"), now=now, acknowledged=_WHY, by=_BY)
        for role in ("postponed", "announced again"):
            booking.postpone(self.work(role), number=1, reason="Parts, 2; late: \\n", by=_BY, now=now)
        for role in ("alternate not needed", "alternate taken"):
            booking.revise(self.work(role), self._with_alternate(role), now=now, acknowledged=_WHY, by=_BY)
        late = Late("The supplier, as usual; told us late", learned_at=now, supplier_notified_at=now - _HOUR)
        booking.announce(self.work("late"), late=late, now=now, acknowledged=_WHY, by=_BY)

    def change_again(self, now: datetime) -> None:
        """What follows from that: a new date, and an alternate that is used (``now`` in UTC)."""
        window = self.window("announced again")
        booking.move(self.work("announced again"), number=1, start=window.start + 24 * _HOUR, end=window.end + 25 * _HOUR, now=now, acknowledged=_WHY, by=_BY)
        booking.take_alternate(self.work("alternate taken"), number=2, instead_of=1, by=_BY, now=now)

    def nights(self, join: Callable[[str], None]) -> list[tuple[datetime, Callable[[datetime], object]]]:
        """Return what is done when, in the order of time; ``join`` adds a service that the work of that reference hits."""
        started = ("extended", "completed", "not completed", "alternate not needed", "joined between two nights", "reworded while it runs", "started")
        finished = ("completed", "not completed", "alternate not needed", "joined between two nights", "reworded while it runs")
        nights = self.window("joined between two nights")
        acts: list[tuple[datetime, Callable[[datetime], object]]] = [
            *((self.window(role).start, partial(self._start, role)) for role in started),
            *((self.window(role).end, partial(self._finish, role)) for role in finished),
            (self.window("extended").end - 10 * _MINUTE, self._extend),
            (self.window("reworded while it runs").start + _HOUR, self._reword),
            (nights.end + _HOUR, lambda _now: join(nights.maintenance.reference)),
            (self.window("completed").start - 47 * _HOUR, lambda _now: None),  # a reminder is due
            (self.window("presumed started").start + _HOUR, lambda _now: None),  # nobody has reported anything
        ]
        return sorted(acts, key=lambda act: act[0])

    def _start(self, role: str, now: datetime) -> None:
        booking.start(self.work(role), number=1, by=_BY, now=now)

    def _reword(self, now: datetime) -> None:
        role = "reworded while it runs"
        booking.revise(self.work(role), _reworded(as_draft(self.work(role))), now=now, acknowledged=_WHY, by=_BY)

    def _extend(self, now: datetime) -> None:
        booking.extend(self.work("extended"), number=1, end=now + 2 * _HOUR, reason="It, too; takes longer", by=_BY, now=now)

    def _finish(self, role: str, now: datetime) -> None:
        failed = SaidEnding(Outcome.FAILED, ServiceNow.DOWN, FollowUp.AT_WORK, "We are on it; wait, please \\n")
        booking.finish(self.work(role), number=1, ending=failed if role == "not completed" else None, by=_BY, now=now)

    def report(self, incident: str, languages: Mapping[str, str], now: datetime) -> None:
        """Close the P1 and file its root-cause report in every language."""
        found = Incident.objects.get(reference=incident)
        incidents.close_incident(found, now=now)
        texts = {language: Words(f"Root cause; {name}", "A **fan**, broken", "A new one; \\n") for language, name in languages.items()}
        root_causes.file_report(RootCauseReport.objects.get(incident=found), texts, by=_BY, now=now)

    def _without_customer(self, role: str) -> Draft:
        """Return the work with the services of all customers but that one."""
        return replace(as_draft(self.work(role)), objects=self._of_others(role))

    def _one_night_without(self, role: str) -> Draft:
        """Return the work with the services of all customers but that one in the first window, and everybody's in the second."""
        draft = as_draft(self.work(role))
        first, second = draft.windows
        return replace(draft, windows=(replace(first, objects=self._of_others(role)), second))

    def _of_others(self, role: str) -> tuple[str, ...]:
        others = Service.objects.filter(pk__in=hit_services(self.work(role)).values("pk")).exclude(customer=Customer.objects.get(account=self.hostile))
        return tuple(others.values_list("object_id", flat=True))

    def _with_alternate(self, role: str) -> Draft:
        """Return the work with a window a day later for one service only, in case that it cannot be done in the first."""
        draft, one = as_draft(self.work(role)), hit_services(self.work(role)).filter(customer__account=self.hostile).order_by("pk")[0]
        first = draft.windows[0]
        spare = WindowDraft(first.start + 24 * _HOUR, first.end + 24 * _HOUR, objects=(one.object_id,), alternate=True)
        return replace(draft, windows=(first, spare))


def _reworded(draft: Draft) -> Draft:
    return replace(draft, texts={language: replace(text, title=f"{text.title}; better, said") for language, text in draft.texts.items()})
