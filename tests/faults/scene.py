"""Rows for the faults, made by the program's own verbs; run inside an installation: ``manage.py shell -c "from tests.faults import scene; ..."``."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from customers.models import Contact, ContactRole, Customer, Region, Service, Tier
from customers.models.contact_role import Role
from maintenance import booking
from maintenance.draft import ScopeDraft
from maintenance.models import Maintenance
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Breaker, Delivery
from tests.factories import BY, component, draft, window

_ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Shanghai")
_BATCH = 2_000


def fill(number: int, *, slug: str = "netpro.ipsec", prefix: str = "c") -> None:
    """Make so many customers with a service of the component and a contact each, in all languages and several zones."""
    languages = [code for code, _name in settings.LANGUAGES]
    region, tier = Region.objects.get(slug="uk"), Tier.objects.get(slug="standard")
    customers = Customer.objects.bulk_create(
        [
            Customer(
                account=f"{prefix.upper()}{place:06d}",
                name=f"Customer {prefix} {place}",
                region=region,
                tier=tier,
                language=languages[place % len(languages)],
                timezone=_ZONES[place % len(_ZONES)],
                sim_base=10,
            )
            for place in range(number)
        ],
        batch_size=_BATCH,
    )
    contacts = Contact.objects.bulk_create(
        [Contact(email=f"{prefix}{place}@customer.example", name=f"Contact {place}") for place in range(number)],
        batch_size=_BATCH,
    )
    pairs = list(zip(contacts, customers, strict=True))
    ContactRole.objects.bulk_create([ContactRole(contact=one, customer=of, role=Role.OPERATIONS) for one, of in pairs], batch_size=_BATCH)
    kind = component(slug)
    Service.objects.bulk_create(
        [Service(customer=of, component=kind, domain="provider", object_id=f"{prefix}-{place}", sims=1) for place, of in enumerate(customers)],
        batch_size=_BATCH,
    )


def announce(reference: str, *, days: float = 30, slug: str = "netpro.ipsec", fan_out: bool = False) -> None:
    """Book work that starts in so many days and announce it; ``fan_out``: make the deliveries here, instead of at the next tick."""
    now = timezone.now()
    planned = draft(reference, windows=(window(days, since=now),), scopes=(ScopeDraft(component(slug), "provider"),))
    booking.announce(booking.book(planned, by=BY, now=now), by=BY, now=now)
    if fan_out:
        fan_out_due(now=now)


def cancel(reference: str) -> None:
    """Cancel the work; the moment of the commit is printed (seconds since 1970)."""
    booking.cancel(Maintenance.objects.get(reference=reference), reason="not needed", by=BY, now=timezone.now())
    print(timezone.now().timestamp(), end="/")  # noqa: T201  # read by the caller


def move(reference: str, *, days: float = 40) -> None:
    """Move the work's first window; the moment of the commit is printed (seconds since 1970)."""
    now = timezone.now()
    begins = window(days, since=now)
    booking.move(Maintenance.objects.get(reference=reference), number=1, start=begins.start, end=begins.end, by=BY, now=now)
    print(timezone.now().timestamp(), end="/")  # noqa: T201  # read by the caller


def postpone_mails(minutes: float) -> None:
    """Make all mails that wait due so many minutes from now."""
    due = timezone.now() + timedelta(minutes=minutes)
    Delivery.objects.filter(state="queued").update(due_at=due, first_due_at=due)


def travel(minutes: float) -> None:
    """Let so much time pass for all mails that wait or are on their way, and for the breakers: what they refer to moves into the past."""
    back = timedelta(minutes=minutes)
    Delivery.objects.update(due_at=F("due_at") - back, first_due_at=F("first_due_at") - back, deadline=F("deadline") - back)
    Breaker.objects.update(since=F("since") - back, retry_at=F("retry_at") - back)
