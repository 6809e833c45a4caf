"""How delivery stands, in numbers: what waits, what went wrong, and how long it takes until mail is accepted."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import Count, Q

from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.overdue import is_due, oldest_due

FAILED_WITHIN = timedelta(hours=24)
ACCEPTED_WITHIN = timedelta(hours=1)
MOST_ACCEPTED = 10_000
"""Times to acceptance are taken of so many mails at most, the newest: looking must stay cheap in the hour after a large notice."""


class Breaker(Protocol):
    """What keeps mail from a transport that is down."""

    @property
    def transport(self) -> str:
        """Its name."""

    @property
    def state(self) -> str:
        """Closed (mail goes), open (it does not), or half-open (a probe may)."""


@dataclass(frozen=True)
class Gauges:
    """``due`` and ``waiting`` count queued mails by kind: those that should have gone out, and those whose time is to come.

    ``unknown`` are those of which nobody knows yet whether they were accepted, ``failed`` those of the last day. ``accepted`` counts the last
    hour, up to ``MOST_ACCEPTED``; ``median_seconds`` and ``worst_seconds`` say how long these took since they first were due.
    """

    oldest_due_seconds: float
    due: Mapping[str, int]
    waiting: Mapping[str, int]
    sending: int
    unknown: int
    failed: int
    accepted: int
    median_seconds: float | None
    worst_seconds: float | None
    breakers: Mapping[str, str] = field(default_factory=dict)

    @property
    def queued(self) -> int:
        """All that waits, for whatever reason."""
        return sum(self.due.values()) + sum(self.waiting.values())

    def as_json(self) -> dict[str, Any]:
        """Return the same under the same names."""
        return asdict(self)


def gauges(*, now: datetime, breakers: Iterable[Breaker] = ()) -> Gauges:
    """Return how things stand at ``now``: eight queries, each by an index of the few rows that it speaks of."""
    since = oldest_due(now=now)
    queued = Delivery.objects.filter(state=DeliveryState.QUEUED).values("kind").order_by("kind")
    by_kind = list(queued.annotate(number=Count("pk"), due=Count("pk", filter=is_due(now=now))).values_list("kind", "number", "due"))
    took = _times_to_acceptance(now=now)
    return Gauges(
        oldest_due_seconds=(now - since).total_seconds() if since is not None else 0.0,
        due={kind: due for kind, _number, due in by_kind if due},
        waiting={kind: number - due for kind, number, due in by_kind if number > due},
        sending=Delivery.objects.filter(state=DeliveryState.SENDING).count(),
        unknown=unknown(),
        failed=failed(since=now - FAILED_WITHIN),
        accepted=len(took),
        median_seconds=statistics.median(took) if took else None,
        worst_seconds=max(took, default=None),
        breakers={breaker.transport: breaker.state for breaker in breakers},
    )


def unknown() -> int:
    """Count the mails that were handed over without an answer, whenever that was."""
    return Delivery.objects.filter(state=DeliveryState.UNKNOWN).count()


def failed(*, since: datetime) -> int:
    """Count the mails that have failed since then."""
    return Delivery.objects.filter(state=DeliveryState.FAILED, settled_at__gte=since).count()


def _times_to_acceptance(*, now: datetime) -> list[float]:
    """Return in seconds how long the newest took; a clock that was behind makes no time negative."""
    newest = Delivery.objects.filter(Q(accepted_at__gt=now - ACCEPTED_WITHIN), accepted_at__isnull=False).order_by("-accepted_at")
    rows = newest.values_list("first_due_at", "accepted_at")[:MOST_ACCEPTED]
    return [max(0.0, (accepted - due).total_seconds()) for due, accepted in rows if due is not None and accepted is not None]
