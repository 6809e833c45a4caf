"""Notice -> one delivery per contact, language, time zone and kind: made inside the database, repeatable without harm."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, CharField, DateTimeField, Exists, F, IntegerField, Min, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from customers.models import ContactRole
from maintenance.insert_select import count_rows, insert_select
from maintenance.models import Incident, Maintenance, Notice, NoticeCustomer, Served
from maintenance.states import SPOKEN, WITHDRAWING_KINDS, Kind
from notifier.delivery import doubt, replaced
from notifier.delivery.due_times import with_due_times
from notifier.delivery.models import Account, Delivery, DeliveryState, FannedOut
from notifier.delivery.models.delivery import STALE_KINDS

logger = logging.getLogger(__name__)

MAY_BE_MUTED = {"reminders": (Kind.REMINDER,), "progress": (Kind.STARTED, Kind.COMPLETED)}
"""Field of Contact -> the kinds that it may do without; all others always go."""


def fan_out_due(*, now: datetime) -> int:
    """Make the deliveries of every notice that has none yet, oldest first; return how many mails that makes."""
    made = 0
    for notice in Notice.objects.filter(fannedout__isnull=True).order_by("pk"):
        try:
            made += fan_out(notice, now=now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # one notice holds up no other; it stays due, and the watch tells
            logger.exception("notice %s cannot be made into mails", notice.pk)
    return made


@transaction.atomic
def fan_out(notice: Notice, *, now: datetime) -> int:
    """Make one notice's deliveries and withdraw what it replaces of the older ones that still wait; return how many mails that makes.

    Of two workers one makes them: the unique row of FannedOut is written first, and the other waits for it. The maintenance (for
    a root cause the incident) is locked, so that no verb issues the next notice meanwhile.
    """
    _lock(notice)
    _, fresh = FannedOut.objects.get_or_create(notice=notice, defaults={"done_at": now})
    if not fresh:
        return 0
    withdraw_replaced(notice, now=now)
    made = _make(notice, _told(notice), now=now)
    if notice.customers.filter(kind__in=WITHDRAWING_KINDS).exists():
        made += _make(notice, _told_before(notice), now=now)
        made += _make(notice, _told_in_their_place(notice), now=now)
    return made


def _lock(notice: Notice) -> None:
    if notice.maintenance_id is not None:
        Maintenance.objects.select_for_update().get(pk=notice.maintenance_id)
    if notice.incident_id is not None:
        Incident.objects.select_for_update().get(pk=notice.incident_id)


def _make(notice: Notice, told: "Told", *, now: datetime) -> int:
    made = insert_select(Delivery, FIELDS, deliveries(notice, told, now=now))
    if made:
        count_rows(Delivery, NoticeCustomer, ContactRole)
    insert_select(Account, ("delivery", "customer"), accounts(notice, told))
    return made


def withdraw_replaced(notice: Notice, *, now: datetime) -> None:
    """Take back what still waits of the same maintenance's earlier notices and is replaced by this one, customer by customer.

    A mail that speaks of other accounts too goes on without those that are replaced; one of which a copy may have arrived does not go on.
    """
    gone = replaced.replaced_accounts().filter(delivery=OuterRef("pk"))
    stays = Account.objects.filter(delivery=OuterRef("pk")).exclude(pk__in=replaced.replaced_accounts().values("pk"))
    older = Delivery.objects.filter(
        Exists(gone),
        notice__maintenance=notice.maintenance_id,
        notice__revision__lt=notice.revision,
        state=DeliveryState.QUEUED,
    )
    ended = doubt.ended(DeliveryState.WITHDRAWN, untouched=Q())
    older.filter(~Exists(stays) | doubt.in_doubt()).update(state=ended, settled_at=now, reason=f"replaced by revision {notice.revision}")
    # locked first: a worker that claims one of them meanwhile would compose it with the accounts that are about to go
    replaced.trim(list(older.select_for_update(of=("self",)).values_list("pk", flat=True)))


_BLANK = ("lease_token", "hop", "hop_detail", "reason")
FIELDS = (
    *("notice", "contact", "kind", "language", "timezone", "address", "state", "due_at", "first_due_at", "deadline", "stale_at", "attempts"),
    *_BLANK,
)
"""What ``deliveries`` yields."""


@dataclass(frozen=True)
class Told:
    """Rows of a contact and a customer each; ``contact`` is the way from a row to the contact."""

    rows: "QuerySet[ContactRole] | QuerySet[Account]"
    contact: str

    def resolved(self, name: str) -> Coalesce:
        """Return the contact's language or time zone, or the customer's where the contact has none."""
        return Coalesce(NullIf(F(f"{self.contact}__{name}"), Value("")), F(f"customer__{name}"), output_field=CharField())


def _told(notice: Notice) -> Told:
    """Return who serves the notice's customers and has not muted its kind; nobody where a newer notice has replaced it already.

    What withdraws goes to whoever may have been told instead.
    """
    kind = "customer__noticecustomer__kind"
    wanted = Q()
    for field, kinds in MAY_BE_MUTED.items():
        wanted &= Q(**{f"contact__{field}": True}) | Q(**{f"{kind}__in": [one for one in Kind if one not in kinds]})
    # one filter call, and no negation: the conditions speak of the same row of NoticeCustomer
    rows = ContactRole.objects.filter(
        replaced.not_replaced(notice, kind=kind),
        wanted,
        customer__noticecustomer__notice=notice,
        customer__noticecustomer__kind__in=[one for one in Kind if one not in WITHDRAWING_KINDS],
    )
    return Told(rows.order_by(), "contact")


def _told_before(notice: Notice) -> Told:
    """Return whom a withdrawal goes to: every contact who may have been told of the work, whoever serves the customer today."""
    rows = _may_have_been_told(notice).filter(
        customer__noticecustomer__notice=notice,
        customer__noticecustomer__kind__in=WITHDRAWING_KINDS,
        delivery__contact__isnull=False,
    )
    return Told(rows.order_by(), "delivery__contact")


def _told_in_their_place(notice: Notice) -> Told:
    """Return who serves the customers of a withdrawal now, where whoever was told cannot be found: a person told them, or the contact is gone."""
    spoken = Served.objects.filter(
        customer=OuterRef("customer"),
        notice__maintenance=notice.maintenance_id,
        notice__revision__lt=notice.revision,
        hop__in=SPOKEN,
    )
    gone = _may_have_been_told(notice).filter(customer=OuterRef("customer"), delivery__contact__isnull=True)
    rows = ContactRole.objects.filter(
        Exists(spoken) | Exists(gone),
        customer__noticecustomer__notice=notice,
        customer__noticecustomer__kind__in=WITHDRAWING_KINDS,
    )
    return Told(rows.order_by(), "contact")


def _may_have_been_told(notice: Notice) -> "QuerySet[Account]":
    """Return the accounts of earlier mails about the same work that may have gone out."""
    earlier = Account.objects.filter(delivery__notice__maintenance=notice.maintenance_id, delivery__notice__revision__lt=notice.revision)
    waits = Q(delivery__state__in=[DeliveryState.QUEUED, DeliveryState.WITHDRAWN])
    never_left = waits | Q(delivery__state=DeliveryState.FAILED, delivery__handed_over_at__isnull=True)
    return earlier.filter(~never_left | doubt.in_doubt("delivery__"))


def deliveries(notice: Notice, told: Told, *, now: datetime, at_once: bool = False) -> "QuerySet[Model, tuple[object, ...]]":
    """Return the notice's mails to whoever is told, in the order of ``FIELDS``; ``at_once``: none waits for an office to open."""
    text = CharField()
    blanks = {f"blank_{name}": Value("", output_field=text) for name in _BLANK}
    grouped = told.rows.values(f"{told.contact}_id").annotate(
        of_notice=F("customer__noticecustomer__notice_id"),
        of_kind=F("customer__noticecustomer__kind"),
        reads=told.resolved("language"),
        lives=told.resolved("timezone"),
        mailbox=F(f"{told.contact}__email"),
        as_state=Value(str(DeliveryState.QUEUED), output_field=text),
        until=Min("customer__noticecustomer__deadline"),
        stale=Min(Case(When(customer__noticecustomer__kind__in=STALE_KINDS, then="customer__noticecustomer__stale_at"))),
        tries=Value(0, output_field=IntegerField()),
        **blanks,
    )
    if at_once:
        timed = grouped.annotate(due=Value(now, output_field=DateTimeField()))
    else:
        timed = with_due_times(grouped, notice, contact=told.contact, most=told.rows.count, now=now)
    rows: QuerySet[Model, tuple[object, ...]] = timed.values_list(
        *("of_notice", f"{told.contact}_id", "of_kind", "reads", "lives", "mailbox", "as_state", "due", "due", "until", "stale", "tries"),
        *blanks,
    )
    return rows.order_by(f"{told.contact}_id", "of_kind", "reads", "lives")  # the same data gives the same keys, however the database joins


def accounts(notice: Notice, told: Told, *, among: Collection[int] | None = None) -> "QuerySet[Any, tuple[int, int]]":
    """Return (delivery, customer): each account of the delivery's contact that resolves to its language, zone and kind.

    ``among``: only of these deliveries (primary keys).
    """
    made = f"{told.contact}__deliveries"
    wanted = {} if among is None else {f"{made}__in": list(among)}
    return (
        told.rows.annotate(reads=told.resolved("language"), lives=told.resolved("timezone"), of_kind=F("customer__noticecustomer__kind"))
        .filter(**{f"{made}__notice": notice, f"{made}__kind": F("of_kind"), f"{made}__language": F("reads"), f"{made}__timezone": F("lives"), **wanted})
        .order_by(f"{made}__pk", "customer_id")
        .values_list(f"{made}__pk", "customer_id")
        .distinct()
    )
