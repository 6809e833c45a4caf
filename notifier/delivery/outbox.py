"""The outbox: which worker holds which delivery, until when, and how far it has come.

A claim sets a lease and a token in one conditional UPDATE; the marker ``handed_over_at`` is committed right before a mail is
handed over; settling needs the token. So a lease that runs out before the marker means that nothing has left, and after it that
the answer is not known.
"""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from notifier.delivery import doubt, replaced
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.frozen_sql import Frozen, Run, Values, keys_of, selecting, updating
from notifier.delivery.models import Account, Delivery, DeliveryState
from notifier.delivery.models.delivery import URGENT_KINDS
from notifier.delivery.prepared_sql import Sql


@dataclass(frozen=True)
class Claim:
    """Deliveries that the holder of ``token`` may send until their lease runs out."""

    token: str
    ids: tuple[int, ...]


class HandOver(Enum):
    """Whether the mail may go out now."""

    READY = "ready"  # the marker is committed: send it
    LATE = "late"  # its deadline has passed: what it says would not be in time
    STALE = "stale"  # it is of no use any more
    REPLACED = "replaced"  # a newer notice says otherwise, to every account
    TRIMMED = "trimmed"  # to some accounts a newer notice says otherwise, or it would be late: it waits again, without them
    LOST = "lost"  # the lease is somebody else's


def lease() -> timedelta:
    """Return how long a claim holds without word from its holder."""
    return timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)


def is_due(*, now: datetime) -> bool:
    """Tell whether a delivery waits to be claimed."""
    return _due(now).exists()


def claim(*, now: datetime, most: int, newest: bool = False) -> Claim:
    """Take up to ``most`` deliveries that are due: the urgent kinds first, then oldest first; each goes to one claimant only.

    ``newest``: the newest first, whatever they are, to have others than those which always come first.
    Those at which a worker was lost are left out: ``claim_suspect`` gives them, one at a time.
    """
    due = _due(now).filter(lost_workers=0)
    if not due.exists():
        return Claim("", ())  # no write, and on SQLite no write lock, for nothing
    # the rows first, then the update: as a subquery PostgreSQL might lock more of them than it changes
    if newest:
        return _claim(due.reverse(), most=most)
    return _claim(due.filter(kind__in=URGENT_KINDS), due.exclude(kind__in=URGENT_KINDS), most=most)


def claim_suspect(*, now: datetime) -> Claim:
    """Take one delivery at which a worker was lost before: whoever holds it should hold nothing else, as it may be what ends workers."""
    suspects = _due(now).filter(lost_workers__gt=0)
    return _claim(suspects, most=1) if suspects.exists() else Claim("", ())


def _due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.QUEUED, due_at__lte=now).order_by("due_at", "pk")


def _claim(*due: QuerySet[Delivery], most: int) -> Claim:
    token = secrets.token_hex(16)
    chosen: list[int] = []
    with transaction.atomic():
        for rows in due:
            free = rows.select_for_update(skip_locked=True) if connection.features.has_select_for_update_skip_locked else rows
            if len(chosen) < most:
                chosen += free.values_list("pk", flat=True)[: most - len(chosen)]
        held = keys_of(_TAKE, Values(chosen, token))
    return Claim(token, tuple(pk for pk in chosen if pk in held))


def _take_sql(values: Values) -> Sql:
    waiting = Delivery.objects.filter(pk__in=values.keys, state=DeliveryState.QUEUED)
    lease_until = DatabaseTime(lease())
    changes = {"state": DeliveryState.SENDING, "lease_token": values.token, "lease_until": lease_until, "handed_over_at": None, "attempts": F("attempts") + 1}
    return updating(waiting, **changes)


def renew(claimed: Claim) -> None:
    """Prolong the lease of what the claim still holds."""
    _held(claimed.token).update(lease_until=DatabaseTime(lease()))


class Renewal:
    """Prolongs the lease of what a claim still holds, each time that it is called and a third of the lease is over."""

    def __init__(self, claimed: Claim) -> None:
        """Begin with a claim just made."""
        self._claimed, self._renewed = claimed, time.monotonic()

    def __call__(self) -> None:
        """Look whether it is time, and prolong it then."""
        if time.monotonic() - self._renewed > lease().total_seconds() / 3:
            renew(self._claimed)
            self._renewed = time.monotonic()


