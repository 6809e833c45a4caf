"""Why customers are not served: read from what became of their mails. And the contacts whose mails fail while others' get through."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from customers.models import ContactRole
from maintenance.coverage import Unserved
from maintenance.models import Maintenance, NoticeCustomer, Served
from maintenance.states import CONTENT_KINDS, Cause, Kind
from notifier.delivery import outbox
from notifier.delivery.models import Account, Delivery, DeliveryState, FannedOut

_FEW = 500
"""Up to so many keys go into a query; above, everything of the maintenance is read."""
_WAITING = {DeliveryState.QUEUED, DeliveryState.SENDING}


@dataclass
class Track:
    """What has become of the content notices of one customer, from the newest that needed its own ten days onwards.

    ``joined``: the newest tells of a service added later, which needs no ten days. ``deadline`` is the newest's; ``reachable``: there
    is somebody to tell, and no mail (asked only where there is none).
    """

    on_its_way: bool = False
    joined: bool = False
    deadline: datetime | None = None
    reachable: bool = False
    mails: int = 0
    accepted_at: datetime | None = None
    revoked: bool = False
    unknown: bool = False
    too_late: bool = False


@dataclass(frozen=True)
class Tracks:
    """By customer (primary key)."""

    by_customer: Mapping[int, Track] = field(default_factory=dict)

    def causes(self, unserved: Iterable[Unserved], *, now: datetime) -> dict[int, Cause]:
        """Return why each customer is short of notice; those whose notice is still on its way and in time are left out."""
        found = {}
        for item in unserved:
            cause = item.cause or _cause(self.by_customer.get(item.customer_id, Track()), item.line, now=now)
            if cause is not None:
                found[item.customer_id] = cause
        return found


@dataclass(frozen=True)
class ContactFault:
    """A contact who does not get the newest notice, and the customer's account; ``contact`` is the primary key."""

    contact: int
    address: str
    reason: str
    account: str


def tracks(maintenance: Maintenance, customers: Collection[int]) -> Tracks:
    """Read what became of the mails to these customers (primary keys): a constant number of queries, for any number of windows."""
    wanted = set(customers)
    if not wanted:
        return Tracks()
    among = Q(customer__in=wanted) if len(wanted) <= _FEW else Q()
    notices = _deciding_notices(maintenance, among)
    waiting_for_fan_out = _not_fanned_out(maintenance)
    found: dict[int, Track] = defaultdict(Track)
    for customer, deciding in notices.items():
        kind, deadline = list(deciding.values())[-1]
        found[customer] = Track(on_its_way=bool(deciding.keys() & waiting_for_fan_out), joined=kind == Kind.JOINED, deadline=deadline)
    served = Served.objects.filter(among, notice__maintenance=maintenance).values_list("customer_id", "notice_id", "accepted_at", "revoked_at")
    for customer, notice, accepted_at, revoked_at in served:
        if notice in notices.get(customer, ()):
            _note_served(found[customer], accepted_at, revoked=revoked_at is not None)
    mails = Account.objects.filter(among, delivery__notice__maintenance=maintenance, delivery__kind__in=CONTENT_KINDS)
    for customer, notice, state, handed_over_at, deadline, settled_at in mails.values_list(
        "customer_id", "delivery__notice_id", "delivery__state", "delivery__handed_over_at", "delivery__deadline", "delivery__settled_at"
    ):
        if notice in notices.get(customer, ()):
            _note_mail(found[customer], state, too_late=_was_too_late(handed_over_at, deadline, settled_at))
    _note_reachable(found)
    return Tracks(found)


def contact_faults(maintenance: Maintenance) -> list[ContactFault]:
    """Return the contacts whose newest mail about what is to come failed for a reason of their own, by account and address. One query.

    What was not sent because it would have come too late is no fault of the contact's.
    """
    mails = Account.objects.filter(delivery__notice__maintenance=maintenance, delivery__kind__in=CONTENT_KINDS)
    newer = mails.filter(
        customer=OuterRef("customer"), delivery__contact=OuterRef("delivery__contact"), delivery__notice__revision__gt=OuterRef("delivery__notice__revision")
    )
    failed = mails.filter(~Exists(newer), delivery__state=DeliveryState.FAILED, delivery__contact__isnull=False)
    rows = failed.order_by("customer__account", "delivery__address", "pk").values_list(
        "delivery__contact_id",
        "delivery__address",
        "delivery__reason",
        "customer__account",
        "delivery__handed_over_at",
        "delivery__deadline",
        "delivery__settled_at",
    )
    return [ContactFault(contact, address, reason, account) for contact, address, reason, account, *times in rows if not _was_too_late(*times)]


