"""Work of which somebody is short of notice, and the alerts about it."""

from typing import Any

from customers.models import Customer
from maintenance import booking
from maintenance.models import Maintenance
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Alert
from tests.factories import BY, NOW, CustomerFactory, ServiceFactory, draft
from tests.maintenance.telling import DAY

START = NOW + 30 * DAY
FAILED: dict[str, Any] = {"state": "failed", "reason": "550 No such person", "handed_over_at": NOW, "settled_at": NOW}


def unreachable(account: str = "LOST") -> Customer:
    """Return a customer with a service and no contact."""
    customer = CustomerFactory.create(account=account)
    ServiceFactory.create(customer=customer)
    return customer


def work(**changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return announced work whose mails are made."""
    maintenance = booking.book(draft(**changes), by=BY, now=NOW)
    booking.announce(maintenance, acknowledged="both are known", by=BY, now=NOW)
    maintenance.refresh_from_db()
    fan_out_due(now=NOW)
    return maintenance


def alerts(kind: str) -> list[dict[str, Any]]:
    """Return the facts of the alerts of a kind."""
    return list(Alert.objects.filter(kind=kind).order_by("pk").values_list("facts", flat=True))
