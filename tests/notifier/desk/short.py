"""Work for which customers are not served in time, as the tests of the desk need it."""

from datetime import timedelta
from typing import Any

from customers.models import Customer
from maintenance import booking
from maintenance.models import Maintenance, Shortfall, Window
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.shortfall_watch import keep
from tests import factories

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = factories.NOW + 30 * DAY
LINE = factories.NOW + 20 * DAY
FAILED: dict[str, Any] = {"state": "failed", "reason": "550 No such person", "handed_over_at": factories.NOW, "settled_at": factories.NOW}


def unreachable(account: str = "LOST") -> Customer:
    """Return a customer with a service and no contact."""
    customer = factories.CustomerFactory.create(account=account)
    factories.ServiceFactory.create(customer=customer)
    return customer


def work(reference: str = "MNT-1", **changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return announced work whose mails are made."""
    maintenance = booking.book(factories.draft(reference, **changes), by=factories.BY, now=factories.NOW)
    booking.announce(maintenance, acknowledged="the other work is known", by=factories.BY, now=factories.NOW)
    fan_out_due(now=factories.NOW)
    return Maintenance.objects.get(pk=maintenance.pk)


def bounce(customer: Customer) -> None:
    """Let every mail to the customer fail."""
    Delivery.objects.filter(customers=customer).update(**FAILED)


def night(reference: str = "MNT-1", *, lost: int = 1, broken: int = 1, prefix: str = "", **changes: Any) -> Window:  # noqa: ANN401  # any field of Draft
    """Return a window with so many customers without a contact and with a mail that failed, whose shortfalls are found."""
    for number in range(lost):
        unreachable(f"{prefix}LOST{number}")
    for number in range(broken):
        factories.reader(account=f"{prefix}BROKEN{number}")
    maintenance = work(reference, **changes)
    Delivery.objects.filter(notice__maintenance=maintenance, customers__account__contains="BROKEN").update(**FAILED)
    keep(maintenance, now=factories.NOW)
    return maintenance.windows.get()


def reasons() -> dict[str, tuple[str, str]]:
    """Return reason and whose it is, by account, of every shortfall."""
    return {row.customer.account: (row.reason, row.reason_by) for row in Shortfall.objects.select_related("customer")}
