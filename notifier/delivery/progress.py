"""How far the mails of notices are, and when the last will have left: from the rows of what is on its way, in a constant number of queries."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, When
from django.db.models.functions import Coalesce

from maintenance.models import Notice
from notifier.delivery.models import Delivery, DeliveryState, FannedOut

LATELY = timedelta(seconds=60)
"""The pace is that of the last minute."""
SOON = timedelta(seconds=30)
"""What is due by then is as good as due: a server that is down has its mails wait for seconds."""
FIRST = timedelta(seconds=3)
"""So long mails must have been moving for a pace to be worth telling."""
PATIENCE = timedelta(seconds=60)
"""So long a mail may be due before it is said that nothing moves."""
PLANNED = timedelta(minutes=2)
"""What is due later than this has a time of its own, rather than a number of seconds."""

_ACCEPTED = [DeliveryState.SENT, DeliveryState.DELIVERED]
_WAITING = [DeliveryState.QUEUED, DeliveryState.SENDING]


class Outlook(Enum):
    """What can be said of the end."""

    PREPARING = "preparing"  # its mails are not made yet
    DONE = "done"  # nothing waits
    STARTING = "starting"  # mails are due, and it is too early to tell how fast they go
    MOVING = "moving"  # at the pace of the last minute, or by when the last is due, it takes ``remaining``
    PLANNED = "planned"  # the last is due at ``until``: office hours, pacing, another try
    STALLED = "stalled"  # mails are due, and none was taken over ``since``


@dataclass(frozen=True)
class Progress:
    """How many mails of a notice are where; ``unknown``: handed over without an answer."""

    accepted: int = 0
    failed: int = 0
    unknown: int = 0
    withdrawn: int = 0
    waiting: int = 0
    outlook: Outlook = Outlook.DONE
    remaining: timedelta | None = None
    until: datetime | None = None
    since: datetime | None = None

    @property
    def total(self) -> int:
        """All mails of the notice."""
        return self.ended + self.waiting

    @property
    def ended(self) -> int:
        """Those that wait no more, whatever became of them."""
        return self.accepted + self.failed + self.unknown + self.withdrawn

    @property
    def on_its_way(self) -> bool:
        """Whether something of it is still to come."""
        return self.outlook is not Outlook.DONE


def progress(notices: Collection[Notice], *, now: datetime) -> dict[int, Progress]:
    """Return the progress of each notice by its primary key: two queries, which read the rows of just these."""
    keys = [notice.pk for notice in notices]
    made = set(FannedOut.objects.filter(notice__in=keys).values_list("notice", flat=True))
    counted = {row["notice"]: row for row in _counted(Delivery.objects.filter(notice__in=keys), now=now)}
    return {key: _progress(counted.get(key), now=now) if key in made else Progress(outlook=Outlook.PREPARING) for key in keys}


def on_their_way(*, most: int) -> list[Notice]:
    """Return the notices of which something is still to come, at most so many, the newest first: two queries, which read what waits and nothing settled."""
    not_made = Notice.objects.filter(fannedout__isnull=True).order_by().values_list("pk")
    queued = Delivery.objects.filter(state=DeliveryState.QUEUED).order_by().values_list("notice_id")
    sending = Delivery.objects.filter(state=DeliveryState.SENDING).order_by().values_list("notice_id")
    keys = sorted((key for (key,) in queued.union(sending, not_made)), reverse=True)
    rows = Notice.objects.filter(pk__in=keys[:most]).select_related("maintenance", "incident")
    return list(rows.order_by("-pk"))


def _counted(mails: QuerySet[Delivery], *, now: datetime) -> Iterable[Mapping[str, Any]]:
    """Return a row a notice. A mail that was never tried has been due since its first time, whatever a server that is down made of it."""
    ready = Q(state=DeliveryState.SENDING) | Q(state=DeliveryState.QUEUED, due_at__lte=now + SOON)
    waits_since = Case(When(attempts=0, then=Coalesce("first_due_at", "due_at")), default=F("due_at"))
    taken = Q(state__in=_ACCEPTED, accepted_at__gt=now - LATELY, accepted_at__lte=now)
    refused = Q(state=DeliveryState.FAILED, accepted_at__isnull=True, settled_at__gt=now - LATELY, settled_at__lte=now)
    return (
        mails.order_by()
        .values("notice")
        .annotate(
            accepted=Count("pk", filter=Q(state__in=_ACCEPTED)),
            failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
            unknown=Count("pk", filter=Q(state=DeliveryState.UNKNOWN)),
            withdrawn=Count("pk", filter=Q(state=DeliveryState.WITHDRAWN)),
            waiting=Count("pk", filter=Q(state__in=_WAITING)),
            ready=Count("pk", filter=ready),
            waits_since=Min(waits_since, filter=ready),
            last_due=Max("due_at", filter=Q(state=DeliveryState.QUEUED)),
            moved=Count("pk", filter=taken | refused),
            moved_since=Min(Coalesce("accepted_at", "settled_at"), filter=taken | refused),
            last_accepted=Max("accepted_at", filter=Q(state__in=_ACCEPTED)),
        )
    )


def _progress(row: Mapping[str, Any] | None, *, now: datetime) -> Progress:
    if row is None:
        return Progress()
    numbers = {name: row[name] for name in ("accepted", "failed", "unknown", "withdrawn", "waiting")}
    return Progress(**numbers, **(_outlook(row, now=now) if row["waiting"] else {}))


def _outlook(row: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    if row["ready"] and not row["moved"]:
        return _standing_still(row, now=now)
    last_due: datetime = row["last_due"] or now
    if not row["ready"]:
        return _later(last_due, now=now)
    moving = min(now - row["moved_since"], LATELY)
    if moving < FIRST:
        return {"outlook": Outlook.STARTING}
    takes = moving * row["ready"] / row["moved"]
    return {"outlook": Outlook.MOVING, "remaining": takes} if now + takes >= last_due else _later(last_due, now=now)


def _later(last_due: datetime, *, now: datetime) -> dict[str, Any]:
    if last_due > now + PLANNED:
        return {"outlook": Outlook.PLANNED, "until": last_due}
    return {"outlook": Outlook.MOVING, "remaining": last_due - now}


def _standing_still(row: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    since: datetime = max(row["waits_since"], row["last_accepted"] or row["waits_since"])
    return {"outlook": Outlook.STALLED, "since": since} if since <= now - PATIENCE else {"outlook": Outlook.STARTING}
