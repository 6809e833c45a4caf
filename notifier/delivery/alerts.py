"""Alerts: mails to the planners, written once for each thing and sent until the first hop takes them. Customers' mails come first."""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from maintenance.models import Maintenance, Notice
from maintenance.notices import title_of
from notifier.delivery import alert_mail, breaker, outbox, settle
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.models import Alert, AlertKind
from notifier.delivery.plain_reason import plain_reason
from notifier.delivery.transport import Answer, Outcome, Transport

logger = logging.getLogger(__name__)

MOST = 20
LONGEST_SECONDS = 60
"""So many, and for so long, in one round: the dispatcher has other mails to send."""


def raise_alert(kind: AlertKind, key: str, facts: Mapping[str, Any], *, now: datetime) -> bool:
    """Note that the planners are to hear of something, once for each ``key``; return whether it is new. It goes out with the next round.

    ``facts`` (JSON, moments in ISO 8601, UTC) are what ``templates/alerts/<kind>`` speak of; ``about`` gives those of a maintenance.
    """
    _alert, new = Alert.objects.get_or_create(key=key, defaults={"kind": kind, "facts": dict(facts), "made_at": now, "due_at": now})
    return new


def unraised(keys: Iterable[str]) -> set[str]:
    """Return those keys for which no alert was raised, in one query."""
    wanted = set(keys)
    return wanted - set(Alert.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else wanted


def about(maintenance: Maintenance) -> dict[str, Any]:
    """Return the facts by which every alert names a maintenance."""
    return {
        "maintenance": maintenance.pk,
        "reference": maintenance.reference,
        "title": title_of(maintenance),
        "timezone": str(maintenance.timezone),
    }


def about_notice(notice: Notice) -> dict[str, Any]:
    """Return the facts by which an alert names what a notice is about: a maintenance, or the incident of a root cause."""
    if notice.maintenance is not None:
        return about(notice.maintenance)
    incident = notice.incident
    return {"incident": incident.pk, "reference": incident.reference, "title": incident.title} if incident is not None else {"reference": ""}


def send_due(*, now: datetime) -> int:
    """Send the alerts that are due by the way that is open; return how many were taken over. One that fails delays only itself; no way, all of them."""
    ends = time.monotonic() + LONGEST_SECONDS
    waiting = list(_waiting(now=now)[:MOST])
    recipients = alert_mail.recipients() if waiting else []
    sent = 0
    while waiting and time.monotonic() < ends and (choice := breaker.choose(now=now)) is not None:
        problem: Outcome | None = None
        with Transport(choice.way) as transport:
            while waiting and problem is None and time.monotonic() < ends:
                problem = transport.open()  # before an alert is claimed: without a connection none is tried
                if problem is None and _claim(alert := waiting.pop(0)):
                    outcome = _send(alert, recipients, transport)
                    _settle(alert, outcome, now=now)
                    problem = outcome if outcome.of_service else None
                    if outcome.answer is Answer.ACCEPTED:
                        breaker.good(choice)
                        sent += 1
                    if choice.is_probe:
                        break
        if problem is None:
            breaker.leave(choice)
        else:
            breaker.trouble(choice, problem.reason, now=now, hung=problem.hung)
    return sent


def _waiting(*, now: datetime) -> "QuerySet[Alert]":
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=DatabaseTime())
    return Alert.objects.filter(free, sent_at__isnull=True, due_at__lte=now).order_by("due_at", "pk")


def _claim(alert: Alert) -> bool:
    """Take the alert for the time of a lease; of two workers one does. The number of attempts is the token that settling needs."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=DatabaseTime())
    held = Alert.objects.filter(free, pk=alert.pk, sent_at__isnull=True, attempts=alert.attempts)
    if not held.update(lease_until=DatabaseTime(outbox.lease()), attempts=F("attempts") + 1):
        return False
    alert.attempts += 1
    return True


def _send(alert: Alert, recipients: list[str], transport: Transport) -> Outcome:
    if not recipients:
        return Outcome(Answer.TEMPORARY, "no planner has an address: set PLANNERS_EMAIL, or give the planners' accounts one")
    try:
        mail = alert_mail.message(alert, recipients)
        mail.message()
    except Exception as error:  # whatever is wrong with one alert delays that one alone
        logger.exception("alert %s cannot be composed", alert.key)
        return Outcome(Answer.PERMANENT, plain_reason(error))
    return transport.send(mail)


def _settle(alert: Alert, outcome: Outcome, *, now: datetime) -> None:
    """Whatever the answer but "taken", it is tried again: an alert twice is better than none."""
    mine = Alert.objects.filter(pk=alert.pk, attempts=alert.attempts, sent_at__isnull=True)
    if outcome.answer is Answer.ACCEPTED:
        mine.update(sent_at=now, lease_until=None, problem="")
        return
    logger.warning("alert %s was not sent: %s", alert.key, outcome.reason)
    mine.update(due_at=now + settle.backoff(alert.attempts), lease_until=None, problem=outcome.reason[:500])
