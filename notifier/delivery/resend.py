"""Send what can still be in time to whom it has not reached: when its address or its contacts were corrected, or a planner says so.

Only the standing notice of a customer is sent, never a second mail to whoever may have got one, and only once for each correction.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from enum import Enum

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat, Left

from customers.models import Contact, ContactRole
from maintenance.insert_select import insert_select
from maintenance.models import Maintenance, Notice, NoticeCustomer, Shortfall, Window
from maintenance.states import CONTENT_KINDS, WITHDRAWING_KINDS, Cause, WindowState
from notifier.delivery import doubt, outbox, replaced
from notifier.delivery.fanout import FIELDS, Told, accounts, deliveries
from notifier.delivery.models import Account, Delivery, DeliveryState

logger = logging.getLogger(__name__)

REMEDIED = (Cause.NO_CONTACT, Cause.FAILED, Cause.BOUNCED, Cause.UNKNOWN)
"""Causes that a contact or another address may remedy; what came too late stays so."""
_LEFT = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNKNOWN)
"""States of a mail that was handed over, or may be at any moment."""
_ENDED = (DeliveryState.FAILED, DeliveryState.WITHDRAWN)
_FEW = 500
"""So many keys go into a query."""


class Verdict(Enum):
    """What becomes of a mail that a planner wants to be sent again."""

    AGAIN = "again"  # it waits in the queue
    NOT_FAILED = "not_failed"  # it waits, was sent, may have been, or was withdrawn
    NO_READER = "no_reader"  # its contact is gone, or serves none of its accounts any more
    REPLACED = "replaced"  # a newer notice says otherwise
    TOO_LATE = "too_late"  # it could not be accepted in time, or what it tells of has begun


def resend_what_was_remedied(*, now: datetime) -> None:
    """Send to contacts that customers short of notice have now, and to corrected addresses. Without such customers it is one query."""
    for maintenance in _short(now).order_by().values_list("window__maintenance", flat=True).distinct():
        try:
            if _is_remedied(maintenance, now=now):
                _resend(maintenance, now=now)
        except Exception:  # one piece of work holds up no other; it is tried again with the next look
            logger.exception("what was remedied of maintenance %s is not sent again", maintenance)


def send_again(chosen: "QuerySet[Delivery]", *, by: str, now: datetime) -> dict[Verdict, list[int]]:
    """Put failed mails back into the queue, to their contacts' present addresses; return the primary keys by what becomes of each."""
    keys = list(chosen.order_by("pk").values_list("pk", flat=True))
    found: dict[Verdict, list[int]] = {verdict: [] for verdict in Verdict}
    for begin in range(0, len(keys), _FEW):
        for verdict, some in _send_again(keys[begin : begin + _FEW], by=by, now=now).items():
            found[verdict] += some
    return found


@transaction.atomic
def _send_again(keys: list[int], *, by: str, now: datetime) -> dict[Verdict, list[int]]:
    list(Maintenance.objects.select_for_update().filter(pk__in=Delivery.objects.filter(pk__in=keys).values("notice__maintenance")).order_by("pk"))
    failed = set(Delivery.objects.select_for_update().filter(pk__in=keys, state=DeliveryState.FAILED).order_by("pk").values_list("pk", flat=True))
    withdraws = Q(delivery__kind__in=WITHDRAWING_KINDS, delivery__contact__isnull=False)  # it goes to whoever was told, serving or not
    read = Account.objects.filter(withdraws | Q(Exists(roles())), delivery__in=failed)
    stands = read.exclude(pk__in=replaced.replaced_accounts().filter(delivery__in=failed).values("pk"))
    timely = stands.exclude(pk__in=replaced.late_accounts(until=now + outbox.lease()).filter(delivery__in=failed).values("pk")).filter(of_use(now))
    readers, standing, again = (set(rows.values_list("delivery", flat=True)) for rows in (read, stands, timely))
    _put_back(again, f"sent again by {by}", now=now)
    replaced.take_off(Account.objects.exclude(withdraws).filter(~Exists(roles())), again)
    return {
        Verdict.AGAIN: sorted(again),
        Verdict.NOT_FAILED: sorted(set(keys) - failed),
        Verdict.NO_READER: sorted(failed - readers),
        Verdict.REPLACED: sorted(readers - standing),
        Verdict.TOO_LATE: sorted(standing - again),
    }


def of_use(now: datetime) -> Q:
    """Return the condition on accounts that what their mail says is not over: for what is to come, that a window of the work is."""
    coming = Window.objects.filter(maintenance=OuterRef("delivery__notice__maintenance"), state=WindowState.ANNOUNCED, start__gt=now)
    not_stale = Q(delivery__stale_at__isnull=True) | Q(delivery__stale_at__gt=now)
    return not_stale & (~Q(delivery__kind__in=CONTENT_KINDS) | Q(Exists(coming)))


def _is_remedied(maintenance: int, *, now: datetime) -> bool:
    unserved = _unserved(maintenance, now)
    return any(
        _unreached(notice, unserved.filter(notice=notice)).exists() or _moved(notice, unserved.filter(notice=notice)).exists() for notice in _notices(unserved)
    )


@transaction.atomic
def _resend(maintenance: int, *, now: datetime) -> None:
    """Do so, holding the maintenance: no verb issues the next notice meanwhile, and another worker finds nothing left to do."""
    Maintenance.objects.select_for_update().get(pk=maintenance)
    unserved = _unserved(maintenance, now)
    for notice in _notices(unserved):
        _resend_notice(notice, unserved.filter(notice=notice), now=now)


