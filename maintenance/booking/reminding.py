"""Remind of work that was announced."""

from datetime import datetime

from django.db import transaction

from maintenance import notices
from maintenance.booking.progress import told_by_reminder
from maintenance.booking.rows import SYSTEM, locked, raise_revision, sum_up
from maintenance.models import Notice, Reminded, Window
from maintenance.notices import Row
from maintenance.states import Kind, WindowState


@transaction.atomic
def remind(window: Window, *, hours: int, now: datetime) -> Notice | None:
    """Remind once of a window, ``hours`` before its start, whoever has such a reminder; None where it was done or nobody has."""
    held = locked(window.maintenance)
    window = held.windows.get(pk=window.pk)
    window.maintenance = held
    done, fresh = Reminded.objects.get_or_create(window=window, start=window.start, hours=hours, defaults={"done_at": now})
    if not fresh or done.start <= now or window.state != WindowState.ANNOUNCED or window.alternate:
        return None
    customers = told_by_reminder(held, window, hours=hours)
    if not customers:
        return None
    raise_revision(held)
    notice = notices.issue(
        held,
        said=notices.snapshot(held),
        by=SYSTEM,
        now=now,
        decision={"answer": "reminder: no notice needed", "asked_at": now.isoformat()},
        about=window.number,
    )
    notices.tell(notice, [Row(customer, Kind.REMINDER, stale_at=window.start) for customer in customers])
    notices.repeat_services(notice)
    sum_up(held)
    return notice