def hand_over(pk: int, token: str, *, now: datetime) -> HandOver:
    """Commit the marker, if the delivery is still ours, in time, of use, and no newer notice says otherwise to any of its accounts.

    In time is what is accepted before the deadline, so a lease's time is kept in hand.
    """
    gone = replaced.replaced_accounts().filter(delivery=OuterRef("pk"))
    ready = Delivery.objects.filter(~Exists(gone), _in_time(now, now + lease()), pk=pk)
    if _mine(pk, token).filter(pk__in=ready.values("pk")).update(handed_over_at=now, lease_until=DatabaseTime(lease())):
        return HandOver.READY
    return refusal(pk, token, now=now) or HandOver.LOST


def refusal(pk: int, token: str, *, now: datetime) -> HandOver | None:
    """Return why a delivery may not go out; None where nothing is in the way. What can go out to others of its accounts is put back for them."""
    gone = replaced.replaced_accounts().filter(delivery=OuterRef("pk"))
    held = _mine(pk, token).annotate(is_replaced=Exists(gone)).first()
    if held is None:
        return HandOver.LOST
    if held.is_replaced:
        return _without(replaced.replaced_accounts(), held, token, nobody_left=HandOver.REPLACED)
    if held.stale_at is not None and held.stale_at <= now:
        return HandOver.STALE
    last = now + lease()
    if held.deadline is not None and held.deadline < last:
        return _without(replaced.late_accounts(until=last), held, token, nobody_left=HandOver.LATE)
    return None


def _mine(pk: int, token: str) -> QuerySet[Delivery]:
    return _held(token).filter(pk=pk, lease_until__gt=DatabaseTime())


def _in_time(now: datetime, last: datetime) -> Q:
    return (Q(deadline__isnull=True) | Q(deadline__gte=last)) & (Q(stale_at__isnull=True) | Q(stale_at__gt=now))


def grant(ids: Collection[int], token: str, *, now: datetime) -> set[int]:
    """Commit the markers of several deliveries at once; return those that may go out. Of the others ``hand_over`` says why not."""
    return keys_of(_GRANT, Values(list(ids), token, now, now + lease()))


def granting(ids: Collection[int], token: str, *, now: datetime) -> list[Run]:
    """Return the statements of ``grant``; their rows are the keys of those that may go out."""
    return [(_GRANT, some) for some in Values(list(ids), token, now, now + lease()).split()]


def fit(ids: Collection[int], token: str, *, now: datetime) -> set[int]:
    """Return which of several deliveries may go out as things stand; nothing is written."""
    return keys_of(_FIT, Values(list(ids), token, now, now + lease()))


def _fit_rows(values: Values) -> QuerySet[Delivery]:
    gone = replaced.replaced_accounts().filter(delivery=OuterRef("pk"))
    is_newest = ~Exists(replaced.later_notices(OuterRef("notice")))  # nearly always, and quickly told
    return _held(values.token).filter(is_newest | ~Exists(gone), _in_time(values.at, values.last), pk__in=values.keys, lease_until__gt=DatabaseTime())


def _grant_sql(values: Values) -> Sql:
    return updating(_fit_rows(values), handed_over_at=values.at, lease_until=DatabaseTime(lease()))


def _fit_sql(values: Values) -> Sql:
    return selecting(_fit_rows(values))


_TAKE, _GRANT, _FIT = Frozen(_take_sql), Frozen(_grant_sql), Frozen(_fit_sql)


def take_back(ids: Collection[int], token: str) -> None:
    """Take the markers of several deliveries back: the call that held them was refused as a whole, so none of them has left."""
    _held(token).filter(pk__in=ids).update(handed_over_at=None)


def give_back(pk: int, token: str, *, due_at: datetime) -> bool:
    """Put one delivery back of which nothing has reached the server; that try does not count."""
    changed = {"state": DeliveryState.QUEUED, "lease_token": "", "lease_until": None, "handed_over_at": None, "attempts": F("attempts") - 1, "due_at": due_at}
    return bool(_held(token).filter(pk=pk).update(**changed))


@transaction.atomic
def _without(gone: QuerySet[Account], delivery: Delivery, token: str, *, nobody_left: HandOver) -> HandOver:
    """Put the delivery back for what it says to other accounts; it is composed anew then, as its words depend on whom it is for."""
    if doubt.is_in_doubt(delivery) or not Account.objects.filter(delivery=delivery.pk).exclude(pk__in=gone.values("pk")).exists():
        return nobody_left
    held = _held(token).filter(pk=delivery.pk, handed_over_at__isnull=True)
    if not held.update(state=DeliveryState.QUEUED, lease_token="", lease_until=None, attempts=F("attempts") - 1):
        return HandOver.LOST
    replaced.take_off(gone, [delivery.pk])
    return HandOver.TRIMMED


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
    """Return what the token holds; without the zone, which the time zone database may have lost."""
    return Delivery.objects.filter(lease_token=token, state=DeliveryState.SENDING).defer("timezone")
