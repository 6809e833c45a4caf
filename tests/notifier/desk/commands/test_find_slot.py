"""``manage.py find_slot`` as a user meets it."""

from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from tests.factories import NOW, OperatorFactory, ServiceFactory, nothing_changes, reader
from tests.maintenance.works import freeze, work
from tests.notifier.desk.commands.wire import exit_1

pytestmark = pytest.mark.django_db

MONDAY = ("--from", "2026-12-14", "--to", "2026-12-14")
IPSEC = ("--scope", "netpro.ipsec/provider")


def run(*arguments: str) -> tuple[list[str], str]:
    """Run the command; return the lines of standard output and the failure (empty: exit code 0). It changes nothing."""
    stdout, failure = StringIO(), ""
    with time_machine.travel(NOW, tick=False), nothing_changes():
        try:
            call_command("find_slot", *arguments, stdout=stdout, stderr=StringIO())
        except CommandError as error:
            failure = exit_1(error)
    return stdout.getvalue().splitlines(), failure


def test_slots_are_printed_the_best_first() -> None:
    """Times with their offset, which ``maintenance move`` takes."""
    reader(account="A", sim_base=1)
    work("MNT-2", (datetime(2026, 12, 14, 18, tzinfo=UTC), datetime(2026, 12, 15, 2, tzinfo=UTC)))
    meets = "MNT-2.1, 2026-12-14 19:00 +0100 Europe/Madrid to 2026-12-15 03:00 +0100 Europe/Madrid"
    assert run(*IPSEC, *MONDAY, "--minutes", "480", "--timezone", "Europe/Madrid") == (
        [
            "2026-12-14T00:00+01:00 2026-12-14T08:00+01:00; 0 SIMs in working hours",
            "2026-12-14T08:00+01:00 2026-12-14T16:00+01:00; 1 SIM in working hours",
            f"2026-12-14T19:00+01:00 2026-12-15T03:00+01:00; 0 SIMs in working hours; meets {meets}",
        ],
        "",
    )


def test_days_unless_given_are_sixty_from_today_on() -> None:
    lines, _failure = run(*IPSEC, "--minutes", "1440")
    assert [line[:10] for line in lines] == [f"2026-12-{day:02d}" for day in range(3, 13)]
    lines, _failure = run(*IPSEC, "--minutes", "1440", "--from", "2027-01-18")
    assert len(lines) == 10
    lines, _failure = run(*IPSEC, "--minutes", "1440", "--to", "2026-12-04")
    assert [line[:16] for line in lines] == ["2026-12-03T09:00", "2026-12-04T09:00"]


def test_reference_says_what_is_to_be_done() -> None:
    """Its first window's length, its impact, its zone, its supplier; what is given beside it counts instead."""
    reader(account="A")
    supplier = OperatorFactory.create(notice_days=20)
    work("MNT-1", state="draft", supplier=supplier, impact="no_impact")
    assert run("--reference", "MNT-1", "--to", "2026-12-13")[0][:1] == ["2026-12-13T09:00+00:00 2026-12-13T11:00+00:00; 0 SIMs in working hours"]
    given = ("--minutes", "60", "--impact", "outage", "--timezone", "Europe/Berlin")
    assert run("--reference", "MNT-1", *MONDAY, *given)[0][0][:51] == "2026-12-14T00:00+01:00 2026-12-14T01:00+01:00; 0 SI"
    assert run("--reference", "MNT-1", *MONDAY)[0][0][:16] == "2026-12-14T00:00"


def test_scopes_objects_and_supplier_say_what_is_to_be_done() -> None:
    operator = OperatorFactory.create(code="mno/1")
    ServiceFactory.create(slug="data.mobile-core", operator=operator, object_id="one", sims=5)
    ServiceFactory.create(slug="data.mobile-core", operator=OperatorFactory.create(), object_id="two", sims=10)
    ServiceFactory.create(slug="data.mobile-core", object_id="three", sims=20)
    day = (*MONDAY, "--minutes", "1440")

    def sims(*arguments: str) -> str:
        lines, failure = run(*arguments, *day)
        assert failure == ""
        return lines[0].partition("; ")[2]

    core = "data.mobile-core"
    assert [
        sims("--scope", f"{core}/mno"),
        sims("--scope", f"{core}/mno/mno/1"),
        sims("--scope", f"{core}/mno/mno/1", "--scope", f"{core}/provider"),
        sims("--scope", f"{core}/mno", "--scope", f"{core}/provider", "--object", "two", "--object", "three"),
    ] == [f"{number} SIMs in working hours" for number in (15, 5, 25, 30)]
    operator.notice_days = 100
    operator.save()
    assert run("--scope", f"{core}/mno", "--supplier", "mno/1", *day)[0] == []


def test_no_slot_says_from_when_it_is_legal_and_what_is_frozen() -> None:
    freeze("Christmas", start=datetime(2026, 12, 14, tzinfo=UTC), end=datetime(2026, 12, 28, tzinfo=UTC))
    failure = (
        "There is no slot from 2026-12-14 to 2026-12-14.\n"
        "The first start that is legal if announced now: 2026-12-03 09:00 +0000 UTC.\n"
        "Freeze: “Christmas” of everything, 2026-12-14 00:00 +0000 UTC to 2026-12-28 00:00 +0000 UTC"
    )
    assert run(*IPSEC, *MONDAY, "--minutes", "60") == ([], failure)


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [
        (("--reference", "MNT-9"), "There is no maintenance MNT-9."),
        (IPSEC, "--minutes: is missing"),
        ((*IPSEC, "--minutes", "0"), "--minutes: must be from 1 to 10080"),
        ((*IPSEC, "--minutes", "60", "--from", "2026-12-14", "--to", "2026-12-13"), "--to: must not be before the first day"),
        ((*IPSEC, "--minutes", "60", "--from", "0001-01-01"), "--from: must be in a year from 2000 to 2100"),
        ((*IPSEC, "--minutes", "60", "--timezone", "Mars"), "--timezone: 'Mars' is not a time zone such as Europe/Madrid"),
        (("--scope", "nothing/provider", "--minutes", "60"), "--scope: 'nothing/provider' names no component of the catalogue"),
        (("--scope", "netpro.ipsec/mno", "--minutes", "60"), "netpro.ipsec cannot be in the domain mno"),
        (("--scope", "data.mobile-core/mno/nobody", "--minutes", "60"), "There is no operator 'nobody'."),
        (("--scope", "data.mobile-core/provider/nobody", "--minutes", "60"), "There is no operator 'nobody'."),
        (
            ("--scope", "netpro.ipsec", "--minutes", "60"),
            "--scope: 'netpro.ipsec' names no domain; write it as data.mobile-core/provider or data.mobile-core/mno/OPERATOR",
        ),
    ],
)
def test_wrong_wishes_are_refused(arguments: tuple[str, ...], failure: str) -> None:
    assert run(*arguments) == ([], failure)


def test_operator_in_the_providers_domain_is_refused() -> None:
    OperatorFactory.create(code="mno-1")
    assert run("--scope", "data.mobile-core/provider/mno-1", "--minutes", "60") == ([], "only the domain mno has operators")
