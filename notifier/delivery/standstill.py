"""Tell the planners that mail has come to a standstill: one alert for each trouble, and a line in the log for whoever gets no mail then."""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet

from notifier.delivery.alerts import raise_alert
from notifier.delivery.models import Alert, AlertKind, Delivery, DeliveryState
from notifier.delivery.overdue import is_due, oldest_due

logger = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=15)
"""Mail that is due for longer, while nothing at all is accepted, stands still."""
LONGEST = timedelta(hours=1)
"""Mail that is due for longer is in trouble, whatever else gets through: even a million goes out in less."""
REASONS = 3
"""A mail names so many, the most frequent."""
_found = {"before": False}
"""Whether the last look of this process found mail standing still: after a start it has yet to be tried, and that may be all that was missing."""


def tell_that_mail_stands_still(*, now: datetime) -> None:
    """Raise an alert where mail stands still, once; note when it goes on, so that the next standstill is told again."""
    since, before = oldest_due(now=now), _found["before"]
    _found["before"] = since is not None and now - since >= PATIENCE
    last = Alert.objects.filter(kind=AlertKind.STANDSTILL).order_by("-made_at", "-pk").first()
    goes_on = last is not None and "ended" not in last.facts
    if since is None or now - since < PATIENCE:
        if last is not None and goes_on:
            last.facts["ended"] = now.isoformat()
            last.save(update_fields=["facts"])
            logger.info("mail goes out again")
        return
    if goes_on or not before or (now - since < LONGEST and accepted_since(now - PATIENCE)):
        return
    facts = _facts(since, now=now)
    if raise_alert(AlertKind.STANDSTILL, f"standstill:{last.pk if last else 0}", facts, now=now):  # of two workers one does
        logger.error("mail stands still: %d due, the oldest since %s; reasons: %s", facts["number"], facts["since"], _in_words(facts["reasons"]))


def accepted_since(moment: datetime) -> bool:
    """Tell whether anything was accepted since then."""
    return Delivery.objects.filter(accepted_at__gt=moment, accepted_at__isnull=False).exists()


def reasons(mails: QuerySet[Delivery]) -> list[dict[str, Any]]:
    """Return why mails were not taken at their last try, the most frequent first; an empty reason: no try was answered."""
    counted = Counter(dict(mails.order_by().values_list("reason").annotate(number=Count("pk")).values_list("reason", "number")))
    return [{"reason": reason, "number": number} for reason, number in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:REASONS]]


def _facts(since: datetime, *, now: datetime) -> dict[str, Any]:
    due = Delivery.objects.filter(is_due(now=now), state=DeliveryState.QUEUED)
    line = due.filter(deadline__gt=now).aggregate(line=Min("deadline"))["line"]
    return {
        "reference": "",
        "since": since.isoformat(),
        "number": due.count(),
        "reasons": reasons(due),
        **({"line": line.isoformat()} if line is not None else {}),
    }


def _in_words(found: Iterable[dict[str, Any]]) -> str:
    return "; ".join(f"{row['reason'] or 'no try was answered'} ({row['number']})" for row in found) or "none"
