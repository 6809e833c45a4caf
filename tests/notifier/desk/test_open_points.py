"""What is open before a window's start."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance import booking, shortfalls
from maintenance.models import Consent, Window
from maintenance.states import Basis, Cause, Hop, WindowState
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.desk import open_points as module
from notifier.desk.open_points import MailRow, Open, OpenPoints, newest_notices, open_points
from tests.factories import BY, NOW, ContactRoleFactory, OperatorFactory, reader
from tests.factories import window as draft_window
from tests.maintenance.works import freeze
from tests.notifier.desk.short import DAY, FAILED, HOUR, LINE, START, bounce, night, unreachable, work

pytestmark = pytest.mark.django_db
ALL_SERVED = OpenPoints(
    customers=(),
    more=0,
    by_cause=(),
    short=0,
    wanting=0,
    explained=0,
    agreed=0,
    on_the_way=0,
    faults=(),
    more_faults=0,
    unknown=0,
    obstacles=(),
    breaches=0,
    owed=0,
)


def said(points: OpenPoints) -> list[tuple[str, Cause | None, bool]]:
    """Return account, cause and whether something is needed still."""
    return [(row.account, row.cause, row.wanting) for row in points.customers]


def test_open_points_of_a_window_of_which_everybody_is_served() -> None:
    customer = reader()
    maintenance = work()
    shortfalls.serve_otherwise(maintenance.notices.get(), customer, how=Hop.PHONE, at=NOW, to_whom="Ana", document="7", by=BY, now=NOW)
    found = open_points(maintenance.windows.get(), now=NOW)
    assert (found, found.nothing) == (ALL_SERVED, True)


def test_open_points_of_a_customer_tell_what_became_of_each_mail() -> None:
    customer = reader(account="BROKEN", name="Broken plc")
    ContactRoleFactory.create(customer=customer, contact__email="also@customer.example")
    maintenance = work()
    first, second = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(**FAILED)
    Delivery.objects.filter(pk=second.pk).update(**FAILED | {"state": "unknown", "reason": "no answer"})
    found = open_points(maintenance.windows.get(), now=NOW)
    mails = [
        MailRow(first.address, "failed", "failed", "550 No such person", "22 Nov 2026, 09:00 UTC"),
        MailRow(second.address, "unknown", "unknown", "no answer", "22 Nov 2026, 09:00 UTC"),
    ]
    assert found.customers == (
        Open(
            customer=customer.pk,
            account="BROKEN",
            cause=Cause.UNKNOWN,
            line="12 Dec 2026, 09:00 UTC",
            name="Broken plc",
            notice=maintenance.notices.get().pk,
            mails=tuple(sorted(mails, key=lambda mail: mail.address)),
        ),
    )
    assert (found.unknown, found.nothing) == (1, False)


def test_open_points_show_the_newest_mail_to_each_contact() -> None:
    customer = reader(account="BROKEN")
    maintenance = work()
    bounce(customer)
    booking.move(maintenance, number=1, start=START + DAY, end=START + DAY + HOUR, by=BY, now=NOW)
    fan_out_due(now=NOW)
    (row,) = open_points(maintenance.windows.get(), now=NOW).customers
    assert ([mail.state for mail in row.mails], row.cause, row.notice) == (["queued"], None, maintenance.notices.latest("revision").pk)


def test_open_points_count_what_was_done() -> None:
    """Those first that still need something; the window's order says which is next."""
    window = night(lost=3, broken=1)
    waiting = reader(account="AWAITED")
    booking.move(window.maintenance, number=1, start=START - HOUR, end=START, by=BY, now=NOW)
    fan_out_due(now=NOW)
    Delivery.objects.exclude(customers=waiting).update(**FAILED)
    window.refresh_from_db()
    rows = {row.customer.account: row for row in shortfalls.open_for(window)}
    shortfalls.give_reason([rows["LOST0"], rows["BROKEN0"]], reason="Told in person", by="vera", now=NOW)
    shortfalls.consent(window, rows["LOST1"].customer, given_at=NOW, given_by="Ana", document="mail", by=BY, now=NOW)
    found = open_points(window, now=NOW)
    assert said(found) == [
        ("LOST2", Cause.NO_CONTACT, True),
        ("BROKEN0", Cause.FAILED, False),
        ("LOST0", Cause.NO_CONTACT, False),
        ("LOST1", Cause.NO_CONTACT, False),
        ("AWAITED", None, False),
    ]
    assert (found.short, found.wanting, found.explained, found.agreed, found.on_the_way) == (4, 1, 2, 1, 1)
    assert found.by_cause == ((Cause.NO_CONTACT, 3, 1), (Cause.FAILED, 1, 0))
    told = [(row.account, row.reason, row.reason_by, [given.given_by for given, _when in row.consents]) for row in found.customers[1:4]]
    assert told == [("BROKEN0", "Told in person", "vera", []), ("LOST0", "Told in person", "vera", []), ("LOST1", "", "", ["Ana"])]


