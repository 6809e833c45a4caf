"""Record what became of a delivery: each by itself, by its token, and Served in the same transaction."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, DateTimeField, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Greatest

from maintenance.insert_select import insert_select, insert_select_sql
from maintenance.models import Notice, NoticeCustomer, Served
from maintenance.states import Hop
from notifier.delivery import doubt
from notifier.delivery.frozen_sql import Frozen, Run, Values, together, updating
from notifier.delivery.models import Account, Delivery, DeliveryState
from notifier.delivery.prepared_sql import Sql

FIRST_RETRY = timedelta(seconds=30)
SLOWEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
"""A mail is tried for this long, or until its deadline where that comes first."""
_HELD = [DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.QUEUED]
"""One flagged unknown keeps its token, also while it waits to be sent again, as a slow worker may still bring the answer."""


@transaction.atomic
def accepted(delivery: Delivery, token: str, *, at: datetime, hop: Hop, detail: str) -> bool:
    """Record that the first hop took the mail over, and that its accounts are served. Also after the lease ran out and it was flagged unknown."""
    at = max(at, delivery.notice.issued_at)  # a worker's clock may be behind that of whoever issued it
    if not _held(delivery, token).update(state=DeliveryState.SENT, accepted_at=at, settled_at=at, hop=hop, hop_detail=detail, reason="", lease_until=None):
        return False
    text = CharField()
    rows = (
        Account.objects.filter(delivery=delivery.pk)
        .order_by("pk")
        .annotate(
            of_notice=Value(delivery.notice_id, output_field=IntegerField()),
            at=Value(at, output_field=DateTimeField()),
            by_hop=Value(str(hop), output_field=text),
            at_server=Value(detail, output_field=text),
            by_nobody=Value("", output_field=text),
        )
        .values_list("of_notice", "customer_id", "at", "by_hop", "at_server", "by_nobody", "by_nobody")
    )
    insert_select(Served, ("notice", "customer", "accepted_at", "hop", "detail", "document", "recorded_by"), rows)
    return True


def all_accepted(details: Mapping[int, str], token: str, *, at: datetime, hop: Hop) -> int:
    """As ``accepted``, for several deliveries of one claim: what the server said by primary key. Returns how many were still ours."""
    return sum(map(len, together(accepting(details, token, at=at, hop=hop))))


def accepting(details: Mapping[int, str], token: str, *, at: datetime, hop: Hop) -> list[Run]:
    """Return the statements of ``all_accepted``; their rows are those that were still ours."""
    values = Values(list(details), token, at, hop=str(hop), texts=list(details.values()))
    return [(statement, some) for some in values.split() for statement in (_SERVE, _ACCEPT)]


def _serve_sql(values: Values) -> Sql:
    text = CharField()
    rows = (  # from the deliveries on, so that they are found by their keys whatever the database guesses of tokens
        Delivery.objects.filter(pk__in=values.keys, lease_token=values.token, state__in=_HELD, accounts__isnull=False)
        .order_by("accounts__pk")
        .annotate(
            at=Greatest(Value(values.at, output_field=DateTimeField()), "notice__issued_at"),
            by_hop=Value(values.hop, output_field=text),
            at_server=_said(values),
            by_nobody=Value("", output_field=text),
        )
        .values_list("notice", "accounts__customer", "at", "by_hop", "at_server", "by_nobody", "by_nobody")
    )
    return insert_select_sql(Served, ("notice", "customer", "accepted_at", "hop", "detail", "document", "recorded_by"), rows)


def _accept_sql(values: Values) -> Sql:
    held = Delivery.objects.filter(pk__in=values.keys, lease_token=values.token, state__in=_HELD)
    moment = Greatest(Value(values.at, output_field=DateTimeField()), Subquery(Notice.objects.filter(pk=OuterRef("notice")).order_by().values("issued_at")))
    changes = {"accepted_at": moment, "settled_at": moment, "hop": values.hop, "hop_detail": _said(values), "reason": "", "lease_until": None}
    return updating(held, state=DeliveryState.SENT, **changes)


def _said(values: Values) -> Case:
    return Case(*(When(pk=pk, then=Value(text)) for pk, text in zip(values.keys, values.texts, strict=True)), output_field=CharField())


_SERVE, _ACCEPT = Frozen(_serve_sql), Frozen(_accept_sql)


def failed(delivery: Delivery, token: str, *, at: datetime, reason: str) -> bool:
    """Record that the mail will not be delivered, and why."""
    return _end(delivery, token, DeliveryState.FAILED, at=at, reason=reason)


def withdrawn(delivery: Delivery, token: str, *, at: datetime, reason: str) -> bool:
    """Record that the mail was taken back before it left."""
    return _end(delivery, token, DeliveryState.WITHDRAWN, at=at, reason=reason)


def unknown(delivery: Delivery, token: str, *, at: datetime, reason: str) -> bool:
    """Record that the mail was handed over and its answer never seen. The token stays: a late answer may still settle it."""
    return _end(delivery, token, DeliveryState.UNKNOWN, at=at, reason=reason)


def again(delivery: Delivery, token: str, *, at: datetime, reason: str) -> bool:
    """Put the mail back for a later try, or record that it failed where that try would come too late."""
    due_at = at + backoff(delivery.attempts)
    last = last_try(delivery)
    limit = min(last, _latest_deadline(delivery, due_at) or last)
    if due_at > limit:  # one more time while it can be in time
        due_at = limit - timedelta(seconds=2 * settings.DELIVERY_LEASE_SECONDS)
    if due_at <= at:
        return failed(delivery, token, at=at, reason=f"given up after {delivery.attempts} attempts: {reason}"[:500])
    held = _held(delivery, token)
    return bool(held.update(state=DeliveryState.QUEUED, settled_at=None, due_at=due_at, lease_token="", lease_until=None, handed_over_at=None, reason=reason))


def last_try(delivery: Delivery) -> datetime:
    """Return until when it is tried, whatever its deadline."""
    begun: datetime = delivery.first_due_at or delivery.notice.issued_at
    return begun + GIVE_UP_AFTER


def _latest_deadline(delivery: Delivery, due_at: datetime) -> datetime | None:
    """Return by when the last of the accounts must have it; the delivery's own is the first, and whom it comes too late for is taken off then."""
    if delivery.deadline is None or due_at <= delivery.deadline:
        return delivery.deadline
    accounts = Account.objects.filter(delivery=delivery.pk).values("customer")
    told = NoticeCustomer.objects.filter(notice=delivery.notice_id, customer__in=accounts).values_list("deadline", flat=True)
    return None if None in told else max((line for line in told if line), default=delivery.deadline)


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after the ``attempts``-th try: a tenth to all of a time that doubles, so that retries do not come in step."""
    longest: timedelta = min(SLOWEST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 12)))
    return longest * random.uniform(0.1, 1)  # noqa: S311  # spreads load, guards nothing


def _held(delivery: Delivery, token: str) -> QuerySet[Delivery]:
    """Return the row if the token holds it; one flagged unknown keeps its token, as a slow worker may still bring the answer."""
    return Delivery.objects.filter(pk=delivery.pk, lease_token=token, state__in=_HELD)


def _end(delivery: Delivery, token: str, state: DeliveryState, *, at: datetime, reason: str) -> bool:
    held = _held(delivery, token)
    if state is DeliveryState.UNKNOWN:  # no answer: what waits to be sent again goes on waiting
        held = held.exclude(state=DeliveryState.QUEUED)
    ended = doubt.ended(state, untouched=Q(handed_over_at__isnull=True))
    return bool(held.update(state=ended, settled_at=at, lease_until=None, reason=reason))
