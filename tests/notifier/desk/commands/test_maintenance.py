"""``manage.py maintenance`` as a user meets it."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from maintenance import booking
from maintenance.models import Breach, Maintenance, Notice, Window
from tests.factories import BY, NOW, draft, nothing_changes, reader, window
from tests.notifier.desk.commands.wire import exit_1, tasks_sent

NUDGE = ["notifier.delivery.dispatch"]


def run(*arguments: str, now: datetime = NOW) -> tuple[str, str, str, list[str]]:
    """Run the command; return standard output, standard error, the last message (empty: exit code 0) and the tasks sent."""
    stdout, stderr, failure = StringIO(), StringIO(), ""
    with tasks_sent() as tasks, time_machine.travel(now, tick=False):
        try:
            call_command("maintenance", *arguments, stdout=stdout, stderr=stderr)
        except CommandError as error:
            failure = exit_1(error)
    return stdout.getvalue(), stderr.getvalue(), failure, tasks


def booked(*, windows: int = 1, days: float = 30, announced: bool = False) -> Maintenance:
    """Return MNT-1, in Europe/London, with windows of two hours on days that follow each other."""
    maintenance = booking.book(draft(windows=tuple(window(days + number) for number in range(windows))), by=BY, now=NOW)
    if announced:
        booking.announce(maintenance, by=BY, now=NOW)
    return maintenance


@pytest.mark.django_db
@pytest.mark.parametrize(("customers", "told"), [(0, "No customer is told."), (1, "1 customer is told."), (2, "2 customers are told.")])
def test_maintenance_announce_says_how_many_are_told(customers: int, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The author is whoever is logged in."""
    monkeypatch.setenv("LOGNAME", "olga")
    for _number in range(customers):
        reader()
    booked()
    assert run("announce", "MNT-1") == (f"MNT-1 is announced. {told}\n", "", "", NUDGE)
    assert list(Notice.objects.values_list("issued_by", "issued_at")) == [("olga", NOW)]


@pytest.mark.django_db
def test_maintenance_announce_refusal_prints_every_message() -> None:
    """In the policy's own words, and nobody is nudged."""
    reader()
    maintenance = booked(days=5)
    with pytest.raises(ValidationError) as said:
        booking.announce(maintenance, by=BY, now=NOW)
    with nothing_changes():
        assert run("announce", "MNT-1") == ("", "", "\n".join(said.value.messages), [])


@pytest.mark.django_db
def test_maintenance_unknown_reference_is_named() -> None:
    """A typing error is told plainly."""
    assert run("announce", "MNT-9") == ("", "", "There is no maintenance MNT-9.", [])


@pytest.mark.django_db
@pytest.mark.parametrize("times", [("2027-01-14T23:00", "2027-01-15T01:00"), ("2027-01-14T23:00+00:00", "2027-01-15T01:00+00:00")])
def test_maintenance_move_takes_wall_times_and_offsets(times: tuple[str, str]) -> None:
    """One window needs no --window."""
    reader()
    booked(announced=True)
    start, end = times
    assert run("move", "MNT-1", "--start", start, "--end", end) == ("Window MNT-1.1 is moved. 1 customer is told.\n", "", "", NUDGE)
    assert list(Window.objects.values_list("start", "end")) == [(datetime(2027, 1, 14, 23, tzinfo=UTC), datetime(2027, 1, 15, 1, tzinfo=UTC))]


@pytest.mark.django_db
def test_maintenance_move_of_a_draft_tells_nobody() -> None:
    """Summer time is the zone's, not today's."""
    reader()
    booked()
    assert run("move", "MNT-1", "--window", "1", "--start", "2027-06-14T23:00", "--end", "2027-06-15T01:00") == (
        "Window MNT-1.1 is moved. No customer is told.\n",
        "",
        "",
        [],
    )
    assert Window.objects.get().start == datetime(2027, 6, 14, 22, tzinfo=UTC)


@pytest.mark.django_db
def test_maintenance_move_asks_which_of_several_windows() -> None:
    """Guessing would move the wrong night."""
    booked(windows=2)
    with nothing_changes():
        assert run("move", "MNT-1", "--start", "2027-01-14T23:00", "--end", "2027-01-15T01:00") == (
            "",
            "",
            "MNT-1 has 2 windows; say which with --window N.",
            [],
        )


@pytest.mark.django_db
def test_maintenance_move_doubled_time_is_refused_with_both_readings() -> None:
    """The option is named."""
    booked()
    with nothing_changes():
        assert run("move", "MNT-1", "--start", "2027-10-31T01:30", "--end", "2027-10-31T04:00")[2] == (
            "--start: 2027-10-31T01:30 exists twice in Europe/London: the clocks go back then; write 2027-10-31T01:30+01:00 or 2027-10-31T01:30+00:00"
        )


@pytest.mark.django_db
def test_maintenance_cancel_tells_the_reason_to_those_who_were_told() -> None:
    """Word for word."""
    reader()
    booked(announced=True)
    assert run("cancel", "MNT-1", "--reason", "the supplier {{ withdrew }}") == ("MNT-1 is cancelled. 1 customer is told.\n", "", "", NUDGE)
    assert Notice.objects.latest("pk").said.reason == "the supplier {{ withdrew }}"


@pytest.mark.django_db
def test_maintenance_cancel_of_a_draft_tells_nobody() -> None:
    """Nobody knew of it."""
    reader()
    booked()
    assert run("cancel", "MNT-1") == ("MNT-1 is cancelled. No customer is told.\n", "", "", [])


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["the supplier begins", ""])
def test_maintenance_start_records_a_breach_where_somebody_was_not_served(reason: str) -> None:
    """It is not blocked: without a reason, one is owed. Who never heard of the work is not told of its start."""
    reader(account="A1")
    maintenance = booked(announced=True, windows=2)
    now = maintenance.windows.get(number=1).start + timedelta(minutes=1)
    assert run("start", "MNT-1", "--window", "1", "--reason", reason, now=now) == ("Window MNT-1.1 has started. No customer is told.\n", "", "", [])
    assert list(Breach.objects.values_list("customer__account", "reason")) == [("A1", reason)]


@pytest.mark.django_db
def test_maintenance_finish_ends_the_window_in_progress() -> None:
    """A reason that is not kept is said not to be."""
    maintenance = booked(announced=True)
    now = maintenance.windows.get().start
    run("start", "MNT-1", now=now)
    assert run("finish", "MNT-1", "--reason", "done", now=now + timedelta(hours=1)) == (
        "Window MNT-1.1 is finished. No customer is told.\n",
        "--reason is not recorded by finish.\n",
        "",
        [],
    )
    assert list(Window.objects.values_list("state", "ended_at")) == [("completed", now + timedelta(hours=1))]


@pytest.mark.django_db
def test_maintenance_typed_by_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container with a bare user id."""

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nameless)
    booked()
    run("announce", "MNT-1")
    assert Notice.objects.get().issued_by == "command line"
