"""What a newer notice replaces, customer by customer: at fan-out, in the queue, and at the hand-over."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from customers.models import Customer
from maintenance.models import Maintenance, Notice
from maintenance.states import CONTENT_KINDS, PROGRESS_KINDS, WITHDRAWING_KINDS, Kind
from notifier.delivery import outbox
from notifier.delivery.fanout import fan_out
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import HandOver
from tests.factories import NOW, ContactFactory, ContactRoleFactory, CustomerFactory
from tests.notifier.delivery.notices import issue, work

pytestmark = pytest.mark.django_db

ANNOUNCING = (*CONTENT_KINDS, *WITHDRAWING_KINDS)
REPLACED_BY = {
    **dict.fromkeys(CONTENT_KINDS, ANNOUNCING),
    **dict.fromkeys(PROGRESS_KINDS, PROGRESS_KINDS),
    Kind.REMINDER: (*ANNOUNCING, *PROGRESS_KINDS),
}
"""The rule once more, for notices about the same window; kinds that are not here are never replaced."""
KINDS = [kind for kind in Kind if kind != Kind.ROOT_CAUSE]
"""A root cause is told of an incident, which has no other notices."""


def customer(account: str) -> Customer:
    """Return a customer with a contact."""
    made = CustomerFactory.create(account=account)
    ContactRoleFactory.create(customer=made)
    return made


def shared(*accounts: str) -> list[Customer]:
    """Return customers that one contact serves, in one language and zone."""
    noc = ContactFactory.create(language="en", timezone="UTC")
    made = [CustomerFactory.create(account=account) for account in accounts]
    for one in made:
        ContactRoleFactory.create(contact=noc, customer=one)
    return made


def waiting(maintenance: Maintenance, told: Iterable[Customer], kind: Kind, *, about: int = 0) -> Notice:
    """Issue and fan out a notice whose mails wait; what withdraws takes back something that was sent."""
    if kind in WITHDRAWING_KINDS:
        fan_out(issue(maintenance, dict.fromkeys(told, Kind.ANNOUNCED)), now=NOW)
        Delivery.objects.update(state="sent", accepted_at=NOW)
    notice = issue(maintenance, dict.fromkeys(told, kind), about=about)
    fan_out(notice, now=NOW)
    return notice


def mails() -> list[tuple[str, str, str, str]]:
    """Return (kind, state, reason, accounts) of every delivery, in the order in which they were made."""
    return [
        (row.kind, row.state, row.reason, " ".join(row.customers.order_by("account").values_list("account", flat=True)))
        for row in Delivery.objects.order_by("pk")
    ]


def one_for_each_kind() -> dict[Customer, Kind]:
    """Return a customer for each kind in which a newer notice may tell it."""
    return {customer(kind): kind for kind in KINDS}


@pytest.mark.parametrize("old", KINDS)
def test_waiting_mail_is_withdrawn_only_by_what_replaces_it(old: Kind) -> None:
    """Every kind against every other, all about the same window."""
    maintenance, told = work(), one_for_each_kind()
    notice = waiting(maintenance, told, old, about=1)
    fan_out(issue(maintenance, told, about=1), now=NOW)
    reason = f"replaced by revision {notice.revision + 1}"
    expected = {(kind, "withdrawn", reason) if kind in REPLACED_BY.get(old, ()) else (kind, "queued", "") for kind in KINDS}
    assert set(notice.deliveries.values_list("customers__account", "state", "reason")) == expected


@pytest.mark.parametrize("old", KINDS)
def test_claimed_mail_is_refused_at_the_hand_over_by_the_same_rule(old: Kind) -> None:
    """From the moment at which the newer notice is committed, fanned out or not."""
    maintenance, told = work(), one_for_each_kind()
    notice = waiting(maintenance, told, old, about=1)
    accounts = dict(notice.deliveries.values_list("pk", "customers__account"))
    claimed = outbox.claim(now=NOW, most=99)
    issue(maintenance, told, about=1)
    verdicts = {accounts[pk]: outbox.hand_over(pk, claimed.token, now=NOW) for pk in claimed.ids}
    assert verdicts == {kind: HandOver.REPLACED if kind in REPLACED_BY.get(old, ()) else HandOver.READY for kind in KINDS}


@pytest.mark.parametrize("old", [kind for kind in KINDS if kind not in WITHDRAWING_KINDS])
def test_fan_out_after_the_newer_notice_makes_no_mail_by_the_same_rule(old: Kind) -> None:
    """Both notices were issued before the first tick."""
    maintenance, told = work(), one_for_each_kind()
    notice = issue(maintenance, dict.fromkeys(told, old), about=1)
    issue(maintenance, told, about=1)
    fan_out(notice, now=NOW)
    assert set(notice.deliveries.values_list("customers__account", flat=True)) == {kind for kind in KINDS if kind not in REPLACED_BY[old]}


@pytest.mark.parametrize("old", [Kind.REMINDER, *PROGRESS_KINDS])
def test_progress_about_another_window_replaces_nothing(old: Kind) -> None:
    """Each night has its own."""
    maintenance, told = work(), customer("A")
    notice = waiting(maintenance, [told], old, about=1)
    fan_out(issue(maintenance, {told: Kind.STARTED}, about=2), now=NOW)
    assert notice.deliveries.get().state == "queued"
    early = issue(maintenance, {told: old}, about=3)
    issue(maintenance, {told: Kind.STARTED}, about=4)
    assert fan_out(early, now=NOW) == 1


def test_notice_to_one_customer_leaves_the_others_waiting() -> None:
    """Only who is told otherwise loses what waits."""
    maintenance, moved, stays = work(), customer("MOVED"), customer("STAYS")
    waiting(maintenance, [moved, stays], Kind.ANNOUNCED)
    fan_out(issue(maintenance, {moved: Kind.REVISED}), now=NOW)
    assert mails() == [
        ("announced", "withdrawn", "replaced by revision 2", "MOVED"),
        ("announced", "queued", "", "STAYS"),
        ("revised", "queued", "", "MOVED"),
    ]


def test_notice_of_another_maintenance_replaces_nothing() -> None:
    """However high its revision."""
    told, other = customer("A"), work("MNT-2")
    waiting(work(), [told], Kind.ANNOUNCED)
    other.revision = 7
    fan_out(issue(other, {told: Kind.REVISED}), now=NOW)
    assert [state for _kind, state, _reason, _accounts in mails()] == ["queued", "queued"]


def test_older_notice_fanned_out_late_replaces_nothing() -> None:
    """Two workers: the newer one was first."""
    maintenance, told, also = work(), customer("A"), customer("B")
    older, newer = issue(maintenance, {told: Kind.ANNOUNCED, also: Kind.ANNOUNCED}), issue(maintenance, {told: Kind.REVISED})
    fan_out(newer, now=NOW)
    fan_out(older, now=NOW)
    assert mails() == [("revised", "queued", "", "A"), ("announced", "queued", "", "B")]


def test_waiting_mail_of_two_accounts_goes_on_without_the_one_that_is_replaced() -> None:
    """And its deadline is that of the account that stays."""
    maintenance, (moved, stays) = work(), shared("MOVED", "STAYS")
    deadline = {moved: NOW + timedelta(days=1), stays: NOW + timedelta(days=2)}
    notice = issue(maintenance, {moved: Kind.ANNOUNCED, stays: Kind.ANNOUNCED}, deadline=deadline)
    fan_out(notice, now=NOW)
    assert notice.deliveries.get().deadline == NOW + timedelta(days=1)
    fan_out(issue(maintenance, {moved: Kind.REVISED}), now=NOW)
    assert mails() == [("announced", "queued", "", "STAYS"), ("revised", "queued", "", "MOVED")]
    assert notice.deliveries.get().deadline == NOW + timedelta(days=2)


def test_waiting_mail_of_two_accounts_both_replaced_is_withdrawn_with_its_accounts() -> None:
    """Whom it was for can still be read."""
    maintenance, both = work(), shared("A", "B")
    waiting(maintenance, both, Kind.ANNOUNCED)
    fan_out(issue(maintenance, dict.fromkeys(both, Kind.CANCELLED)), now=NOW)
    assert mails() == [("announced", "withdrawn", "replaced by revision 2", "A B")]


def test_claimed_mail_of_two_accounts_waits_again_without_the_one_that_is_replaced() -> None:
    """It is composed anew, and then it may leave; the try does not count."""
    maintenance, (moved, stays) = work(), shared("MOVED", "STAYS")
    notice = waiting(maintenance, [moved, stays], Kind.ANNOUNCED)
    claimed = outbox.claim(now=NOW, most=9)
    issue(maintenance, {moved: Kind.CANCELLED})
    assert outbox.hand_over(claimed.ids[0], claimed.token, now=NOW) is HandOver.TRIMMED
    row = notice.deliveries.get()
    assert (row.state, row.lease_token, row.attempts, row.due_at, row.handed_over_at, row.customers.get()) == ("queued", "", 0, NOW, None, stays)
    again = outbox.claim(now=NOW, most=9)
    assert outbox.hand_over(again.ids[0], again.token, now=NOW) is HandOver.READY


def test_mail_in_a_workers_hands_keeps_its_accounts_at_fan_out() -> None:
    """What it was composed with is not changed under it; the hand-over decides."""
    maintenance, both = work(), shared("A", "B")
    notice = waiting(maintenance, both, Kind.ANNOUNCED)
    outbox.claim(now=NOW, most=9)
    fan_out(issue(maintenance, {both[0]: Kind.REVISED}), now=NOW)
    assert mails()[0] == ("announced", "sending", "", "A B")
    assert notice.deliveries.get().lease_token


def test_replaced_mail_past_its_deadline_is_replaced_not_late() -> None:
    """Nobody needs to hear that a cancelled announcement came too late."""
    maintenance, told = work(), customer("A")
    fan_out(issue(maintenance, {told: Kind.ANNOUNCED}, deadline=NOW), now=NOW)
    claimed = outbox.claim(now=NOW, most=9)
    issue(maintenance, {told: Kind.CANCELLED})
    assert outbox.hand_over(claimed.ids[0], claimed.token, now=NOW + timedelta(days=1)) is HandOver.REPLACED
