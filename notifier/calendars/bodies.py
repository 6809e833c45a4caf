"""The body of a feed: what its accounts were told last, and what has become of it since."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from customers.models import Customer
from maintenance.models import NoticeCustomer, NoticeService, Window
from maintenance.states import Kind, WindowState
from notifier.calendars.entries import BEGUN, Progress, calendar_of, entries_for
from notifier.calendars.entry import Calendar, Entry
from notifier.calendars.models import Feed
from notifier.calendars.told import Word, last_words

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
    told = list(_telling(reader.customers, now=now))
    words = list(_words(told))
    services = _services([word.told for word in words])
    progress = _progress(told)
    by_pk = {customer.pk: customer for customer in reader.customers}
    entries: list[Entry] = []
    for word in words:
        one = word.told
        entries += entries_for(
            one.notice,
            word.said,
            by_pk[one.customer_id],
            one.kind,
            services[one.notice_id, one.customer_id],
            language=reader.language,
            zone=reader.zone,
            progress={word.said.windows[0].number: word.taken_back} if word.taken_back else progress[one.notice.maintenance_id],
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


def _telling(customers: Collection[Customer], *, now: datetime) -> QuerySet[NoticeCustomer]:
    """Return all that these customers were told of each maintenance, the oldest first, leaving out maintenance that is surely too old.

    A reminder changes nothing, and a root-cause report is of no maintenance.
    """
    told = NoticeCustomer.objects.exclude(kind=Kind.REMINDER).filter(notice__maintenance__isnull=False, customer__in=list(customers))
    same = {"customer": OuterRef("customer"), "notice__maintenance": OuterRef("notice__maintenance")}
    lately = told.filter(**same, notice__issued_at__gte=now - PAST_STAY)
    recent = Window.objects.filter(maintenance=OuterRef("notice__maintenance"), end__gte=now - PAST_STAY)
    return (
        told.filter(Exists(lately) | Exists(recent))
        .prefetch_related("notice")  # once for all accounts that it tells
        .order_by("customer__account", "notice__maintenance_id", "notice__revision")
    )


def _words(told: Collection[NoticeCustomer]) -> Iterator[Word]:
    said = {notice.pk: notice.said for notice in {one.notice for one in told}}
    named: dict[tuple[int, int], set[int]] = defaultdict(set)
    rows = NoticeService.objects.filter(notice__in=list(said), customer__in={one.customer_id for one in told}).order_by()
    for notice, customer, number in rows.values_list("notice_id", "customer_id", "window_number").distinct():
        named[notice, customer].add(number)
    for _work, history in groupby(told, key=lambda one: (one.customer_id, one.notice.maintenance_id)):
        yield from last_words((one, said[one.notice_id], named[one.notice_id, one.customer_id]) for one in history)


def _services(told: Collection[NoticeCustomer]) -> dict[tuple[int, int], list[NoticeService]]:
    found = defaultdict(list)
    notices, customers = {one.notice_id for one in told}, {one.customer_id for one in told}
    for row in NoticeService.objects.filter(notice__in=notices, customer__in=customers).select_related("component"):
        found[row.notice_id, row.customer_id].append(row)
    return found


def _progress(told: Collection[NoticeCustomer]) -> dict[int | None, dict[int, Progress]]:
    found: dict[int | None, dict[int, Progress]] = defaultdict(dict)
    for window in Window.objects.filter(maintenance__in={one.notice.maintenance_id for one in told}, state__in=BEGUN):
        longer = {"end": window.end, "overran_from": window.overran_from} if window.overran_from else {}
        state = WindowState(window.state)
        found[window.maintenance_id][window.number] = Progress(state, window.sequence, window.changed_at, presumed=window.presumed, **longer)
    return found


def _stays(entry: Entry, *, now: datetime) -> bool:
    if entry.status == "CANCELLED":
        return entry.stamp >= now - CANCELLED_STAY
    return entry.end >= now - PAST_STAY
