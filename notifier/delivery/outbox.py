"""The outbox: which worker holds which delivery, until when, and how far it has come.

A claim sets a lease and a token in one conditional UPDATE; the marker ``handed_over_at`` is committed right before a mail is
handed over; settling needs the token. So a lease that runs out before the marker means that nothing has left, and after it that
the answer is not known.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from maintenance.models import Notice
from maintenance.states import Kind
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.models import Delivery, DeliveryState


@dataclass(frozen=True)
class Claim:
    """Deliveries that the holder of ``token`` may send until their lease runs out."""

    token: str
    ids: tuple[int, ...]


class HandOver(Enum):
    """Whether the mail may go out now."""

    READY = "ready"  # the marker is committed: send it
    LATE = "late"  # its deadline has passed: what it says would not be in time
    REPLACED = "replaced"  # a newer notice says otherwise
    LOST = "lost"  # the lease is somebody else's


def lease() -> timedelta:
    """Return how long a claim holds without word from its holder."""
    return timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)


def claim(*, now: datetime, most: int) -> Claim:
    """Take up to ``most`` deliveries that are due, oldest first; each goes to one claimant only."""
    due = Delivery.objects.filter(state=DeliveryState.QUEUED, due_at__lte=now).order_by("due_at", "pk")
    token = secrets.token_hex(16)
    if not due.exists():
        return Claim(token, ())  # no write, and on SQLite no write lock, for nothing
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        # the rows first, then the update: as a subquery PostgreSQL might lock more of them than it changes
        Delivery.objects.filter(pk__in=list(due.values_list("pk", flat=True)[:most]), state=DeliveryState.QUEUED).update(
            state=DeliveryState.SENDING,
            lease_token=token,
            lease_until=DatabaseTime(lease()),
            handed_over_at=None,
            attempts=F("attempts") + 1,
        )
    held = Delivery.objects.filter(lease_token=token, state=DeliveryState.SENDING).order_by("due_at", "pk")
    return Claim(token, tuple(held.values_list("pk", flat=True)))


def renew(claimed: Claim) -> None:
    """Prolong the lease of what the claim still holds."""
    _held(claimed.token).update(lease_until=DatabaseTime(lease()))


def hand_over(pk: int, token: str, *, now: datetime) -> HandOver:
    """Commit the marker, if the delivery is still ours, in time, and no newer notice of its maintenance says otherwise.

    In time is what is accepted before the deadline, so a lease's time is kept in hand. A cancellation stays true whatever
    comes after it.
    """
    newer = Notice.objects.filter(maintenance=OuterRef("notice__maintenance"), revision__gt=OuterRef("notice__revision"))
    ready = Delivery.objects.filter(Q(deadline__isnull=True) | Q(deadline__gte=now + lease()), Q(kind=Kind.CANCELLED) | ~Exists(newer), pk=pk)
    mine = _held(token).filter(pk=pk, lease_until__gt=DatabaseTime())
    if mine.filter(pk__in=ready.values("pk")).update(handed_over_at=now, lease_until=DatabaseTime(lease())):
        return HandOver.READY
    held = mine.first()
    if held is None:
        return HandOver.LOST
    return HandOver.LATE if held.deadline is not None and held.deadline < now + lease() else HandOver.REPLACED


def release(claimed: Claim, *, due_at: datetime) -> None:
    """Give back what the claim holds and has not handed over; those tries do not count."""
    _held(claimed.token).filter(handed_over_at__isnull=True).update(
        state=DeliveryState.QUEUED,
        lease_token="",
        lease_until=None,
        attempts=F("attempts") - 1,
        due_at=due_at,
    )


def run_out() -> QuerySet[Delivery]:
    """Return the deliveries whose lease has run out, by the database's clock."""
    return Delivery.objects.filter(state=DeliveryState.SENDING, lease_until__lte=DatabaseTime())


def waiting(*, until: datetime) -> bool:
    """Tell whether something is being sent, or will be due by ``until``."""
    return Delivery.objects.filter(Q(state=DeliveryState.SENDING) | Q(state=DeliveryState.QUEUED, due_at__lte=until)).exists()


def _held(token: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(lease_token=token, state=DeliveryState.SENDING)
