"""Two workers at once, or a worker and a planner: one waits, and then finds what the other has left to do."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from django.db import connections, transaction

from maintenance import booking
from maintenance.models import Maintenance
from notifier.delivery.models import Delivery
from notifier.delivery.resend import resend_what_was_remedied, send_again
from tests.factories import BY, NOW
from tests.notifier.delivery.remedies import NEW, broken, contact, correct, mails

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
OTHER = "other@customer.example"


def look() -> None:
    """A worker."""
    resend_what_was_remedied(now=NOW)


def ask() -> object:
    """A planner, for all mails."""
    return send_again(Delivery.objects.all(), by=BY, now=NOW)


def cancel() -> object:
    """Another planner."""
    return booking.cancel(Maintenance.objects.get(), by=BY, now=NOW)


def at_once(first: Callable[[], object], second: Callable[[], object]) -> bool:
    """Run the second while the first has written and not yet committed; return whether the second waited for it."""
    written, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                first()
                written.set()
                assert go_on.wait(20)
        finally:
            connections.close_all()

    def follow() -> None:
        try:
            second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        holding: Future[None] = threads.submit(hold)
        try:
            assert written.wait(20)
            following: Future[None] = threads.submit(follow)
            waited = not wait([following], timeout=0.5).done
        finally:
            go_on.set()
        holding.result(20)
        following.result(20)
    return waited


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [(look, look, "sent again"), (look, ask, "sent again"), (ask, look, f"sent again by {BY}"), (ask, ask, f"sent again by {BY}")],
)
def test_mail_is_put_back_once(first: Callable[[], object], second: Callable[[], object], reason: str) -> None:
    _maintenance, row = broken()
    correct()
    assert at_once(first, second)
    assert (mails(), Delivery.objects.get().reason) == ([(NEW, "queued", "SLOW")], f"{reason}, before to {row.address}: 550 No such person")


def test_contact_that_was_added_gets_one_mail() -> None:
    _maintenance, row = broken()
    contact(row.customers.get(), OTHER)
    assert at_once(look, look)
    assert mails() == [(row.address, "failed", "SLOW"), (OTHER, "queued", "SLOW")]


@pytest.mark.parametrize("second", [look, ask])
def test_work_that_is_cancelled_meanwhile_sends_nothing_again(second: Callable[[], object]) -> None:
    _maintenance, row = broken()
    correct()
    contact(row.customers.get(), OTHER)
    assert at_once(cancel, second)
    assert mails() == [(row.address, "failed", "SLOW")]
