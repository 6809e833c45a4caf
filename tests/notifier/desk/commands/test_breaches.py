"""``manage.py breaches`` as a user meets it."""

import getpass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from maintenance import booking, shortfalls
from maintenance.models import Breach, Shortfall
from notifier.delivery.shortfall_watch import keep
from tests.factories import NOW, nothing_changes
from tests.factories import window as draft_window
from tests.notifier.desk.commands.wire import exit_1
from tests.notifier.desk.short import DAY, START, unreachable, work

pytestmark = pytest.mark.django_db
FIRST = "MNT-1.1; LOST0; 2026-12-22 09:00 +0000 Europe/London; recorded by 'ops'"
SECOND = "MNT-1.1; LOST1; 2026-12-22 09:00 +0000 Europe/London; recorded by 'ops'"
LATER = "MNT-1.2; LOST0; 2026-12-23 09:00 +0000 Europe/London; recorded by 'night\\nshift'"


def run(*arguments: str) -> tuple[list[str], str]:
    """Run the command; return the lines of standard output and the failure (empty: exit code 0)."""
    stdout, failure = StringIO(), ""
    try:
        call_command("breaches", *arguments, stdout=stdout, stderr=StringIO())
    except CommandError as error:
        failure = exit_1(error)
    return stdout.getvalue().splitlines(), failure


def begun() -> None:
    """Have two nights begun without three customers served in time; LOST2 has its reason for both, and LOST1 for the second."""
    for number in range(3):
        unreachable(f"LOST{number}")
    maintenance = work(windows=(draft_window(30), draft_window(31)))
    keep(maintenance, now=NOW)
    known = Shortfall.objects.filter(customer__account="LOST2") | Shortfall.objects.filter(customer__account="LOST1", window__number=2)
    shortfalls.give_reason(known, reason="known", by="vera", now=NOW)
    booking.start(maintenance, number=1, by="ops", now=START)
    booking.start(maintenance, number=2, by="night\nshift", now=START + DAY)


def reasons() -> dict[str, tuple[str, str]]:
    """Return reason and whose it is, of every breach."""
    return {f"{row.window} {row.customer.account}": (row.reason, row.reason_by) for row in Breach.objects.select_related("window__maintenance", "customer")}


def test_those_without_a_reason_are_listed_the_earliest_work_first() -> None:
    with nothing_changes():
        assert run() == ([], "")
    begun()
    with nothing_changes():
        assert run() == ([FIRST, SECOND, LATER], "")
        assert run("--maintenance", "MNT-1", "--window", "2") == ([LATER], "")
        assert run("--maintenance", "MNT-1", "--window", "3") == ([], "")
        assert run("--account", "LOST0") == ([FIRST, LATER], "")


def test_reason_is_given_to_all_that_are_listed_and_once() -> None:
    begun()
    assert run("--maintenance", "MNT-1", "--window", "1", "--reason", " storm ") == (["2 breaches have their reason."], "")
    assert run("--maintenance", "MNT-1", "--account", "LOST0", "--reason", "flood") == (["1 breach has its reason."], "")
    with nothing_changes():
        assert run("--maintenance", "MNT-1", "--reason", "again") == ([], "There is no such breach without a reason.")
    user = getpass.getuser()
    assert reasons() == {
        "MNT-1.1 LOST0": ("storm", user),
        "MNT-1.1 LOST1": ("storm", user),
        "MNT-1.1 LOST2": ("known", "vera"),
        "MNT-1.2 LOST0": ("flood", user),
        "MNT-1.2 LOST1": ("known", "vera"),
        "MNT-1.2 LOST2": ("known", "vera"),
    }


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [
        (("--reason", "x"), "--reason: needs --maintenance"),
        (("--window", "1"), "--window: needs --maintenance"),
        (("--maintenance", "MNT-9"), "There is no maintenance MNT-9."),
        (("--account", "LOST2", "--account", "LOST0", "--account", "a\x1b"), "--account: no breach without a reason for 'LOST2', 'a\\x1b'"),
        (("--maintenance", "MNT-1", "--window", "3", "--reason", "x"), "There is no such breach without a reason."),
        (("--maintenance", "MNT-1", "--reason", " "), "--reason: Give a reason."),
    ],
)
def test_wrong_wishes_are_refused(arguments: tuple[str, ...], failure: str) -> None:
    begun()
    with nothing_changes():
        assert run(*arguments) == ([], failure)