def unknown_mails(maintenance: Maintenance) -> int:
    """Return how many mails about what is to come were handed over without an answer."""
    return Delivery.objects.filter(notice__maintenance=maintenance, kind__in=CONTENT_KINDS, state=DeliveryState.UNKNOWN).count()


def _cause(track: Track, line: datetime, *, now: datetime) -> Cause | None:
    """Return the cause; None where the notice is on its way and in time."""
    if track.on_its_way and (now <= line or track.joined):
        return None
    if track.accepted_at is not None and track.accepted_at > line:
        return Cause.TOO_LATE
    if track.unknown:  # its answer may yet be found to have been in time
        return Cause.UNKNOWN
    if track.revoked and track.accepted_at is None:
        return Cause.BOUNCED
    if track.on_its_way or track.too_late or track.accepted_at is not None:
        return Cause.TOO_LATE
    return Cause.FAILED if track.mails else _cause_without_a_mail(track, line, now=now)


def _cause_without_a_mail(track: Track, line: datetime, *, now: datetime) -> Cause:
    """Whoever has contacts was taken off a mail that others could still get in time, or was given them too late."""
    is_over = track.deadline is not None and min(track.deadline, line) < now + outbox.lease()
    return Cause.TOO_LATE if track.reachable and is_over else Cause.NO_CONTACT


def _deciding_notices(maintenance: Maintenance, among: Q) -> dict[int, dict[int, tuple[str, datetime | None]]]:
    """Return, by customer, the content notices with their kinds and deadlines, from the newest that has a deadline of its own onwards.

    Older ones say what is no longer so.
    """
    rows = NoticeCustomer.objects.filter(among, notice__maintenance=maintenance, kind__in=CONTENT_KINDS).order_by("notice__revision")
    found: dict[int, dict[int, tuple[str, datetime | None]]] = defaultdict(dict)
    for customer, notice, kind, deadline in rows.values_list("customer_id", "notice_id", "kind", "deadline"):
        if deadline is not None:
            found[customer].clear()
        found[customer][notice] = (kind, deadline)
    return found


def _not_fanned_out(maintenance: Maintenance) -> set[int]:
    done = FannedOut.objects.filter(notice=OuterRef("pk"))
    return set(maintenance.notices.filter(~Exists(done)).values_list("pk", flat=True))


def _note_served(track: Track, accepted_at: datetime, *, revoked: bool) -> None:
    if revoked:
        track.revoked = True
    elif track.accepted_at is None or accepted_at < track.accepted_at:
        track.accepted_at = accepted_at


def _note_reachable(found: Mapping[int, Track]) -> None:
    without = [customer for customer, track in found.items() if not track.mails]
    if not without:
        return
    served = ContactRole.objects.filter(customer__in=without) if len(without) <= _FEW else ContactRole.objects.all()
    for customer in served.values_list("customer_id", flat=True).distinct():
        if customer in found:
            found[customer].reachable = not found[customer].mails


def _note_mail(track: Track, state: str, *, too_late: bool) -> None:
    track.mails += 1
    track.on_its_way |= state in _WAITING
    track.unknown |= state == DeliveryState.UNKNOWN
    track.too_late |= state == DeliveryState.FAILED and too_late


def _was_too_late(handed_over_at: datetime | None, deadline: datetime | None, settled_at: datetime | None) -> bool:
    """Tell, of a failed mail, whether it was held back as it could no longer be accepted in time: the rule of ``outbox.hand_over``."""
    return handed_over_at is None and deadline is not None and settled_at is not None and settled_at + outbox.lease() > deadline
