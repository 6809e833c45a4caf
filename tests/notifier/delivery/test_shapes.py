"""Letters that differ in more than personal values never share a compiled message."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.models import Customer, Tier
from maintenance.states import Impact, Kind
from notifier.delivery.letter import Letter, Told
from notifier.delivery.personal import shape_of
from tests.notifier.delivery.kinds import of_kind
from tests.notifier.delivery.letters import ISSUED, NEXT_NIGHT, NIGHT, letter, region, said, service, told
from tests.notifier.delivery.mail_rows import Bench, Rows, expected, parsed
from tests.notifier.delivery.test_compiled import assert_same

NARROWED = said(windows=(replace(NIGHT, narrowed=True), replace(NEXT_NIGHT, narrowed=True)))


def _told(*services: object, **customer: object) -> tuple[Told, ...]:
    """Return one account; fields of the customer are other than usual."""
    made = told(services=services or None)  # type: ignore[arg-type]  # rows
    for name, value in customer.items():
        setattr(made.customer, name, value)
    return (made,)


def _tier(**changes: object) -> Tier:
    return Tier(**{"slug": "standard", "opens": time(9), "closes": time(18), "around_the_clock": False} | changes)


A, B = service("A"), service("B")
VARIANTS: dict[str, tuple[Letter, Letter]] = {
    "notice": (letter(), letter(issued_at=ISSUED + timedelta(hours=1))),
    "what is said": (letter(), letter(said=said(expected_outage_minutes=46))),
    "kind": (letter(), letter(kind=Kind.CORRECTED)),
    "language": (letter(), letter(language="da")),
    "zone": (letter(), letter(zone=ZoneInfo("Europe/Lisbon"))),
    "a name or none": (letter(), letter(contact_name="")),
    "a feed or none": (letter(), letter(feed_url="")),
    "told at": (of_kind("reminder"), replace(of_kind("reminder"), told_at=None)),
    "region": (letter(), letter(accounts=_told(region=region(support_phone="+44 1")))),
    "tier": (letter(), letter(accounts=_told(tier=_tier(around_the_clock=True)))),
    "notice agreed": (replace(of_kind("late"), accounts=_told()), replace(of_kind("late"), accounts=_told(notice_days=20))),
    "accounts": (letter(), letter(accounts=(*_told(), told("B2", services=[B])))),
    "accounts in another order": (
        letter(accounts=(told("A1", services=[A]), told("B2", services=[B], level="plus"))),
        letter(accounts=(told("A1", services=[A], level="plus"), told("B2", services=[B]))),
    ),
    "component": (letter(accounts=_told(A)), letter(accounts=_told(service("A", "netpro.openvpn")))),
    "impact": (letter(accounts=_told(A)), letter(accounts=_told(service("A", impact=Impact.DEGRADED)))),
    "fresh": (replace(of_kind("revised"), accounts=_told(A, B)), replace(of_kind("revised"), accounts=_told(A, service("B", fresh=True)))),
    "number of services": (letter(accounts=_told(A)), letter(accounts=_told(A, B))),
    "no service": (letter(kind=Kind.CANCELLED, accounts=_told(A)), letter(kind=Kind.CANCELLED, accounts=(told(services=[]),))),
    "order of the database": (letter(accounts=_told(service("a"), B)), letter(accounts=_told(B, service("a")))),
    "which of the services": (
        letter(accounts=_told(A, service("B", "data.mobile-core"))),
        letter(accounts=_told(service("A", "data.mobile-core"), B)),
    ),
    "windows": (
        letter(said=NARROWED, accounts=_told(service("A", window=1), service("B", window=2))),
        letter(said=NARROWED, accounts=_told(service("A", window=2), service("B", window=1))),
    ),
    "one in two windows": (
        letter(said=NARROWED, accounts=_told(service("A", window=1), service("B", window=2))),
        letter(said=NARROWED, accounts=_told(service("A", window=1), service("A", window=2))),
    ),
}


@pytest.mark.parametrize("difference", VARIANTS)
def test_letters_of_different_shape_do_not_share(difference: str) -> None:
    """They differ in nothing else; both are made as Django makes them, after both were compiled."""
    first, second = VARIANTS[difference]
    rows = Rows()
    shapes = [shape_of(rows.mail(one), rows.shared) for one in (first, second)]
    assert shapes[0] != shapes[1]
    assert parsed(expected(first)) != parsed(expected(second))
    bench = Bench()
    for one in (first, second):
        bench.made(one)
    for one in (first, second):
        assert_same(bench.made_fast(one), one)


def test_letters_that_differ_in_values_share() -> None:
    """All personal values are others, and they compare with each other in the same way."""
    rows = Rows()
    second = letter(
        name="12345678123456781234567812345678-2",
        address="x@y.example",
        contact_name="Other",
        feed_url="https://example.com/other",
        accounts=(Told(Customer(account="X", name="Y", region=region(), tier=told().customer.tier), (service("X2"), service("X1", "data.mobile-core"))),),
    )
    assert shape_of(rows.mail(letter()), rows.shared) == shape_of(rows.mail(second), rows.shared)


@pytest.mark.parametrize("count", [1, 2, 3, 12])
def test_several_accounts_have_their_entries_in_the_order_of_their_uids(count: int) -> None:
    """It is another order for other codes; calendars are written by start, end and UID."""
    bench = Bench()
    for number in range(5):
        accounts = tuple(told(f"C{number}{code}", services=[service(f"S{code}"), service(f"T{code}", window=2)]) for code in range(count))
        one = letter(said=said(windows=(NIGHT, replace(NEXT_NIGHT, narrowed=True))), accounts=accounts)
        assert_same(bench.made(one) if number == 0 else bench.made_fast(one), one)


@pytest.mark.parametrize("count", [2, 9])
def test_lists_of_services_are_broken_between_their_names(count: int) -> None:
    """Wherever that is with names of other lengths, and whatever script they are in."""
    bench = Bench()
    for length in (1, 4, 12, 30, 90):
        for letters in ("x", "中"):
            rows = [service(f"{letters * (length // len(letters.encode()) + number % 3)}-{number}") for number in range(count)]
            one = letter(accounts=(told(services=rows),))
            bench.made(one)
            assert_same(bench.made_fast(one), one)


@pytest.mark.parametrize("language", ["en", "fr", "zh-hans"])
def test_sentences_with_names_are_wrapped_as_in_the_template(language: str) -> None:
    """For every length of a name."""
    bench = Bench()
    for length in range(1, 60):
        one = replace(of_kind("announced", language), contact_name=("word " * 20)[:length].strip())
        assert_same(bench.made(one), one)
