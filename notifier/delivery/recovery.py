"""Take up what a worker left that was killed: back to the queue before the marker, unknown after it."""

from datetime import datetime

from notifier.delivery import outbox, settle
from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.transport import Transport, hop


def recover(*, now: datetime) -> int:
    """Settle the deliveries whose lease has run out; return how many. A backend that can tell whether it took the mail is asked."""
    settled = 0
    with Transport() as transport:
        for delivery in outbox.run_out().select_related("notice"):
            settled += _recover(delivery, transport, now=now)
    return settled


def _recover(delivery: Delivery, transport: Transport, *, now: datetime) -> bool:
    token = delivery.lease_token
    taken = transport.has_taken(delivery.name) if delivery.handed_over_at else False
    if taken is None:
        return settle.unknown(delivery, token, at=now, reason="the worker was lost between handing the mail over and hearing the answer")
    if taken:
        return settle.accepted(delivery, token, at=delivery.handed_over_at or now, hop=hop(), detail="found in the mail folder")
    held = outbox.run_out().filter(pk=delivery.pk, lease_token=token)
    return bool(held.update(state=DeliveryState.QUEUED, lease_token="", lease_until=None, handed_over_at=None))
