"""Deliveries -> letters: a constant number of queries for a batch of any size."""

from collections import defaultdict
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects

from maintenance.models import NoticeService
from notifier.calendars import feeds
from notifier.delivery.letter import Letter, Told
from notifier.delivery.models import Account, Delivery


def load(deliveries: Sequence[Delivery]) -> list[Letter]:
    """Return one letter for each delivery, in the same order; contacts without a calendar feed are given one."""
    prefetch_related_objects(deliveries, "notice", "contact")
    said = {delivery.notice_id: delivery.notice.said for delivery in deliveries}
    accounts = _accounts(deliveries)
    urls = feeds.ensure_contacts({delivery.contact_id for delivery in deliveries if delivery.contact_id is not None})
    return [
        Letter(
            name=delivery.name,
            address=delivery.address,
            contact_name=delivery.contact.name if delivery.contact else "",
            language=delivery.language,
            zone=ZoneInfo(str(delivery.timezone)),
            kind=delivery.kind,
            notice=delivery.notice,
            said=said[delivery.notice_id],
            accounts=tuple(accounts[delivery.pk]),
            feed_url=urls[delivery.contact_id] if delivery.contact_id is not None else "",
        )
        for delivery in deliveries
    ]


def _accounts(deliveries: Sequence[Delivery]) -> dict[int, list[Told]]:
    """Return what each delivery tells of which account, by the delivery's key, in the order of the account codes."""
    listed = list(
        Account.objects.filter(delivery__in=[delivery.pk for delivery in deliveries])
        .select_related("customer__region", "customer__tier")
        .order_by("customer__account"),
    )
    services = defaultdict(list)
    rows = NoticeService.objects.filter(
        notice__in={delivery.notice_id for delivery in deliveries},
        customer__in={account.customer_id for account in listed},
    )
    for row in rows.select_related("component").order_by("object_id", "window_number"):
        services[row.notice_id, row.customer_id].append(row)
    notices = {delivery.pk: delivery.notice_id for delivery in deliveries}
    accounts = defaultdict(list)
    for account in listed:
        key = (notices[account.delivery_id], account.customer_id)
        accounts[account.delivery_id].append(Told(account.customer, tuple(services[key])))
    return accounts
