"""Mails that have gone out, and what comes back about them."""

from datetime import datetime
from typing import Any

from customers.models import Contact, Customer
from maintenance.models import Maintenance, Served
from maintenance.states import Hop
from notifier.delivery import settle
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery, DeliveryState, StoredReceipt
from notifier.delivery.receipt import Receipt, What
from notifier.delivery.receipts import take_in
from tests.factories import NOW, ContactRoleFactory, CustomerFactory, ServiceFactory
from tests.maintenance.telling import HOUR, announced

TOKEN = "t" * 32
LATER = NOW + HOUR


def told(*, contacts: int = 1, account: str = "ACC", **changes: Any) -> tuple[Maintenance, Customer]:  # noqa: ANN401  # any field of Draft
    """Return announced work whose mails are made, and a customer that it hits, with contacts c0@customer.example and so on."""
    customer = CustomerFactory.create(account=account)
    ServiceFactory.create(customer=customer)
    for number in range(contacts):
        contact = Contact.objects.get_or_create(email=f"c{number}@customer.example", defaults={"name": f"C{number}"})[0]
        ContactRoleFactory.create(customer=customer, contact=contact)
    maintenance = announced(**changes)
    fan_out_due(now=NOW)
    return maintenance, customer


def mail(number: int = 0) -> Delivery:
    """Return the newest mail to a contact as it stands."""
    return Delivery.objects.filter(address=f"c{number}@customer.example").latest("pk")


def handed_over(number: int = 0, *, state: DeliveryState = DeliveryState.SENDING) -> Delivery:
    """Return the mail as it is while a worker waits for the answer, or when it has given up waiting."""
    reason = "no answer" if state == DeliveryState.UNKNOWN else ""
    Delivery.objects.filter(pk=mail(number).pk).update(state=state, lease_token=TOKEN, handed_over_at=NOW, attempts=1, reason=reason)
    return mail(number)


def sent(number: int = 0, *, at: datetime = NOW, hop: Hop = Hop.ESP) -> Delivery:
    """Return the mail after the first hop took it over."""
    assert settle.accepted(handed_over(number), TOKEN, at=at, hop=hop, detail=f"server {number}")
    return mail(number)


def receipt(delivery: Delivery, what: What, **changes: Any) -> Receipt:  # noqa: ANN401  # any field
    """Return what comes back about a mail."""
    fields: dict[str, Any] = {
        "source": "esp:mailgun",
        "event_id": f"{what}-{delivery.pk}",
        "delivery_name": delivery.name,
        "address": delivery.address,
        "what": what,
        "at": LATER,
        "reason": "550 5.1.1 No such person" if what is What.BOUNCED_HARD else "",
    }
    return Receipt(**fields | changes)


def comes(delivery: Delivery, what: What, *, now: datetime = LATER, **changes: Any) -> str:  # noqa: ANN401  # any field
    """Take one in, and return what it did."""
    one = receipt(delivery, what, **changes)
    assert take_in([one], now=now) == 1
    return StoredReceipt.objects.get(source=one.source, event_id=one.event_id).effect


def served() -> list[tuple[str, datetime, str, bool]]:
    """Return account, time of acceptance, server and whether it stands, of every record that a customer was served."""
    rows = Served.objects.order_by("pk").values_list("customer__account", "accepted_at", "detail", "revoked_at")
    return [(account, at, detail, revoked_at is None) for account, at, detail, revoked_at in rows]


def marks(number: int = 0) -> tuple[datetime | None, str, datetime | None]:
    """Return what is known against a contact's address."""
    return Contact.objects.values_list("bounced_at", "bounce_reason", "complained_at").get(email=f"c{number}@customer.example")
