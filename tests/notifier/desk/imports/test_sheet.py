"""Whatever bytes come, a CSV file is read or refused with faults that a terminal can show."""

import unicodedata
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.desk.imports.contact_sheet import ContactRow, contact_form
from notifier.desk.imports.customer_sheet import CustomerRow, customer_form
from notifier.desk.imports.faults import Findings
from notifier.desk.imports.service_sheet import ServiceRow, service_form
from notifier.desk.imports.sheet import Form, Sheet, Value, read_sheet
from tests.notifier.desk.imports.lists import LISTS

CUSTOMERS = customer_form(lists=LISTS)
CUSTOMERS_HEADER = "account,name,region,tier,language,timezone,sim_base"
CONTACTS_HEADER = "account,name,email,role,language,timezone"
SERVICES_HEADER = "account,component,domain,operator,object_id,sims"
GOOD_CUSTOMER = "A1,Ann & Co,uk,plus,en,Europe/London,10"
GOOD_CONTACT = "A1,Ana,ana@customer.example,noc,,"
GOOD_SERVICE = "A1,netpro.ipsec,provider,,O-1,10"


def read(form: Form[Value], *lines: str) -> Sheet[Value]:
    """Return what a file ``f`` of those lines holds."""
    return read_sheet("\n".join(lines).encode(), form=form, findings=Findings("f"))


def faults(sheet: Sheet[Value]) -> list[str]:
    """Return the report."""
    return [str(fault) for fault in sheet.findings.in_order()]


def test_read_sheet_right_rows_become_values() -> None:
    """Numbers are numbers."""
    sheet = read(CUSTOMERS, CUSTOMERS_HEADER, GOOD_CUSTOMER)
    assert (sheet.rows, faults(sheet), sheet.complete) == ([(2, CustomerRow("A1", "Ann & Co", "uk", "plus", "en", "Europe/London", 10))], [], True)


def test_read_sheet_row_with_several_faults_names_each() -> None:
    """One run is enough to mend a row."""
    assert faults(read(CUSTOMERS, CUSTOMERS_HEADER, " A1,,uk,gold,en,,1e3")) == [
        "f:2: account: has spaces around it; take them away",
        "f:2: name: is empty",
        "f:2: tier: 'gold' is unknown; write one of: standard, plus",
        "f:2: timezone: is empty; write an IANA name such as Europe/Madrid",
        "f:2: sim_base: '1e3' is not a whole number",
    ]


def test_read_sheet_key_twice_names_the_first_line_even_if_that_row_is_wrong() -> None:
    """Lines count quoted line breaks."""
    assert faults(read(CUSTOMERS, CUSTOMERS_HEADER, "A1,,uk,plus,en,Europe/London,10", '"A2","x', 'y",uk,plus,en,Europe/London,1', GOOD_CUSTOMER)) == [
        "f:2: name: is empty",
        "f:3: name: has a control character or line break (U+000A) at position 2; write it on one line",
        "f:5: account: 'A1' stands on line 2 already",
    ]


@pytest.mark.parametrize(
    ("lines", "complete"),
    [
        ((CUSTOMERS_HEADER, "A1,,uk,plus,en,Europe/London,10"), True),
        ((CUSTOMERS_HEADER, "A1"), False),
        ((CUSTOMERS_HEADER, '"'), False),
        (("account",), False),
    ],
)
def test_read_sheet_is_complete_where_every_row_was_told_apart(lines: Sequence[str], complete: bool) -> None:  # noqa: FBT001  # what is expected
    """Otherwise accounts may exist that were not read."""
    assert read(CUSTOMERS, *lines).complete is complete


