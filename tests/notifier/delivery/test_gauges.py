"""How delivery stands, in numbers."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from maintenance.states import Kind
from notifier.delivery import gauges as module
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.gauges import Gauges, gauges
from notifier.delivery.models import Delivery
from tests.factories import NOW, reader
from tests.notifier.delivery.notices import issue, work

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PARTIAL = ("delivery_waiting", "delivery_urgent", "delivery_leased", "delivery_unknown", "delivery_failed", "delivery_accepted")


@dataclass(frozen=True)
class Fuse:
    """A breaker."""

    transport: str
    state: str


def mails(number: int, kind: Kind = Kind.ANNOUNCED, **changes: object) -> None:
    """Make mails of a notice of their own that were due at NOW, and change them."""
    reference = f"MNT-{Delivery.objects.count()}"
    notice = issue(work(reference), {reader(): kind for _ in range(number)})
    fan_out_due(now=NOW)
    Delivery.objects.filter(notice=notice).update(**changes)


def test_gauges_of_nothing_are_zero() -> None:
    assert gauges(now=NOW) == Gauges(0.0, {}, {}, 0, 0, 0, 0, None, None, {})


def test_gauges_count_by_state_kind_and_time() -> None:
    later = NOW + 2 * HOUR
    mails(2)
    mails(1, Kind.EMERGENCY)
    mails(3, due_at=later, first_due_at=later)
    mails(1, due_at=NOW + 2 * HOUR)  # put off, never tried
    mails(1, due_at=NOW + 2 * HOUR, attempts=1)  # waits for its next try
    mails(1, state="sending", attempts=1)
    mails(2, state="unknown", reason="x", settled_at=NOW - 1000 * HOUR)
    mails(2, state="failed", reason="x", settled_at=NOW - 22 * HOUR)
    mails(1, state="failed", reason="x", settled_at=NOW - 24 * HOUR)
    for seconds in (1, 3, 300):
        mails(1, state="sent", accepted_at=NOW + timedelta(seconds=seconds))
    mails(1, state="delivered", accepted_at=NOW - MINUTE, first_due_at=NOW)  # by a clock that was behind
    mails(1, state="sent", accepted_at=NOW - 2 * HOUR, first_due_at=NOW - 9 * HOUR)
    found = gauges(now=NOW + 30 * MINUTE, breakers=[Fuse("smtp", "open")])
    assert found == Gauges(
        oldest_due_seconds=1800.0,
        due={"announced": 3, "emergency": 1},
        waiting={"announced": 4},
        sending=1,
        unknown=2,
        failed=2,
        accepted=4,
        median_seconds=2.0,
        worst_seconds=300.0,
        breakers={"smtp": "open"},
    )
    assert (found.queued, json.loads(json.dumps(found.as_json()))["waiting"]) == (8, {"announced": 4})


def test_times_to_acceptance_are_taken_of_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ACCEPTED", 2)
    for seconds in (9, 20, 30):
        mails(1, state="sent", accepted_at=NOW + timedelta(seconds=seconds))
    found = gauges(now=NOW + MINUTE)
    assert (found.accepted, found.median_seconds, found.worst_seconds) == (2, 25.0, 30.0)


def test_time_to_acceptance_by_a_clock_that_was_behind_is_none() -> None:
    mails(1, state="sent", accepted_at=NOW - MINUTE)
    assert gauges(now=NOW).median_seconds == 0.0


def test_gauges_cost_the_same_for_any_number(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in (1, 3):
        mails(number)
        mails(number, Kind.EMERGENCY)
        with django_assert_num_queries(8):
            gauges(now=NOW)


def test_gauges_are_read_from_indexes_of_few_rows() -> None:
    """None of them reads what was settled long ago, however much it is."""
    mails(3, state="sent", accepted_at=NOW)
    with CaptureQueriesContext(connection) as captured:
        gauges(now=NOW)
    about_mails = [query["sql"] for query in captured if re.search(r'FROM "delivery_delivery"', query["sql"])]
    assert len(about_mails) == 7
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table this small is read as a whole otherwise
        for sql in about_mails:
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
            plan = " ".join(str(column) for row in cursor.fetchall() for column in row)
            assert any(name in plan for name in PARTIAL), f"{sql}: {plan}"
