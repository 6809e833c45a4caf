"""Carry a change of announced work out: judged by the policy, told to those whom it concerns, stored, all in the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.models import Customer
from maintenance import impact, notices, obstacles, policy
from maintenance.booking.rows import BEGUN, raise_revision, restamp, store, sum_up
from maintenance.booking.telling import Change
from maintenance.concerned import Services, concerned, pieces_of, services_hit
from maintenance.decisions import decide
from maintenance.draft import Late
from maintenance.models import Breach, Incident, Maintenance, Notice, Window
from maintenance.models.window import FIRST_MOMENT
from maintenance.notices import Circumstances
from maintenance.preconditions import check_languages
from maintenance.rules import rules
from maintenance.said import Said
from maintenance.standing import Standing
from maintenance.states import Basis, Kind, WindowState

_MOST_KEYS = 30_000
"""More values than one statement may hold on every database."""


@dataclass(frozen=True)
class Wanted:
    """The windows as they are to be, in memory. ``coming``: those that are to take place and have not begun.

    ``new``: numbers of coming windows that nobody stands promised; ``firmed``: of those that are alternates no more, or only now.
    ``same_scope``: the work hits what it hit before. ``forgotten``: customer and object id, by primary key, of services that it hit
    before and that their customers do not stand told of: that they are late is no reason to refuse a change.
    """

    windows: Sequence[Window]
    coming: Sequence[Window]
    new: frozenset[int]
    firmed: frozenset[int] = frozenset()
    reworded: bool = False
    same_scope: bool = False
    forgotten: Mapping[int, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Asker:
    """Who wants it, when, and what they know: the reason for late notice, and why obstacles do not stand in the way."""

    by: str
    now: datetime
    late: Late | None = None
    acknowledged: str = ""


def carry_out(held: Maintenance, wanted: Wanted, asker: Asker) -> Notice | None:
    """Judge, tell and store; None where nothing changes for anybody who was told.

    Raises ValidationError where notice is too short, a reader's language is missing, or something stands in the way.
    """
    _check_late(asker.late)
    if held.incident_id:
        held.incident = Incident.objects.get(pk=held.incident_id)  # as it is now: a form may have read it before it was refuted
    earlier = notices.latest(held)
    said = earlier.said if earlier else None
    change, frozen = _change(held, wanted, said, asker)
    hits = [*change.hits(wanted.coming), *_nobodys(wanted, change, said)]
    if hits or wanted.reworded:
        check_languages(held, _readers(held, change))
    change.verdict, record = decide(held, hits, change.known, now=asker.now, late=asker.late is not None)
    judged = {window.number for window, customers in hits if not customers or _outside(window, wanted, said)}
    anew = change.outgrown() | judged | (wanted.new - _inherit(wanted, said, needing={window.number for window, _customers in hits}))
    _promise(held, wanted.coming, change.verdict.bases, anew, asker)
    change.planned = frozenset(window.number for window in wanted.coming if window.basis == Basis.PLANNED)
    if hits or anew or wanted.firmed or any(_has_moved(window, said) for window in wanted.coming):
        obstacles.check(held, wanted.coming, acknowledged=asker.acknowledged, by=asker.by, now=asker.now)
    rows = change.rows()
    if earlier and not rows and not anew:
        store([window for window in wanted.windows if window.state not in BEGUN], now=asker.now)
        sum_up(held)
        return None
    around = Circumstances(
        before=said, names_incident=any(row.kind == Kind.EMERGENCY for row in rows), names_lateness=any(row.kind == Kind.LATE for row in rows)
    )
    notice = _issue(held, wanted, rows, around, asker, record=record)
    if not frozen:
        notices.name_services(notice, held, wanted.coming, notices.Naming(besides=change.passed_over))
    _keep_running(notice, change, rows, wanted)
    notices.repeat_services(notice, impact=held.impact)
    _record_breaches(change, hits, asker)
    return notice


def _keep_running(notice: Notice, change: Change, rows: Sequence[notices.Row], wanted: Wanted) -> None:
    """Name only what is at work to whoever nothing that is to come hits any more."""
    running = {window.number for window in wanted.windows if window.state == WindowState.IN_PROGRESS}
    left = [row.customer for row in rows if row.customer in change.at_work and not change.wanted.get(row.customer)]
    standing = {customer: told.notice for customer in left if (told := change.standing.newest(customer))}
    if standing:
        earlier = {one.pk: one for one in Notice.objects.filter(pk__in=set(standing.values()))}
        at_work = [window for window in notice.said.windows if window.number in running]
        notices.keep_services(notice, {customer: earlier[pk] for customer, pk in standing.items()}, at_work)


def _change(held: Maintenance, wanted: Wanted, said: Said | None, asker: Asker) -> tuple[Change, bool]:
    """Return the change, and whether it is one of what was frozen: who came or went since is then no reason to refuse or to cancel.

    Late notice goes to everybody whom notice in time cannot reach any more, with everything that hits them.
    """
    standing = Standing.of(held)
    coming = {window.number for window in wanted.coming}
    over = frozenset(window.number for window in wanted.windows if window.number not in coming and window.state != WindowState.CANCELLED)
    running = frozenset(window.number for window in wanted.windows if window.state == WindowState.IN_PROGRESS)
    if wanted.same_scope and not wanted.new and not asker.late:
        change = Change.of(held, standing, _as_told(held, standing, wanted.coming), over=over, running=running)
        if not change.gaps and not _nobodys(wanted, change, said):
            change.reworded, change.firmed = wanted.reworded, wanted.firmed
            return change, True
    hit: Mapping[int, Services] = services_hit(held, wanted.coming)
    passed_over = _too_late_for(held, wanted, hit, asker)
    change = Change.of(held, standing, _without(hit, set(passed_over.values())), over=over, running=running)
    change.passed_over = frozenset(passed_over)
    if passed_over and (change.gaps or any(_outside(window, wanted, said) for window in wanted.coming)):
        change = Change.of(held, standing, hit, over=over, running=running)  # new promises are made, and nobody is left out of those
    change.reworded, change.firmed = wanted.reworded, wanted.firmed
    if asker.late and said:
        change.add_unserved([window for window in wanted.coming if window.basis != Basis.EMERGENCY], now=asker.now)
    return change, False


def _too_late_for(held: Maintenance, wanted: Wanted, hit: Mapping[int, Services], asker: Asker) -> dict[int, tuple[int, str]]:
    """Return the forgotten services for which notice would be late: they stay shortfalls, and hinder no change that promises nothing new."""
    if asker.late or not wanted.forgotten:
        return {}
    known, in_force = concerned({customer for customer, _name in wanted.forgotten.values()}, held, days=rules().days), rules()
    found = {}
    for pk, (customer, name) in wanted.forgotten.items():
        starts = {piece.start for piece in hit.get(customer, {}).get(name, ())}
        asked = [policy.Asked(number, start, {known[customer].clock: 1}) for number, start in enumerate(sorted(starts))]
        if policy.shortages(asked, now=asker.now, rules=in_force):
            found[pk] = customer, name
    return found


def _without(hit: Mapping[int, Services], forgotten: Collection[tuple[int, str]]) -> Mapping[int, Services]:
    if not forgotten:
        return hit
    left = {customer: {name: pieces for name, pieces in services.items() if (customer, name) not in forgotten} for customer, services in hit.items()}
    return {customer: services for customer, services in left.items() if services}


def _as_told(held: Maintenance, standing: Standing, coming: Sequence[Window]) -> dict[int, Services]:
    """Return the services that were named, with the windows as they are wanted now."""
    pieces = {piece.window: piece for piece in pieces_of(held, coming)}
    found: dict[int, Services] = {}
    for customer in standing.customers():
        promised = standing.promised(customer)
        named = {service: [pieces[one.window] for one in said if one.window in pieces] for service, said in promised.items()}
        if any(named.values()):
            found[customer] = {service: kept for service, kept in named.items() if kept}
    return found


def _nobodys(wanted: Wanted, change: Change, said: Said | None) -> list[tuple[Window, frozenset[int]]]:
    """Return the windows to be judged although they hit nobody: those outside what was announced. They count by UTC."""
    hit = {piece.window for services in change.wanted.values() for pieces in services.values() for piece in pieces}
    return [(window, frozenset[int]()) for window in wanted.coming if window.number not in hit and _outside(window, wanted, said)]


def _outside(window: Window, wanted: Wanted, said: Said | None) -> bool:
    """Tell whether a window has times that were not announced for it."""
    told = said.window(window.number) if said and window.number not in wanted.new else None
    return told is None or not told.start <= window.start < window.end <= told.end


def _has_moved(window: Window, said: Said | None) -> bool:
    told = said.window(window.number) if said else None
    return told is None or (told.start, told.end) != (window.start, window.end)


def _inherit(wanted: Wanted, said: Said | None, *, needing: set[int]) -> set[int]:
    """Give new windows that lie within announced ones the promise of those, in memory; return their numbers."""
    found = set()
    for window in wanted.coming:
        if said is None or window.number not in wanted.new or window.number in needing:
            continue
        within = [one for one in said.windows if one.start < window.end and window.start < one.end]
        old = [one for one in wanted.windows if one.number in {told.number for told in within} and one.promised_since is not None]
        if not old:
            continue
        latest = max(old, key=lambda one: one.promised_since or FIRST_MOMENT)
        window.basis, window.incident, window.late_reason = latest.basis, latest.incident, latest.late_reason
        window.promised_since = latest.promised_since
        found.add(window.number)
    return found


def _readers(held: Maintenance, change: Change) -> Any:  # noqa: ANN401  # a queryset of customers
    if len(change.wanted) > _MOST_KEYS:
        return impact.hit_customers(held)
    return Customer.objects.filter(pk__in=list(change.wanted))


def _promise(held: Maintenance, coming: Sequence[Window], bases: Mapping[int, Basis], anew: set[int], asker: Asker) -> None:
    """Give each window, in memory, the basis by which it may take place, and the moment of its promise."""
    for window in coming:
        window.state = WindowState.ANNOUNCED
        if window.number not in anew:
            continue
        window.basis = bases.get(window.number, Basis.PLANNED)
        window.incident = held.incident if window.basis == Basis.EMERGENCY else None
        window.late_reason = asker.late.reason if asker.late and window.basis == Basis.LATE else ""
        window.promised_since = asker.now
    if asker.late and Basis.LATE in bases.values():
        held.learned_at = asker.late.learned_at
        held.supplier_notified_at = asker.late.supplier_notified_at or held.supplier_notified_at


def _issue(
    held: Maintenance,
    wanted: Wanted,
    rows: Sequence[notices.Row],
    around: Circumstances,
    asker: Asker,
    *,
    record: dict[str, Any],
) -> Notice:
    """Store the notice first, then the windows that it promises: the other way round the database would refuse them."""
    shown = [window for window in wanted.windows if window.state not in BEGUN]
    if around.before:
        restamp(shown)
    raise_revision(held)
    notice = notices.issue(held, said=notices.snapshot(held, wanted.windows, around), by=asker.by, now=asker.now, decision=record)
    notices.tell(notice, rows)
    store(shown, now=asker.now)
    sum_up(held)
    return notice


def _check_late(late: Late | None) -> None:
    if late is None:
        return
    if settings.LATE_NOTICE != "breach":
        raise ValidationError(_("Late notice is not allowed here (LATE_NOTICE is forbid)."), code="late")
    if not late.reason.strip():
        raise ValidationError(_("Late notice breaks the promise; give a reason, which is recorded."), code="late")


def _record_breaches(change: Change, hits: Sequence[tuple[Window, frozenset[int]]], asker: Asker) -> None:
    """Late notice is a breach from the moment that it is told."""
    if asker.late is None:
        return
    reason = {"reason": asker.late.reason, "reason_by": asker.by}
    rows = [
        Breach(window=window, customer_id=customer, recorded_at=asker.now, recorded_by=asker.by, **reason)
        for window, customers in hits
        for customer in sorted(customers)
        if change.verdict.basis(window.number, change.known[customer].clock) == Basis.LATE
    ]
    Breach.objects.bulk_create(rows, ignore_conflicts=True)
