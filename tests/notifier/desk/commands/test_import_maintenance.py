"""``manage.py import_maintenance`` as a user meets it."""

from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from maintenance.models import Acknowledgement, Maintenance
from tests.factories import NOW, nothing_changes, reader
from tests.notifier.desk.commands.wire import exit_1, tasks_sent
from tests.notifier.desk.imports.works import work, written

SOON = [{"start": "2026-11-27T23:00", "end": "2026-11-28T02:00"}]


def run(*arguments: str) -> tuple[str, str, str, list[str]]:
    """Run the command; return standard output, standard error, the last message (empty: exit code 0) and the tasks sent."""
    stdout, stderr, failure = StringIO(), StringIO(), ""
    with tasks_sent() as tasks, time_machine.travel(NOW, tick=False):
        try:
            call_command("import_maintenance", *arguments, stdout=stdout, stderr=stderr)
        except CommandError as error:
            failure = exit_1(error)
    return stdout.getvalue(), stderr.getvalue(), failure, tasks


@pytest.mark.django_db
def test_import_maintenance_books_and_tells_nobody(tmp_path: Path) -> None:
    """Without --announce nothing leaves the house."""
    assert run(str(written(tmp_path, work("A"), work("B")))) == ("2 booked, 0 rewritten, 0 unchanged, 0 announced, 0 refused\n", "", "", [])


@pytest.mark.django_db
def test_import_maintenance_announces_and_nudges_once(tmp_path: Path) -> None:
    """One nudge for the whole file."""
    reader()
    later = work("B", windows=[{"start": "2027-02-14T23:00", "end": "2027-02-15T02:00"}])
    assert run(str(written(tmp_path, work("A"), later)), "--announce") == (
        "2 booked, 0 rewritten, 0 unchanged, 2 announced, 0 refused\n",
        "",
        "",
        ["notifier.delivery.dispatch"],
    )


@pytest.mark.django_db
def test_import_maintenance_says_which_conflicts_it_acknowledged(tmp_path: Path) -> None:
    """For the reason given, which is kept."""
    reader(account="IT")
    stdout, stderr, failure, _tasks = run(str(written(tmp_path, work("A"), work("B"))), "--announce", "--acknowledge", "one crew does both")
    assert (stdout, failure) == ("2 booked, 0 rewritten, 0 unchanged, 2 announced, 0 refused\n", "")
    assert stderr.startswith("B: acknowledged: Window B.1 meets A.1, ")
    assert Acknowledgement.objects.get().reason == "one crew does both"


@pytest.mark.django_db
def test_import_maintenance_refusals_are_listed_by_reference_with_exit_1(tmp_path: Path) -> None:
    """The rest is announced all the same."""
    reader()
    stdout, stderr, failure, tasks = run(str(written(tmp_path, work("A"), work("B", windows=SOON))), "--announce")
    assert (stdout, failure, tasks) == (
        "2 booked, 0 rewritten, 0 unchanged, 1 announced, 1 refused\n",
        "1 piece of work was refused.",
        ["notifier.delivery.dispatch"],
    )
    assert {line.partition(": ")[0] for line in stderr.splitlines()} == {"B"}
    assert dict(Maintenance.objects.values_list("reference", "state")) == {"A": "announced", "B": "draft"}


@pytest.mark.django_db
def test_import_maintenance_dry_run_reports_and_changes_nothing(tmp_path: Path) -> None:
    """It lists what a real run then lists, and does not nudge."""
    reader()
    path = str(written(tmp_path, work("A"), work("B", windows=SOON)))
    with nothing_changes():
        stdout, stderr, failure, tasks = run(path, "--announce", "--dry-run")
    assert (stdout, failure, tasks) == (
        "2 booked, 0 rewritten, 0 unchanged, 1 announced, 1 refused\nDry run: nothing was changed.\n",
        "1 piece of work was refused.",
        [],
    )
    assert run(path, "--announce")[1] == stderr


@pytest.mark.django_db
def test_import_maintenance_faults_are_listed_with_exit_1(tmp_path: Path) -> None:
    """As import_customers does."""
    path = written(tmp_path, work("A"), work("B", timezone="Mars/Olympus", impact=None))
    with nothing_changes():
        assert run(str(path), "--announce") == (
            "",
            f"{path}:3: timezone: 'Mars/Olympus' is no time zone; write an IANA name such as Europe/Madrid\n{path}:3: impact: is missing\n",
            "Refused: 2 faults, nothing was changed.",
            [],
        )


@pytest.mark.django_db
def test_import_maintenance_missing_file_is_named() -> None:
    """In the same form as any fault."""
    assert run("nowhere.json") == (
        "",
        "nowhere.json:1: file: cannot be read (No such file or directory)\n",
        "Refused: 1 fault, nothing was changed.",
        [],
    )
