"""Services that work hits and that no notice has named: added since, or missing from the records until now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from customers.models import Service
from maintenance import notices, policy
from maintenance.booking.rows import SYSTEM, locked, raise_revision, restamp, store, sum_up
from maintenance.concerned import Concerned, Services, concerned, services_hit
from maintenance.decisions import rules
from maintenance.impact import hit_by_any_window
from maintenance.models import Maintenance, Notice, NoticeService, Window
from maintenance.notices import Row
from maintenance.standing import Standing
from maintenance.states import Basis, Kind, WindowState


def unnamed(*, now: datetime) -> list[Maintenance]:
    """Return the work still to come that hits a service which none of its notices has named. One query for each piece of work."""
    coming = Window.objects.filter(state=WindowState.ANNOUNCED, start__gt=now)
    named = NoticeService.objects.filter(customer=OuterRef("customer"), object_id=OuterRef("object_id"))
    found = Maintenance.objects.filter(pk__in=coming.values("maintenance")).order_by("pk")
    return [one for one in found if hit_by_any_window(one).filter(~Exists(named.filter(notice__maintenance=one))).exists()]


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
    asker = _Asker(standing, {window.number: window for window in coming}, now)
    rows = [row for customer in sorted(known) if (row := asker.row(customer, missing[customer], known[customer], added))]
    if not rows:
        return None
    windows = list(held.windows.order_by("number"))
    stamped = restamp(windows)
    raise_revision(held)
    said = notices.snapshot(held, windows, notices.Circumstances(names_incident=any(row.kind == Kind.EMERGENCY for row in rows)))
    decision = {"policy": policy.VERSION, "answer": "services entered after the announcement", "asked_at": now.isoformat()}
    notice = notices.issue(held, said=said, by=SYSTEM, now=now, decision=decision)
    notices.tell(notice, rows)
    notices.name_services(notice, held, coming, joined_since=since)
    notices.repeat_services(notice)
    store(stamped, now=now)
    sum_up(held)
    return notice


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
    now: datetime

    def row(self, customer: int, services: Services, who: Concerned, added: set[tuple[int, str]]) -> Row | None:
        """Return what the customer is told, if anything."""
        windows = {self.windows[piece.window] for pieces in services.values() for piece in pieces}
        if all(window.basis == Basis.EMERGENCY for window in windows):
            return Row(customer, Kind.EMERGENCY, bases=dict.fromkeys(sorted(window.number for window in windows), Basis.EMERGENCY))
        if any((customer, service) in added for service in services):
            return Row(customer, Kind.JOINED)
        starts = sorted({window.start for window in windows})
        asked = [policy.Asked(number, start, {who.clock: 1}) for number, start in enumerate(starts)]
        if policy.shortages(asked, now=self.now, rules=rules()):
            return None
        kind = Kind.REVISED if self.standing.newest(customer) else Kind.ANNOUNCED
        return Row(customer, kind, policy.deadline(starts=starts, clock=who.clock))