def _resend_notice(notice: Notice, unserved: "QuerySet[NoticeCustomer]", *, now: datetime) -> None:
    unreached = _unreached(notice, unserved)
    told = Told(unreached, "contact")
    of_it = Delivery.objects.filter(notice=notice)
    waiting = of_it.filter(state=DeliveryState.QUEUED)
    # locked first: a worker that claims one of them meanwhile would compose it with other accounts
    list(waiting.select_for_update().filter(contact__in=unreached.values("contact")).values_list("pk", flat=True))
    unsent = of_it.filter(state__in=_ENDED, handed_over_at__isnull=True, contact__in=unreached.values("contact"))
    held_back = set(unsent.values_list("pk", flat=True))  # for other accounts' sake; those that gain one go out after all
    again = {delivery for delivery, _customer in accounts(notice, told, among=held_back)} if held_back else set()
    insert_select(Delivery, FIELDS, deliveries(notice, told, now=now, at_once=True))
    insert_select(Account, ("delivery", "customer"), accounts(notice, told))
    _put_back({*again, *_moved(notice, unserved).values_list("pk", flat=True)}, "sent again", now=now)
    touched = list(waiting.select_for_update().filter(Exists(_read_by(unserved))).values_list("pk", flat=True))
    if not touched:
        return  # an account has come to mails that fail for another reason
    others = Told(_without_mail(notice, _sendable(now).filter(notice=notice)), "contact")
    insert_select(Account, ("delivery", "customer"), accounts(notice, others, among=touched))
    replaced.take_off(Account.objects.filter(~Exists(roles())), touched)


def _put_back(keys: Collection[int], what: str, *, now: datetime) -> None:
    """Put mails back into the queue as if they were new, but for the reason, which keeps what happened before."""
    before = Concat(Value(f"{what}, before to "), F("address"), Value(": "), F("reason"))
    Delivery.objects.filter(pk__in=keys, state__in=_ENDED).update(
        state=DeliveryState.QUEUED,
        address=Subquery(Contact.objects.filter(pk=OuterRef("contact")).values("email")[:1]),
        attempts=0,
        due_at=now,
        first_due_at=now,
        lease_token="",
        lease_until=None,
        handed_over_at=None,
        settled_at=None,
        accepted_at=None,
        hop="",
        hop_detail="",
        in_doubt_since=Case(When(doubt.in_doubt(), then=F("in_doubt_since")), default=None),
        reason=Left(before, 500),
    )


def _short(now: datetime) -> QuerySet[Shortfall]:
    """Return the open shortfalls that can be remedied, of windows that are to come."""
    return Shortfall.objects.filter(cleared_at__isnull=True, cause__in=REMEDIED, window__state=WindowState.ANNOUNCED, window__start__gt=now)


def _unserved(maintenance: int, now: datetime) -> "QuerySet[NoticeCustomer]":
    short = _short(now).filter(window__maintenance=maintenance)
    return _sendable(now).filter(notice__maintenance=maintenance, customer__in=short.values("customer"))


def _sendable(now: datetime) -> "QuerySet[NoticeCustomer]":
    """Return what stands told of what is to come, has had its mails made, and can still be accepted in time."""
    in_time = Q(deadline__isnull=True) | Q(deadline__gte=now + outbox.lease())
    return replaced.standing().filter(in_time, kind__in=CONTENT_KINDS, notice__fannedout__isnull=False)


def _notices(unserved: "QuerySet[NoticeCustomer]") -> list[Notice]:
    return list(Notice.objects.filter(pk__in=unserved.values("notice")).order_by("pk"))


def _unreached(notice: Notice, unserved: "QuerySet[NoticeCustomer]") -> QuerySet[ContactRole]:
    """Return who serves these customers and was sent nothing of the notice, nor is about to be."""
    left = Delivery.objects.filter(notice=notice, contact=OuterRef("contact"), state__in=_LEFT)
    return _without_mail(notice, unserved).filter(~Exists(left))


def _without_mail(notice: Notice, told: "QuerySet[NoticeCustomer]") -> QuerySet[ContactRole]:
    """Return who serves the customers told and has no mail of the notice that speaks of them."""
    listed = Account.objects.filter(delivery__notice=notice, delivery__contact=OuterRef("contact"), customer=OuterRef("customer"))
    return ContactRole.objects.filter(~Exists(listed), customer__noticecustomer__in=told).order_by()


def _moved(notice: Notice, unserved: "QuerySet[NoticeCustomer]") -> QuerySet[Delivery]:
    """Return the notice's failed mails to contacts of these customers that have another address now."""
    return Delivery.objects.filter(Exists(_read_by(unserved)), ~Q(address=F("contact__email")), notice=notice, state=DeliveryState.FAILED)


def _read_by(unserved: "QuerySet[NoticeCustomer]") -> "QuerySet[Account]":
    """Return the accounts of a delivery that are these customers', and that its contact still serves."""
    return Account.objects.filter(Exists(roles()), delivery=OuterRef("pk"), customer__in=unserved.values("customer"))


def roles() -> QuerySet[ContactRole]:
    """Return the roles by which the contact of an account's delivery serves it."""
    return ContactRole.objects.filter(contact=OuterRef("delivery__contact"), customer=OuterRef("customer"))
