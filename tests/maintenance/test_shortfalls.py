"""Shortfalls, and what settles them: reasons, notice given otherwise, the customer's consent."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from maintenance import booking, shortfalls
from maintenance.models import Breach, Consent, Maintenance, Served, Shortfall, Window
from maintenance.states import Basis, Cause, Hop, WindowState
from tests.factories import BY, NOW, CustomerFactory, nothing_changes, reader
from tests.maintenance.telling import DAY, HOUR, announced, booked, serve

pytestmark = pytest.mark.django_db


def work(readers: int = 2) -> tuple[Maintenance, Window, list[Customer]]:
    """Return announced work, its window and the customers hit."""
    customers = [reader(account=f"ACC{number}") for number in range(readers)]
    maintenance = announced()
    return maintenance, maintenance.windows.get(), customers


def rows() -> list[tuple[str, str, Any, Any]]:
    """Return account, cause, when found and when cleared, of every shortfall."""
    return list(Shortfall.objects.order_by("pk").values_list("customer__account", "cause", "found_at", "cleared_at"))


def refusal(act: Callable[[], object]) -> tuple[str, list[str]]:
    """Return code and messages of a refusal, having looked that it changes nothing."""
    with nothing_changes(), pytest.raises(ValidationError) as refused:
        act()
    errors = next(iter(refused.value.error_dict.values())) if hasattr(refused.value, "error_dict") else [refused.value]
    return errors[0].code or "", refused.value.messages


def test_record_twice_opens_once_and_keeps_the_cause_in_step() -> None:
    _maintenance, night, (first, second) = work()
    new = shortfalls.record(night, {first.pk: Cause.UNKNOWN, second.pk: Cause.NO_CONTACT}, now=NOW)
    assert [row.customer_id for row in new] == [first.pk, second.pk]
    assert shortfalls.record(night, {first.pk: Cause.FAILED, second.pk: Cause.NO_CONTACT}, now=NOW + HOUR) == []
    assert rows() == [("ACC0", "failed", NOW, None), ("ACC1", "no_contact", NOW, None)]


def test_record_that_was_wrong_stays_the_cause() -> None:
    _maintenance, night, (first, _second) = work()
    shortfalls.record(night, {first.pk: Cause.RECORD}, now=NOW)
    shortfalls.record(night, {first.pk: Cause.FAILED}, now=NOW)
    assert rows() == [("ACC0", "record", NOW, None)]


def test_clear_closes_and_what_comes_back_is_a_new_one() -> None:
    _maintenance, night, (first, second) = work()
    shortfalls.record(night, {first.pk: Cause.FAILED, second.pk: Cause.FAILED}, now=NOW)
    assert shortfalls.clear(night, [first.pk, 999], now=NOW + HOUR) == 1
    assert [row.customer_id for row in shortfalls.open_for(night)] == [second.pk]
    assert [row.customer_id for row in shortfalls.record(night, {first.pk: Cause.BOUNCED}, now=NOW + DAY)] == [first.pk]
    assert rows() == [("ACC0", "failed", NOW, NOW + HOUR), ("ACC1", "failed", NOW, None), ("ACC0", "bounced", NOW + DAY, None)]


@pytest.mark.parametrize(("state", "cleared"), [("cancelled", True), ("postponed", True), ("in_progress", False), ("completed", False)])
def test_clear_gone_closes_those_of_windows_that_will_not_take_place(state: str, cleared: bool) -> None:  # noqa: FBT001  # a parameter of a test
    _maintenance, night, (first, _second) = work()
    shortfalls.record(night, {first.pk: Cause.FAILED}, now=NOW)
    Window.objects.update(state=state)
    assert shortfalls.clear_gone(now=NOW + HOUR) == int(cleared)
    assert rows() == [("ACC0", "failed", NOW, NOW + HOUR if cleared else None)]


@pytest.mark.parametrize("number", [1, 3])
def test_record_and_clear_cost_the_same_for_any_number(number: int) -> None:
    _maintenance, night, customers = work(number)
    with CaptureQueriesContext(connection) as captured:
        shortfalls.record(night, {customer.pk: Cause.FAILED for customer in customers}, now=NOW)
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 3
    with CaptureQueriesContext(connection) as captured:
        shortfalls.clear(night, [customer.pk for customer in customers], now=NOW)
    assert len(captured) == 2


def test_give_reason_to_many_at_once() -> None:
    _maintenance, night, (first, second) = work()
    found = shortfalls.record(night, {first.pk: Cause.FAILED, second.pk: Cause.UNKNOWN}, now=NOW)
    assert shortfalls.give_reason(found, reason=" told by phone tomorrow ", by="otto", now=NOW + HOUR) == 2
    told = ("told by phone tomorrow", "otto", NOW + HOUR)
    assert list(Shortfall.objects.values_list("reason", "reason_by", "reason_at")) == [told, told]
    assert list(shortfalls.unexplained(night)) == []


def test_give_reason_leaves_cleared_ones_alone() -> None:
    _maintenance, night, (first, second) = work()
    found = shortfalls.record(night, {first.pk: Cause.FAILED, second.pk: Cause.UNKNOWN}, now=NOW)
    shortfalls.clear(night, [first.pk], now=NOW)
    assert shortfalls.give_reason(found, reason="x", by=BY, now=NOW) == 1
    assert list(Shortfall.objects.order_by("pk").values_list("reason", flat=True)) == ["", "x"]


def test_give_reason_refused_without_one_and_after_the_start() -> None:
    _maintenance, night, (first, _second) = work()
    found = shortfalls.record(night, {first.pk: Cause.FAILED}, now=NOW)
    assert refusal(lambda: shortfalls.give_reason(found, reason=" \n", by=BY, now=NOW)) == ("missing", ["Give a reason."])
    Window.objects.update(state=WindowState.IN_PROGRESS)
    message = "Only work that is still to come can be given a reason beforehand; these are not: MNT-1.1."
    assert refusal(lambda: shortfalls.give_reason(found, reason="x", by=BY, now=NOW)) == ("state", [message])


def test_give_breach_reason_only_where_it_is_owed() -> None:
    _maintenance, night, (first, second) = work()
    made = {"window": night, "recorded_at": NOW, "recorded_by": BY}
    breaches = [Breach.objects.create(customer=first, reason="", **made), Breach.objects.create(customer=second, reason="known", reason_by="petra", **made)]
    assert shortfalls.give_breach_reason(breaches, reason="carrier began early", by="otto") == 1
    assert list(Breach.objects.order_by("pk").values_list("reason", "reason_by")) == [("carrier began early", "otto"), ("known", "petra")]
    assert refusal(lambda: shortfalls.give_breach_reason(breaches, reason="", by=BY))[0] == "missing"


def test_start_takes_the_reason_given_before_and_owes_the_others() -> None:
    maintenance, night, (first, second) = work()
    found = shortfalls.record(night, {first.pk: Cause.FAILED, second.pk: Cause.FAILED}, now=NOW)
    shortfalls.give_reason(found[:1], reason="told by phone", by="otto", now=NOW)
    booking.start(maintenance, by="nina", now=night.start)
    assert list(Breach.objects.order_by("customer__account").values_list("customer", "recorded_by", "reason", "reason_by")) == [
        (first.pk, "nina", "told by phone", "otto"),
        (second.pk, "nina", "", ""),
    ]


def otherwise(maintenance: Maintenance, customer: Customer, **changes: Any) -> Served:  # noqa: ANN401  # any argument
    """Record that the customer was told by telephone an hour after the announcement, but for what is given."""
    told: dict[str, Any] = {"how": Hop.PHONE, "at": NOW + HOUR, "to_whom": "Ana", "document": "call 7", "by": BY, "now": NOW + 2 * HOUR}
    return shortfalls.serve_otherwise(maintenance.notices.get(), customer, **told | changes)


@pytest.mark.parametrize("how", [Hop.PHONE, Hop.LETTER, Hop.MEETING])
def test_serve_otherwise_counts_from_when_it_was_given(how: Hop) -> None:
    maintenance, night, (first, second) = work()
    serve(maintenance, second.account)
    otherwise(maintenance, first, how=how, at=night.start - 10 * DAY, now=night.start - 9 * DAY)
    row = Served.objects.get(customer=first)
    assert (row.accepted_at, row.hop, row.detail, row.document, row.recorded_by, row.recorded_at) == (
        night.start - 10 * DAY,
        how,
        "Ana",
        "call 7",
        BY,
        night.start - 9 * DAY,
    )
    booking.start(maintenance, by=BY, now=night.start)
    assert Breach.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"how": Hop.RELAY}, "how", "Only notice given by telephone, letter or at a meeting is recorded by hand."),
        ({"at": NOW - HOUR}, "before", "The notice was not issued then."),
        ({"at": NOW + 3 * HOUR}, "future", "This moment is still to come."),
        ({"to_whom": " "}, "missing", "Say who was told."),
        ({"document": ""}, "missing", "Say where the proof is kept."),
        ({"to_whom": "x" * 301}, "max_length", "Ensure this value has at most 300 characters (it has 301)."),
    ],
)
def test_serve_otherwise_refused(changes: dict[str, Any], code: str, message: str) -> None:
    maintenance, _night, (first, _second) = work()
    assert refusal(lambda: otherwise(maintenance, first, **changes)) == (code, [message])


def test_serve_otherwise_refused_for_whom_the_notice_does_not_tell_and_twice() -> None:
    maintenance, _night, (first, _second) = work()
    stranger = CustomerFactory.create(account="FAR")
    assert refusal(lambda: otherwise(maintenance, stranger)) == ("customer", ["FAR is not told by this notice."])
    otherwise(maintenance, first)
    assert refusal(lambda: otherwise(maintenance, first)) == ("twice", ["This is recorded already."])
    otherwise(maintenance, first, how=Hop.LETTER)
    assert Served.objects.count() == 2


def agree(night: Window, customer: Customer, **changes: Any) -> Consent:  # noqa: ANN401  # any argument
    """Record that the customer agreed an hour after the announcement, but for what is given."""
    given: dict[str, Any] = {"given_at": NOW + HOUR, "given_by": "Ana", "document": "mail of Monday", "by": BY, "now": NOW + 2 * HOUR}
    return shortfalls.consent(night, customer, **given | changes)


def test_consent_settles_the_shortfall_at_the_start() -> None:
    maintenance, night, (first, second) = work()
    serve(maintenance, second.account)
    shortfalls.record(night, {first.pk: Cause.FAILED}, now=NOW)
    given = agree(night, first)
    assert (given.start, given.end, given.recorded_at, given.recorded_by) == (night.start, night.end, NOW + 2 * HOUR, BY)
    assert (shortfalls.agreed(night), list(shortfalls.unexplained(night))) == ({first.pk}, [])
    booking.start(maintenance, by=BY, now=night.start)
    assert Breach.objects.count() == 0


def test_consent_holds_for_the_times_that_were_agreed_to() -> None:
    _maintenance, night, (first, _second) = work()
    agree(night, first)
    for start, end, holds in [
        (night.start + HOUR, night.end, True),
        (night.start - HOUR, night.end, False),
        (night.start, night.end + HOUR, False),
    ]:
        now = Window(pk=night.pk, maintenance=night.maintenance, start=start, end=end)
        assert shortfalls.agreed(now) == ({first.pk} if holds else set())


@pytest.mark.parametrize(
    ("impact", "minutes", "holds"),
    [
        ("degraded", 30, True),
        ("degraded", 29, True),
        ("degraded", 31, False),
        ("outage", 30, False),
        ("outage", 1, False),
        ("reduced_redundancy", 30, True),
        ("reduced_redundancy", 31, False),
        ("no_impact", 120, True),
    ],
)
def test_consent_holds_for_the_impact_and_minutes_that_were_agreed_to(impact: str, minutes: int, holds: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """What is not felt has no minutes."""
    _maintenance, night, (first, second) = work()
    Maintenance.objects.update(impact="degraded", expected_outage_minutes=30)
    given = agree(night, first)
    assert (given.impact, given.minutes) == ("degraded", 30)
    shortfalls.record(night, {first.pk: Cause.FAILED, second.pk: Cause.FAILED}, now=NOW)
    Maintenance.objects.update(impact=impact, expected_outage_minutes=minutes)
    night = Window.objects.get()
    assert shortfalls.agreed(night) == ({first.pk} if holds else set())
    assert [row.customer_id for row in shortfalls.unexplained(night)] == ([second.pk] if holds else [first.pk, second.pk])


def test_consent_holds_for_no_more_minutes_than_the_window_has() -> None:
    """Two hours were agreed to, whatever was typed; in a shorter window no more than it has is to be expected."""
    _maintenance, night, (first, _second) = work()
    Maintenance.objects.update(expected_outage_minutes=500)
    assert agree(night, first).minutes == 120
    Maintenance.objects.update(expected_outage_minutes=900)
    maintenance = Maintenance.objects.get()
    for end, holds in [(night.end, True), (night.end - HOUR, True), (night.end + HOUR, False)]:
        assert shortfalls.agreed(Window(pk=night.pk, maintenance=maintenance, start=night.start, end=end)) == ({first.pk} if holds else set())


def test_start_of_work_that_became_worse_than_was_agreed_is_a_breach() -> None:
    maintenance, night, (first, second) = work()
    serve(maintenance, second.account)
    Maintenance.objects.update(impact="degraded")
    agree(night, first)
    Maintenance.objects.update(impact="outage")
    maintenance.refresh_from_db()
    booking.start(maintenance, by=BY, now=night.start)
    assert [row.customer_id for row in Breach.objects.all()] == [first.pk]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"given_at": NOW + 3 * HOUR}, "future", "This moment is still to come."),
        ({"given_at": NOW + 30 * DAY, "now": NOW + 31 * DAY}, "late", "Consent is given before the work starts."),
        ({"given_by": ""}, "missing", "Say who agreed."),
        ({"document": " "}, "missing", "Say where the writing is kept."),
    ],
)
def test_consent_refused(changes: dict[str, Any], code: str, message: str) -> None:
    _maintenance, night, (first, _second) = work()
    assert refusal(lambda: agree(night, first, **changes)) == (code, [message])


def test_consent_refused_of_a_customer_not_hit_and_for_a_window_that_is_gone() -> None:
    _maintenance, night, (first, _second) = work()
    stranger = CustomerFactory.create(account="FAR")
    assert refusal(lambda: agree(night, stranger)) == ("customer", ["FAR is not hit by MNT-1."])
    Window.objects.update(state=WindowState.CANCELLED)
    assert refusal(lambda: agree(night, first)) == ("state", ["Window MNT-1.1 will not take place."])


def test_consent_given_before_the_work_is_announced() -> None:
    first = reader()
    night = booked().windows.get()
    agree(night, first)
    assert shortfalls.agreed(night) == {first.pk}


def test_unexplained_of_late_notice_is_whoever_it_did_not_reach() -> None:
    _maintenance, night, (first, second) = work()
    shortfalls.record(night, {first.pk: Cause.TOO_LATE, second.pk: Cause.NO_CONTACT}, now=NOW)
    assert [row.customer_id for row in shortfalls.unexplained(night)] == [first.pk, second.pk]
    night.basis = Basis.LATE
    assert [row.customer_id for row in shortfalls.unexplained(night)] == [second.pk]
