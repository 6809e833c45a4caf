"""That work begins although somebody was not served in time."""

from datetime import datetime

from maintenance.coverage import clocks_hit, unserved
from maintenance.models import Breach, Window
from maintenance.policy import VERSION
from maintenance.shortfalls import agreed, open_for
from maintenance.states import Basis


def record_breaches(window: Window, *, reason: str, by: str, now: datetime) -> int:
    """Record a breach for each customer who was not served in time and has not agreed; return how many.

    The reason is the one given for that customer before the start, or ``reason``, or still owed (empty). An emergency whose P1 does not
    allow it any more is a breach for everyone whom it hits.
    """
    short = [one.customer_id for one in unserved(window)]
    consenting = agreed(window) & set(short)
    window.start_decision = {
        "policy": VERSION,
        "asked_at": now.isoformat(),
        "basis": str(window.basis),
        "start": window.start.isoformat(),
        "clocks": clocks_hit(window),
        "not_in_time": sorted(short),
        "agreed": sorted(consenting),
        "answer": _answer(window, short=set(short), agreed=consenting),
    }
    if not short:
        return 0
    given = {row.customer_id: (row.reason, row.reason_by) for row in open_for(window).exclude(reason="")}
    rows = []
    for customer in sorted(set(short) - consenting):
        why, whose = given.get(customer, (reason, by if reason else ""))
        rows.append(Breach(window=window, customer_id=customer, recorded_at=now, recorded_by=by, reason=why, reason_by=whose))
    Breach.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _answer(window: Window, *, short: set[int], agreed: set[int]) -> str:
    if short - agreed or window.basis == Basis.LATE:
        return "breach"
    if agreed:
        return "agreed"
    return "emergency" if window.basis == Basis.EMERGENCY else "in time"
