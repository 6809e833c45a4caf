"""Customers, contacts and services from files into rows."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Contact, ContactRole, Customer, Operator, Service
from notifier.desk.imports.customer_import import CustomerFiles, import_customers
from notifier.desk.imports.faults import Refused
from tests.factories import nothing_changes

DATA = Path(__file__).parents[3] / "data" / "customers"
CUSTOMERS = "account,name,region,tier,language,timezone,sim_base"
CONTACTS = "account,name,email,role,language,timezone"
SERVICES = "account,component,domain,operator,object_id,sims"
ANN = "A1,Ann & Co,uk,plus,en,Europe/London,10"
ANA = "A1,Ana,Ana@Customer.Example,noc,,"
VPN = "A1,netpro.ipsec,provider,,O-1,10"
CORE = "A1,data.mobile-core,mno,mno-new-1,O-2,2147483647"


def bring_in(folder: Path, files: dict[str, list[str]], *, dry_run: bool = False) -> dict[str, dict[str, int]]:
    """Import files of those rows, given by kind with their header; return the counts by kind."""
    paths = {}
    for kind, lines in files.items():
        paths[kind] = folder / f"{kind}.csv"
        paths[kind].write_text("\n".join(lines) + "\n", encoding="utf-8")
    counts = import_customers(files=CustomerFiles(**paths), dry_run=dry_run, progress=lambda _text: None)
    return {kind: {change.value: number for change, number in changes.items()} for kind, changes in counts.items()}


def rows() -> dict[str, list[Any]]:
    """Return what is in the database, by account, address and code."""
    return {
        "customers": list(Customer.objects.values_list("account", "name", "region__slug", "tier__slug", "language", "timezone", "sim_base")),
        "contacts": list(Contact.objects.values_list("email", "name", "language", "timezone")),
        "roles": list(ContactRole.objects.order_by("customer__account", "contact__email").values_list("customer__account", "contact__email", "role")),
        "services": list(Service.objects.values_list("customer__account", "component__slug", "domain", "operator__code", "object_id", "sims")),
        "operators": list(Operator.objects.values_list("code", flat=True)),
    }


@pytest.mark.django_db
def test_import_customers_new_rows_are_added(tmp_path: Path) -> None:
    """Addresses in lower case; operators come into being."""
    counts = bring_in(tmp_path, {"customers": [CUSTOMERS, ANN], "contacts": [CONTACTS, ANA], "services": [SERVICES, VPN, CORE]})
    assert counts == {"customers": {"added": 1}, "contacts": {"added": 1}, "services": {"added": 2}}
    found = rows()
    assert [str(value) for value in found["customers"][0]] == ["A1", "Ann & Co", "uk", "plus", "en", "Europe/London", "10"]
    assert found["contacts"] == [("ana@customer.example", "Ana", "", None)]
    assert found["roles"] == [("A1", "ana@customer.example", "noc")]
    assert found["services"] == [
        ("A1", "netpro.ipsec", "provider", None, "O-1", 10),
        ("A1", "data.mobile-core", "mno", "mno-new-1", "O-2", 2147483647),
    ]
    assert found["operators"] == ["mno-new-1"]


@pytest.mark.django_db
def test_import_customers_again_changes_nothing(tmp_path: Path) -> None:
    """Not even a row with the same values is written."""
    files = {"customers": [CUSTOMERS, ANN], "contacts": [CONTACTS, ANA], "services": [SERVICES, VPN, CORE]}
    bring_in(tmp_path, files)
    with nothing_changes():
        counts = bring_in(tmp_path, files)
    assert counts == {"customers": {"unchanged": 1}, "contacts": {"unchanged": 1}, "services": {"unchanged": 2}}


@pytest.mark.django_db
def test_import_customers_known_keys_are_updated_and_absent_rows_stay(tmp_path: Path) -> None:
    """Keys are the account, the address in lower case, and account with object id."""
    bring_in(
        tmp_path,
        {
            "customers": [CUSTOMERS, ANN, ANN.replace("A1", "A2")],
            "contacts": [CONTACTS, ANA, ANA.replace("A1", "A2")],
            "services": [SERVICES, VPN, CORE],
        },
    )
    ids = list(Customer.objects.values_list("account", "pk"))
    counts = bring_in(
        tmp_path,
        {
            "customers": [CUSTOMERS, "A2,Zoë Ltd,es,standard,es,Europe/Madrid,0"],
            "contacts": [CONTACTS, "A2,Ana María,ANA@customer.example,noc,es,America/New_York"],
            "services": [SERVICES, "A1,netpro.ipsec,provider,,O-2,5", "A2,netpro.ipsec,provider,,O-2,6"],
        },
    )
    assert counts == {"customers": {"updated": 1}, "contacts": {"updated": 1}, "services": {"updated": 1, "added": 1}}
    found = rows()
    assert list(Customer.objects.values_list("account", "pk")) == ids
    assert [str(value) for value in found["customers"][1]] == ["A2", "Zoë Ltd", "es", "standard", "es", "Europe/Madrid", "0"]
    assert [str(value) for value in found["contacts"][0]] == ["ana@customer.example", "Ana María", "es", "America/New_York"]
    assert found["roles"] == [("A1", "ana@customer.example", "noc"), ("A2", "ana@customer.example", "noc")]
    assert found["services"] == [
        ("A1", "netpro.ipsec", "provider", None, "O-1", 10),
        ("A1", "netpro.ipsec", "provider", None, "O-2", 5),
        ("A2", "netpro.ipsec", "provider", None, "O-2", 6),
    ]


@pytest.mark.django_db
def test_import_customers_contacts_may_name_accounts_of_the_database(tmp_path: Path) -> None:
    """A contacts file can come alone."""
    bring_in(tmp_path, {"customers": [CUSTOMERS, ANN]})
    assert bring_in(tmp_path, {"contacts": [CONTACTS, ANA]}) == {"contacts": {"added": 1}}


@pytest.mark.django_db
def test_import_customers_changed_role_counts_as_updated(tmp_path: Path) -> None:
    """Whom somebody serves is one row, with its role."""
    bring_in(tmp_path, {"customers": [CUSTOMERS, ANN], "contacts": [CONTACTS, ANA]})
    assert bring_in(tmp_path, {"contacts": [CONTACTS, ANA.replace("noc", "manager")]}) == {"contacts": {"updated": 1}}


@pytest.mark.django_db
def test_import_customers_header_alone_is_no_fault(tmp_path: Path) -> None:
    """Zero rows are rows."""
    counts = bring_in(tmp_path, {"customers": [CUSTOMERS], "contacts": [CONTACTS], "services": [SERVICES]})
    assert counts == {"customers": {}, "contacts": {}, "services": {}}


@pytest.mark.django_db
def test_import_customers_dry_run_counts_and_changes_nothing(tmp_path: Path) -> None:
    """Operators are not left behind either."""
    with nothing_changes():
        counts = bring_in(tmp_path, {"customers": [CUSTOMERS, ANN], "contacts": [CONTACTS, ANA], "services": [SERVICES, VPN, CORE]}, dry_run=True)
    assert counts == {"customers": {"added": 1}, "contacts": {"added": 1}, "services": {"added": 2}}


@pytest.mark.django_db
def test_import_customers_fault_in_the_last_file_changes_nothing(tmp_path: Path) -> None:
    """All or nothing goes across the files."""
    with nothing_changes(), pytest.raises(Refused) as refused:
        bring_in(tmp_path, {"customers": [CUSTOMERS, ANN], "contacts": [CONTACTS, ANA], "services": [SERVICES, VPN, VPN.replace("A1", "A7")]})
    assert [str(fault) for fault in refused.value.faults] == [
        f"{tmp_path}/services.csv:3: account: 'A7' is no account: neither the customers' file nor the database has it",
    ]


@pytest.mark.django_db
def test_import_customers_unreadable_customers_do_not_make_accounts_unknown(tmp_path: Path) -> None:
    """One fault is one line, not one for each row that depends on it."""
    with pytest.raises(Refused) as refused:
        bring_in(tmp_path, {"customers": [CUSTOMERS, ANN + ",more"], "contacts": [CONTACTS, ANA]})
    assert [str(fault) for fault in refused.value.faults] == [f"{tmp_path}/customers.csv:2: row: has 8 fields, the header has 7"]


@pytest.mark.django_db
def test_import_customers_needs_as_many_queries_for_three_rows_as_for_one(tmp_path: Path) -> None:
    """Rows go in bulk."""
    numbers = []
    for letters in ("A", "BCD"):
        files: dict[str, list[str]] = {
            "customers": [CUSTOMERS, *(ANN.replace("A1", letter) for letter in letters)],
            "contacts": [CONTACTS, *(f"{letter},Ana,{letter}@customer.example,noc,," for letter in letters)],
            "services": [SERVICES, *(CORE.replace("A1", letter).replace("mno-new", f"mno-{letter}") for letter in letters)],
        }
        with CaptureQueriesContext(connection) as queries:
            bring_in(tmp_path, files)
        numbers.append(len(queries))
    assert numbers == [23, 23]


@pytest.mark.django_db
def test_import_customers_all_shared_data_in_under_ten_seconds() -> None:
    """Twice, and the second time writes nothing."""
    files = CustomerFiles(**{kind: DATA / f"{kind}.csv" for kind in ("customers", "contacts", "services")})
    began = time.monotonic()
    counts = import_customers(files=files, dry_run=False, progress=lambda _text: None)
    assert time.monotonic() - began < 10
    assert {kind: {change.value: number for change, number in changes.items()} for kind, changes in counts.items()} == {
        "customers": {"added": 1500},
        "contacts": {"added": 3252},
        "services": {"added": 5944},
    }
    assert (Customer.objects.count(), ContactRole.objects.count(), Service.objects.count()) == (1500, 3252, 5944)
    with nothing_changes():
        import_customers(files=files, dry_run=False, progress=lambda _text: None)
