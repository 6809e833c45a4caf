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
from maintenance.said import EVERY_WINDOW, Said
from maintenance.states import Basis, Kind, WindowState
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


def kinds(maintenance: Maintenance) -> list[Kind]:
    """Return what a mail that tells of it can be, by where it stands; what a change would send is shown by its rehearsal."""
    if maintenance.state == WindowState.DRAFT:
        return [Kind.ANNOUNCED, Kind.EMERGENCY] if maintenance.incident_id else [Kind.ANNOUNCED]
    bases = set(maintenance.windows.values_list("basis", flat=True))
    return [Kind.EMERGENCY if Basis.EMERGENCY in bases else Kind.LATE if Basis.LATE in bases else Kind.ANNOUNCED]


def readers(maintenance: Maintenance) -> list[Readers]:
    """Return the languages and zones of those who would be told, the most frequent first; in one query."""
    rows = (
        _roles(impact.hit_customers(maintenance))
        .values_list("reads", "lives")
        .annotate(people=Count("contact_id", distinct=True))
        .order_by("-people", "reads", "lives")
    )
    return [Readers(language, str(zone), people) for language, zone, people in rows]


def said(maintenance: Maintenance, kind: Kind) -> Said:
    """Return what the notice would say: windows as announcing would leave them."""
    now = notices.snapshot(maintenance, around=notices.Circumstances(as_emergency=kind == Kind.EMERGENCY))
    windows = tuple(replace(window, state=WindowState.ANNOUNCED) if window.state in _OPEN else window for window in now.windows)
    return replace(now, windows=windows)


def preview(maintenance: Maintenance, kind: Kind, wanted: Said, *, reader: Readers, now: datetime) -> Shown:
    """Return the mail to the first contact who reads that language by those clocks."""
    roles = _roles(impact.hit_customers(maintenance)).filter(reads=reader.language, lives=reader.zone)
    first = roles.select_related("contact").order_by("contact__email")[0]
    served = roles.filter(contact=first.contact_id).values("customer_id")
    customers = list(Customer.objects.filter(pk__in=served).select_related("region", "tier").order_by("account"))
    rows = _services(maintenance, customers)
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
        feed_url=hidden_feed(),
    )
    return shown(message(letter))


def _roles(customers: QuerySet[Customer]) -> Any:  # noqa: ANN401  # a queryset with annotations
    return ContactRole.objects.filter(customer__in=customers).annotate(reads=_LANGUAGE, lives=_ZONE).order_by()


def _services(maintenance: Maintenance, customers: Sequence[Customer]) -> list[NoticeService]:
    """Return what is hit of these customers, as ``notices.name_services`` would store it."""
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


def hidden_feed() -> str:
    """Return what stands for the address of a contact's calendar, which is a secret of theirs."""
    return f"{settings.SITE_URL}/calendar/…"


def shown(mail: Mail) -> Shown:
    """Return the parts of a mail that a planner looks at."""
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
