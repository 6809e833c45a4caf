"""What nobody clicks: the things that come due by the clock, or are found by looking. Called about once a minute; each part stands alone."""

import logging
import math
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from customers.models import Service
from maintenance import booking, root_causes
from maintenance.booking import joining
from maintenance.models import Maintenance, Reminded, Window
from maintenance.reminders import DueReminder, due_reminders
from maintenance.states import Kind, WindowState
from notifier.delivery.alerts import about, raise_alert, unraised
from notifier.delivery.bounce_mailbox import read_bounces
from notifier.delivery.line_watch import tell_what_is_not_accepted
from notifier.delivery.models import AlertKind
from notifier.delivery.resend import resend_what_was_remedied
from notifier.delivery.shortfall_watch import LISTED, keep, keep_shortfalls, tell_what_is_open
from notifier.delivery.standstill import tell_that_mail_stands_still
from notifier.delivery.unknown import resolve_due

logger = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=15)
"""So long after the start somebody should have said that the work began."""
LONGEST_UNSEEN_SECONDS = 3600
"""A service that was changed, which leaves newest and number as they were, is found after so long at most."""
_seen: dict[str, Any] = {"services": None, "at": -math.inf}


def look(*, now: datetime) -> None:
    """Do all that is due at ``now``. A part that fails is logged and tried again with the next look; the others go on.

    With nothing to do the number of queries is constant. Looking again, or in two workers at once, does nothing twice.
    """
    for part in _PARTS:
        try:
            part(now=now)
        except Exception:  # each part stands alone
            logger.exception("the watch failed to %s", part.__name__.strip("_").replace("_", " "))


def _presume_what_nobody_reports(*, now: datetime) -> None:
    booking.presume(now=now)


def _remind(*, now: datetime) -> None:
    for due in due_reminders(now):
        try:
            _remind_of(due, now=now)
        except Exception:  # and so does each reminder
            logger.exception("the reminder of %s, %d hours before, was not issued", due.window, due.hours)


def _remind_of(due: DueReminder, *, now: datetime) -> None:
    if due.needed:
        booking.remind(due.window, hours=due.hours, now=now)
    else:
        Reminded.objects.get_or_create(window=due.window, start=due.window.start, hours=due.hours, defaults={"done_at": now})


def _join_services(*, now: datetime) -> None:
    """Tell of services entered since the work was announced. Only when services came or went, and now and then: it takes long to look."""
    services = Service.objects.aggregate(newest=Max("pk"), number=Count("pk"))
    if services == _seen["services"] and time.monotonic() - _seen["at"] < LONGEST_UNSEEN_SECONDS:
        return
    for maintenance in joining.unnamed(now=now):
        try:
            _join(maintenance, now=now)
        except Exception:  # and each piece of work
            logger.exception("services entered after %s was announced were not joined", maintenance.reference)
    _seen.update(services=services, at=time.monotonic())


def _join(maintenance: Maintenance, *, now: datetime) -> None:
    notice = booking.join(maintenance, now=now)
    keep(maintenance, now=now)  # those that were held all along are short of notice
    if notice is None:
        return
    accounts = list(notice.customers.filter(kind=Kind.JOINED).order_by("customer__account").values_list("customer__account", flat=True))
    if accounts:
        customers = [{"account": account} for account in accounts[:LISTED]]
        facts = {**about(maintenance), "customers": customers, "more": max(0, len(accounts) - LISTED)}
        raise_alert(AlertKind.JOINED, f"joined:{notice.pk}", facts, now=now)


def _tell_what_has_not_started(*, now: datetime) -> None:
    silent = Window.objects.filter(state=WindowState.ANNOUNCED, alternate=False, maintenance__supplier__isnull=True, start__lte=now - PATIENCE, end__gt=now)
    _tell(AlertKind.NOT_STARTED, ((f"not_started:{window.pk}:{window.start.isoformat()}", window) for window in _in_order(silent)), now=now)


def _tell_what_overruns(*, now: datetime) -> None:
    """Of work in progress, and of our own that nobody began; a supplier's that nobody reports is presumed to have ended."""
    at_work = Q(state=WindowState.IN_PROGRESS, presumed=False) | Q(state=WindowState.ANNOUNCED, alternate=False, maintenance__supplier__isnull=True)
    over = Window.objects.filter(at_work, end__lte=now)
    _tell(AlertKind.OVERRUN, ((f"overrun:{window.pk}:{window.end.isoformat()}", window) for window in _in_order(over)), now=now)


def _tell(kind: AlertKind, windows: Iterable[tuple[str, Window]], *, now: datetime) -> None:
    by_key = dict(windows)
    for key in sorted(unraised(by_key)):
        window = by_key[key]
        facts = {
            **about(window.maintenance),
            "window": window.number,
            "start": window.start.isoformat(),
            "end": window.end.isoformat(),
            "begun": window.state == WindowState.IN_PROGRESS,
        }
        raise_alert(kind, key, facts, now=now)


def _in_order(windows: QuerySet[Window]) -> QuerySet[Window]:
    return windows.select_related("maintenance").order_by("start", "pk")


def _chase_root_causes(*, now: datetime) -> None:
    for report in root_causes.reports_due(now):
        before = report.chased_at.isoformat() if report.chased_at else "first"
        facts = {
            "incident": report.incident_id,
            "report": report.pk,
            "reference": report.incident.reference,
            "title": report.incident.title,
            "due": report.due_at.isoformat(),
            "overdue": report.due_at < now,
        }
        with transaction.atomic():
            raise_alert(AlertKind.ROOT_CAUSE, f"root_cause:{report.pk}:{before}", facts, now=now)
            root_causes.chased(report, now)


_PARTS = (
    _presume_what_nobody_reports,
    _remind,
    _join_services,
    resolve_due,
    keep_shortfalls,
    resend_what_was_remedied,
    tell_what_is_open,
    _tell_what_has_not_started,
    _tell_what_overruns,
    _chase_root_causes,
    tell_what_is_not_accepted,
    tell_that_mail_stands_still,
    read_bounces,
)
