"""How far notices are: counted from the rows, with an end that is told only where something says when it will be."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance.models import Maintenance, Notice
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.progress import Outlook, Progress, on_their_way, progress
from tests.factories import NOW, reader
from tests.notifier.delivery.short import work

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
SENT: dict[str, Any] = {"state": "sent", "hop": "relay"}


def notice(readers: int = 10) -> Notice:
    """Return the notice of so many mails, which are due at NOW."""
    for _ in range(readers):
        reader()
    return work().notices.get()


def sent(first: int, last: int, *, ago: timedelta) -> None:
    """Let the mails of these numbers have been accepted that long before NOW."""
    keys = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))[first:last]
    Delivery.objects.filter(pk__in=keys).update(**SENT, accepted_at=NOW - ago, settled_at=NOW - ago)


def ended(number: int, state: str) -> None:
    """Let a mail have ended an hour ago without being accepted."""
    key = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))[number]
    Delivery.objects.filter(pk=key).update(state=state, reason="x", settled_at=NOW - 60 * MINUTE)


def found(one: Notice, *, later: timedelta = timedelta(0)) -> Progress:
    """Return its progress."""
    return progress([one], now=NOW + later)[one.pk]


def test_progress_counts_every_mail_once() -> None:
    one = notice()
    sent(0, 3, ago=60 * MINUTE)
    ended(3, "failed")
    ended(4, "unknown")
    ended(5, "withdrawn")
    Delivery.objects.filter(state="sent").filter(pk=Delivery.objects.order_by("pk")[0].pk).update(state="delivered")
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[9].pk).update(state="sending")
    assert found(one) == Progress(accepted=3, failed=1, unknown=1, withdrawn=1, waiting=4, outlook=Outlook.STARTING)
    assert (found(one).total, found(one).ended) == (10, 6)


def test_progress_of_what_has_ended_is_done() -> None:
    one = notice(2)
    sent(0, 1, ago=MINUTE)
    ended(1, "failed")
    assert (found(one), found(one).on_its_way) == (Progress(accepted=1, failed=1), False)


def test_progress_of_a_notice_without_mails() -> None:
    """Before they are made, and where there are none to make."""
    one = notice(0)
    assert found(one) == Progress()
    one.fannedout.delete()
    assert found(one) == Progress(outlook=Outlook.PREPARING)


def test_progress_is_told_by_the_pace_since_it_began() -> None:
    """Four in 20 seconds, five to go."""
    one = notice()
    sent(0, 1, ago=20 * SECOND)
    sent(1, 4, ago=SECOND)
    ended(4, "failed")
    assert found(one) == Progress(accepted=4, failed=1, waiting=5, outlook=Outlook.MOVING, remaining=25 * SECOND)


def test_progress_is_told_by_the_pace_of_the_last_minute() -> None:
    """What was quicker before says nothing of now; a refusal is an answer as well."""
    one = notice()
    sent(0, 5, ago=10 * MINUTE)
    sent(5, 6, ago=59 * SECOND)
    ended(6, "failed")
    Delivery.objects.filter(state="failed").update(settled_at=NOW - SECOND)
    assert found(one).remaining == 59 * SECOND / 2 * 3


def test_progress_of_a_moment_is_no_pace() -> None:
    one = notice()
    sent(0, 1, ago=2 * SECOND)
    assert found(one) == Progress(accepted=1, waiting=9, outlook=Outlook.STARTING)


def test_progress_of_what_waits_for_its_time_names_the_last() -> None:
    one = notice()
    Delivery.objects.update(due_at=NOW + DAY)
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[0].pk).update(due_at=NOW + 2 * DAY)
    assert found(one) == Progress(waiting=10, outlook=Outlook.PLANNED, until=NOW + 2 * DAY)


def test_progress_of_the_last_that_is_due_soon_is_a_length_of_time() -> None:
    one = notice()
    Delivery.objects.update(due_at=NOW + 2 * MINUTE)
    assert found(one) == Progress(waiting=10, outlook=Outlook.MOVING, remaining=2 * MINUTE)


def test_progress_of_what_moves_and_what_waits_is_that_of_the_later() -> None:
    """The pace where it takes longer than the last is to wait, or else the last."""
    one = notice()
    sent(0, 2, ago=10 * SECOND)
    last = Delivery.objects.order_by("pk")[9]
    Delivery.objects.filter(pk=last.pk).update(due_at=NOW + 60 * MINUTE)
    assert found(one) == Progress(accepted=2, waiting=8, outlook=Outlook.PLANNED, until=NOW + 60 * MINUTE)
    Delivery.objects.filter(pk=last.pk).update(due_at=NOW + 31 * SECOND)
    assert found(one) == Progress(accepted=2, waiting=8, outlook=Outlook.MOVING, remaining=35 * SECOND)


def test_progress_of_what_does_not_move_says_since_when() -> None:
    """After a minute, and even where a server that is down has each try wait for ten seconds more."""
    one = notice()
    assert found(one, later=59 * SECOND).outlook is Outlook.STARTING
    Delivery.objects.update(due_at=NOW + 70 * SECOND)
    assert found(one, later=MINUTE) == Progress(waiting=10, outlook=Outlook.STALLED, since=NOW)
    sent(0, 3, ago=-MINUTE)
    assert found(one, later=5 * MINUTE) == Progress(accepted=3, waiting=7, outlook=Outlook.STALLED, since=NOW + MINUTE)


def test_progress_of_what_is_tried_again_counts_from_that_try() -> None:
    """A server that said "later" an hour ago is not one that has been silent for an hour."""
    one = notice()
    Delivery.objects.update(attempts=1, due_at=NOW, first_due_at=NOW - 60 * MINUTE, reason="451 later")
    assert found(one).outlook is Outlook.STARTING


def test_progress_costs_two_queries_for_any_number_of_notices() -> None:
    reader()
    for number in range(3):
        work(reference=f"MNT-{number}")
    notices = list(Notice.objects.all())
    for chosen in (notices[:1], notices):
        with CaptureQueriesContext(connection) as captured:
            assert len(progress(chosen, now=NOW)) == len(chosen)
        assert len(captured) == 2


def test_notices_on_their_way_are_those_of_which_something_waits() -> None:
    """Queued, being sent, or not made yet; the newest first, in two queries."""
    reader()
    for number in range(5):
        work(reference=f"MNT-{number}")
    done, sending, queued, unmade, newest = Notice.objects.order_by("pk")
    for state, one in (("sent", done), ("sending", sending), ("sent", unmade)):
        Delivery.objects.filter(notice=one).update(state=state, accepted_at=NOW)
    Delivery.objects.filter(notice=unmade).delete()
    unmade.fannedout.delete()
    with CaptureQueriesContext(connection) as captured:
        assert on_their_way(most=9) == [newest, unmade, queued, sending]
    assert len(captured) == 2
    assert on_their_way(most=2) == [newest, unmade]
    fan_out_due(now=NOW)
    assert Maintenance.objects.count() == 5


def test_notices_on_their_way_are_found_by_what_waits() -> None:
    """Not by reading all that was ever sent."""
    with CaptureQueriesContext(connection) as captured:
        on_their_way(most=9)
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{captured[0]['sql']}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "delivery_waiting" in plan or "delivery_urgent" in plan
    assert "delivery_leased" in plan
