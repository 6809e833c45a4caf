"""Take in what comes back about mails: written down first, so that nothing is lost, then applied under the locks of the deliveries it is about."""

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from customers.models import Contact
from notifier.delivery.models import Account, Delivery, Effect, StoredReceipt
from notifier.delivery.receipt import LONGEST_NAME, NAME, Receipt, What, digest, one_line
from notifier.delivery.receipt_effects import ENDING, apply

logger = logging.getLogger(__name__)

PATIENCE = timedelta(days=1)
"""A receipt about a mail that is not known waits so long; then it is kept for the record."""
AT_ONCE = 100
"""So many deliveries are locked in one transaction."""


def take_in(receipts: Iterable[Receipt], *, now: datetime) -> int:
    """Write down and apply; return how many were new. One that came before is left alone, whatever it says now.

    Once this returns all are stored; one that could not be applied, as the worker that holds the mail has not written down its answer
    or as the database was busy, is applied by the tick.
    """
    named = {(row.source, row.event_id): row for row in reversed([_row(receipt, now=now) for receipt in receipts])}
    rows = _new([named[key] for key in sorted(named)])  # in one order, as others may be writing the same
    if not rows:
        return 0
    _find_deliveries(rows)
    with transaction.atomic():
        StoredReceipt.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    _look_at({row.delivery_id for row in rows if row.delivery_id is not None}, now=now)
    return len(rows)


def apply_waiting(*, now: datetime) -> int:
    """Apply what came before our own word about the mail was written down; return how many receipts wait no more. For the tick: one query where none waits.

    What is about no mail of ours is kept after a day of waiting, without effect.
    """
    waiting = list(StoredReceipt.objects.filter(applied_at__isnull=True).order_by("pk"))
    if not waiting:
        return 0
    nameless = [row for row in waiting if row.delivery_id is None]
    _find_deliveries(nameless)
    for row in nameless:
        if row.delivery_id is not None:
            StoredReceipt.objects.filter(pk=row.pk).update(delivery=row.delivery_id)
    StoredReceipt.objects.filter(applied_at__isnull=True, delivery__isnull=True, received_at__lte=now - PATIENCE).update(applied_at=now, effect=Effect.NOT_OURS)
    _look_at({row.delivery_id for row in waiting if row.delivery_id is not None}, now=now)
    return len(waiting) - StoredReceipt.objects.filter(applied_at__isnull=True, pk__lte=waiting[-1].pk).count()


def _row(receipt: Receipt, *, now: datetime) -> StoredReceipt:
    """Return it as it is stored: strangers wrote it, so each text is one line that fits."""
    event_id = one_line(receipt.event_id, LONGEST_NAME + 1)
    return StoredReceipt(
        source=one_line(receipt.source, 40),
        event_id=event_id if len(event_id) <= LONGEST_NAME else digest(receipt.event_id),
        delivery_name=one_line(receipt.delivery_name, LONGEST_NAME),
        address=one_line(receipt.address, 254),
        what=receipt.what,
        at=receipt.at,
        reason=one_line(receipt.reason),
        bad_address=receipt.bad_address,
        received_at=now,
    )


def _new(rows: Sequence[StoredReceipt]) -> list[StoredReceipt]:
    known: set[tuple[str, str]] = set()
    for source in {row.source for row in rows}:
        ids = [row.event_id for row in rows if row.source == source]
        for start in range(0, len(ids), 500):
            known.update(StoredReceipt.objects.filter(source=source, event_id__in=ids[start : start + 500]).values_list("source", "event_id"))
    return [row for row in rows if (row.source, row.event_id) not in known]


def _find_deliveries(rows: Sequence[StoredReceipt]) -> None:
    """Set the deliveries that the rows name, those that there are. A name holds the notice's random number, so that it cannot be guessed."""
    parts = {row.delivery_name: match for row in rows if (match := NAME.fullmatch(row.delivery_name))}
    keys = sorted({int(match[2]) for match in parts.values()})
    found: dict[str, int] = {}
    for start in range(0, len(keys), 500):
        named = Delivery.objects.filter(pk__in=keys[start : start + 500]).values_list("pk", "notice__uid")
        found.update({f"{uid.hex}-{pk}": pk for pk, uid in named})
    for row in rows:
        row.delivery_id = found.get(row.delivery_name)


def _look_at(deliveries: Collection[int], *, now: datetime) -> None:
    """Apply what waits for these deliveries. Where some of them fail each is tried by itself, and what fails again waits for the tick."""
    keys = sorted(deliveries)
    for start in range(0, len(keys), AT_ONCE):
        chunk = keys[start : start + AT_ONCE]
        try:
            _apply(chunk, now=now)
        except Exception:  # one row that cannot be applied holds up no other
            logger.exception("receipts could not be applied together; applying them one by one")
            _one_by_one(chunk, now=now)


def _one_by_one(keys: Sequence[int], *, now: datetime) -> None:
    for key in keys:
        try:
            _apply([key], now=now)
        except Exception:  # as above
            logger.exception("the receipts of delivery %s wait: they could not be applied", key)


@transaction.atomic
def _apply(keys: Sequence[int], *, now: datetime) -> None:
    """Apply what waits for these deliveries, earliest first. Whoever else does so waits for the lock, and finds nothing left."""
    waiting = StoredReceipt.objects.filter(delivery__in=keys, applied_at__isnull=True)
    seen = list(waiting.values_list("pk", "delivery_id", "what"))
    ending = {delivery for _pk, delivery, what in seen if what in ENDING}
    locked = _lock({delivery for _pk, delivery, _what in seen}, with_those_beside=ending)
    _lock_contacts({locked[delivery].contact_id for _pk, delivery, what in seen if what in ENDING or what == What.COMPLAINED})
    done: dict[Effect, list[int]] = {Effect.APPLIED: [], Effect.RECORDED: []}
    for row in waiting.filter(pk__in=[pk for pk, _delivery, _what in seen]).order_by("at", "pk"):
        effect = apply(row, locked[row.delivery_id], now=now)
        if effect is not Effect.WAITING:
            done[effect].append(row.pk)
    for effect, rows in done.items():
        StoredReceipt.objects.filter(pk__in=rows).update(effect=effect, applied_at=now)


def _lock_contacts(keys: Collection[int | None]) -> None:
    """Lock those that may be marked, in the order of their keys, as others may be marking the same."""
    if keys:
        list(Contact.objects.filter(pk__in=[key for key in keys if key is not None]).order_by("pk").select_for_update().values_list("pk"))


def _lock(keys: Collection[int], *, with_those_beside: Collection[int]) -> dict[int | None, Delivery]:
    """Lock the deliveries, always in the order of their keys, and return them.

    Where one ends, whether its customers are still served hangs on the notice's mails to their other contacts: those are locked as well, so
    that of two that end at once the second sees the first, and one that is just being accepted is waited for.
    """
    beside = Q()
    if with_those_beside:
        pairs = Account.objects.filter(delivery__in=with_those_beside).values_list("delivery__notice_id", "customer_id")
        wanted: dict[int, set[int]] = {}
        for notice, customer in pairs:
            wanted.setdefault(notice, set()).add(customer)
        for notice, customers in wanted.items():
            beside |= Q(pk__in=Account.objects.filter(delivery__notice=notice, customer__in=customers).values("delivery"))
    rows = Delivery.objects.filter(Q(pk__in=keys) | beside).order_by("pk").select_related("notice__maintenance", "notice__incident")
    return {row.pk: row for row in rows.select_for_update(of=("self",))}
