"""The command that prints a feed's address."""

import pytest
from django.core.management import CommandError, call_command

from customers.models import Contact, Customer
from notifier.calendars import feeds
from notifier.calendars.models import Feed
from tests.notifier.calendars.rows import contact, customer

pytestmark = pytest.mark.django_db


@pytest.fixture(name="owners")
def _owners() -> tuple[Customer, Contact]:
    """Make a customer with a contact, and another contact who serves somebody else."""
    one = customer("ACME-1")
    contact("else@else.example", customer("ELSE-1"))
    return one, contact("ana@acme.example", one)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the command writes to standard output; nothing may go to standard error."""
    call_command("feed_url", *arguments)
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_feed_url_of_a_customer(owners: tuple[Customer, Contact], capsys: pytest.CaptureFixture[str]) -> None:
    """The address alone, the same each time."""
    expected = feeds.address_for_customer(owners[0]) + "\n"
    assert [printed(capsys, "ACME-1"), printed(capsys, "ACME-1")] == [expected, expected]


def test_feed_url_of_a_contact(owners: tuple[Customer, Contact], capsys: pytest.CaptureFixture[str]) -> None:
    """Addresses are kept in lower case; how it is typed doesn't matter."""
    assert printed(capsys, "ACME-1", " Ana@Acme.Example ") == feeds.address_for_contact(owners[1]) + "\n"


@pytest.mark.parametrize("arguments", [("ACME-1",), ("ACME-1", "ana@acme.example")])
def test_feed_url_rotated(owners: tuple[Customer, Contact], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    """The old address dies, the new one is printed, and stays."""
    assert len(owners) == 2
    old = printed(capsys, *arguments)
    new = printed(capsys, *arguments, "--rotate")
    assert old != new
    assert printed(capsys, *arguments) == new
    assert Feed.objects.get().version == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ACME-9",), "There is no customer with the account ACME-9."),
        (("ACME-1", "else@else.example"), "else@else.example is not a contact of the account ACME-1."),
        (("ACME-1", "nobody@acme.example"), "nobody@acme.example is not a contact of the account ACME-1."),
    ],
)
@pytest.mark.usefixtures("owners")
def test_feed_url_of_nobody(arguments: tuple[str, ...], message: str) -> None:
    """The message says which is wrong; no feed is made."""
    with pytest.raises(CommandError, match=f"^{message}$"):
        call_command("feed_url", *arguments)
    assert Feed.objects.count() == 0
