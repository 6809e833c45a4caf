"""``manage.py maintenance gauges``."""

import json
from datetime import timedelta

import pytest

from maintenance.states import Kind
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.gauges import Gauges
from notifier.delivery.models import Delivery
from notifier.desk.management.gauge_lines import gauge_lines
from tests.factories import NOW, nothing_changes, reader
from tests.notifier.delivery.notices import issue, work
from tests.notifier.desk.commands.test_maintenance import run

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=2)


def some() -> None:
    """Make two mails that are due, one of a server that never answers, and one accepted after 1.5 seconds."""
    issue(work(), {reader(): Kind.ANNOUNCED for _ in range(3)})
    fan_out_due(now=NOW)
    taken = Delivery.objects.order_by("pk").values_list("pk", flat=True)[0]
    Delivery.objects.filter(pk=taken).update(state="sent", accepted_at=NOW + timedelta(seconds=1.5))


def test_gauges_are_printed_a_line_each() -> None:
    some()
    with nothing_changes():
        stdout, stderr, failure, tasks = run("gauges", now=LATER)
    assert (stderr, failure, tasks) == ("", "", [])
    assert stdout.splitlines() == [
        "oldest due: 120 s",
        "due: 2 (announced 2)",
        "waiting for their time: 0",
        "sending: 0",
        "unknown: 0",
        "failed in the last 24 hours: 0",
        "accepted in the last hour: 1, within 1.5 s (median), 1.5 s (worst)",
        "primary: breaker closed",
    ]


def test_gauges_as_json_are_one_object() -> None:
    some()
    stdout, _stderr, _failure, _tasks = run("gauges", "--json", now=LATER)
    assert json.loads(stdout) == {
        "oldest_due_seconds": 120.0,
        "due": {"announced": 2},
        "waiting": {},
        "sending": 0,
        "unknown": 0,
        "failed": 0,
        "accepted": 1,
        "median_seconds": 1.5,
        "worst_seconds": 1.5,
        "breakers": {"primary": "closed"},
    }


def test_lines_name_breakers_and_that_nothing_was_accepted() -> None:
    lines = gauge_lines(Gauges(0.0, {}, {"announced": 2, "late": 1}, 0, 0, 0, 0, None, None, {"smtp": "half-open"}))
    assert lines[2] == "waiting for their time: 3 (announced 2, late 1)"
    assert lines[-2:] == ["accepted in the last hour: 0", "smtp: breaker half-open"]
