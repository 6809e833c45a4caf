"""Take up what a worker left that was killed: back to the queue before the marker, unknown after it."""

from datetime import datetime

from django.db.models import F, Q

from notifier.delivery import doubt, outbox, settle
from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.transport import Transport
from notifier.ways import primary

MOST_LOST_WORKERS = 3
"""A mail in whose hands so many workers were lost ends them: the first time it was among others, afterwards by itself (``outbox.claim_suspect``)."""


def recover(*, now: datetime) -> int:
    """Settle the deliveries whose lease has run out; return how many. Where mail goes to files, they are asked."""
    settled = 0
    with Transport(primary()) as transport:
        for delivery in outbox.run_out().select_related("notice").defer("timezone").order_by("lease_until", "pk"):
            settled += _recover(delivery, transport, now=now)
    return settled


def _recover(delivery: Delivery, transport: Transport, *, now: datetime) -> bool:
    token = delivery.lease_token
    taken = transport.has_taken(delivery.name) if delivery.handed_over_at else False
    if taken is None:
        return settle.unknown(delivery, token, at=now, reason="the worker was lost between handing the mail over and hearing the answer")
    if taken:
        return settle.accepted(delivery, token, at=delivery.handed_over_at or now, hop=primary().kind, detail="found in the mail folder")
    held = outbox.run_out().filter(pk=delivery.pk, lease_token=token)
    lost = int(delivery.handed_over_at is None)
    number = delivery.lost_workers + lost
    if number >= MOST_LOST_WORKERS:
        reason = f"{number} workers were lost while they prepared this mail; it is set aside so that the others go on"
        ended = doubt.ended(DeliveryState.FAILED, untouched=Q(handed_over_at__isnull=True))
        return bool(held.update(state=ended, settled_at=now, lease_until=None, reason=reason))
    # a lease that ran out takes no try away: where the worker is not dead but slow, its token is worth nothing from here on
    return bool(held.update(state=DeliveryState.QUEUED, lease_token="", lease_until=None, handed_over_at=None, lost_workers=F("lost_workers") + lost))
