"""Notice -> one delivery per contact, language, time zone and kind: made inside the database, repeatable without harm."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, DateTimeField, Exists, F, IntegerField, Min, Model, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from customers.models import ContactRole
from maintenance.insert_select import insert_select
from maintenance.models import Maintenance, Notice
from maintenance.states import Kind
from notifier.delivery.models import Account, Delivery, DeliveryState, FannedOut


def fan_out_due(*, now: datetime) -> int:
    """Make the deliveries of every notice that has none yet, oldest first; return how many mails that makes."""
    made = 0
    for notice in Notice.objects.filter(fannedout__isnull=True).order_by("pk"):
        made += fan_out(notice, now=now)
    return made


@transaction.atomic
def fan_out(notice: Notice, *, now: datetime) -> int:
    """Make one notice's deliveries and withdraw the maintenance's older ones that still wait; return how many mails that makes.

    Of two workers one makes them: the unique row of FannedOut is written first, and the other waits for it. The maintenance is
    locked, so that no verb issues the next notice meanwhile.
    """
    Maintenance.objects.select_for_update().get(pk=notice.maintenance_id)
    _, fresh = FannedOut.objects.get_or_create(notice=notice, defaults={"done_at": now})
    if not fresh:
        return 0
    withdraw_older(notice, now=now)
    return sum(_make(notice, told, now=now) for told in (_told(notice), _told_before(notice)))


def _make(notice: Notice, told: "Told", *, now: datetime) -> int:
    made = insert_select(
        Delivery,
        ("notice", "contact", "kind", "language", "timezone", "address", "state", "due_at", "deadline", "attempts", *_BLANK),
        _deliveries(told, now=now),
    )
    insert_select(Account, ("delivery", "customer"), _accounts(notice, told))
    return made


def withdraw_older(notice: Notice, *, now: datetime) -> None:
    """Take back what still waits of the same maintenance's earlier notices: it says what is no longer so. A cancellation always goes."""
    older = Delivery.objects.filter(notice__maintenance=notice.maintenance_id, notice__revision__lt=notice.revision, state=DeliveryState.QUEUED)
    older.exclude(kind=Kind.CANCELLED).update(
        state=DeliveryState.WITHDRAWN,
        settled_at=now,
        reason=f"replaced by revision {notice.revision}",
    )


_BLANK = ("lease_token", "hop", "hop_detail", "reason")


@dataclass(frozen=True)
class Told:
    """Rows of a contact and a customer each; ``contact`` is the way from a row to the contact."""

    rows: "QuerySet[ContactRole] | QuerySet[Account]"
    contact: str

    def resolved(self, name: str) -> Coalesce:
        """Return the contact's language or time zone, or the customer's where the contact has none."""
        return Coalesce(NullIf(F(f"{self.contact}__{name}"), Value("")), F(f"customer__{name}"), output_field=CharField())


def _told(notice: Notice) -> Told:
    """Return who serves the notice's customers, for all but cancellations; nobody where a newer notice has replaced it already."""
    newer = Notice.objects.filter(maintenance=notice.maintenance_id, revision__gt=notice.revision)
    # one filter call: the conditions speak of the same row of NoticeCustomer
    rows = ContactRole.objects.filter(
        ~Exists(newer),
        customer__noticecustomer__notice=notice,
        customer__noticecustomer__kind__in=[kind for kind in Kind if kind != Kind.CANCELLED],
    )
    return Told(rows.order_by(), "contact")


def _told_before(notice: Notice) -> Told:
    """Return whom a cancellation goes to: every contact who may have been told of the work, whoever serves the customer today."""
    rows = Account.objects.filter(
        customer__noticecustomer__notice=notice,
        customer__noticecustomer__kind=Kind.CANCELLED,
        delivery__contact__isnull=False,
        delivery__notice__maintenance=notice.maintenance_id,
        delivery__notice__revision__lt=notice.revision,
    ).exclude(delivery__state__in=[DeliveryState.QUEUED, DeliveryState.WITHDRAWN])
    return Told(rows.exclude(delivery__state=DeliveryState.FAILED, delivery__handed_over_at__isnull=True).order_by(), "delivery__contact")


def _deliveries(told: Told, *, now: datetime) -> "QuerySet[Model, tuple[object, ...]]":
    text = CharField()
    blanks = {f"blank_{name}": Value("", output_field=text) for name in _BLANK}
    rows: QuerySet[Model, tuple[object, ...]] = (
        told.rows.values(f"{told.contact}_id")
        .annotate(
            of_notice=F("customer__noticecustomer__notice_id"),
            of_kind=F("customer__noticecustomer__kind"),
            reads=told.resolved("language"),
            lives=told.resolved("timezone"),
            mailbox=F(f"{told.contact}__email"),
            as_state=Value(str(DeliveryState.QUEUED), output_field=text),
            due=Value(now, output_field=DateTimeField()),
            until=Min("customer__noticecustomer__deadline"),
            tries=Value(0, output_field=IntegerField()),
            **blanks,
        )
        .values_list("of_notice", f"{told.contact}_id", "of_kind", "reads", "lives", "mailbox", "as_state", "due", "until", "tries", *blanks)
    )
    return rows


def _accounts(notice: Notice, told: Told) -> "QuerySet[Model, tuple[object, ...]]":
    """Return (delivery, customer): each account of the delivery's contact that resolves to its language, zone and kind."""
    made = f"{told.contact}__deliveries"
    return (
        told.rows.annotate(reads=told.resolved("language"), lives=told.resolved("timezone"), of_kind=F("customer__noticecustomer__kind"))
        .filter(**{f"{made}__notice": notice, f"{made}__kind": F("of_kind"), f"{made}__language": F("reads"), f"{made}__timezone": F("lives")})
        .order_by(f"{made}__pk", "customer_id")
        .values_list(f"{made}__pk", "customer_id")
        .distinct()
    )
