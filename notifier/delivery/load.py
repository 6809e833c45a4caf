"""Deliveries -> letters: a constant number of queries for a batch of any size."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects

from maintenance.models import Notice, NoticeCustomer, NoticeService
from maintenance.states import CONTENT_KINDS, Kind
from notifier.calendars import feeds
from notifier.delivery.letter import Letter, Told
from notifier.delivery.models import Account, Delivery


def load(deliveries: Sequence[Delivery]) -> list[Letter]:
    """Return one letter for each delivery, in the same order; contacts without a calendar feed are given one."""
    prefetch_related_objects(deliveries, "notice", "contact")
    said = {delivery.notice_id: delivery.notice.said for delivery in deliveries}
    accounts = _accounts(deliveries)
    told_at = _told_at(deliveries, accounts)
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
            told_at=told_at.get(delivery.pk),
            once=f"{delivery.name}-{delivery.first_due_at.timestamp():.0f}" if delivery.first_due_at else "",
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


def _told_at(deliveries: Sequence[Delivery], accounts: Mapping[int, Sequence[Told]]) -> dict[int, datetime]:
    """Return for each reminder, by its delivery's key, when its accounts were last told what is to come; asks only where there is a reminder."""
    return last_told(
        {
            delivery.pk: (delivery.notice, [account.customer.pk for account in accounts[delivery.pk]])
            for delivery in deliveries
            if delivery.kind == Kind.REMINDER
        },
    )


def last_told(reminders: Mapping[int, tuple[Notice, Sequence[int]]]) -> dict[int, datetime]:
    """Return, for each reminder's notice and customers, when they were last told before it what is to come (UTC); without reminders no query."""
    if not reminders:
        return {}
    rows = NoticeCustomer.objects.filter(
        notice__maintenance__in={notice.maintenance_id for notice, _customers in reminders.values()},
        customer__in={customer for _notice, customers in reminders.values() for customer in customers},
        kind__in=CONTENT_KINDS,
    ).values_list("notice__maintenance_id", "customer_id", "notice__revision", "notice__issued_at")
    told: dict[tuple[int | None, int], list[tuple[int, datetime]]] = defaultdict(list)
    for maintenance, customer, revision, issued_at in rows:
        told[maintenance, customer].append((revision, issued_at))
    found = {}
    for reminder, (notice, customers) in reminders.items():
        keys = [(notice.maintenance_id, customer) for customer in customers]
        earlier = [issued_at for key in keys for revision, issued_at in told[key] if revision < notice.revision]
        if earlier:
            found[reminder] = max(earlier)
    return found
