"""Two at once: the second waits for the first and sees what it did, whatever order they come in."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
from django.db import connections, transaction

from customers.models import Contact
from maintenance.states import Hop
from notifier.delivery import receipts, settle
from notifier.delivery.models import Alert, StoredReceipt
from notifier.delivery.receipt import Receipt, What
from notifier.delivery.receipts import apply_waiting, take_in
from tests.factories import NOW
from tests.notifier.delivery.coming_back import LATER, TOKEN, handed_over, mail, receipt, sent, served, told

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(first: Any, second: Any) -> bool:  # noqa: ANN401  # what each does
    """Hold the first before its commit while the second runs; return whether the second waited."""
    done, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                first()
                done.set()
                assert go_on.wait(20)
        finally:
            done.set()
            connections.close_all()

    def follow() -> None:
        try:
            second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        holding: Future[None] = threads.submit(hold)
        try:
            assert done.wait(20)
            following: Future[None] = threads.submit(follow)
            waited = not wait([following], timeout=0.5).done
        finally:
            go_on.set()
        holding.result(20)
        following.result(20)
    return waited


def takes(*events: Receipt) -> Any:  # noqa: ANN401  # to be called
    """Return what takes them in."""
    return lambda: take_in(events, now=LATER)


def test_both_contacts_of_a_customer_bounce() -> None:
    """Each by itself would leave the customer served by the other."""
    told(contacts=2)
    first, second = receipt(sent(0), What.BOUNCED_HARD), receipt(sent(1), What.BOUNCED_HARD)
    assert at_once(takes(first), takes(second))
    assert (mail(0).state, mail(1).state, [row[3] for row in served()]) == ("failed", "failed", [False])


def test_one_contact_bounces_while_the_others_mail_is_accepted() -> None:
    """In whichever order they commit the customer is served."""
    told(contacts=2)
    bounced, other = receipt(sent(0), What.BOUNCED_HARD), handed_over(1)

    def accept() -> None:
        assert settle.accepted(other, TOKEN, at=LATER, hop=Hop.ESP, detail="server 1")

    assert at_once(accept, takes(bounced))
    assert served() == [("ACC", NOW, "server 0", False), ("ACC", LATER, "server 1", True)]


def test_mail_is_accepted_while_the_other_contacts_bounces() -> None:
    told(contacts=2)
    bounced, other = receipt(sent(0), What.BOUNCED_HARD), handed_over(1)
    assert at_once(takes(bounced), lambda: settle.accepted(other, TOKEN, at=LATER, hop=Hop.ESP, detail="server 1"))
    assert served() == [("ACC", NOW, "server 0", False), ("ACC", LATER, "server 1", True)]


def test_same_event_is_posted_twice_at_once() -> None:
    told()
    one = receipt(sent(), What.COMPLAINED)
    assert at_once(takes(one), takes(one))
    assert (StoredReceipt.objects.count(), Alert.objects.count()) == (1, 1)


def test_tick_looks_while_a_post_is_being_applied() -> None:
    """The post waits for nothing; the tick finds nothing left to do."""
    told()
    delivery = handed_over()
    take_in([receipt(delivery, What.BOUNCED_HARD)], now=LATER)
    settle.accepted(mail(), TOKEN, at=NOW, hop=Hop.ESP, detail="server")
    assert at_once(lambda: apply_waiting(now=LATER), lambda: apply_waiting(now=LATER))
    assert [row[3] for row in served()] == [False]
    assert StoredReceipt.objects.get().effect == "applied"


def test_many_posts_about_the_same_mails_in_all_orders_end_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight posts at once, forwards and backwards: no dead end, nothing lost, nothing twice."""
    monkeypatch.setattr(receipts, "AT_ONCE", 4)
    told(contacts=6)
    mails = [sent(number) for number in range(6)]
    events = [receipt(one, what) for one in mails for what in (What.DELIVERED, What.COMPLAINED, What.BOUNCED_HARD)]

    def post(number: int) -> None:
        try:
            take_in(events if number % 2 else events[::-1], now=LATER)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        for result in [threads.submit(post, number) for number in range(8)]:
            result.result(60)
    apply_waiting(now=LATER)
    assert StoredReceipt.objects.filter(applied_at__isnull=True).count() == 0
    assert {mail(number).state for number in range(6)} == {"failed"}
    assert [row[3] for row in served()] == [False]
    assert (Alert.objects.count(), Contact.objects.filter(bounced_at=LATER, complained_at=LATER).count()) == (6, 6)
