"""The body of a feed: what its accounts were told last, and what has become of it since."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.models import Customer
from maintenance.models import NoticeCustomer, NoticeService, Window
from maintenance.states import WindowState
from notifier.calendars.entries import BEGUN, Progress, calendar_of, entries_for
from notifier.calendars.entry import Calendar, Entry
from notifier.calendars.models import Feed

CANCELLED_STAY = timedelta(days=30)
"""How long a cancelled entry stays after the notice that cancelled it, so that every calendar has taken it away."""
PAST_STAY = timedelta(days=90)
"""How long any other entry stays after its end."""
REFRESH_MINUTES = 60


@dataclass(frozen=True)
class _Reader:
    """Whose feed it is, and how they read."""

    customers: tuple[Customer, ...]
    language: str
    zone: ZoneInfo
    owner: str = ""


def published(feed: Feed, *, now: datetime) -> Calendar:
    """Return what the feed shows; ``now`` (UTC) decides only which entries are too old. A constant number of queries."""
    reader = _reader(feed)
    told = list(_latest(reader.customers, now=now))
    services = _services(told)
    progress = _progress(told)
    by_pk = {customer.pk: customer for customer in reader.customers}
    entries: list[Entry] = []
    for one in told:
        entries += entries_for(
            one.notice,
            one.notice.said,
            by_pk[one.customer_id],
            one.kind,
            services[one.notice_id, one.customer_id],
            language=reader.language,
            zone=reader.zone,
            progress=progress[one.notice.maintenance_id],
        )
    kept = [entry for entry in entries if _stays(entry, now=now)]
    return calendar_of(kept, language=reader.language, zone=reader.zone, owner=reader.owner, refresh_minutes=REFRESH_MINUTES)


def _reader(feed: Feed) -> _Reader:
    if feed.customer is not None:
        return _Reader((feed.customer,), feed.customer.language, feed.customer.timezone, feed.customer.name)
    if feed.contact is None:
        raise ValueError("A feed belongs to a customer or to a contact.")
    customers = tuple(Customer.objects.filter(roles__contact=feed.contact).select_related("region").order_by("account"))
    first = customers[0] if customers else None
    return _Reader(
        customers,
        feed.contact.language or (first.language if first else settings.LANGUAGE_CODE),
        feed.contact.timezone or (first.timezone if first else ZoneInfo("UTC")),
    )


def _latest(customers: Iterable[Customer], *, now: datetime) -> QuerySet[NoticeCustomer]:
    """Return the last thing that each customer was told of each maintenance, leaving out what is surely too old."""
    same = {"customer": OuterRef("customer"), "notice__maintenance": OuterRef("notice__maintenance")}
    newer = NoticeCustomer.objects.filter(**same, notice__revision__gt=OuterRef("notice__revision"))
    recent = Window.objects.filter(maintenance=OuterRef("notice__maintenance"), end__gte=now - PAST_STAY)
    return (
        NoticeCustomer.objects.filter(~Exists(newer), Q(notice__issued_at__gte=now - PAST_STAY) | Exists(recent), customer__in=list(customers))
        .select_related("notice")
        .order_by("customer__account", "notice__maintenance_id")
    )


def _services(told: Iterable[NoticeCustomer]) -> dict[tuple[int, int], list[NoticeService]]:
    found = defaultdict(list)
    notices, customers = {one.notice_id for one in told}, {one.customer_id for one in told}
    for row in NoticeService.objects.filter(notice__in=notices, customer__in=customers).select_related("component"):
        found[row.notice_id, row.customer_id].append(row)
    return found


def _progress(told: Iterable[NoticeCustomer]) -> dict[int, dict[int, Progress]]:
    found: dict[int, dict[int, Progress]] = defaultdict(dict)
    for window in Window.objects.filter(maintenance__in={one.notice.maintenance_id for one in told}, state__in=BEGUN):
        found[window.maintenance_id][window.number] = Progress(WindowState(window.state), window.sequence, window.changed_at)
    return found


def _stays(entry: Entry, *, now: datetime) -> bool:
    if entry.status == "CANCELLED":
        return entry.stamp >= now - CANCELLED_STAY
    return entry.end >= now - PAST_STAY
