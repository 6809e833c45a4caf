"""Take windows back, and tell whoever was told of them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from maintenance import notices
from maintenance.booking.rows import raise_revision, restamp, store, sum_up
from maintenance.concerned import concerned
from maintenance.models import Maintenance, Notice, Window
from maintenance.notices import Circumstances, Row
from maintenance.policy import deadline
from maintenance.rules import rules
from maintenance.standing import Standing
from maintenance.states import Basis, Kind, WindowState


def drop(held: Maintenance, windows: Sequence[Window], *, beside: Collection[WindowState], reason: str = "", by: str, now: datetime) -> Notice:
    """Cancel windows beside others in the states given: whoever those hit hears of less than was announced, the rest that it is off."""
    standing = Standing.of(held)
    numbers = {window.number for window in windows}
    kept = set(held.windows.filter(state__in=list(beside)).values_list("number", flat=True)) - numbers
    for window in windows:
        window.state = WindowState.CANCELLED
        window.sequence += 1
    notice = _issue(held, windows, Kind.EASED, reason=reason, by=by, now=now)
    rows = []
    for customer in standing.customers():
        named = {piece.window for pieces in standing.promised(customer).values() for piece in pieces}
        if named & numbers:
            rows.append(Row(customer, Kind.EASED if named & kept else Kind.CANCELLED))
    notices.tell(notice, rows)
    store(windows, now=now)
    sum_up(held)
    notices.repeat_services(notice)
    return notice


def _row(held: Maintenance, standing: Standing, customer: int, kind: Kind, windows: Sequence[Window], *, now: datetime) -> Row:
    """Return what one customer is told. Where the newest word of what is still to come has not been accepted, that is said again.

    The withdrawal replaces what still waits, and shows the windows that it takes back. It goes out as such where the rest could not be
    in time any more: whoever may have been told must hear of it.
    """
    numbers = {piece.window for pieces in standing.promised(customer).values() for piece in pieces}
    coming = [window for window in windows if window.state == WindowState.ANNOUNCED and window.number in numbers]
    newest = standing.content(customer)
    if kind == Kind.CANCELLED or not coming or newest is None or newest.accepted_at is not None:
        return Row(customer, kind)
    for basis, hurried in ((Basis.EMERGENCY, Kind.EMERGENCY), (Basis.LATE, Kind.LATE)):
        if any(window.basis == basis for window in coming):
            return Row(customer, hurried, bases=newest.bases)
    if newest.kind == Kind.JOINED or newest.deadline is None:
        return Row(customer, newest.kind if newest.kind not in {Kind.EMERGENCY, Kind.LATE} else kind, bases=newest.bases)
    clock = concerned([customer], held, days=rules().days)[customer].clock
    line = deadline(starts=sorted(window.start for window in coming), clock=clock)
    if line is not None and line <= now:
        return Row(customer, kind)
    return Row(customer, Kind.REVISED if standing.has_heard(customer) else Kind.ANNOUNCED, line, bases=newest.bases)


def _concerns(standing: Standing, customer: int, numbers: set[int]) -> bool:
    """Tell whether a customer stands told of one of the windows, or of none any more that is still to come."""
    named = {piece.window for pieces in standing.promised(customer).values() for piece in pieces}
    return bool(named & numbers) or not named


def take_back(held: Maintenance, windows: Sequence[Window], kind: Kind, *, reason: str, by: str, now: datetime) -> Notice:
    """Store the windows, whose state is changed in memory, and tell whoever stands told of one of them."""
    standing = Standing.of(held)
    numbers = {window.number for window in windows}
    told = [customer for customer in standing.customers() if _concerns(standing, customer, numbers)]
    notice = _issue(held, windows, kind, reason=reason, by=by, now=now)
    shown = _shown(held, windows)
    notices.tell(notice, [_row(held, standing, customer, kind, shown, now=now) for customer in sorted(told)])
    store(windows, now=now)
    sum_up(held)
    notices.repeat_services(notice)
    return notice


def _shown(held: Maintenance, windows: Sequence[Window]) -> list[Window]:
    """Return all windows, those given as they are in memory."""
    changed = {window.pk: window for window in windows}
    return [changed.get(window.pk, window) for window in held.windows.order_by("number")]


def _issue(held: Maintenance, windows: Sequence[Window], kind: Kind, *, reason: str, by: str, now: datetime) -> Notice:
    shown = _shown(held, windows)
    others = restamp(window for window in shown if window not in windows)
    raise_revision(held)
    notice = notices.issue(
        held,
        said=notices.snapshot(held, shown, Circumstances(reason=reason)),
        by=by,
        now=now,
        decision={"answer": f"{kind}: no notice needed", "asked_at": now.isoformat()},
        about=windows[0].number if kind == Kind.POSTPONED and len(windows) == 1 else 0,
    )
    store(others, now=now)
    return notice
