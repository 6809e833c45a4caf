"""Announcements that are not accepted although their line comes near."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from customers.models import Customer
from maintenance.models import Maintenance, Notice, Served
from maintenance.states import Kind
from notifier.delivery import line_watch, watch
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.line_watch import near_lines, tell_what_is_not_accepted
from notifier.delivery.models import Alert, Delivery
from tests.factories import NOW, ContactRoleFactory, reader
from tests.notifier.delivery.notices import issue, work

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LINE = NOW + 48 * HOUR


def announce(customers: Sequence[Customer], *, line: datetime = LINE, maintenance: Maintenance | None = None) -> Notice:
    """Issue a notice with mails that are due at NOW."""
    notice = issue(maintenance or work(), dict.fromkeys(customers, Kind.ANNOUNCED), deadline=line)
    fan_out_due(now=NOW)
    return notice


def found(now: datetime) -> list[tuple[datetime, int]]:
    """Return line and number of mails of each notice that is near its line."""
    return [(row.line, row.mails) for row in near_lines(now=now)]


def told(*moments: datetime) -> list[str]:
    """Look then; return the keys of all alerts so far, without the notice."""
    for now in moments:
        tell_what_is_not_accepted(now=now)
    return [key.partition(":")[2].partition(":")[2] for key in Alert.objects.order_by("pk").values_list("key", flat=True)]


def test_mail_is_near_its_line_from_the_hours_set_until_the_line(settings: Settings) -> None:
    announce([reader(), reader()])
    assert (found(LINE - 24 * HOUR - MINUTE), found(LINE - 24 * HOUR), found(LINE)) == ([], [(LINE, 2)], [])
    settings.ALARM_HOURS = 30
    assert found(LINE - 30 * HOUR) == [(LINE, 2)]


@pytest.mark.parametrize("state", ["queued", "sending", "unknown"])
def test_mail_whose_acceptance_is_open_is_found(state: str) -> None:
    announce([reader()])
    Delivery.objects.update(state=state, reason="x")
    assert found(LINE - HOUR) == [(LINE, 1)]


@pytest.mark.parametrize("state", ["sent", "delivered", "failed", "withdrawn"])
def test_settled_mail_is_not_found(state: str) -> None:
    """A failed one is a shortfall, which is told at once."""
    announce([reader()])
    Delivery.objects.update(state=state, reason="x", accepted_at=NOW)
    assert found(LINE - HOUR) == []


def test_mail_that_waits_for_its_time_by_plan_is_not_found_until_that_is_over() -> None:
    announce([reader()])
    planned = LINE - 12 * HOUR
    Delivery.objects.update(due_at=planned, first_due_at=planned)
    assert (found(planned - MINUTE), found(planned + 14 * MINUTE), found(planned + 15 * MINUTE)) == ([], [], [(LINE, 1)])


def test_mail_that_was_announced_with_no_more_than_the_margin_gets_its_quarter_of_an_hour() -> None:
    announce([reader()], line=NOW + 24 * HOUR)
    assert (found(NOW + 14 * MINUTE), found(NOW + 15 * MINUTE)) == ([], [(NOW + 24 * HOUR, 1)])


def test_mail_announced_within_an_hour_of_its_line_gets_two_minutes() -> None:
    announce([reader()], line=NOW + 30 * MINUTE)
    assert (found(NOW + MINUTE), found(NOW + 2 * MINUTE)) == ([], [(NOW + 30 * MINUTE, 1)])


def test_mail_that_is_tried_again_within_the_hour_is_found() -> None:
    announce([reader()])
    Delivery.objects.update(attempts=9, due_at=LINE - HOUR + 50 * MINUTE)
    assert found(LINE - HOUR) == [(LINE, 1)]


def test_customer_reached_by_another_contact_is_no_cause_for_alarm() -> None:
    customer = reader()
    notice = announce([customer])
    row = Served.objects.create(notice=notice, customer=customer, accepted_at=NOW, hop="relay")
    assert found(LINE - HOUR) == []
    Served.objects.filter(pk=row.pk).update(revoked_at=NOW)
    assert found(LINE - HOUR) == [(LINE, 1)]


def test_notice_that_a_newer_one_replaces_is_no_cause_for_alarm() -> None:
    customer, maintenance = reader(), work()
    announce([customer], maintenance=maintenance)
    issue(maintenance, {customer: Kind.CANCELLED})
    assert found(LINE - HOUR) == []


def test_alert_is_raised_once_at_the_second_look_and_once_more_near_the_line(caplog: pytest.LogCaptureFixture) -> None:
    announce([reader(account="ACC")])
    day = LINE.date().isoformat()
    assert told(LINE - 24 * HOUR) == []
    assert told(LINE - 23 * HOUR, LINE - 7 * HOUR) == [f"{day}:first"]
    assert told(LINE - 6 * HOUR, LINE - 5 * HOUR, LINE - HOUR) == [f"{day}:first", f"{day}:last"]
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == [f"MNT-1 r1 is not accepted yet and has to be by {LINE.isoformat()} (mails: 1, customers: 1)"] * 2


def test_alert_of_a_program_that_was_off_is_not_raised_when_the_mail_goes_out() -> None:
    announce([reader()])
    assert told(LINE - HOUR) == []
    Delivery.objects.update(state="sent", accepted_at=LINE - HOUR)
    assert told(LINE - HOUR + MINUTE, LINE - HOUR + 2 * MINUTE) == []


def test_alert_names_customers_mails_and_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_watch, "LISTED", 2)
    customers = [reader(account=f"ACC{number}") for number in range(3)]
    ContactRoleFactory.create(customer=customers[0])
    other_day = reader(account="LATER")
    maintenance = work()
    issue(maintenance, dict.fromkeys([*customers, other_day], Kind.ANNOUNCED), deadline={**dict.fromkeys(customers, LINE), other_day: LINE + 24 * HOUR})
    fan_out_due(now=NOW)
    first = Delivery.objects.order_by("pk").values_list("pk", flat=True)[0]
    Delivery.objects.filter(pk=first).update(attempts=1, reason="451 Later")
    told(LINE - HOUR, LINE - HOUR)
    assert Alert.objects.get().facts == {
        "maintenance": maintenance.pk,
        "reference": "MNT-1",
        "title": "(no title)",
        "timezone": "Europe/London",
        "line": LINE.isoformat(),
        "mails": 4,
        "number": 3,
        "customers": [{"account": "ACC0"}, {"account": "ACC1"}],
        "more": 1,
        "reasons": [{"reason": "", "number": 3}, {"reason": "451 Later", "number": 1}],
    }


def test_lines_of_different_days_are_told_apart(settings: Settings) -> None:
    settings.ALARM_HOURS = 240
    first, second = reader(account="A"), reader(account="B")
    issue(work(), {first: Kind.ANNOUNCED, second: Kind.ANNOUNCED}, deadline={first: LINE, second: LINE + 72 * HOUR})
    fan_out_due(now=NOW)
    told(LINE - HOUR, LINE - HOUR)
    assert [[row["account"] for row in alert.facts["customers"]] for alert in Alert.objects.order_by("pk")] == [["A"], ["B"]]


def test_watch_looks_for_it() -> None:
    announce([reader()])
    for _ in range(2):
        watch.look(now=LINE - HOUR)
    assert Alert.objects.filter(kind="not_accepted").count() == 1
