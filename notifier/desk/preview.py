"""What the mails of a maintenance would say, before anything is stored: real letters to real readers, composed as they will be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from customers.models import ContactRole, Customer
from maintenance import impact, notices
from maintenance.models import Maintenance, Notice, NoticeService, Window
from maintenance.models.notice_service import EVERY_WINDOW
from maintenance.said import Interval, Said
from maintenance.states import Kind, WindowState
from notifier.delivery.compose import Mail, message
from notifier.delivery.letter import Letter, Told

_LANGUAGE = Coalesce(NullIf(F("contact__language"), Value("")), F("customer__language"), output_field=CharField())
_ZONE = Coalesce(NullIf(F("contact__timezone"), Value("")), F("customer__timezone"), output_field=CharField())
_OPEN = {WindowState.DRAFT, WindowState.ANNOUNCED}


@dataclass(frozen=True)
class Readers:
    """How many people would get the mail in a language and time zone."""

    language: str
    zone: str
    number: int


@dataclass(frozen=True)
class Shown:
    """A mail as its reader gets it."""

    subject: str
    sender: str
    to: str
    html: str
    text: str
    calendar: str


@dataclass(frozen=True)
class Move:
    """Other times (UTC) for one window."""

    number: int
    start: datetime
    end: datetime


def kinds(maintenance: Maintenance) -> list[Kind]:
    """Return what a mail about it can be, by where it stands."""
    if maintenance.state == WindowState.DRAFT:
        return [Kind.ANNOUNCED, Kind.EMERGENCY] if maintenance.incident_id else [Kind.ANNOUNCED]
    first = Kind.EMERGENCY if maintenance.windows.filter(basis="emergency").exists() else Kind.ANNOUNCED
    return [first, Kind.CANCELLED]


def readers(maintenance: Maintenance, kind: Kind) -> list[Readers]:
    """Return the languages and zones of those who would be told, the most frequent first; in one query."""
    rows = (
        _roles(_customers(maintenance, kind))
        .values_list("reads", "lives")
        .annotate(people=Count("contact_id", distinct=True))
        .order_by("-people", "reads", "lives")
    )
    return [Readers(language, str(zone), people) for language, zone, people in rows]


def said(maintenance: Maintenance, kind: Kind, *, move: Move | None = None, reason: str = "") -> Said:
    """Return what the notice would say: windows as the verb would leave them."""
    now = notices.snapshot(maintenance, reason=reason, as_emergency=kind == Kind.EMERGENCY)
    after = WindowState.CANCELLED if kind == Kind.CANCELLED else WindowState.ANNOUNCED
    windows = [replace(window, state=after) if window.state in _OPEN else window for window in now.windows]
    if move is not None:
        windows = [
            replace(window, start=move.start, end=move.end, previous=Interval(window.start, window.end)) if window.number == move.number else window
            for window in windows
        ]
    return replace(now, windows=tuple(windows))


def preview(maintenance: Maintenance, kind: Kind, wanted: Said, *, reader: Readers, now: datetime) -> Shown:
    """Return the mail to the first contact who reads that language by those clocks."""
    roles = _roles(_customers(maintenance, kind)).filter(reads=reader.language, lives=reader.zone)
    first = roles.select_related("contact").order_by("contact__email")[0]
    served = roles.filter(contact=first.contact_id).values("customer_id")
    customers = list(Customer.objects.filter(pk__in=served).select_related("region", "tier").order_by("account"))
    rows = _services(maintenance, kind, customers)
    letter = Letter(
        name="preview",
        address=first.contact.email,
        contact_name=first.contact.name,
        language=reader.language,
        zone=ZoneInfo(reader.zone),
        kind=kind.value,
        notice=Notice(maintenance=maintenance, revision=maintenance.revision + 1, issued_at=now),
        said=wanted,
        accounts=tuple(Told(customer, tuple(row for row in rows if row.customer_id == customer.pk)) for customer in customers),
        feed_url=f"{settings.SITE_URL}/calendar/…",  # each contact's own address is a secret
    )
    return _shown(message(letter))


def _customers(maintenance: Maintenance, kind: Kind) -> QuerySet[Customer]:
    if kind == Kind.CANCELLED:
        return notices.told_by(notices.latest(maintenance))
    return impact.hit_customers(maintenance)


def _roles(customers: QuerySet[Customer]) -> Any:  # noqa: ANN401  # a queryset with annotations
    return ContactRole.objects.filter(customer__in=customers).annotate(reads=_LANGUAGE, lives=_ZONE).order_by()


def _services(maintenance: Maintenance, kind: Kind, customers: Sequence[Customer]) -> list[NoticeService]:
    """Return what is hit of these customers, as ``notices.name_services`` would store it, or as it was told where that is cancelled."""
    if kind == Kind.CANCELLED:
        told = NoticeService.objects.filter(notice=notices.latest(maintenance), customer__in=customers)
        return list(told.select_related("component").order_by("object_id", "window_number"))
    windows = list(maintenance.windows.prefetch_related("objects_named"))
    narrowed: list[Window | None] = [window for window in windows if window.objects_named.all()]
    if len(narrowed) < len(windows):
        narrowed.append(None)
    return [
        NoticeService(
            customer_id=service.customer_id,
            window_number=window.number if window else EVERY_WINDOW,
            object_id=service.object_id,
            component=service.component,
            impact=maintenance.impact,
        )
        for window in narrowed
        for service in impact.hit_services(maintenance, window).filter(customer__in=customers).select_related("component").order_by("object_id")
    ]


def _shown(mail: Mail) -> Shown:
    html = next((str(part) for part, kind in mail.alternatives if kind == "text/html"), "")
    calendars = [part.get_payload(decode=True) for part in mail.attachments if isinstance(part, Message)]
    return Shown(
        subject=str(mail.subject),
        sender=mail.from_email,
        to=", ".join(mail.to),
        html=html,
        text=str(mail.body),
        calendar="".join(part.decode() for part in calendars if isinstance(part, bytes)),
    )