def test_open_points_keep_consent_to_other_times_apart() -> None:
    window = night(broken=0)
    customer = shortfalls.open_for(window).get().customer
    given = {"given_at": NOW, "given_by": "Ana", "document": "mail", "recorded_at": NOW, "recorded_by": BY}
    Consent.objects.create(window=window, customer=customer, start=window.start, end=window.end - HOUR, **given)
    (row,) = open_points(window, now=NOW).customers
    assert (row.agreed, row.wanting, [when for _given, when in row.consents]) == (False, True, ["22 Nov 2026, 09:00 UTC+00:00 (22 Nov 2026, 09:00 UTC)"])


def test_open_points_show_who_was_told_too_late_by_telephone() -> None:
    window = night(broken=0)
    customer = shortfalls.open_for(window).get().customer
    shortfalls.serve_otherwise(window.maintenance.notices.get(), customer, how=Hop.PHONE, at=LINE + DAY, to_whom="Ana", document="7", by=BY, now=LINE + DAY)
    (row,) = open_points(window, now=LINE + DAY).customers
    assert (row.cause, [served.detail for served, _when in row.spoken]) == (Cause.TOO_LATE, ["Ana"])


def test_open_points_of_a_record_that_was_wrong_need_no_notice() -> None:
    customer = reader(account="TOLD")
    maintenance = work()
    shortfalls.serve_otherwise(maintenance.notices.get(), customer, how=Hop.PHONE, at=NOW, to_whom="A", document="7", by=BY, now=NOW)
    unreachable("LATE").held.update(held_since=NOW - DAY)
    (row,) = open_points(maintenance.windows.get(), now=NOW).customers
    assert (row.account, row.cause, row.notice, row.mails) == ("LATE", Cause.RECORD, None, ())


@pytest.mark.parametrize(("basis", "wanting"), [(Basis.PLANNED, True), (Basis.LATE, False)])
def test_open_points_of_late_notice_have_its_reason(basis: Basis, wanting: bool) -> None:  # noqa: FBT001  # a parameter of the table
    reader(account="SLOW")
    window = work().windows.get()
    window.basis, window.late_reason = basis, "The supplier was late" if basis == Basis.LATE else ""
    (row,) = open_points(window, now=LINE + HOUR).customers
    assert (row.cause, row.wanting, row.reason) == (Cause.TOO_LATE, wanting, "" if wanting else "The supplier was late")


def test_open_points_list_faults_of_customers_who_are_served_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    half = reader(account="HALF")
    window = night(supplier=OperatorFactory.create())
    shortfalls.serve_otherwise(window.maintenance.notices.get(), half, how=Hop.PHONE, at=NOW, to_whom="Ana", document="7", by=BY, now=NOW)
    bounce(half)
    freeze("Sales")
    found = open_points(window, now=NOW)
    assert ([fault.account for fault in found.faults], found.more_faults) == (["HALF"], 0)
    assert [(one.found.obstacle, one.acknowledged) for one in found.obstacles] == [("freeze", None)]
    monkeypatch.setattr(module, "MOST_FAULTS", 0)
    found = open_points(window, now=NOW)
    assert (found.faults, found.more_faults, found.nothing) == ((), 1, False)


def test_open_points_list_so_many_and_count_all(monkeypatch: pytest.MonkeyPatch) -> None:
    window = night(lost=2, broken=1)
    monkeypatch.setattr(module, "MOST", 1)
    found = open_points(window, now=NOW)
    assert ([row.account for row in found.customers], found.more, found.short, found.wanting) == (["BROKEN0"], 2, 3, 3)


def test_open_points_after_the_start_count_breaches() -> None:
    window = night()
    shortfalls.give_reason(shortfalls.open_for(window).filter(cause=Cause.FAILED), reason="Told", by=BY, now=NOW)
    freeze("Sales")
    begun = booking.start(window.maintenance, by=BY, now=START)
    found = open_points(begun, now=START)
    assert (found.breaches, found.owed, found.short, found.obstacles) == (2, 1, 2, ())


def test_open_points_of_a_window_that_is_gone_are_none() -> None:
    window = night()
    window.state = WindowState.CANCELLED
    assert open_points(window, now=NOW).customers == ()


def cost(window: Window) -> int:
    """Return how many queries it takes, with evidence of every kind for every customer."""
    for row in shortfalls.open_for(window):
        evidence: dict[str, Any] = {"document": "7", "by": BY, "now": LINE + 9 * DAY}
        shortfalls.serve_otherwise(window.maintenance.notices.get(), row.customer, how=Hop.PHONE, at=LINE + 9 * DAY, to_whom="Ana", **evidence)
        shortfalls.consent(window, row.customer, given_at=NOW, given_by="Ana", **evidence)
    with CaptureQueriesContext(connection) as captured:
        found = open_points(window, now=LINE + 9 * DAY)
    assert all(row.agreed and row.spoken and row.consents for row in found.customers)
    return len(captured)


def test_open_points_cost_the_same_for_any_number_of_customers() -> None:
    of_two = cost(night())
    of_six = night("MNT-2", prefix="MORE", lost=2, broken=2, windows=(draft_window(35),))
    assert (open_points(of_six, now=NOW).short, cost(of_six)) == (6, of_two)


def test_newest_notices_leave_out_whom_none_told() -> None:
    told, other = reader(), unreachable("OTHER")
    other.held.all().delete()
    maintenance = work()
    assert newest_notices(maintenance, [told.pk, other.pk]) == {told.pk: maintenance.notices.get().pk}
