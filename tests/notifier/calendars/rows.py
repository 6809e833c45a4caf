"""Customers, contacts and maintenance to show in calendars, made by the verbs that planners use."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from customers.models import Component, Contact, ContactRole, Customer, Region, Service, Tier
from maintenance import booking
from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.models import Maintenance, Notice, NoticeCustomer, NoticeService
from maintenance.said import SaidText
from maintenance.states import Impact, Kind

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NIGHT = datetime(2026, 12, 14, 22, tzinfo=UTC)
TEXTS = {
    "en": SaidText("Core upgrade", "Devices lose their connection once.", "We replace *two* routers.\nThey are old."),
    "de": SaidText("Umbau des Kerns", "Geräte verlieren einmal die Verbindung.", "Wir tauschen *zwei* Router.\nSie sind alt."),
}


def customer(account: str, *, language: str = "de", zone: str = "Europe/Berlin", services: tuple[str, ...] = ("vpn-1",)) -> Customer:
    """Make a customer with IPsec services of those names."""
    made = Customer.objects.create(
        account=account,
        name=f"{account} Ltd",
        region=Region.objects.get(slug="de"),
        tier=Tier.objects.get(slug="standard"),
        language=language,
        timezone=zone,
        sim_base=100,
    )
    component = Component.objects.get(slug="netpro.ipsec")
    Service.objects.bulk_create(Service(customer=made, component=component, domain="provider", object_id=name, sims=10) for name in services)
    return Customer.objects.select_related("region").get(pk=made.pk)


def contact(email: str, *customers: Customer, language: str = "", zone: str = "") -> Contact:
    """Make a contact of those customers."""
    made = Contact.objects.create(email=email, name="Ana", language=language, timezone=zone)
    ContactRole.objects.bulk_create(ContactRole(contact=made, customer=one, role="noc") for one in customers)
    return Contact.objects.get(pk=made.pk)


def draft(reference: str, *windows: WindowDraft, impact: Impact = Impact.OUTAGE, **options: object) -> Maintenance:
    """Book work on IPsec; without windows: one of four hours in the night of 14 December 2026."""
    return booking.book(
        Draft(
            reference=reference,
            timezone=ZoneInfo("Europe/Berlin"),
            scopes=(ScopeDraft(Component.objects.get(slug="netpro.ipsec"), "provider"),),
            windows=windows or (night(0),),
            impact=impact,
            expected_outage_minutes=20,
            texts=TEXTS,
            **options,  # type: ignore[arg-type]  # fields of Draft, by name
        ),
        by="planner",
        now=NOW,
    )


def announced(reference: str, *windows: WindowDraft, **options: object) -> tuple[Maintenance, Notice]:
    """Book and announce."""
    made = draft(reference, *windows, **options)  # type: ignore[arg-type]  # passed on
    notice = booking.announce(made, acknowledged="works of one night", by="planner", now=NOW)
    return Maintenance.objects.get(pk=made.pk), notice


def night(days: int, *objects: str) -> WindowDraft:
    """Return the window of four hours in the night that many days after the first."""
    start = NIGHT + timedelta(days=days)
    return WindowDraft(start, start + timedelta(hours=4), objects)


def tell(work: Maintenance, kind: Kind, *customers: Customer, at: datetime, **changes: object) -> Notice:
    """Issue a further notice to those customers: ``changes`` of what was said last (fields of Said), about the same services."""
    last = work.notices.order_by("-revision")[0]
    said = replace(last.said, **changes)  # type: ignore[arg-type]  # fields of Said, by name
    made = Notice.objects.create(maintenance=work, revision=last.revision + 1, issued_at=at, issued_by="planner", said_json=said.to_json())
    NoticeCustomer.objects.bulk_create(NoticeCustomer(notice=made, customer=one, kind=kind) for one in customers)
    hit = NoticeService.objects.filter(notice=last, customer__in=customers)
    NoticeService.objects.bulk_create(
        NoticeService(notice=made, customer_id=row.customer_id, object_id=row.object_id, component_id=row.component_id, impact=row.impact) for row in hit
    )
    return made
