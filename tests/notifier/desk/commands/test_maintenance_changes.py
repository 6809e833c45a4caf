"""``manage.py maintenance``: late notice, obstacles, alternates, nights."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from maintenance import booking
from maintenance.models import Acknowledgement, Breach, Maintenance, Notice, Window
from tests.factories import BY, NOW, draft, nothing_changes, reader, window
from tests.notifier.desk.commands.test_maintenance import NUDGE, booked, run

pytestmark = pytest.mark.django_db
LATE = ("--late-reason", "the carrier cuts it", "--learned-at", "2026-11-21T10:00")
ENDING = ("--outcome", "failed", "--service-now", "down", "--follow-up", "at_work", "--note", "{{ a card }}")


def running() -> datetime:
    """Make MNT-1 in progress; return a moment one hour after its start."""
    maintenance = booked(announced=True)
    start = maintenance.windows.get().start
    booking.start(maintenance, number=1, by=BY, now=start)
    return start + timedelta(hours=1)


def test_maintenance_announce_late_tells_it_as_a_breach(settings: Settings) -> None:
    settings.LATE_NOTICE = "breach"
    reader(account="A1")
    booked(days=5)
    assert run("announce", "MNT-1", *LATE, "--supplier-notified-at", "2026-11-20T08:00") == ("MNT-1 is announced. 1 customer is told.\n", "", "", NUDGE)
    said = Notice.objects.get().said
    assert (said.learned_at, said.supplier_notified_at) == (datetime(2026, 11, 21, 10, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert list(Breach.objects.values_list("customer__account", "reason")) == [("A1", "the carrier cuts it")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--late-reason", "x"), "--late-reason needs --learned-at: the mail says when we learned of the work."),
        (("--learned-at", "2026-11-21T10:00"), "--learned-at: only with --late-reason."),
        ((*LATE, "--supplier-notified-at", "2026-11-23T10:00"), "--supplier-notified-at: this moment is still to come."),
        (("--late-reason", "x", "--learned-at", "noon"), "--learned-at: 'noon' is not a time such as 2026-12-14T23:00"),
    ],
)
def test_maintenance_announce_late_with_fault_changes_nothing(settings: Settings, options: tuple[str, ...], message: str) -> None:
    settings.LATE_NOTICE = "breach"
    reader()
    booked(days=5)
    with nothing_changes():
        assert run("announce", "MNT-1", *options) == ("", "", message, [])


def test_maintenance_announce_late_is_refused_where_it_is_forbidden() -> None:
    reader()
    booked(days=5)
    with nothing_changes():
        assert run("announce", "MNT-1", *LATE)[2] == "Late notice is not allowed here (LATE_NOTICE is forbid)."


def test_maintenance_announce_with_conflict_needs_and_keeps_a_reason() -> None:
    reader()
    booked(announced=True)
    booking.book(draft("MNT-2"), by=BY, now=NOW)
    with nothing_changes():
        assert run("announce", "MNT-2")[2].splitlines()[-1] == "To go on all the same, give a reason."
    assert run("announce", "MNT-2", "--acknowledge", "same crew")[0] == "MNT-2 is announced. 1 customer is told.\n"
    assert list(Acknowledgement.objects.values_list("maintenance__reference", "reason")) == [("MNT-2", "same crew")]


def test_maintenance_postpone_and_new_date() -> None:
    reader()
    booked(announced=True)
    assert run("postpone", "MNT-1", "--reason", "storm") == ("Window MNT-1.1 is postponed. 1 customer is told.\n", "", "", NUDGE)
    assert (Window.objects.get().state, Notice.objects.latest("pk").said.reason) == ("postponed", "storm")
    new = ("--start", "2027-01-14T23:00", "--end", "2027-01-15T01:00")
    assert run("move", "MNT-1", *new)[0] == "Window MNT-1.1 is moved. 1 customer is told.\n"
    assert Window.objects.get().state == "announced"


def test_maintenance_take_alternate_cancels_the_window_it_replaces() -> None:
    reader()
    maintenance = booking.book(draft(windows=(window(30), replace(window(31), alternate=True))), by=BY, now=NOW)
    booking.announce(maintenance, by=BY, now=NOW)
    assert run("take-alternate", "MNT-1", "--window", "2", "--instead-of", "1") == ("Window MNT-1.2 is taken. 1 customer is told.\n", "", "", NUDGE)
    assert list(Window.objects.values_list("number", "state", "alternate")) == [(1, "cancelled", False), (2, "announced", False)]


def test_maintenance_extend_tells_the_new_end_and_its_reason() -> None:
    reader()
    now = running()
    assert run("extend", "MNT-1", "--end", "2026-12-22T13:00", "--reason", "a card broke", now=now) == (
        "MNT-1 is extended. 1 customer is told.\n",
        "",
        "",
        NUDGE,
    )
    assert (Window.objects.get().end, Notice.objects.latest("pk").said.reason) == (datetime(2026, 12, 22, 13, tzinfo=UTC), "a card broke")


def test_maintenance_finish_records_how_the_work_ended() -> None:
    reader()
    now = running()
    assert run("finish", "MNT-1", *ENDING, now=now)[0] == "Window MNT-1.1 is recorded as not completed. 1 customer is told.\n"
    assert list(Window.objects.values_list("state", "outcome", "service_now", "follow_up")) == [("not_completed", "failed", "down", "at_work")]
    ending = Notice.objects.latest("pk").said.ending
    assert ending is not None
    assert ending.note == "{{ a card }}"


@pytest.mark.parametrize(
    ("options", "missing"), [(ENDING[:2], "--service-now, --follow-up"), (ENDING[2:6], "--outcome"), (ENDING[6:], "--outcome, --service-now, --follow-up")]
)
def test_maintenance_finish_with_half_an_ending_is_refused(options: tuple[str, ...], missing: str) -> None:
    now = running()
    with nothing_changes():
        assert run("finish", "MNT-1", *options, now=now)[2] == f"Work that was not completed also needs {missing}."
    assert Maintenance.objects.get().state == "in_progress"
