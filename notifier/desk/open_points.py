"""What is open before a window's start: who is not served in time, and why; what was done about it; what else is in the way."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from customers.models import Customer
from maintenance import coverage, shortfalls
from maintenance.acknowledged import Judged, judged
from maintenance.models import Breach, Consent, Maintenance, NoticeCustomer, Served, Window
from maintenance.states import CONTENT_KINDS, SPOKEN, Basis, Cause, WindowState
from notifier.delivery import causes
from notifier.delivery.causes import ContactFault
from notifier.delivery.models import Account, DeliveryState
from notifier.desk.shown import ShownMoment, utc

MOST = 200
"""A page lists so many customers, those first that still need something, and says how many more there are."""
MOST_FAULTS = 50


@dataclass(frozen=True)
class MailRow:
    """What became of the newest mail to one contact; ``when``: of the state, in UTC."""

    address: str
    state: str
    label: str
    reason: str
    when: str


@dataclass(frozen=True)
class Open:
    """A customer not served in time. Without a ``cause`` its notice is still on its way and may be in time until ``line``.

    ``notice`` (primary key) is the newest that tells it of the work, if any does.
    """

    customer: int
    account: str
    cause: Cause | None
    line: str
    reason: str = ""
    reason_by: str = ""
    agreed: bool = False
    name: str = ""
    consents: tuple[tuple[Consent, str], ...] = ()
    notice: int | None = None
    mails: tuple[MailRow, ...] = ()
    spoken: tuple[tuple[Served, str], ...] = ()

    @property
    def wanting(self) -> bool:
        """Whether it still needs a reason or the customer's consent."""
        return self.cause is not None and not self.reason and not self.agreed


@dataclass(frozen=True)
class OpenPoints:
    """All of it; ``by_cause`` counts the customers short of notice, ``wanting`` by cause those that need something still."""

    customers: tuple[Open, ...]
    more: int
    by_cause: tuple[tuple[Cause, int, int], ...]
    short: int
    wanting: int
    explained: int
    agreed: int
    on_the_way: int
    faults: tuple[ContactFault, ...]
    more_faults: int
    unknown: int
    obstacles: tuple[Judged, ...]
    breaches: int
    owed: int

    @property
    def nothing(self) -> bool:
        """Whether all is well: nobody is short of notice, and nothing else is in the way."""
        return not (self.short or self.on_the_way or self.faults or self.unknown or any(not one.acknowledged for one in self.obstacles))


def open_points(window: Window, *, now: datetime) -> OpenPoints:
    """Return what is open at ``now``, found afresh; a constant number of queries, however many customers there are."""
    maintenance = window.maintenance
    rows = _customers(window, now=now)
    short = [row for row in rows if row.cause]
    wanting = Counter(row.cause for row in short if row.wanting)
    causes_found = Counter(row.cause for row in short)
    listed = rows[:MOST]
    accounts = {row.account for row in rows}
    faults = [fault for fault in causes.contact_faults(maintenance) if fault.account not in accounts]
    breaches = list(Breach.objects.filter(window=window).values_list("reason", flat=True))
    return OpenPoints(
        customers=tuple(_with_evidence(listed, window)),
        more=len(rows) - len(listed),
        by_cause=tuple((cause, causes_found[cause], wanting[cause]) for cause in Cause if causes_found[cause]),
        short=len(short),
        wanting=sum(wanting.values()),
        explained=sum(bool(row.reason) for row in short),
        agreed=sum(row.agreed for row in short),
        on_the_way=len(rows) - len(short),
        faults=tuple(faults[:MOST_FAULTS]),
        more_faults=max(0, len(faults) - MOST_FAULTS),
        unknown=causes.unknown_mails(maintenance),
        obstacles=judged(maintenance, [window]) if window.state == WindowState.ANNOUNCED else (),
        breaches=len(breaches),
        owed=breaches.count(""),
    )


