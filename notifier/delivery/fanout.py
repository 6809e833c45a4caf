"""Notice -> one delivery per contact, language, time zone and kind: made inside the database, repeatable without harm."""

from datetime import datetime

from django.db import transaction
from django.db.models import CharField, DateTimeField, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from customers.models import Contact
from maintenance.insert_select import insert_select
from maintenance.models import Maintenance, Notice, NoticeCustomer
from maintenance.states import Kind
from notifier.delivery.models import Account, Delivery, DeliveryState, FannedOut

_LANGUAGE = Coalesce(NullIf(F("customer__roles__contact__language"), Value("")), F("customer__language"), output_field=CharField())
_ZONE = Coalesce(NullIf(F("customer__roles__contact__timezone"), Value("")), F("customer__timezone"), output_field=CharField())


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
        ("notice", "contact", "kind", "language", "timezone", "address", "state", "due_at", "deadline", *_BLANK),
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


_BLANK = ("attempts", "lease_token", "hop", "hop_detail", "reason")


def _told_contacts(notice: Notice) -> QuerySet[NoticeCustomer]:
    """Return the notice's customers joined to contacts; of a cancellation only contacts who may have been told before."""
    rows = NoticeCustomer.objects.filter(notice=notice, customer__roles__contact__isnull=False)
    earlier = Account.objects.filter(
        customer=OuterRef("customer"),
        delivery__contact=OuterRef("customer__roles__contact"),
        delivery__notice__maintenance=notice.maintenance_id,
        delivery__notice__revision__lt=notice.revision,
    ).exclude(delivery__state__in=[DeliveryState.QUEUED, DeliveryState.WITHDRAWN])
    return rows.filter(~Q(kind=Kind.CANCELLED) | Exists(earlier))


def _deliveries(notice: Notice, *, now: datetime) -> QuerySet[NoticeCustomer, tuple[object, ...]]:
    text = CharField()
    return (
        _told_contacts(notice)
        .order_by()
        .values("notice_id", "customer__roles__contact_id", "kind")
        .annotate(
            reads=_LANGUAGE,
            lives=_ZONE,
            mailbox=F("customer__roles__contact__email"),
            as_state=Value(str(DeliveryState.QUEUED), output_field=text),
            due=Value(now, output_field=DateTimeField()),
            until=Min("deadline"),
            tries=Value(0, output_field=IntegerField()),
            **{f"blank_{name}": Value("", output_field=text) for name in _BLANK[1:]},
        )
        .values_list(
            "notice_id",
            "customer__roles__contact_id",
            "kind",
            "reads",
            "lives",
            "mailbox",
            "as_state",
            "due",
            "until",
            "tries",
            *[f"blank_{name}" for name in _BLANK[1:]],
        )
    )


def _accounts(notice: Notice) -> QuerySet[Delivery, tuple[object, ...]]:
    """Return (delivery, customer): each account of the delivery's contact that resolves to its language, zone and kind."""
    contact = Contact.objects.filter(pk=OuterRef("contact"))
    return (
        Delivery.objects.filter(notice=notice)
        .filter(
            notice__customers__customer__roles__contact=F("contact"),
            notice__customers__kind=F("kind"),
            language=Coalesce(NullIf(contact.values("language"), Value("")), F("notice__customers__customer__language"), output_field=CharField()),
            timezone=Coalesce(NullIf(contact.values("timezone"), Value("")), F("notice__customers__customer__timezone"), output_field=CharField()),
        )
        .order_by("pk", "notice__customers__customer__account")
        .values_list("pk", "notice__customers__customer_id")
    )
