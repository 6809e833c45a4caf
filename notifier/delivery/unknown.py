"""Mails that were handed over and whose answer was never seen: found to have arrived, or sent again, by a person or as the setting says.

Everything is conditional on the row still being unknown. A worker that was only slow may bring the answer at any time: it settles the mail
also while it waits to be sent again (``settle``), and finds nothing once somebody else has.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Left
from django.utils.translation import gettext as _

from customers.models import Contact
from maintenance.models import Maintenance, Served
from maintenance.states import WITHDRAWING_KINDS
from notifier.delivery import doubt, outbox, replaced
from notifier.delivery.models import Account, Delivery, DeliveryState
from notifier.delivery.resend import of_use, roles
from notifier.ways import primary

logger = logging.getLogger(__name__)

IN_HAND = timedelta(minutes=5)
"""So long before the last moment a mail is sent again at the latest: the watch looks once a minute, and the queue may be long."""
_FEW = 500
"""So many keys go into a query."""
_LONGEST = 300


class Verdict(Enum):
    """What becomes of a mail that a planner wants to be sent again although it may have arrived."""

    AGAIN = "again"  # it waits in the queue
    NOT_UNKNOWN = "not_unknown"  # its fate is known by now
    NO_READER = "no_reader"  # its contact is gone, or does not serve all of its accounts any more
    REPLACED = "replaced"  # to some of its accounts a newer notice says otherwise
    TOO_LATE = "too_late"  # it could not be accepted in time, or what it tells of has begun


def resolve_due(*, now: datetime) -> int:
    """Send again what has been unknown for ``UNKNOWN_MINUTES``, or is close to its deadline; return how many. Only where ``UNKNOWN_MAIL`` is ``again``.

    Each mail at most once, so that there are two copies at most: what stays unknown then is for a person.
    """
    if settings.UNKNOWN_MAIL != "again":
        return 0
    waited = Q(settled_at__isnull=True) | Q(settled_at__lte=now - timedelta(minutes=settings.UNKNOWN_MINUTES))
    last = now + outbox.lease()
    due = Delivery.objects.filter(waited | Q(deadline__lte=last + IN_HAND), ~doubt.in_doubt(), state=DeliveryState.UNKNOWN)
    in_time = Q(deadline__isnull=True) | Q(deadline__gte=last)
    keys = list(due.filter(in_time).order_by("pk").values_list("pk", flat=True))
    again = 0
    for begin in range(0, len(keys), _FEW):
        again += len(_send_again(keys[begin : begin + _FEW], what="sent again", first_due_at=None, now=now)[Verdict.AGAIN])
    if again:
        logger.warning("%d mails whose fate is unknown are sent again", again)
    return again


def send_again(chosen: "QuerySet[Delivery]", *, by: str, now: datetime) -> dict[Verdict, list[int]]:
    """Put unknown mails back into the queue as a person decides, as often as it does; return the primary keys by what becomes of each.

    To an ESP that sends what has the same key only once, they are other mails.
    """
    keys = list(chosen.order_by("pk").values_list("pk", flat=True))
    found: dict[Verdict, list[int]] = {verdict: [] for verdict in Verdict}
    for begin in range(0, len(keys), _FEW):
        for verdict, some in _send_again(keys[begin : begin + _FEW], what=f"sent again by {by}", first_due_at=now, now=now).items():
            found[verdict] += some
    return found


@transaction.atomic
def was_accepted(delivery: Delivery, *, by: str, now: datetime, note: str, at: datetime | None = None) -> bool:
    """Record that the first hop took the mail over, as ``by`` found: ``note`` says how that is known. Returns False where its fate is known by now.

    ``at``: when; without it when the answer was given up, as it was taken over by then. Raises ValidationError without a note, and for a
    moment before the mail was handed over or still to come.
    """
    words = note.strip()
    if not words:
        raise ValidationError({"note": ValidationError(_("Say how it is known."), code="missing")})
    at = _checked(delivery, at, now=now)
    detail = f"{settings.MAIL.hop}, found by {by}: {words}"[:_LONGEST]
    held = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.UNKNOWN, lease_token=delivery.lease_token)
    if not held.update(state=DeliveryState.SENT, accepted_at=at, settled_at=at, hop=primary().kind, hop_detail=detail, reason="", lease_until=None):
        return False
    evidence = {"notice_id": delivery.notice_id, "accepted_at": at, "hop": primary().kind, "detail": detail}
    found = {"document": words[:_LONGEST], "recorded_by": by, "recorded_at": now}
    served = [Served(customer_id=customer, **evidence, **found) for customer in _not_served_by(delivery, at, now=now)]
    Served.objects.bulk_create(served, ignore_conflicts=True)  # a worker may be writing the same of another contact's mail
    return True


def _checked(delivery: Delivery, at: datetime | None, *, now: datetime) -> datetime:
    handed_over = delivery.handed_over_at or delivery.notice.issued_at
    if at is None:
        return max(min(delivery.settled_at or now, now), handed_over, delivery.notice.issued_at)
    if at > now:
        raise ValidationError({"at": ValidationError(_("This moment is still to come."), code="future")})
    if at < handed_over:
        raise ValidationError({"at": ValidationError(_("The mail had not been handed over then."), code="before")})
    return max(at, delivery.notice.issued_at)  # a worker's clock may be behind that of whoever issued it


def _not_served_by(delivery: Delivery, at: datetime, *, now: datetime) -> list[int]:
    """Return the mail's customers for whom its acceptance is to be written: what stands from later on is revoked, as notice counts from the first."""
    customers = list(Account.objects.filter(delivery=delivery.pk).order_by("pk").values_list("customer_id", flat=True))
    standing = Served.objects.select_for_update().filter(notice=delivery.notice_id, customer__in=customers, hop=primary().kind, revoked_at__isnull=True)
    rows = list(standing.order_by("pk"))
    Served.objects.filter(pk__in=[row.pk for row in rows if row.accepted_at > at]).update(revoked_at=now)
    earlier = {row.customer_id for row in rows if row.accepted_at <= at}
    return [customer for customer in customers if customer not in earlier]


