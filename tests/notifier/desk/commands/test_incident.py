"""``manage.py incident`` as a user meets it."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from customers.models import Operator
from maintenance.models import Incident
from tests.factories import NOW, OperatorFactory, nothing_changes
from tests.notifier.desk.commands.wire import exit_1

OPEN = ("open", "INC-1", "--title", "Core down", "--domain", "provider", "--sims", "501")


def run(*arguments: str) -> tuple[str, str]:
    """Run the command; return standard output and the failure (empty: exit code 0)."""
    stdout, failure = StringIO(), ""
    with time_machine.travel(NOW, tick=False):
        try:
            call_command("incident", *arguments, stdout=stdout, stderr=StringIO())
        except CommandError as error:
            failure = exit_1(error)
    return stdout.getvalue(), failure


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "priority"),
    [
        (("--domain", "provider", "--sims", "501"), "P1"),
        (("--domain", "provider", "--sims", "251"), "P2"),
        (("--domain", "mno", "--sims", "3", "--private-apn-down", "--operator", "mno-new-1"), "P1"),
        (("--domain", "customer", "--sims", "10000"), "none (customer's own domain)"),
    ],
)
def test_incident_open_prints_reference_and_priority(options: tuple[str, ...], priority: str) -> None:
    """One line for each row of the table of priorities."""
    assert run("open", "INC-1", "--title", "Core down", *options) == (f"INC-1 is open: {priority}\n", "")


@pytest.mark.django_db
def test_incident_open_records_what_was_given() -> None:
    """A P1 is identified when it is opened."""
    run(*OPEN)
    fields = ("reference", "title", "domain", "operator", "sims", "private_apn", "priority", "opened_at", "p1_identified_at", "closed_at")
    assert list(Incident.objects.values_list(*fields)) == [("INC-1", "Core down", "provider", None, 501, "unaffected", "P1", NOW, NOW, None)]


@pytest.mark.django_db
def test_incident_open_finds_or_creates_the_operator() -> None:
    """By its code, as imports do."""
    OperatorFactory.create(code="mno-1")
    for reference, code in (("INC-1", "mno-1"), ("INC-2", "mno-2")):
        run("open", reference, "--title", "T", "--domain", "mno", "--sims", "1", "--operator", code)
    assert list(Operator.objects.values_list("code", flat=True)) == ["mno-1", "mno-2"]
    assert list(Incident.objects.order_by("reference").values_list("operator__code", flat=True)) == ["mno-1", "mno-2"]


@pytest.mark.django_db
def test_incident_open_taken_reference_is_refused() -> None:
    """Nothing of the second is stored."""
    run(*OPEN)
    with nothing_changes():
        assert run(*OPEN) == ("", "reference: Incident with this Reference already exists.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "operator", "message"),
    [
        ("a\nb", "mno-1", "title: has a control character or line break (U+000A) at position 2; write it on one line"),
        ("T", "a\nb", "operator: has a control character or line break (U+000A) at position 2; write it on one line"),
    ],
)
def test_incident_open_line_break_is_refused_by_its_field(title: str, operator: str, message: str) -> None:
    """An operator made for it is not left behind."""
    with nothing_changes():
        assert run("open", "INC-1", "--title", title, "--domain", "mno", "--sims", "1", "--operator", operator) == ("", message)


@pytest.mark.django_db
def test_incident_close_prints_reference_and_priority_once() -> None:
    """Closing twice is refused."""
    run(*OPEN)
    Incident.objects.update(opened_at=NOW - timedelta(hours=1))
    assert run("close", "INC-1") == ("INC-1 is closed: P1\n", "")
    assert Incident.objects.get().closed_at == NOW
    assert run("close", "INC-1") == ("", "Incident INC-1 is closed already.")


@pytest.mark.django_db
def test_incident_close_unknown_reference_is_named() -> None:
    """A typing error is told plainly."""
    assert run("close", "INC-9") == ("", "There is no incident INC-9.")
