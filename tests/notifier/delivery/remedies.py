"""What the tests of sending again share: customers short of notice, what a person corrects, and a look."""

from datetime import datetime
from typing import Any

from customers.models import Contact, Customer
from maintenance.models import Maintenance, Shortfall
from maintenance.states import Hop
from notifier.delivery import outbox, settle
from notifier.delivery.models import Delivery
from notifier.delivery.resend import resend_what_was_remedied
from notifier.delivery.shortfall_watch import keep_shortfalls
from tests.factories import NOW, ContactFactory, ContactRoleFactory, reader
from tests.notifier.delivery.short import FAILED, work

NEW = "new@customer.example"


def mails() -> list[tuple[str, str, str]]:
    """Return address, state and accounts of every delivery, in the order in which they were made."""
    return [(row.address, row.state, listed(row)) for row in Delivery.objects.order_by("pk")]


def listed(row: Delivery) -> str:
    """Return the accounts that a mail speaks of."""
    return " ".join(row.customers.order_by("account").values_list("account", flat=True))


def open_causes() -> list[tuple[str, str]]:
    """Return account and cause of the open shortfalls."""
    return list(Shortfall.objects.filter(cleared_at__isnull=True).order_by("customer__account").values_list("customer__account", "cause"))


def look(now: datetime = NOW) -> None:
    """Do what the watch does, in its order."""
    keep_shortfalls(now=now)
    resend_what_was_remedied(now=now)


def contact(customer: Customer, email: str = NEW, **fields: Any) -> Contact:  # noqa: ANN401  # any field of Contact
    """Return a contact that the customer is given."""
    made: Contact = ContactFactory.create(email=email, **fields)
    ContactRoleFactory.create(contact=made, customer=customer)
    return made


def broken(account: str = "SLOW", state: dict[str, Any] = FAILED, **changes: Any) -> tuple[Maintenance, Delivery]:  # noqa: ANN401  # any field of Draft
    """Return work, and the mail to its one reader, which has ended; the shortfall is found."""
    reader(account=account)
    maintenance = work(**changes)
    Delivery.objects.update(**state)
    look()
    return maintenance, Delivery.objects.get()


def correct(address: str = NEW) -> None:
    """Give every contact the address: there is one."""
    Contact.objects.update(email=address)


def accept(at: datetime = NOW) -> None:
    """Let every mail that is due be accepted."""
    claimed = outbox.claim(now=at, most=99)
    for row in Delivery.objects.select_related("notice").filter(pk__in=claimed.ids):
        assert outbox.hand_over(row.pk, claimed.token, now=at) is outbox.HandOver.READY
        settle.accepted(row, claimed.token, at=at, hop=Hop.RELAY, detail="smtp:mx.example:25")
