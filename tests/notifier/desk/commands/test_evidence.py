"""``manage.py evidence`` as a user meets it."""

import getpass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from maintenance import booking
from maintenance.models import Consent, Served
from tests.factories import BY, NOW, CustomerFactory, nothing_changes
from tests.notifier.desk.commands.wire import exit_1
from tests.notifier.desk.short import DAY, HOUR, START, night

pytestmark = pytest.mark.django_db
AT = ("--at", "2026-11-23T10:30", "--document", "TICKET-7")
CALL = (*AT, "--how", "phone", "--to-whom", "Ana Soler")
AGREED = (*AT, "--window", "1", "--by", "Ana Soler")


def run(*arguments: str) -> tuple[list[str], str]:
    """Run the command; return the lines of standard output and the failure (empty: exit code 0)."""
    stdout, failure = StringIO(), ""
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        try:
            call_command("evidence", *arguments, stdout=stdout, stderr=StringIO())
        except CommandError as error:
            failure = exit_1(error)
    return stdout.getvalue().splitlines(), failure


def stored(model: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # either model
    """Return the rows without their keys, by account."""
    rows = model.objects.order_by("customer__account").values()
    return [{name: value for name, value in row.items() if name not in {"id", "notice_id", "window_id", "customer_id"}} for row in rows]


def test_served_records_a_meeting_with_several_customers() -> None:
    """The time is by the work's clocks; each account has its line."""
    night(lost=2, broken=0, timezone="Europe/Berlin")
    lines = [f"{account} was served with MNT-1 r1 on 2026-11-23 09:30 UTC." for account in ("LOST0", "LOST1")]
    assert run("served", "MNT-1", "LOST0", "LOST1", *AT, "--how", "meeting", "--to-whom", "Ana Soler") == (lines, "")
    row = {
        "accepted_at": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "hop": "meeting",
        "detail": "Ana Soler",
        "document": "TICKET-7",
        "recorded_by": getpass.getuser(),
        "recorded_at": NOW + 2 * DAY,
        "revoked_at": None,
    }
    assert stored(Served) == [row, row]


def test_served_is_about_the_newest_notice_unless_another_is_named() -> None:
    window = night(broken=0)
    booking.move(window.maintenance, number=1, start=START + HOUR, end=START + 2 * HOUR, by=BY, now=NOW)
    run("served", "MNT-1", "LOST0", *CALL)
    run("served", "MNT-1", "LOST0", *CALL, "--revision", "1")
    assert list(Served.objects.order_by("pk").values_list("notice__revision", flat=True)) == [2, 1]


def test_consent_is_recorded() -> None:
    window = night(broken=0)
    assert run("consent", "MNT-1", "LOST0", *AGREED) == (["LOST0 agreed to MNT-1.1 on 2026-11-23 10:30 UTC."], "")
    (row,) = stored(Consent)
    assert row == {
        "start": window.start,
        "end": window.end,
        "impact": "outage",
        "minutes": 30,
        "given_at": datetime(2026, 11, 23, 10, 30, tzinfo=UTC),
        "given_by": "Ana Soler",
        "document": "TICKET-7",
        "recorded_at": NOW + 2 * DAY,
        "recorded_by": getpass.getuser(),
    }


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [
        (("served", "MNT-9", "LOST0", *CALL), "There is no maintenance MNT-9."),
        (("served", "MNT-1", "NOBODY", *CALL), "There is no customer NOBODY."),
        (("served", "MNT-1", "FAR", *CALL), "There is no notice of MNT-1 that tells FAR what is to come."),
        (("served", "MNT-1", "LOST0", *CALL, "--revision", "7"), "There is no notice of MNT-1 that tells LOST0 what is to come."),
        (("served", "MNT-1", "FAR", *CALL, "--revision", "1"), "FAR is not told by this notice."),
        (("served", "MNT-1", "LOST0", *CALL, "--at", "2026-11-30T10:30"), "--at: This moment is still to come."),
        (("served", "MNT-1", "LOST0", *CALL, "--at", "tomorrow"), "--at: 'tomorrow' is not a time such as 2026-12-14T23:00"),
        (("served", "MNT-1", "LOST0", *CALL, "--to-whom", " "), "--to-whom: Say who was told."),
        (("served", "MNT-1", "LOST0", *CALL, "--to-whom", "x" * 301), "--to-whom: Ensure this value has at most 300 characters (it has 301)."),
        (("served", "MNT-1", "LOST0", *CALL, "--document", ""), "--document: Say where the proof is kept."),
        (("served", "MNT-1", "LOST0", "NOBODY", *CALL), "There is no customer NOBODY."),
        (("served", "MNT-1", "LOST0", "LOST0", *CALL), "This is recorded already."),
        (("consent", "MNT-1", "LOST0", *AGREED, "--window", "2"), "MNT-1 has no window 2."),
        (("consent", "MNT-1", "FAR", *AGREED), "FAR is not hit by MNT-1."),
        (("consent", "MNT-1", "LOST0", *AGREED, "--at", "2026-11-30T10:30"), "--at: This moment is still to come."),
        (("consent", "MNT-1", "LOST0", *AGREED, "--by", ""), "--by: Say who agreed."),
        (("consent", "MNT-1", "LOST0", *AGREED, "--document", "x" * 301), "--document: Ensure this value has at most 300 characters (it has 301)."),
    ],
)
def test_wrong_evidence_is_refused_and_nothing_recorded(arguments: tuple[str, ...], failure: str) -> None:
    night(broken=0)
    CustomerFactory.create(account="FAR")
    with nothing_changes():
        assert run(*arguments) == ([], failure)
