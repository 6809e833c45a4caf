"""One mail for accounts with different days of notice: whoever it would be late for is taken off, the others still get theirs in time."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from customers.models import Customer
from maintenance.models import NoticeCustomer, Served, Shortfall
from maintenance.states import Kind
from notifier.delivery import outbox, settle
from notifier.delivery.fanout import fan_out
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import HandOver
from notifier.delivery.send import dispatch
from notifier.delivery.shortfall_watch import keep_shortfalls
from tests.factories import NOW, ContactFactory, ContactRoleFactory, CustomerFactory, ServiceFactory, nothing_changes, window
from tests.maintenance.telling import DAY, HOUR
from tests.notifier.delivery import notices
from tests.notifier.delivery.short import alerts, work

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
LATER = NOW + 2 * DAY + HOUR
"""The host was down so long."""


def shared(**days: int) -> list[Customer]:
    """Return customers, by account, with so many days of notice, that one contact serves in one language and zone."""
    noc = ContactFactory.create(email="noc@integrator.example", language="en", timezone="UTC")
    made = [CustomerFactory.create(account=account, notice_days=number) for account, number in days.items()]
    for customer in made:
        ServiceFactory.create(customer=customer)
        ContactRoleFactory.create(contact=noc, customer=customer)
    return made


def handed_over(now: datetime) -> HandOver:
    """Claim the one mail, and hand it over."""
    claimed = outbox.claim(now=now, most=9)
    return outbox.hand_over(claimed.ids[0], claimed.token, now=now)


def listed() -> list[str]:
    """Return the accounts of the one mail."""
    return list(Delivery.objects.get().customers.order_by("account").values_list("account", flat=True))


def test_late_account_is_taken_off_and_the_mail_leaves_for_the_other(mail_folder: Path) -> None:
    """A20 has twenty days and B10 ten; the window is in 22 days, and the host is down for two days and an hour."""
    shared(A20=20, B10=10)
    work(windows=(window(22),))
    deadlines = dict(NoticeCustomer.objects.values_list("customer__account", "deadline"))
    assert Delivery.objects.get().deadline == deadlines["A20"]
    dispatch(clock=lambda: LATER)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.deadline, listed()) == ("sent", 1, deadlines["B10"], ["B10"])
    (file,) = mail_folder.glob("*.eml")
    assert (b"B10" in file.read_bytes(), b"A20" in file.read_bytes()) == (True, False)
    assert list(Served.objects.values_list("customer__account", "accepted_at")) == [("B10", LATER)]
    keep_shortfalls(now=LATER)
    assert list(Shortfall.objects.values_list("customer__account", "cause")) == [("A20", "too_late")]
    assert [facts["customers"] for facts in alerts("shortfall")] == [[{"account": "A20", "cause": "too_late", "windows": [1]}]]
    with nothing_changes():
        keep_shortfalls(now=LATER + HOUR)


def test_late_account_is_taken_off_by_the_rule_of_the_hand_over() -> None:
    """A lease before its deadline is the last moment; a microsecond later it waits again, due as it was, and that try does not count."""
    shared(A20=20, B10=10)
    work(windows=(window(22),))
    first = Delivery.objects.get()
    assert first.deadline is not None
    last = first.deadline - outbox.lease()
    assert handed_over(last + INSTANT) is HandOver.TRIMMED
    row = Delivery.objects.get()
    assert (row.state, row.lease_token, row.lease_until, row.attempts, row.due_at, row.handed_over_at) == ("queued", "", None, 0, first.due_at, None)
    assert listed() == ["B10"]
    assert handed_over(last + INSTANT) is HandOver.READY


def test_mail_just_in_time_for_all_keeps_them_all() -> None:
    shared(A20=20, B10=10)
    work(windows=(window(22),))
    deadline = Delivery.objects.get().deadline
    assert deadline is not None
    assert (handed_over(deadline - outbox.lease()), listed()) == (HandOver.READY, ["A20", "B10"])


def test_mail_that_is_late_for_all_is_late_and_keeps_its_accounts() -> None:
    """Whom it was for can still be read."""
    shared(A20=20, C19=19, B10=10)
    work(windows=(window(22),))
    dispatch(clock=lambda: NOW + 15 * DAY)
    row = Delivery.objects.get()
    assert (row.state, row.reason, listed()) == (
        "failed",
        "too late: it could no longer be accepted in time, and is not sent as if it were",
        ["A20", "B10", "C19"],
    )
    keep_shortfalls(now=NOW + 15 * DAY)
    assert set(Shortfall.objects.values_list("customer__account", "cause")) == {("A20", "too_late"), ("B10", "too_late"), ("C19", "too_late")}


def test_account_without_a_deadline_is_never_late() -> None:
    dated, undated = shared(DATED=10, UNDATED=10)
    notice = notices.issue(notices.work(), dict.fromkeys((dated, undated), Kind.ANNOUNCED), deadline={dated: NOW})
    fan_out(notice, now=NOW)
    assert (handed_over(NOW + 99 * DAY), listed()) == (HandOver.TRIMMED, ["UNDATED"])
    assert Delivery.objects.get().deadline is None
    assert handed_over(NOW + 99 * DAY) is HandOver.READY


def test_account_that_is_replaced_leaves_one_that_is_late() -> None:
    """First the one is taken off as replaced; then nobody is left in time, and the mail fails for the other."""
    maintenance = notices.work()
    gone, late = shared(GONE=10, LATE=10)
    fan_out(notices.issue(maintenance, dict.fromkeys((gone, late), Kind.ANNOUNCED), deadline={gone: NOW + 9 * DAY, late: NOW}), now=NOW)
    notices.issue(maintenance, {gone: Kind.CANCELLED})
    assert (handed_over(NOW + DAY), listed()) == (HandOver.TRIMMED, ["LATE"])
    assert (handed_over(NOW + DAY), listed()) == (HandOver.LATE, ["LATE"])


@pytest.mark.parametrize(("days", "state"), [({"A20": 20, "B10": 10}, "queued"), ({"A20": 20, "B20": 20}, "failed")])
def test_refused_for_now_right_before_the_first_line_waits_for_whom_there_is_time(days: dict[str, int], state: str) -> None:
    """The next try comes too late for A20 alone: then it is taken off."""
    shared(**days)
    work(windows=(window(22),))
    claimed = outbox.claim(now=NOW, most=1)
    row = Delivery.objects.get()
    line = NOW + 2 * DAY
    assert row.deadline == line
    settle.again(row, claimed.token, at=line - INSTANT, reason="451 later")
    assert Delivery.objects.get().state == state
