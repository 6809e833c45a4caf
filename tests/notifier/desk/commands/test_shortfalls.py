"""``manage.py shortfalls`` as a user meets it."""

import getpass
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from maintenance import booking, shortfalls
from maintenance.models import Shortfall
from tests.factories import BY, NOW, CustomerFactory, nothing_changes
from tests.factories import window as draft_window
from tests.notifier.desk.commands.wire import exit_1
from tests.notifier.desk.short import DAY, START, night, reasons, work

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[list[str], str]:
    """Run the command; return the lines of standard output and the failure (empty: exit code 0)."""
    stdout, failure = StringIO(), ""
    with time_machine.travel(START - DAY, tick=False):
        try:
            call_command("shortfalls", *arguments, stdout=stdout, stderr=StringIO())
        except CommandError as error:
            failure = exit_1(error)
    return stdout.getvalue().splitlines(), failure


def two_nights() -> None:
    """Have two customers without notice for the later work, and one for the earlier."""
    window = night()
    late = work("MNT-2", windows=(draft_window(20),)).windows.get()
    row = shortfalls.open_for(window).get(customer__account="LOST0")
    Shortfall.objects.create(window=late, customer=row.customer, cause="bounced", found_at=NOW)


def test_open_ones_are_listed_the_next_work_first() -> None:
    two_nights()
    shortfalls.give_reason(Shortfall.objects.filter(customer__account="BROKEN0"), reason="tried\nthrice", by=BY, now=NOW)
    lines = [
        "MNT-2.1; LOST0; bounced; 2026-12-12 09:00 +0000 Europe/London",
        "MNT-1.1; BROKEN0; failed; 2026-12-22 09:00 +0000 Europe/London; reason: 'tried\\nthrice'",
        "MNT-1.1; LOST0; no_contact; 2026-12-22 09:00 +0000 Europe/London",
    ]
    with nothing_changes():
        assert run() == (lines, "")
        assert run("--maintenance", "MNT-2") == (lines[:1], "")
        assert run("--maintenance", "MNT-1", "--window", "1", "--account", "LOST0") == (lines[2:], "")
        assert run("--maintenance", "MNT-1", "--window", "2") == ([], "")
        assert run("--cause", "failed") == (lines[1:2], "")
        assert run("--account", "LOST0") == ([lines[0], lines[2]], "")
    Shortfall.objects.update(cleared_at=NOW)
    assert run() == ([], "")


def test_reason_is_given_to_all_that_are_listed() -> None:
    night(lost=2)
    user = getpass.getuser()
    assert run("--maintenance", "MNT-1", "--cause", "no_contact", "--reason", "supplier") == (["2 shortfalls have their reason."], "")
    assert reasons() == {"LOST0": ("supplier", user), "LOST1": ("supplier", user), "BROKEN0": ("", "")}
    assert run("--maintenance", "MNT-1", "--account", "BROKEN0", "--account", "LOST1", "--reason", "both") == (["2 shortfalls have their reason."], "")
    assert reasons() == {"LOST0": ("supplier", user), "LOST1": ("both", user), "BROKEN0": ("both", user)}


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [
        (("--reason", "x"), "--reason: needs --maintenance"),
        (("--window", "1"), "--window: needs --maintenance"),
        (("--maintenance", "MNT-9"), "There is no maintenance MNT-9."),
        (("--maintenance", "MNT-1", "--account", "FINE", "--account", "LOST0", "--account", "a\x1b"), "--account: no open shortfall of 'FINE', 'a\\x1b'"),
        (("--maintenance", "MNT-1", "--window", "2", "--reason", "x"), "There is no such shortfall."),
        (("--maintenance", "MNT-1", "--reason", " "), "--reason: Give a reason."),
    ],
)
def test_wrong_wishes_are_refused(arguments: tuple[str, ...], failure: str) -> None:
    CustomerFactory.create(account="FINE")
    night()
    with nothing_changes():
        assert run(*arguments) == ([], failure)


def test_reason_for_work_that_began_is_refused() -> None:
    booking.start(night().maintenance, by=BY, now=START)
    refusal = "Only work that is still to come can be given a reason beforehand; these are not: MNT-1.1."
    with nothing_changes():
        assert run("--maintenance", "MNT-1", "--reason", "late") == ([], refusal)
