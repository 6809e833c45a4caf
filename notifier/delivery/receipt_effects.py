"""What one receipt does to its delivery, whose row the caller has locked. No state goes back: queued, sent, delivered, failed."""

import contextlib
from datetime import datetime

from django.db.models import Q, QuerySet

from customers.models import Contact
from maintenance.states import Hop
from notifier.delivery import alerts, settle
from notifier.delivery.models import AlertKind, Delivery, DeliveryState, Effect, StoredReceipt
from notifier.delivery.receipt import LONGEST_REASON, What, one_line
from notifier.delivery.revoking import revoke

ENDING = frozenset({What.BOUNCED_HARD, What.REJECTED})
"""They end a delivery, and with it perhaps that its customers were served."""
_ARRIVED = frozenset({What.ACCEPTED, What.DELIVERED})
_OPEN = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNKNOWN})


def apply(row: StoredReceipt, delivery: Delivery, *, now: datetime) -> Effect:
    """Do what follows from the receipt, keep ``delivery`` in step with the table, and say what was done."""
    if row.address and _canonical(row.address) != _canonical(delivery.address):
        return Effect.RECORDED  # of the mail as it went to an earlier address: a person has corrected that, and it was sent again
    if row.what == What.COMPLAINED:
        return _complained(row, delivery, now=now)
    if row.what not in _ARRIVED | ENDING:
        return Effect.RECORDED
    if delivery.state == DeliveryState.SENDING:
        return Effect.WAITING  # the worker that holds it writes down its own answer first
    return _arrived(row, delivery, now=now) if row.what in _ARRIVED else _ended(row, delivery, now=now)


def _arrived(row: StoredReceipt, delivery: Delivery, *, now: datetime) -> Effect:
    applied = Effect.RECORDED
    if _is_doubtful(delivery):
        _accept(row, delivery, now=now)
        applied = Effect.APPLIED
    if row.what == What.DELIVERED and delivery.state == DeliveryState.SENT:
        _change(delivery, state=DeliveryState.DELIVERED)
        applied = Effect.APPLIED
    return applied


def _accept(row: StoredReceipt, delivery: Delivery, *, now: datetime) -> None:
    """Settle it as accepted, and its customers as served: not before it was handed over, and not in the future, whatever the source's clock says."""
    if delivery.state == DeliveryState.QUEUED:  # it waits for another try that would double it
        _change(delivery, state=DeliveryState.UNKNOWN, reason="taken over in spite of the answer")
    at = max(min(row.at, now), delivery.handed_over_at or delivery.notice.issued_at)
    hop = Hop.ESP if row.source.startswith("esp:") else Hop.RELAY
    settle.accepted(delivery, delivery.lease_token, at=at, hop=hop, detail=f"{row.source}, by its event"[:300])
    delivery.refresh_from_db(fields=["state", "accepted_at", "settled_at", "hop", "hop_detail", "reason"])


def _ended(row: StoredReceipt, delivery: Delivery, *, now: datetime) -> Effect:
    if delivery.state not in _OPEN and not _is_doubtful(delivery):
        return Effect.RECORDED  # it has ended already, or never left
    bounced = row.what == What.BOUNCED_HARD
    reason = one_line(f"{'bounced' if bounced else 'refused by the ESP'}: {row.reason or 'no reason given'}", LONGEST_REASON)
    was_accepted = delivery.accepted_at is not None
    _change(delivery, state=DeliveryState.FAILED, settled_at=now, reason=reason, lease_token="", lease_until=None)
    if was_accepted:
        revoke(delivery, now=now)
    if bounced or row.bad_address:
        _of_this_address(delivery).filter(Q(bounced_at__isnull=True) | Q(bounced_at__lt=row.at)).update(bounced_at=min(row.at, now), bounce_reason=row.reason)
    return Effect.APPLIED


def _complained(row: StoredReceipt, delivery: Delivery, *, now: datetime) -> Effect:
    """Ask a person to telephone; once, until a person has cleared it. Nothing is revoked: the mail has arrived."""
    contact = _of_this_address(delivery).filter(complained_at__isnull=True)
    if not contact.update(complained_at=min(row.at, now)):
        return Effect.RECORDED
    about = alerts.about_notice(delivery.notice)
    alerts.raise_alert(AlertKind.COMPLAINT, f"complaint:{row.pk}", {**about, "contact": delivery.contact_id, "said": row.reason}, now=now)
    return Effect.APPLIED


def _of_this_address(delivery: Delivery) -> QuerySet[Contact]:
    """Return the contact that the mail went to, as long as the address is still the same."""
    return Contact.objects.filter(deliveries=delivery, email=delivery.address)


def _canonical(address: str) -> str:
    """Return an address as it can be compared: capitals do not matter, nor in which form the domain is written."""
    local, _at, domain = address.strip().lower().rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


def _is_doubtful(delivery: Delivery) -> bool:
    """Tell whether the mail may have been taken over without our knowing: handed over without an answer, or with one that said "later"."""
    return delivery.state == DeliveryState.UNKNOWN or (delivery.state == DeliveryState.QUEUED and delivery.attempts > 0)


def _change(delivery: Delivery, **fields: object) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(**fields)
    for name, value in fields.items():
        setattr(delivery, name, value)
