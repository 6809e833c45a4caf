"""Leases, tokens and the marker: who may send, and what is known of a mail whose worker was lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance import booking
from maintenance.models import Notice
from maintenance.states import Hop, Kind
from notifier.delivery import outbox, settle
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.outbox import HandOver
from notifier.delivery.recovery import recover
from tests.factories import BY, NOW, draft, reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice() -> Notice:
    """Three mails that wait."""
    for _ in range(3):
        reader()
    made = booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    fan_out_due(now=NOW)
    return made


def lapse() -> None:
    """Let every lease run out."""
    Delivery.objects.filter(state="sending").update(lease_until=DatabaseTime(timedelta(seconds=-1)))


def test_claim_gives_each_mail_to_one_claimant(notice: Notice) -> None:  # noqa: ARG001  # makes the mails
    """Oldest first, no more than asked for, attempts counted."""
    first, second, third = (outbox.claim(now=NOW, most=2) for _ in range(3))
    assert (len(first.ids), len(second.ids), third.ids) == (2, 1, ())
    assert not set(first.ids) & set(second.ids)
    assert set(Delivery.objects.values_list("attempts", "state")) == {(1, "sending")}


def test_claim_before_the_time_takes_nothing(notice: Notice) -> None:  # noqa: ARG001  # makes the mails
    """A retry waits for its time."""
    assert outbox.claim(now=NOW - timedelta(seconds=1), most=9).ids == ()


def test_lease_ends_by_the_database_clock(notice: Notice) -> None:  # noqa: ARG001  # makes the mails
    """After the seconds of the setting, whatever the worker's clock says."""
    outbox.claim(now=NOW, most=9)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT MIN((julianday(lease_until) - julianday('now')) * 86400) FROM delivery_delivery")
        else:
            cursor.execute("SELECT MIN(EXTRACT(EPOCH FROM lease_until - clock_timestamp())) FROM delivery_delivery")
        left = float(cursor.fetchone()[0])
    assert 40 < left < 45.01  # SQLite keeps milliseconds, rounded
    assert outbox.run_out().count() == 0
    lapse()
    assert outbox.run_out().count() == 3


def test_hand_over_marks_before_anything_leaves(notice: Notice) -> None:  # noqa: ARG001  # makes the mails
    """Only the holder of the token, only while the lease runs."""
    claimed = outbox.claim(now=NOW, most=9)
    assert outbox.hand_over(claimed.ids[0], "another", now=NOW) is HandOver.LOST
    assert outbox.hand_over(claimed.ids[0], claimed.token, now=NOW) is HandOver.READY
    assert Delivery.objects.get(pk=claimed.ids[0]).handed_over_at == NOW
    lapse()
    assert outbox.hand_over(claimed.ids[1], claimed.token, now=NOW) is HandOver.LOST
    assert Delivery.objects.get(pk=claimed.ids[1]).handed_over_at is None


def test_hand_over_after_the_deadline_is_late(notice: Notice) -> None:
    """It must be accepted by then, so a lease's time before it is the last moment; a microsecond later is not."""
    claimed = outbox.claim(now=NOW, most=9)
    deadline = notice.customers.first().deadline  # type: ignore[union-attr]  # there are three
    assert deadline is not None
    last = deadline - outbox.lease()
    assert outbox.hand_over(claimed.ids[0], claimed.token, now=last) is HandOver.READY
    assert outbox.hand_over(claimed.ids[1], claimed.token, now=last + timedelta(microseconds=1)) is HandOver.LATE


def test_hand_over_after_a_newer_notice_is_replaced(notice: Notice) -> None:
    """From the moment at which a cancellation is committed no announcement leaves, claimed or not."""
    claimed = outbox.claim(now=NOW, most=9)
    assert notice.maintenance is not None
    booking.cancel(notice.maintenance, reason="", by=BY, now=NOW)
    assert {outbox.hand_over(pk, claimed.token, now=NOW) for pk in claimed.ids} == {HandOver.REPLACED}


def test_release_gives_back_what_was_not_handed_over(notice: Notice) -> None:  # noqa: ARG001  # makes the mails
    """And does not count the try."""
    claimed = outbox.claim(now=NOW, most=9)
    outbox.hand_over(claimed.ids[0], claimed.token, now=NOW)
    outbox.release(claimed, due_at=NOW + timedelta(seconds=10))
    states = list(Delivery.objects.order_by("due_at", "pk").values_list("state", "attempts", "lease_token"))
    assert states == [("sending", 1, claimed.token), ("queued", 0, ""), ("queued", 0, "")]


