"""``manage.py import_customers`` as a user meets it."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from customers.models import Customer
from tests.factories import CustomerFactory, nothing_changes

DATA = Path(__file__).parents[3] / "data"

CUSTOMERS_FAULTS = """\
customers_bad/customers.csv:3: account: 'BAD0001' stands on line 2 already
customers_bad/customers.csv:4: tier: 'platinum' is unknown; write one of: standard, plus, enterprise
customers_bad/customers.csv:5: language: 'xx' is unknown; write one of: en, es, fr, de, it, nl, da, nb, zh-hans
customers_bad/customers.csv:6: timezone: 'Europe/Lundun' is no time zone; write an IANA name such as Europe/Madrid
customers_bad/customers.csv:7: sim_base: -5 is not from 0 to 2147483647
customers_bad/customers.csv:8: sim_base: 'many' is not a whole number
customers_bad/customers.csv:9: name: has a control character or line break (U+000A) at position 5; write it on one line
customers_bad/customers.csv:11: account: is empty
customers_bad/customers.csv:12: region: 'atlantis' is unknown; write one of: at, cn, de, dk, es, fr, it, nl, no, uk, us
"""
CONTACTS_FAULTS = """\
customers_bad/contacts.csv:3: email: 'ana@customer.example' stands for account BAD0001 on line 2 already
customers_bad/contacts.csv:4: email: must be one address; give each person a row of their own
customers_bad/contacts.csv:5: email: has a control character or line break (U+000A) at position 19; write it on one line
customers_bad/contacts.csv:7: email: is not an e-mail address such as ana@customer.example
customers_bad/contacts.csv:8: email: has spaces around it; write the bare address
customers_bad/contacts.csv:9: account: 'BAD9999' is no account: neither the customers' file nor the database has it
customers_bad/contacts.csv:10: role: 'wizard' is unknown; write one of: operations, technical, manager, noc
"""
SERVICES_FAULTS = """\
customers_bad/services.csv:3: object_id: 'BAD-1' stands for account BAD0001 on line 2 already
customers_bad/services.csv:4: component: 'netpro.telepathy' is unknown; write one of: netpro.shared-services, netpro.ipsec, netpro.ssl-vpn, \
netpro.openvpn, netpro.sim-to-sim, netpro.dedicated-interconnect, netpro.dmvpn, netpro.fixed-public-ip
customers_bad/services.csv:5: domain: netpro.ipsec cannot be in the domain mno; possible: provider
customers_bad/services.csv:6: operator: is empty; a service in the domain mno names its operator
customers_bad/services.csv:7: sims: 0 is not from 1 to 2147483647
"""
LATIN1_FAULT = "customers_bad/latin1.csv:2: encoding: is not UTF-8: byte 0xD1 at position 9 of the line; save the file as UTF-8\n"


class Terminal(StringIO):
    """Standard error on a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture(autouse=True)
def in_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name files as a user in tests/data would."""
    monkeypatch.chdir(DATA)


def refused(*arguments: str) -> tuple[str, str, int]:
    """Run the command, which must change nothing and fail; return standard error, the last message and the exit code."""
    stdout, stderr = StringIO(), StringIO()
    with nothing_changes(), pytest.raises(CommandError) as error:
        call_command("import_customers", *arguments, stdout=stdout, stderr=stderr)
    assert stdout.getvalue() == ""
    return stderr.getvalue(), str(error.value), error.value.returncode


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "name", "faults", "count"),
    [
        ("--customers", "customers", CUSTOMERS_FAULTS, "9 faults"),
        ("--contacts", "contacts", CONTACTS_FAULTS, "7 faults"),
        ("--services", "services", SERVICES_FAULTS, "5 faults"),
        ("--customers", "latin1", LATIN1_FAULT, "1 fault"),
        ("--customers", "missing_column", "customers_bad/missing_column.csv:1: timezone: the column is missing\n", "1 fault"),
        (
            "--customers",
            "semicolons",
            "customers_bad/semicolons.csv:1: header: the fields are separated by semicolons; separate them by commas\n",
            "1 fault",
        ),
    ],
)
def test_import_customers_bad_file_lists_every_fault(option: str, name: str, faults: str, count: str) -> None:
    """File, line, column and reason of each row that is wrong, and of no other."""
    CustomerFactory.create(account="BAD0001")
    assert refused(option, f"customers_bad/{name}.csv") == (faults, f"Refused: {count}, nothing was changed.", 1)


@pytest.mark.django_db
def test_import_customers_three_bad_files_are_reported_at_once() -> None:
    """In the order customers, contacts, services, however the options stand."""
    arguments = [part for kind in ("services", "contacts", "customers") for part in (f"--{kind}", f"customers_bad/{kind}.csv")]
    assert refused(*arguments) == (CUSTOMERS_FAULTS + CONTACTS_FAULTS + SERVICES_FAULTS, "Refused: 21 faults, nothing was changed.", 1)


@pytest.mark.django_db
def test_import_customers_missing_file_is_named_beside_faults_of_others() -> None:
    """One that is missing does not hide another that is a folder."""
    report = "nowhere.csv:1: file: cannot be read (No such file or directory)\ncustomers:1: file: cannot be read (Is a directory)\n"
    assert refused("--customers", "nowhere.csv", "--services", "customers") == (report, "Refused: 2 faults, nothing was changed.", 1)


@pytest.mark.django_db
def test_import_customers_without_a_file_says_what_to_name() -> None:
    """Nothing to do is a mistake, not a success."""
    assert refused() == ("", "Name at least one file: --customers, --contacts or --services.", 1)


@pytest.mark.django_db
def test_import_customers_success_prints_counts_and_no_progress_into_a_pipe() -> None:
    """Standard error stays empty for cron."""
    stdout, stderr = StringIO(), StringIO()
    call_command("import_customers", customers=DATA / "customers" / "customers.csv", stdout=stdout, stderr=stderr)
    assert (stdout.getvalue(), stderr.getvalue()) == ("customers: 1500 added, 0 updated, 0 unchanged\n", "")
    assert Customer.objects.count() == 1500


@pytest.mark.django_db
def test_import_customers_dry_run_says_so_and_shows_progress_on_a_terminal() -> None:
    """The counts are those of a real run."""
    stdout, stderr = StringIO(), Terminal()
    with nothing_changes():
        call_command("import_customers", "--customers", "customers/customers.csv", "--dry-run", stdout=stdout, stderr=stderr)
    assert stdout.getvalue() == "customers: 1500 added, 0 updated, 0 unchanged\nDry run: nothing was changed.\n"
    assert stderr.getvalue() == "reading customers/customers.csv\nwriting customers/customers.csv\n"