def newest_notices(maintenance: Maintenance, customers: Collection[int]) -> dict[int, int]:
    """Return the newest notice that told each customer what is to come; both as primary keys."""
    told = NoticeCustomer.objects.filter(notice__maintenance=maintenance, customer__in=customers, kind__in=CONTENT_KINDS)
    return dict(told.order_by("notice__revision").values_list("customer_id", "notice_id"))


def _customers(window: Window, *, now: datetime) -> list[Open]:
    """Return everyone not served in time, those first that still need something, by account."""
    unserved = coverage.unserved(window)
    found = causes.tracks(window.maintenance, [item.customer_id for item in unserved]).causes(unserved, now=now)
    standing = {row.customer_id: row for row in shortfalls.open_for(window)}
    agreed = shortfalls.agreed(window)
    rows = []
    for item in unserved:
        row = standing.get(item.customer_id)
        cause = Cause.RECORD if row and row.cause == Cause.RECORD else found.get(item.customer_id)
        reason, reason_by = (row.reason, row.reason_by) if row and row.reason else (_meant(window, cause), "")
        rows.append(
            Open(
                customer=item.customer_id,
                account=item.account,
                cause=cause,
                line=utc(item.line),
                reason=reason if cause else "",
                reason_by=reason_by,
                agreed=item.customer_id in agreed and cause is not None,
            )
        )
    return sorted(rows, key=lambda one: (not one.wanting, one.cause is None, one.account))


def _meant(window: Window, cause: Cause | None) -> str:
    """Return the reason of lateness that a planner decided on; whoever late notice did not reach has none."""
    return window.late_reason if window.basis == Basis.LATE and cause == Cause.TOO_LATE else ""


def _with_evidence(listed: Iterable[Open], window: Window) -> list[Open]:
    """Add what is shown only of the customers listed: names, mails, and what persons wrote down."""
    rows, maintenance = list(listed), window.maintenance
    keys = [row.customer for row in rows]
    names = dict(Customer.objects.filter(pk__in=keys).values_list("pk", "name"))
    mails, notices = _newest_mails(maintenance, keys), newest_notices(maintenance, keys)
    spoken: dict[int, list[tuple[Served, str]]] = defaultdict(list)
    told = Served.objects.filter(notice__maintenance=maintenance, customer__in=keys, hop__in=SPOKEN, revoked_at__isnull=True)
    for served in told.order_by("accepted_at", "pk"):
        spoken[served.customer_id].append((served, str(ShownMoment.of(served.accepted_at, maintenance.timezone))))
    consents: dict[int, list[tuple[Consent, str]]] = defaultdict(list)
    for given in Consent.objects.filter(window=window, customer__in=keys).order_by("given_at", "pk"):
        consents[given.customer_id].append((given, str(ShownMoment.of(given.given_at, maintenance.timezone))))
    return [
        replace(
            row,
            name=names[row.customer],
            notice=notices.get(row.customer),
            mails=tuple(mails.get(row.customer, ())),
            spoken=tuple(spoken[row.customer]),
            consents=tuple(consents[row.customer]),
        )
        for row in rows
    ]


def _newest_mails(maintenance: Maintenance, customers: Collection[int]) -> Mapping[int, list[MailRow]]:
    """Return the newest mail about what is to come, of each contact of these customers."""
    rows = Account.objects.filter(delivery__notice__maintenance=maintenance, delivery__kind__in=CONTENT_KINDS, customer__in=customers)
    found: dict[tuple[int, object], MailRow] = {}
    for row in rows.select_related("delivery").order_by("-delivery__notice__revision", "-delivery_id"):
        mail = row.delivery
        shown = MailRow(mail.address, mail.state, str(DeliveryState(mail.state).label), mail.reason, utc(mail.accepted_at or mail.settled_at))
        found.setdefault((row.customer_id, mail.contact_id or mail.address), shown)
    by_customer: dict[int, list[MailRow]] = defaultdict(list)
    for (customer, _contact), shown in sorted(found.items(), key=lambda item: item[1].address):
        by_customer[customer].append(shown)
    return by_customer
