"""Since when mail waits that should have gone out: what gauges, alerts and the watchdog go by."""

from datetime import datetime, timedelta

from django.db.models import Case, F, Min, Q, When
from django.db.models.functions import Coalesce

from maintenance.models import Notice
from notifier.delivery.models import Delivery, DeliveryState

PUT_OFF = timedelta(minutes=15)
"""Mail that no server takes is put off again and again, each time by seconds or minutes; never by as much as this."""

_SINCE = Case(When(attempts=0, then=Coalesce("first_due_at", "due_at")), default="due_at")
"""Since when a queued mail has been due: one that was never answered, since it first was, however often it was put off; a retry, since its own time."""


def is_due(*, now: datetime) -> Q:
    """Return the condition on queued deliveries that they should have gone out by now."""
    return Q(due_at__lte=now) | Q(attempts=0, first_due_at__lte=now)


def oldest_due(*, now: datetime) -> datetime | None:
    """Return since when the oldest of what should have gone out has been due, None where nothing is: a mail, or a notice still without mails.

    Three queries, each by an index of what waits; it does not matter how much was settled.
    """
    queued = Delivery.objects.filter(is_due(now=now), state=DeliveryState.QUEUED, due_at__lte=now + PUT_OFF)
    first_try = Delivery.objects.filter(state=DeliveryState.SENDING, attempts=1, first_due_at__lte=now)
    not_fanned_out = Notice.objects.filter(fannedout__isnull=True, issued_at__lte=now)
    found = (
        queued.aggregate(since=Min(_SINCE))["since"],
        first_try.aggregate(since=Min(F("first_due_at")))["since"],
        not_fanned_out.aggregate(since=Min(F("issued_at")))["since"],
    )
    return min((since for since in found if since is not None), default=None)
