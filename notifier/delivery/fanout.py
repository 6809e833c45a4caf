"""Notice -> one delivery per contact, language, time zone and kind: made inside the database, repeatable without harm."""

from datetime import datetime

from django.db import transaction
from django.db.models import CharField, DateTimeField, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from customers.models import ContactRole
from maintenance.insert_select import insert_select
from maintenance.models import Maintenance, Notice
from maintenance.states import Kind
from notifier.delivery.models import Account, Delivery, DeliveryState, FannedOut

_LANGUAGE = Coalesce(NullIf(F("contact__language"), Value("")), F("customer__language"), output_field=CharField())
_ZONE = Coalesce(NullIf(F("contact__timezone"), Value("")), F("customer__timezone"), output_field=CharField())


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
    made = insert_select(
        Delivery,
        ("notice", "contact", "kind", "language", "timezone", "address", "state", "due_at", "deadline", "attempts", *_BLANK),
        _deliveries(notice, now=now),
    )
    insert_select(Account, ("delivery", "customer"), _accounts(notice))
    return made


def withdraw_older(notice: Notice, *, now: datetime) -> None:
    """Take back what still waits of the same maintenance's earlier notices: it says what is no longer so."""
    Delivery.objects.filter(notice__maintenance=notice.maintenance_id, notice__revision__lt=notice.revision, state=DeliveryState.QUEUED).update(
        state=DeliveryState.WITHDRAWN,
        settled_at=now,
        reason=f"replaced by revision {notice.revision}",
    )


_BLANK = ("lease_token", "hop", "hop_detail", "reason")


def _told(notice: Notice) -> QuerySet[ContactRole]:
    """Return who serves the notice's customers; for a cancellation only those who may have been told of the work before."""
    earlier = Account.objects.filter(
        customer=OuterRef("customer"),
        delivery__contact=OuterRef("contact"),
        delivery__notice__maintenance=notice.maintenance_id,
        delivery__notice__revision__lt=notice.revision,
    ).exclude(delivery__state__in=[DeliveryState.QUEUED, DeliveryState.WITHDRAWN])
    earlier = earlier.exclude(delivery__state=DeliveryState.FAILED, delivery__handed_over_at__isnull=True)
    told_for_sure = [kind for kind in Kind if kind != Kind.CANCELLED]
    # one filter call: the conditions speak of the same row of NoticeCustomer
    return ContactRole.objects.filter(
        Q(customer__noticecustomer__kind__in=told_for_sure) | Exists(earlier),
        customer__noticecustomer__notice=notice,
    ).order_by()


def _deliveries(notice: Notice, *, now: datetime) -> "QuerySet[ContactRole, tuple[object, ...]]":
    text = CharField()
    blanks = {f"blank_{name}": Value("", output_field=text) for name in _BLANK}
    return (
        _told(notice)
        .values("contact_id")
        .annotate(
            of_notice=F("customer__noticecustomer__notice_id"),
            of_kind=F("customer__noticecustomer__kind"),
            reads=_LANGUAGE,
            lives=_ZONE,
            mailbox=F("contact__email"),
            as_state=Value(str(DeliveryState.QUEUED), output_field=text),
            due=Value(now, output_field=DateTimeField()),
            until=Min("customer__noticecustomer__deadline"),
            tries=Value(0, output_field=IntegerField()),
            **blanks,
        )
        .values_list("of_notice", "contact_id", "of_kind", "reads", "lives", "mailbox", "as_state", "due", "until", "tries", *blanks)
    )


def _accounts(notice: Notice) -> "QuerySet[ContactRole, tuple[object, ...]]":
    """Return (delivery, customer): each account of the delivery's contact that resolves to its language, zone and kind."""
    return (
        _told(notice)
        .annotate(reads=_LANGUAGE, lives=_ZONE, of_kind=F("customer__noticecustomer__kind"))
        .filter(
            contact__deliveries__notice=notice,
            contact__deliveries__kind=F("of_kind"),
            contact__deliveries__language=F("reads"),
            contact__deliveries__timezone=F("lives"),
        )
        .order_by("contact__deliveries__pk", "customer__account")
        .values_list("contact__deliveries__pk", "customer_id")
    )