@transaction.atomic
def _send_again(keys: list[int], *, what: str, first_due_at: datetime | None, now: datetime) -> dict[Verdict, list[int]]:
    """Judge each mail as a whole: one that could go to some of its accounts only would be another than the one that may have arrived."""
    list(Maintenance.objects.select_for_update().filter(pk__in=Delivery.objects.filter(pk__in=keys).values("notice__maintenance")).order_by("pk"))
    unknown = set(Delivery.objects.select_for_update().filter(pk__in=keys, state=DeliveryState.UNKNOWN).order_by("pk").values_list("pk", flat=True))
    listed = Account.objects.filter(delivery__in=unknown)
    withdraws = Q(delivery__kind__in=WITHDRAWING_KINDS, delivery__contact__isnull=False)  # it goes to whoever was told, serving or not
    read = _keys_of(listed) - _keys_of(listed.exclude(withdraws).filter(~Exists(roles())))
    standing = read - _keys_of(replaced.replaced_accounts().filter(delivery__in=unknown))
    late = _keys_of(replaced.late_accounts(until=now + outbox.lease()).filter(delivery__in=unknown))
    again = (standing - late) & _keys_of(listed.filter(of_use(now)))
    _put_back(again, what, first_due_at=first_due_at, now=now)
    return {
        Verdict.AGAIN: sorted(again),
        Verdict.NOT_UNKNOWN: sorted(set(keys) - unknown),
        Verdict.NO_READER: sorted(unknown - read),
        Verdict.REPLACED: sorted(read - standing),
        Verdict.TOO_LATE: sorted(standing - again),
    }


def _keys_of(accounts: "QuerySet[Account]") -> set[int]:
    return set(accounts.values_list("delivery", flat=True))


def _put_back(keys: Collection[int], what: str, *, first_due_at: datetime | None, now: datetime) -> None:
    """Let them wait in the queue. Token and marker stay, for the answer that may yet come, and so do the attempts, for an event."""
    Delivery.objects.filter(pk__in=keys, state=DeliveryState.UNKNOWN).update(
        state=DeliveryState.QUEUED,
        address=Subquery(Contact.objects.filter(pk=OuterRef("contact")).values("email")[:1]),
        due_at=now,
        first_due_at=Value(first_due_at, output_field=DateTimeField()) if first_due_at else F("first_due_at"),
        lease_until=None,
        settled_at=None,
        in_doubt_since=now,
        reason=Left(Concat(Value(f"{what}, before to "), F("address"), Value(": "), F("reason")), 500),
    )
