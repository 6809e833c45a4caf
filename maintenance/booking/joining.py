"""Services that work hits and that no standing notice names: added since, or missing from the records until now."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from customers.models import Service
from maintenance import notices, policy
from maintenance.booking.rows import SYSTEM, locked, raise_revision, restamp, store, sum_up
from maintenance.concerned import Concerned, Services, concerned, services_hit
from maintenance.coverage import starts_not_covered
from maintenance.models import Breach, Maintenance, Notice, Window
from maintenance.notices import Row
from maintenance.rules import rules
from maintenance.standing import Standing
from maintenance.states import Basis, Kind, WindowState


def unnamed(*, now: datetime) -> list[Maintenance]:
    """Return the work still to come that hits a service which its customer does not stand told of. One query for each piece of work."""
    coming = Window.objects.filter(state=WindowState.ANNOUNCED, start__gt=now)
    found = Maintenance.objects.filter(pk__in=coming.values("maintenance")).order_by("pk")
    return [one for one in found if notices.not_told_of(one).exists()]


@transaction.atomic
def join(maintenance: Maintenance, *, now: datetime) -> Notice | None:
    """Tell the customers of such services; None where there is nobody to tell.

    What was really added after the last announcement is told at once ("joined later") and is no breach. What was held all along is told
    with full notice where there is time; otherwise it stays a shortfall, as nothing goes out as if it were in time.
    """
    held = locked(maintenance)
    coming = list(held.windows.filter(state=WindowState.ANNOUNCED, start__gt=now).order_by("number"))
    first = held.notices.order_by("revision").first()
    if not coming or first is None:
        return None
    standing = Standing.of(held)
    missing = _missing(standing, services_hit(held, coming))
    known = concerned(missing, held, days=rules().days)
    since = max(window.promised_since or first.issued_at for window in coming)
    added = set(Service.objects.filter(customer__in=list(missing), held_since__gt=since).values_list("customer_id", "object_id"))
    asker = _Asker(standing, {window.number: window for window in coming}, added, now)
    rows = [row for customer in sorted(known) if (row := asker.row(customer, missing[customer], known[customer]))]
    if not rows:
        return None
    windows = list(held.windows.order_by("number"))
    stamped = restamp(windows)
    raise_revision(held)
    said = notices.snapshot(held, windows, notices.Circumstances(names_incident=any(row.kind == Kind.EMERGENCY for row in rows)))
    decision = {"policy": policy.VERSION, "answer": "services entered after the announcement", "asked_at": now.isoformat()}
    notice = notices.issue(held, said=said, by=SYSTEM, now=now, decision=decision)
    notices.tell(notice, rows)
    notices.name_services(notice, held, coming, notices.Naming(joined_since=since))
    notices.repeat_services(notice)
    store(stamped, now=now)
    sum_up(held)
    _record_breaches(rows, asker.windows, now=now)
    return notice


def _record_breaches(rows: Iterable[Row], windows: Mapping[int, Window], *, now: datetime) -> None:
    """Whoever is told late, as a planner decided for the others of the window, is a breach as they are."""
    late = [(row.customer, windows[number]) for row in rows if row.kind == Kind.LATE for number, basis in row.bases.items() if basis == Basis.LATE]
    Breach.objects.bulk_create(
        [
            Breach(window=window, customer_id=customer, recorded_at=now, recorded_by=SYSTEM, reason=window.late_reason, reason_by=SYSTEM)
            for customer, window in late
        ],
        ignore_conflicts=True,
    )


def _missing(standing: Standing, hit: Mapping[int, Services]) -> dict[int, Services]:
    found: dict[int, Services] = {}
    for customer, services in hit.items():
        named = standing.promised(customer)
        new = {service: pieces for service, pieces in services.items() if service not in named}
        if new:
            found[customer] = new
    return found


@dataclass(frozen=True)
class _Asker:
    standing: Standing
    windows: Mapping[int, Window]
    added: Collection[tuple[int, str]]
    now: datetime

    def row(self, customer: int, services: Services, who: Concerned) -> Row | None:
        """Return what the customer is told of the services, if anything."""
        numbers = {piece.window for pieces in services.values() for piece in pieces}
        forgotten = {piece.window for service, pieces in services.items() if (customer, service) not in self.added for piece in pieces}
        hurried = {number: Basis(basis) for number in sorted(numbers) if (basis := self.windows[number].basis) != Basis.PLANNED}
        if Basis.EMERGENCY in hurried.values():
            return Row(customer, Kind.EMERGENCY, bases=hurried)
        some_added = any((customer, service) in self.added for service in services)
        if some_added and not self._waits(customer):
            return Row(customer, Kind.JOINED)
        if Basis.LATE in hurried.values() and forgotten and settings.LATE_NOTICE == "breach":
            return Row(customer, Kind.LATE, bases=hurried)
        starts = {self.windows[number].start for number in forgotten}
        asked = [policy.Asked(number, start, {who.clock: 1}) for number, start in enumerate(sorted(starts))]
        if policy.shortages(asked, now=self.now, rules=rules()):
            return None
        line = policy.deadline(starts=starts | self._not_covered(customer, who), clock=who.clock)
        if line is None:
            return Row(customer, Kind.JOINED)
        kind = Kind.REVISED if self.standing.newest(customer) and self.standing.has_heard(customer) else Kind.ANNOUNCED
        return Row(customer, kind, line) if line > self.now else None

    def _waits(self, customer: int) -> bool:
        """Tell whether the customer has not been reached with what was planned before: that is not to go out late by the way."""
        return self.standing.newest(customer) is not None and (self.standing.is_pending(customer) or not self.standing.has_heard(customer))

    def _not_covered(self, customer: int, who: Concerned) -> set[datetime]:
        """Return the starts for which what the customer was told before is not in time so far."""
        planned = [number for number, window in self.windows.items() if window.basis == Basis.PLANNED]
        return set(starts_not_covered(self.standing, customer, who.clock, self.standing.promised(customer), windows=planned))