def test_accepted_serves_every_account_at_the_first_acceptance(notice: Notice) -> None:
    """Once a customer and notice, with time and server; a second acceptance of the same mail changes nothing."""
    claimed = outbox.claim(now=NOW, most=1)
    delivery = Delivery.objects.get(pk=claimed.ids[0])
    assert settle.accepted(delivery, claimed.token, at=NOW, hop=Hop.RELAY, detail="smtp:mx.example:25")
    assert not settle.accepted(delivery, claimed.token, at=NOW + timedelta(hours=1), hop=Hop.RELAY, detail="twice")
    assert list(notice.served.values_list("customer__account", "accepted_at", "hop", "detail")) == [
        (delivery.customers.get().account, NOW, "relay", "smtp:mx.example:25"),
    ]


def test_settle_without_the_token_changes_nothing(notice: Notice) -> None:
    """A worker that lost its lease cannot overwrite what the next one found."""
    claimed = outbox.claim(now=NOW, most=1)
    delivery = Delivery.objects.get(pk=claimed.ids[0])
    assert not settle.accepted(delivery, "another", at=NOW, hop=Hop.RELAY, detail="")
    assert not settle.failed(delivery, "another", at=NOW, reason="no")
    assert not settle.again(delivery, "another", at=NOW, reason="no")
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.SENDING
    assert notice.served.count() == 0


def test_late_answer_settles_what_was_flagged_unknown(notice: Notice) -> None:
    """The worker was slow, not dead: its answer is the truth."""
    claimed = outbox.claim(now=NOW, most=1)
    delivery = Delivery.objects.get(pk=claimed.ids[0])
    settle.unknown(delivery, claimed.token, at=NOW, reason="no word")
    assert settle.accepted(delivery, claimed.token, at=NOW, hop=Hop.RELAY, detail="")
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.SENT
    assert notice.served.count() == 1


def test_late_refusal_settles_what_was_flagged_unknown(notice: Notice) -> None:  # noqa: ARG001  # makes the mails
    """A slow server said no after all: the mail was not taken, so it may be tried again, or has failed."""
    claimed = outbox.claim(now=NOW, most=2)
    for pk, settled in zip(claimed.ids, (settle.again, settle.failed), strict=True):
        delivery = Delivery.objects.select_related("notice").get(pk=pk)
        settle.unknown(delivery, claimed.token, at=NOW, reason="no word")
        assert settled(delivery, claimed.token, at=NOW, reason="said no")
    assert set(Delivery.objects.filter(pk__in=claimed.ids).values_list("state", "reason")) == {("queued", "said no"), ("failed", "said no")}


def test_again_waits_longer_each_time_and_fails_past_the_deadline(notice: Notice) -> None:  # noqa: ARG001  # makes the mails
    """A retry that would come too late is none."""
    claimed = outbox.claim(now=NOW, most=1)
    delivery = Delivery.objects.select_related("notice").get(pk=claimed.ids[0])
    assert settle.again(delivery, claimed.token, at=NOW, reason="451 later")
    row = Delivery.objects.get(pk=delivery.pk)
    assert (row.state, row.reason, row.lease_token) == ("queued", "451 later", "")
    assert timedelta(seconds=3) <= row.due_at - NOW <= timedelta(seconds=30)
    Delivery.objects.exclude(pk=delivery.pk).delete()
    later = outbox.claim(now=row.due_at, most=1)
    row = Delivery.objects.select_related("notice").get(pk=delivery.pk)
    assert row.deadline is not None
    assert settle.again(row, later.token, at=row.deadline, reason="451 later")
    ended = Delivery.objects.get(pk=delivery.pk)
    assert (ended.state, ended.reason) == ("failed", "given up after 2 attempts: 451 later")


def test_backoff_doubles_up_to_an_hour() -> None:
    """With jitter between a tenth and the whole."""
    for attempts, longest in [(1, 30), (2, 60), (5, 480), (9, 3600), (500, 3600)]:
        waits = [settle.backoff(attempts).total_seconds() for _ in range(200)]
        assert longest * 0.1 <= min(waits) < longest * 0.3
        assert longest * 0.8 < max(waits) <= longest


def test_kind_of_delivery_is_that_of_its_notice(notice: Notice) -> None:
    """As told to the customer."""
    assert set(notice.deliveries.values_list("kind", flat=True)) == {Kind.ANNOUNCED}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a small table whole, whatever indexes it has")
def test_recovery_looks_at_leased_rows_alone() -> None:
    """SQLite would go through all deliveries in the order of their keys if it were asked for that order."""
    with CaptureQueriesContext(connection) as asked:
        recover(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked.captured_queries[0]['sql']}")
        plan = [row[3] for row in cursor.fetchall()]
    assert plan[0].startswith("SEARCH delivery_delivery USING INDEX delivery_leased")