def test_contact_form_same_person_with_other_words_names_both_lines() -> None:
    """One person has one name, language and time zone."""
    form = contact_form(lists=LISTS, accounts={"A1", "A2", "A3"})
    rows = ("A1,Ana,ana@customer.example,noc,,", "A2,Anna,ANA@customer.example,manager,en,UTC", "A3,Ana,ana@customer.example,noc,xx,")
    sheet = read(form, CONTACTS_HEADER, *rows)
    assert sheet.rows == [(2, ContactRow("A1", "Ana", "ana@customer.example", "noc", "", ""))]
    assert faults(sheet) == [
        "f:3: name: 'Anna', but line 2 has 'Ana' for ana@customer.example; write a person the same on every row",
        "f:3: language: 'en', but line 2 has '' for ana@customer.example; write a person the same on every row",
        "f:3: timezone: 'UTC', but line 2 has '' for ana@customer.example; write a person the same on every row",
        "f:4: language: 'xx' is unknown; write one of: en, es",
    ]


def test_contact_form_unknown_accounts_are_let_through_where_none_can_be_known() -> None:
    """The file that should name them has faults of its own."""
    known, unknown = (contact_form(lists=LISTS, accounts=accounts) for accounts in ({"A9"}, None))
    assert faults(read(known, CONTACTS_HEADER, GOOD_CONTACT)) == ["f:2: account: 'A1' is no account: neither the customers' file nor the database has it"]
    assert faults(read(unknown, CONTACTS_HEADER, GOOD_CONTACT)) == []


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A1,data.mobile-core,mno,,O,1", "f:2: operator: is empty; a service in the domain mno names its operator"),
        ("A1,data.mobile-core,provider,mno-1,O,1", "f:2: operator: must be empty: a service in the domain provider has no operator"),
        ("A1,netpro.ipsec,mno,mno-1,O,1", "f:2: domain: netpro.ipsec cannot be in the domain mno; possible: provider"),
        ("A1,netpro.ipsec,customer,,O,1", "f:2: domain: 'customer' is unknown; write one of: provider, mno"),
        ("A1,netpro.ipsec,provider,,O,0", "f:2: sims: 0 is not from 1 to 2147483647"),
        ("A1,netpro.ipsec,provider,,,1", "f:2: object_id: is empty"),
    ],
)
def test_service_form_wrong_row_is_refused(row: str, fault: str) -> None:
    """By the catalogue and the constraints of the database."""
    assert faults(read(service_form(lists=LISTS, accounts=None), SERVICES_HEADER, row)) == [fault]


def test_service_form_same_object_id_is_right_for_two_accounts_only() -> None:
    """The identifier is the customer's own."""
    form = service_form(lists=LISTS, accounts=None)
    sheet = read(form, SERVICES_HEADER, GOOD_SERVICE, GOOD_SERVICE.replace("A1", "A2"), GOOD_SERVICE)
    assert sheet.rows == [(line, ServiceRow(account, "netpro.ipsec", "provider", "", "O-1", 10)) for line, account in ((2, "A1"), (3, "A2"))]
    assert faults(sheet) == ["f:4: object_id: 'O-1' stands for account A1 on line 2 already"]


FIELDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["A1", "Ann", "uk", "plus", "en", "Europe/London", "10", "", "noc", "a@b.example", "netpro.ipsec", "mno", "provider", '"', "\r\n", "\x00"]),
)
LINES = st.lists(st.lists(FIELDS, max_size=8).map(",".join), max_size=6).map("\n".join)
HEADERS = st.sampled_from([CUSTOMERS_HEADER, CONTACTS_HEADER, SERVICES_HEADER, "", "\ufeff"])
CONTENT = st.one_of(st.binary(max_size=200), st.builds(lambda header, lines: f"{header}\n{lines}".encode("utf-8", "surrogatepass"), HEADERS, LINES))


@given(content=CONTENT)
def test_read_sheet_any_bytes_give_rows_or_printable_faults(content: bytes) -> None:
    """Never another exception, and no character that moves a cursor."""
    forms: tuple[Form[Any], ...] = (CUSTOMERS, contact_form(lists=LISTS, accounts={"A1"}), service_form(lists=LISTS, accounts={"A1"}))
    for form in forms:
        sheet = read_sheet(content, form=form, findings=Findings("f"))
        report = faults(sheet)
        assert len(report) > 0 or sheet.complete
        assert not [line for line in report if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in line)]
