"""``manage.py incident report``: shown, filed from a file, refused by line."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from maintenance.incidents import affect, close_incident, open_incident
from maintenance.models import Notice, RootCauseReport
from maintenance.root_causes import Words, written
from tests.factories import NOW, nothing_changes, reader
from tests.notifier.desk.commands.wire import exit_1, tasks_sent

pytestmark = pytest.mark.django_db
ENGLISH = {"language": "en", "title": "Core down", "cause": "A card", "measures": "Replaced"}


def run(*arguments: str) -> tuple[str, str, str]:
    """Run the command; return standard output, standard error and the failure (empty: exit code 0)."""
    stdout, stderr, failure = StringIO(), StringIO(), ""
    with time_machine.travel(NOW, tick=False):
        try:
            call_command("incident", "report", *arguments, stdout=stdout, stderr=stderr)
        except CommandError as error:
            failure = exit_1(error)
    return stdout.getvalue(), stderr.getvalue(), failure


def owed(*regions: str) -> RootCauseReport:
    """Return the report of a P1 that hit an Enterprise customer of each region."""
    incident = open_incident(reference="INC-1", title="Core down", domain="provider", sims=501, now=NOW)
    affect(incident, {reader(tier_slug="enterprise", region_slug=region): 10 for region in regions}, now=NOW)
    close_incident(incident, now=NOW)
    return RootCauseReport.objects.get()


def file_of(folder: Path, items: Any) -> str:  # noqa: ANN401  # any JSON value
    """Write a file and return its path."""
    path = folder / "report.json"
    path.write_text(json.dumps(items), encoding="utf-8")
    return str(path)


def test_report_is_filed_and_shown(tmp_path: Path) -> None:
    report = owed("uk", "es")
    spanish = {**ENGLISH, "language": "es", "title": "Caída"}
    with tasks_sent() as sent:
        assert run("INC-1", file_of(tmp_path, [ENGLISH, spanish])) == ("The report of INC-1 is filed. 2 customers are told.\n", "", "")
    assert sent == ["notifier.delivery.dispatch"]
    assert written(report) == {"en": Words("Core down", "A card", "Replaced"), "es": Words("Caída", "A card", "Replaced")}
    by = Notice.objects.get().issued_by
    assert run("INC-1")[0].splitlines()[0] == f"The root-cause report was filed on 2026-11-22 09:00 UTC by {by}."


def test_report_without_a_language_is_refused(tmp_path: Path) -> None:
    owed("uk", "es")
    with nothing_changes(), tasks_sent() as sent:
        assert run("INC-1", file_of(tmp_path, [ENGLISH])) == ("", "", "The text is missing in es, which 1 contact reads. Write it.")
    assert sent == []


@pytest.mark.parametrize(
    ("items", "faults"),
    [
        ([{**ENGLISH, "language": "tlh"}], ["1: language: is not a language that we write in: 'tlh'"]),
        ([{"language": "en", "title": 5}], ["1: title: must be text in quotes, not 5", "1: cause: is missing", "1: measures: is missing"]),
        ([{**ENGLISH, "colour": "red"}], ["1: colour: is an unknown key; the keys are: language, title, cause, measures"]),
        ([ENGLISH, ENGLISH], ["1: language: is there more than once"]),
        (["x"], ["1: text: must be an object, not 'x'"]),
    ],
)
def test_report_with_faults_in_the_file(tmp_path: Path, items: list[Any], faults: list[str]) -> None:
    owed("uk")
    path = file_of(tmp_path, items)
    with nothing_changes():
        _out, said, failure = run("INC-1", path)
    assert said.splitlines() == [f"{path}:{fault}" for fault in faults]
    assert failure == ("Refused: 1 fault, nothing was changed." if len(faults) == 1 else f"Refused: {len(faults)} faults, nothing was changed.")


def test_report_from_a_file_that_is_not_there(tmp_path: Path) -> None:
    owed("uk")
    path = tmp_path / "none.json"
    assert run("INC-1", str(path))[1:] == (f"{path}:1: file: cannot be read (No such file or directory)\n", "Refused: 1 fault, nothing was changed.")


def test_report_that_is_not_owed() -> None:
    open_incident(reference="INC-1", title="x", domain="provider", sims=1, now=NOW)
    assert run("INC-1") == ("", "", "No root-cause report is owed for incident INC-1.")
