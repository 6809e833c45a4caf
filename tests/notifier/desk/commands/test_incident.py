"""``manage.py incident`` as a user meets it."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command

from customers.models import Operator
from maintenance import booking
from maintenance.models import Incident, Window
from tests.factories import NOW, CustomerFactory, OperatorFactory, draft, nothing_changes, reader, window
from tests.notifier.desk.commands.wire import exit_1, tasks_sent

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
    run(*OPEN[:-1], "500")
    Incident.objects.update(opened_at=NOW - timedelta(hours=1))
    assert run("close", "INC-1") == ("INC-1 is closed: P2\n", "")
    assert Incident.objects.get().closed_at == NOW
    assert run("close", "INC-1") == ("", "Incident INC-1 is closed already.")


@pytest.mark.django_db
def test_incident_close_with_no_customers_entered_says_so() -> None:
    """The report is owed all the same, to nobody so far."""
    run(*OPEN)
    due = "The root-cause report is due on 2026-11-27 09:00 UTC. No customer is entered yet; enter whom it hit."
    assert (run("close", "INC-1"), run("report", "INC-1")) == ((f"INC-1 is closed: P1\n{due}\n", ""), (f"{due}\n", ""))


@pytest.mark.django_db
def test_incident_close_unknown_reference_is_named() -> None:
    """A typing error is told plainly."""
    assert run("close", "INC-9") == ("", "There is no incident INC-9.")


@pytest.mark.django_db
def test_incident_close_says_what_report_is_owed() -> None:
    customer = CustomerFactory.create(account="A", tier_slug="enterprise")
    run(*OPEN, "--customer", "A=10")
    assert run("close", "INC-1") == ("INC-1 is closed: P1\nThe root-cause report is due on 2026-11-27 09:00 UTC.\n", "")
    assert run("report", "INC-1") == (f"The root-cause report is due on 2026-11-27 09:00 UTC.\n{customer}\n", "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "priority"),
    [
        (("--customer", "A=125", "--customer", "B=2"), "P2"),
        (("--customer", "A=126"), "P1"),
        (("--customer", "A=10", "--customer", "A=126"), "P1"),
    ],
)
def test_incident_open_with_customers(options: tuple[str, ...], priority: str) -> None:
    """The last number of a customer counts."""
    for account in ("A", "B"):
        CustomerFactory.create(account=account, sim_base=250)
    assert run("open", "INC-1", "--title", "T", "--domain", "provider", "--sims", "1", *options) == (f"INC-1 is open: {priority}\n", "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ("A=251", "sims: A has 250 SIMs, so no more can be affected; where that is wrong, correct the customer's SIM base first."),
        ("Z=1", "customer: There is no customer Z."),
        ("A", "customer: There is no customer A."),
        ("A=x", "customer: A=x does not end with a number of SIMs."),
        ("A=-1", "customer: A=-1 does not end with a number of SIMs."),
    ],
)
def test_incident_open_with_a_wrong_customer(entered: str, message: str) -> None:
    """Nothing of it is stored."""
    CustomerFactory.create(account="A", sim_base=250)
    with nothing_changes():
        assert run(*OPEN, "--customer", entered) == ("", message)


@pytest.mark.django_db
def test_incident_open_with_an_impaired_private_apn() -> None:
    done = run("open", "INC-1", "--title", "T", "--domain", "mno", "--sims", "1", "--private-apn-impaired")
    assert done == ("INC-1 is open: P2\n", "")


def judge() -> None:
    """Let petra set priorities; paul may enter incidents only."""
    for name, codename in (("petra", "override_priority"), ("paul", "change_incident")):
        user = User.objects.create_user(name, is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename=codename))


@pytest.mark.django_db
def test_incident_override_and_take_back() -> None:
    judge()
    run("open", "INC-1", "--title", "T", "--domain", "provider", "--sims", "300")
    assert run("override", "INC-1", "--priority", "P1", "--reason", "Hospitals", "--by", "petra") == ("INC-1 is P1 (computed P2)\n", "")
    assert Incident.objects.values_list("override_by", "override_reason").get() == ("petra", "Hospitals")
    assert run("override", "INC-1", "--take-back", "--reason", "None there", "--by", "petra") == ("INC-1 is P2 (computed P2)\n", "")


@pytest.mark.django_db
@pytest.mark.parametrize("verb", [("override", "INC-1", "--priority", "P4"), ("override", "INC-1", "--take-back"), ("refute", "INC-1")])
@pytest.mark.parametrize("name", ["paul", "nobody"])
def test_incident_judged_without_the_right(verb: tuple[str, ...], name: str) -> None:
    judge()
    run(*OPEN)
    with nothing_changes():
        assert run(*verb, "--reason", "x", "--by", name) == ("", f"{name} may not set priorities.")


@pytest.mark.django_db
def test_incident_override_without_a_reason() -> None:
    judge()
    run(*OPEN)
    with nothing_changes():
        assert run("override", "INC-1", "--priority", "P4", "--reason", " ", "--by", "petra") == ("", "reason: Give a reason.")


@pytest.mark.django_db
def test_incident_refute_says_what_stops() -> None:
    judge()
    reader()
    run(*OPEN)
    work = booking.book(draft(windows=(window(1),), incident=Incident.objects.get()), by="petra", now=NOW)
    booking.announce(work, by="petra", now=NOW)
    with tasks_sent() as sent:
        assert run("refute", "INC-1", "--reason", "Probe broken", "--by", "petra") == (
            "INC-1 never was a P1: P2\nEmergencies that stop: MNT-1.1. 1 customer is told.\n",
            "",
        )
    assert (sent, Window.objects.get().state) == (["notifier.delivery.dispatch"], "postponed")


@pytest.mark.django_db
def test_incident_refute_with_nothing_to_stop() -> None:
    judge()
    run(*OPEN)
    with tasks_sent() as sent:
        assert run("refute", "INC-1", "--reason", "Probe broken", "--by", "petra") == ("INC-1 never was a P1: P2\n", "")
    assert sent == []
