"""The table of priorities (DOMAIN.md): each row on both sides of its boundary, and what must hold for all numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.priorities import classify
from maintenance.states import Priority

RANK = [Priority.P4, Priority.P3, Priority.P2, Priority.P1]
SIMS = st.integers(0, 2000)
CUSTOMERS = st.lists(st.integers(0, 1200).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))), max_size=4)


@pytest.mark.parametrize(
    ("domain", "sims", "by_customer", "private_apn", "expected"),
    [
        # provider: over all customers
        ("provider", 501, [], "unaffected", "P1"),
        ("provider", 500, [], "unaffected", "P2"),
        ("provider", 251, [], "unaffected", "P2"),
        ("provider", 250, [], "unaffected", "P3"),
        ("provider", 26, [], "unaffected", "P3"),
        ("provider", 25, [], "unaffected", "P4"),
        ("provider", 24, [], "unaffected", "P4"),
        ("provider", 0, [], "unaffected", "P4"),
        # provider: more than half of a customer's base, where that is at least 250
        ("provider", 126, [(126, 250)], "unaffected", "P1"),
        ("provider", 125, [(125, 250)], "unaffected", "P2"),  # exactly 50 % is not more, and it is more than 25 %
        ("provider", 126, [(126, 251)], "unaffected", "P1"),
        ("provider", 125, [(125, 251)], "unaffected", "P2"),
        ("provider", 249, [(249, 249)], "unaffected", "P3"),  # the whole of a base of 249 does not count
        ("provider", 250, [(250, 250)], "unaffected", "P1"),
        ("provider", 500, [(500, 1000)], "unaffected", "P2"),
        ("provider", 501, [(501, 1002)], "unaffected", "P1"),  # exactly 50 %, but more than 500
        # provider: more than a quarter
        ("provider", 62, [(62, 250)], "unaffected", "P3"),
        ("provider", 63, [(63, 250)], "unaffected", "P2"),
        ("provider", 63, [(63, 252)], "unaffected", "P3"),  # exactly 25 % is not more
        ("provider", 64, [(64, 252)], "unaffected", "P2"),
        ("provider", 63, [(63, 249)], "unaffected", "P3"),
        ("provider", 250, [(250, 1000)], "unaffected", "P3"),
        # provider: the worst customer decides, shares are never added up
        ("provider", 130, [(125, 250), (5, 10)], "unaffected", "P2"),
        ("provider", 250, [(125, 250), (125, 250)], "unaffected", "P2"),
        ("provider", 136, [(10, 1000), (126, 250)], "unaffected", "P1"),
        ("provider", 1, [(0, 0)], "unaffected", "P4"),
        ("provider", 10, [], "down", "P4"),  # the private APN's rows are the MNO's
        # mno
        ("mno", 0, [], "down", "P1"),
        ("mno", 10, [], "impaired", "P2"),
        ("mno", 26, [], "unaffected", "P3"),
        ("mno", 25, [], "unaffected", "P4"),  # in neither row of the documents
        ("mno", 24, [], "unaffected", "P4"),
        ("mno", 100_000, [(1000, 1000)], "unaffected", "P3"),  # numbers alone make no P1 there
        # the customer's own
        ("customer", 100_000, [(1000, 1000)], "down", "none"),
    ],
)
def test_classify_by_the_table(domain: str, sims: int, by_customer: list[tuple[int, int]], private_apn: str, expected: str) -> None:
    assert classify(domain=domain, sims=sims, by_customer=by_customer, private_apn=private_apn) == expected


@given(sims=SIMS, customers=CUSTOMERS)
def test_classify_as_the_documents_word_it(sims: int, customers: list[tuple[int, int]]) -> None:
    """In the provider's domain, "more than 50 % of a customer's base where that base is at least 250": as fractions, without the program's arithmetic."""
    shares = [Fraction(affected, base) for affected, base in customers if base >= 250]
    if sims > 500 or any(share > Fraction(50, 100) for share in shares):
        expected = Priority.P1
    elif sims > 250 or any(share > Fraction(25, 100) for share in shares):
        expected = Priority.P2
    else:
        expected = Priority.P3 if sims > 25 else Priority.P4
    assert classify(domain="provider", sims=sims, by_customer=customers, private_apn="unaffected") == expected


@given(sims=SIMS, more=SIMS, customers=CUSTOMERS, others=CUSTOMERS, domain=st.sampled_from(["provider", "mno"]))
def test_classify_never_falls_when_more_is_hit(sims: int, more: int, customers: list[tuple[int, int]], others: list[tuple[int, int]], domain: str) -> None:
    fewer = classify(domain=domain, sims=sims, by_customer=customers, private_apn="unaffected")
    further = classify(domain=domain, sims=sims + more, by_customer=customers + others, private_apn="unaffected")
    assert RANK.index(further) >= RANK.index(fewer)


@given(sims=SIMS, customers=CUSTOMERS, apn=st.sampled_from(["unaffected", "impaired", "down"]))
def test_classify_a_customer_counts_once_however_often_it_is_looked_at(sims: int, customers: list[tuple[int, int]], apn: str) -> None:
    """Order and repetition change nothing: no sum is taken over customers' shares."""
    found = {classify(domain="provider", sims=sims, by_customer=iter(pairs), private_apn=apn) for pairs in (customers, customers[::-1], customers + customers)}
    assert len(found) == 1
