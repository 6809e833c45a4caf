"""The body of a feed: what its accounts were told last, and what has become of it since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.models import Customer
from maintenance.models import NoticeCustomer, NoticeService, Window
from maintenance.said import Said
from maintenance.states import CONTENT_KINDS, FIRST_KINDS, Kind, WindowState
from notifier.calendars.entries import BEGUN, ENDED, OVER, Progress, calendar_of, entries_for
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
    told = list(_with_what_was_over(list(_latest(reader.customers, now=now))))
    services = _services([one for one, _said in told])
    progress = _progress([one for one, _said in told])
    by_pk = {customer.pk: customer for customer in reader.customers}
    entries: list[Entry] = []
    for one, said in told:
        entries += entries_for(
            one.notice,
            said,
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


def _telling() -> QuerySet[NoticeCustomer]:
    """Return what feeds are made of: a reminder changes nothing, and a root-cause report is of no maintenance."""
    return NoticeCustomer.objects.exclude(kind=Kind.REMINDER).filter(notice__maintenance__isnull=False)


def _latest(customers: Iterable[Customer], *, now: datetime) -> QuerySet[NoticeCustomer]:
    """Return the last thing that each customer was told of each maintenance, leaving out what is surely too old."""
    same = {"customer": OuterRef("customer"), "notice__maintenance": OuterRef("notice__maintenance")}
    newer = _telling().filter(**same, notice__revision__gt=OuterRef("notice__revision"))
    recent = Window.objects.filter(maintenance=OuterRef("notice__maintenance"), end__gte=now - PAST_STAY)
    return (
        _telling()
        .filter(~Exists(newer), Q(notice__issued_at__gte=now - PAST_STAY) | Exists(recent), customer__in=list(customers))
        .select_related("notice")
        .order_by("customer__account", "notice__maintenance_id")
    )


def _with_what_was_over(told: Collection[NoticeCustomer]) -> Iterator[tuple[NoticeCustomer, Said]]:
    """Yield each with what it says of windows that were not over; and, with what was said last of those that were, the notices before it.

    Whoever was told of a window before it was over goes on seeing it as it was: services that join between two nights are hit by the second.
    """
    over = {one.pk: _over(one) for one in told}
    earlier = _earlier([one for one in told if over[one.pk]])
    for one in told:
        left = over[one.pk]
        yield one, replace(one.notice.said, windows=tuple(window for window in one.notice.said.windows if window.number not in left))
        for before in earlier[one.customer_id, one.notice.maintenance_id] if left else ():
            past = _over(before)
            windows = tuple(window for window in before.notice.said.windows if window.number in left - past)
            left = left - {window.number for window in windows}
            if windows:
                yield before, replace(before.notice.said, windows=windows)


def _over(told: NoticeCustomer) -> set[int]:
    """Return the windows, by number, of which a notice that says what is to come says nothing, as they were over; a later one may call off others."""
    if told.kind not in CONTENT_KINDS:
        return set()
    states = OVER if told.kind in FIRST_KINDS else ENDED
    return {window.number for window in told.notice.said.windows if window.state in states}


def _earlier(told: Collection[NoticeCustomer]) -> dict[tuple[int, int | None], list[NoticeCustomer]]:
    """Return what the same customers were told before of the same maintenance, the newest first."""
    found = defaultdict(list)
    last = {(one.customer_id, one.notice.maintenance_id): one.notice.revision for one in told}
    if last:
        customers, works = {customer for customer, _work in last}, {work for _customer, work in last}
        rows = _telling().filter(customer__in=customers, notice__maintenance__in=works).select_related("notice").order_by("-notice__revision")
        for row in rows:
            if row.notice.revision < last.get((row.customer_id, row.notice.maintenance_id), 0):
                found[row.customer_id, row.notice.maintenance_id].append(row)
    return found


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
