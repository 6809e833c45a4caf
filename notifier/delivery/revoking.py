"""Take back that customers were served by a mail which did not arrive in the end."""

from datetime import datetime

from maintenance.models import Served
from notifier.delivery.models import Account, Delivery, DeliveryState


def revoke(delivery: Delivery, *, now: datetime) -> int:
    """Revoke what this mail, accepted first and ended since, said of its customers; return of how many. The caller holds the rows of all mails beside it.

    A customer stays served while another contact's mail of the same notice stands, from when that one was accepted: where the first to be
    accepted has ended, the record is written anew with the later time, so that notice is never counted from a mail that bounced.
    """
    stand = _standing_beside(delivery)
    hit = Account.objects.filter(delivery=delivery.pk).values("customer")
    rows = Served.objects.filter(notice=delivery.notice_id, customer__in=hit, hop=delivery.hop, revoked_at__isnull=True)
    gone = 0
    for row in rows.order_by("pk").select_for_update():
        other = stand.get(row.customer_id)
        if other is not None and other[0] <= row.accepted_at:
            continue
        Served.objects.filter(pk=row.pk).update(revoked_at=now)
        if other is None:
            gone += 1
            continue
        Served.objects.create(notice_id=row.notice_id, customer_id=row.customer_id, accepted_at=other[0], hop=row.hop, detail=other[1])
    return gone


def _standing_beside(delivery: Delivery) -> dict[int, tuple[datetime, str]]:
    """Return, by customer, when and by which server the first of the notice's other mails was accepted that still stands."""
    others = Account.objects.filter(
        delivery__notice=delivery.notice_id,
        delivery__hop=delivery.hop,
        delivery__state__in=[DeliveryState.SENT, DeliveryState.DELIVERED],
        customer__in=Account.objects.filter(delivery=delivery.pk).values("customer"),
    ).exclude(delivery=delivery.pk)
    first: dict[int, tuple[datetime, str]] = {}
    for customer, at, detail in others.order_by("delivery__accepted_at", "delivery").values_list(
        "customer_id", "delivery__accepted_at", "delivery__hop_detail"
    ):
        if at is not None:
            first.setdefault(customer, (at, detail))
    return first
