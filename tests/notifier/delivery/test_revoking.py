"""A customer is served as long as one contact's mail of the notice stands, and from when that one was accepted."""

import time
from datetime import timedelta

import pytest

from maintenance.models import Served, Shortfall
from maintenance.states import Hop
from notifier.delivery import shortfall_watch
from notifier.delivery.causes import ContactFault, contact_faults
from notifier.delivery.models import Account, Delivery
from notifier.delivery.receipt import What
from notifier.delivery.receipts import take_in
from notifier.delivery.shortfall_watch import keep_shortfalls
from tests.factories import NOW, CustomerFactory
from tests.maintenance.telling import DAY, HOUR
from tests.notifier.delivery.coming_back import LATER, comes, mail, receipt, sent, served, told
from tests.notifier.delivery.short import alerts

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_bounce_of_the_only_mail_revokes() -> None:
    told()
    comes(sent(), What.BOUNCED_HARD)
    assert served() == [("ACC", NOW, "server 0", False)]
    assert Served.objects.get().revoked_at == LATER


def test_bounce_beside_a_mail_that_was_accepted_first_changes_nothing() -> None:
    told(contacts=2)
    sent(0)
    comes(sent(1, at=NOW + SECOND), What.BOUNCED_HARD)
    assert served() == [("ACC", NOW, "server 0", True)]


def test_bounce_of_the_first_counts_from_the_one_that_stands() -> None:
    """Notice is never counted from a mail that did not arrive."""
    told(contacts=3)
    first = sent(0)
    sent(1, at=NOW + 2 * HOUR)
    sent(2, at=NOW + HOUR)
    comes(first, What.BOUNCED_HARD)
    assert served() == [("ACC", NOW, "server 0", False), ("ACC", NOW + HOUR, "server 2", True)]


@pytest.mark.parametrize("state", ["queued", "sending", "failed", "unknown", "withdrawn"])
def test_mail_that_was_not_accepted_does_not_stand(state: str) -> None:
    told(contacts=2)
    first = sent(0)
    Delivery.objects.filter(pk=mail(1).pk).update(state=state, reason="why")
    comes(first, What.BOUNCED_HARD)
    assert [row[3] for row in served()] == [False]


def test_both_bounce_one_after_the_other() -> None:
    told(contacts=2)
    first, second = sent(0), sent(1)
    comes(first, What.BOUNCED_HARD)
    assert [row[3] for row in served()] == [True]
    comes(second, What.BOUNCED_HARD)
    assert [row[3] for row in served()] == [False]


def test_both_bounce_in_one_post() -> None:
    told(contacts=2)
    assert take_in([receipt(sent(0), What.BOUNCED_HARD), receipt(sent(1), What.BOUNCED_HARD)], now=LATER) == 2
    assert [row[3] for row in served()] == [False]


def test_mail_for_several_customers_is_revoked_for_those_whom_no_other_reached() -> None:
    """One contact serves both; another serves one of them."""
    _maintenance, _first = told(contacts=2, account="BOTH")
    other = CustomerFactory.create(account="ALONE")
    Account.objects.create(delivery=mail(0), customer=other)
    shared = sent(0)
    sent(1, at=NOW + SECOND)
    comes(shared, What.BOUNCED_HARD)
    assert sorted(served()) == [("ALONE", NOW, "server 0", False), ("BOTH", NOW, "server 0", False), ("BOTH", NOW + SECOND, "server 1", True)]


def test_mail_of_another_notice_does_not_stand_in() -> None:
    told(contacts=2)
    first = sent(0)
    told(contacts=2, account="SECOND", reference="MNT-2")
    sent(0)
    sent(1)
    comes(first, What.BOUNCED_HARD)
    assert [row for row in served() if not row[3]] == [("ACC", NOW, "server 0", False)]


def test_what_went_by_another_way_stands_by_itself() -> None:
    """By the second transport, or by telephone."""
    maintenance, customer = told(contacts=2)
    first = sent(0)
    sent(1, hop=Hop.RELAY)
    Served.objects.create(notice=maintenance.notices.get(), customer=customer, accepted_at=LATER, hop=Hop.PHONE, detail="Ana")
    comes(first, What.BOUNCED_HARD)
    assert served() == [("ACC", NOW, "server 0", False), ("ACC", NOW, "server 1", True), ("ACC", LATER, "Ana", True)]


def test_bounce_is_found_by_the_watch_told_once_and_named_as_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other end: the planners hear that the customer is short of notice, and why."""
    monkeypatch.setattr(shortfall_watch, "_seen", {"at": time.monotonic()})
    maintenance, _customer = told()
    delivery = sent()
    keep_shortfalls(now=LATER)
    assert Shortfall.objects.count() == 0
    comes(delivery, What.BOUNCED_HARD)
    keep_shortfalls(now=LATER)
    assert list(Shortfall.objects.values_list("customer__account", "cause", "cleared_at")) == [("ACC", "bounced", None)]
    assert [facts["customers"] for facts in alerts("shortfall")] == [[{"account": "ACC", "cause": "bounced", "windows": [1]}]]
    assert delivery.contact_id is not None
    assert contact_faults(maintenance) == [ContactFault(delivery.contact_id, "c0@customer.example", "bounced: 550 5.1.1 No such person", "ACC")]


def test_late_acceptance_that_is_left_is_a_shortfall(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first was in time and bounced; the other was accepted after the line."""
    monkeypatch.setattr(shortfall_watch, "_seen", {"at": time.monotonic()})
    told(contacts=2)
    first = sent(0)
    sent(1, at=NOW + 25 * DAY)
    keep_shortfalls(now=NOW + 25 * DAY)
    assert Shortfall.objects.count() == 0
    comes(first, What.BOUNCED_HARD, at=NOW + 25 * DAY, now=NOW + 25 * DAY)
    keep_shortfalls(now=NOW + 25 * DAY)
    assert list(Shortfall.objects.values_list("customer__account", "cause", "cleared_at")) == [("ACC", "too_late", None)]
