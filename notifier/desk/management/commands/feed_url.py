"""Print the address of a calendar feed."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Contact, Customer
from notifier.calendars import feeds
from notifier.calendars.models import Feed


class Command(BaseCommand):
    """``feed_url ACCOUNT [EMAIL] [--rotate]``: only the address goes to standard output."""

    help = str(gettext_lazy("Print the address of the calendar feed of a customer, or of one of its contacts."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("account", help=_("the customer's account"))
        parser.add_argument("email", nargs="?", default="", help=_("the contact's e-mail address: print that contact's feed"))
        parser.add_argument("--rotate", action="store_true", help=_("let the old address die and print a new one"))

    def handle(self, *, account: str, email: str, rotate: bool, **_options: object) -> None:
        """Print the address. Raises CommandError where the account is unknown or the contact doesn't serve it."""
        feed = _feed(account, email.strip().lower())
        self.stdout.write(feeds.rotate(feed) if rotate else feeds.address(feed))


def _feed(account: str, email: str) -> Feed:
    customer = Customer.objects.filter(account=account).first()
    if customer is None:
        raise CommandError(_("There is no customer with the account %(account)s.") % {"account": account})
    if not email:
        return feeds.feed_of_customer(customer)
    contact = Contact.objects.filter(email=email, roles__customer=customer).first()
    if contact is None:
        raise CommandError(_("%(email)s is not a contact of the account %(account)s.") % {"email": email, "account": account})
    return feeds.feed_of_contact(contact)
