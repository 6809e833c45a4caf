"""What the clock brings: each thing once, at its time, whatever else fails; what is stale after an outage of ours is dropped."""

import math
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Service
from maintenance import booking
from maintenance.incidents import affect, close_incident
from maintenance.models import Incident, Maintenance, Reminded, RootCauseReport, Shortfall, Window
from maintenance.states import Kind
from notifier.delivery import shortfall_watch, standstill, watch
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Alert, Delivery
from tests.factories import BY, NOW, CustomerFactory, OperatorFactory, ServiceFactory, draft, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, kinds, p1, serve

pytestmark = pytest.mark.django_db
START, END = NOW + 30 * DAY, NOW + 30 * DAY + 2 * HOUR
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def _just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process that has looked at nothing; and nobody sends mail here, so that it stands still is no news."""
    monkeypatch.setattr(standstill, "PATIENCE", timedelta.max)
    monkeypatch.setattr(watch, "_seen", {"services": None, "at": -math.inf})
    monkeypatch.setattr(shortfall_watch, "_seen", {"at": -math.inf})


def work(**changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return announced work with which everybody was served."""
    maintenance = booking.book(draft(**changes), by=BY, now=NOW)
    booking.announce(maintenance, acknowledged="both are known", by=BY, now=NOW)
    maintenance.refresh_from_db()
    serve(maintenance)
    return maintenance


def raised(now: datetime) -> list[tuple[str, str, int]]:
    """Look, and return kind, reference and window of every alert so far, go/no-go aside."""
    watch.look(now=now)
    found = Alert.objects.exclude(kind="go_no_go").order_by("pk")
    return [(row.kind, row.facts["reference"], row.facts.get("window", 0)) for row in found]


def notices(maintenance: Maintenance) -> list[dict[str, str]]:
    """Return the kinds by account of each notice after the first."""
    return [kinds(notice) for notice in maintenance.notices.order_by("revision")[1:]]


def test_look_reminds_once() -> None:
    reader(account="ACC")
    maintenance = work()
    for now in (START - 48 * HOUR - INSTANT, START - 48 * HOUR, START - 47 * HOUR, START - HOUR):
        watch.look(now=now)
    assert notices(maintenance) == [{"ACC": "reminder"}]
    assert list(Reminded.objects.values_list("start", "hours", "done_at")) == [(START, 48, START - 48 * HOUR)]


def test_look_after_an_outage_reminds_late_and_of_nothing_that_has_begun() -> None:
    reader(account="ACC")
    maintenance = work(windows=(window(30), window(31)))
    watch.look(now=START)
    assert notices(maintenance) == [{"ACC": "reminder"}]
    assert list(Reminded.objects.values_list("window__number", flat=True)) == [2]


def test_look_reminds_nobody_who_was_just_told() -> None:
    reader()
    maintenance = announced(incident=p1(), now=START - 48 * HOUR)
    watch.look(now=START - HOUR)
    assert (notices(maintenance), Reminded.objects.count()) == ([], 1)


def test_look_reminds_nobody_again_of_a_start_that_is_eased() -> None:
    reader(account="ACC")
    maintenance = work()
    watch.look(now=START - 48 * HOUR)
    booking.move(maintenance, number=1, start=START + HOUR / 2, end=END, by=BY, now=START - 30 * HOUR)
    watch.look(now=START - 29 * HOUR)
    assert notices(maintenance) == [{"ACC": "reminder"}, {"ACC": "eased"}]
    assert list(Reminded.objects.order_by("pk").values_list("start", "done_at")) == [(START, START - 48 * HOUR), (START + HOUR / 2, START - 29 * HOUR)]


def test_look_reminds_of_the_others_where_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    reader()
    broken, whole = work(), work(reference="MNT-2")
    remind = booking.remind

    def fail(night: Window, **said: Any) -> object:  # noqa: ANN401  # as the verb has it
        if night.maintenance_id == broken.pk:
            raise ValidationError("broken")
        return remind(night, **said)

    monkeypatch.setattr(booking, "remind", fail)
    watch.look(now=START - HOUR)
    assert (len(notices(broken)), len(notices(whole))) == (0, 1)


def test_look_presumes_suppliers_work() -> None:
    reader()
    work(supplier=OperatorFactory.create())
    watch.look(now=START)
    assert Window.objects.get().state == "in_progress"
    watch.look(now=END)
    assert (Window.objects.get().state, raised(END)) == ("presumed_ended", [])


def test_look_finds_shortfalls() -> None:
    ServiceFactory.create(customer=CustomerFactory.create())
    announced()
    assert raised(NOW + 25 * DAY) == [("shortfall", "MNT-1", 1)]


def test_look_tells_of_own_work_that_nobody_began() -> None:
    reader()
    work()
    assert raised(START + 15 * MINUTE - INSTANT) == []
    assert raised(START + 15 * MINUTE) == [("not_started", "MNT-1", 1)]
    assert raised(END - INSTANT) == [("not_started", "MNT-1", 1)]


def test_look_after_an_outage_tells_only_what_still_holds() -> None:
    """The window is over: that it has not been started is stale, that it is past its end is not."""
    reader()
    work()
    assert raised(END + DAY) == [("overrun", "MNT-1", 1)]
    assert Alert.objects.get().facts["begun"] is False


def test_look_tells_of_work_past_its_end_and_again_when_extended() -> None:
    reader()
    maintenance = work()
    booking.start(maintenance, by=BY, now=START)
    assert raised(END - INSTANT) == []
    assert raised(END) == [("overrun", "MNT-1", 1)]
    booking.extend(maintenance, end=END + HOUR, by=BY, now=END + MINUTE)
    assert len(raised(END + 30 * MINUTE)) == 1
    assert len(raised(END + HOUR)) == 2
    booking.finish(maintenance, by=BY, now=END + 2 * HOUR)
    assert len(raised(END + 3 * HOUR)) == 2


def test_look_is_silent_about_alternates_and_what_is_cancelled() -> None:
    reader()
    work(reference="SPARE")
    Window.objects.update(alternate=True)
    booking.cancel(work(), by=BY, now=NOW)
    assert (raised(START + HOUR), raised(END + HOUR), Alert.objects.count()) == ([], [], 0)


def owed(reference: str = "INC-1") -> Incident:
    """Return a closed P1 for which a customer is owed a report."""
    incident = p1(reference)
    affect(incident, {CustomerFactory.create(tier_slug="enterprise"): 501}, now=NOW)
    close_incident(incident, now=NOW)
    return incident


def test_look_chases_a_root_cause_report_once_a_day() -> None:
    owed()
    due_at = RootCauseReport.objects.get().due_at
    assert raised(due_at - DAY - INSTANT) == []
    assert raised(due_at - DAY) == [("root_cause", "INC-1", 0)]
    assert len(raised(due_at - INSTANT)) == 1
    assert len(raised(due_at + HOUR)) == 2
    found = Alert.objects.order_by("pk").values_list("facts__incident", "facts__report", "facts__overdue")
    report = RootCauseReport.objects.get()
    assert list(found) == [(report.incident_id, report.pk, False), (report.incident_id, report.pk, True)]


def test_look_chases_the_report_of_a_p1_for_which_no_customer_is_entered() -> None:
    close_incident(p1(), now=NOW)
    due_at = RootCauseReport.objects.get().due_at
    assert (raised(due_at - DAY - INSTANT), raised(due_at - DAY)) == ([], [("root_cause", "INC-1", 0)])
    affect(Incident.objects.get(), {CustomerFactory.create(tier_slug="standard"): 501}, now=due_at)
    assert len(raised(due_at + DAY)) == 1


def test_look_tells_of_a_service_that_was_added_later() -> None:
    reader(account="OLD")
    maintenance = work()
    watch.look(now=NOW + HOUR)
    new = reader(account="NEW")
    Service.objects.filter(customer=new).update(held_since=NOW + DAY)
    assert raised(NOW + DAY) == [("joined", "MNT-1", 0)]
    assert notices(maintenance) == [{"NEW": Kind.JOINED}]
    assert Alert.objects.get().facts["customers"] == [{"account": "NEW"}]
    assert len(raised(NOW + 2 * DAY)) == 1


def test_look_calls_nobody_short_of_notice_who_joined_later_unless_the_mail_fails() -> None:
    reader(account="OLD")
    work()
    watch.look(now=NOW)
    new = reader(account="NEW")
    Service.objects.filter(customer=new).update(held_since=NOW + 25 * DAY)
    assert raised(NOW + 25 * DAY) == [("joined", "MNT-1", 0)]
    fan_out_due(now=NOW + 25 * DAY)
    assert len(raised(NOW + 25 * DAY)) == 1
    Delivery.objects.filter(kind=Kind.JOINED).update(state="failed", reason="550 No such person", handed_over_at=NOW, settled_at=NOW)
    assert raised(NOW + 25 * DAY) == [("joined", "MNT-1", 0), ("shortfall", "MNT-1", 1)]
    assert list(Shortfall.objects.values_list("customer__account", "cause")) == [("NEW", "failed")]


def test_look_finds_a_service_that_was_missing_from_the_records() -> None:
    reader()
    work()
    watch.look(now=NOW)
    late = reader(account="LATE")
    Service.objects.filter(customer=late).update(held_since=NOW - DAY)
    assert raised(NOW + 25 * DAY) == [("shortfall", "MNT-1", 1)]
    assert list(Shortfall.objects.values_list("customer__account", "cause")) == [("LATE", "record")]


def test_look_twice_changes_nothing() -> None:
    ServiceFactory.create(customer=CustomerFactory.create())
    work(windows=(window(30), window(31)))
    owed()
    watch.look(now=START + HOUR)
    with nothing_changes():
        watch.look(now=START + HOUR)


PARTS = [
    ("booking.presume", "presume what nobody reports"),
    ("due_reminders", "remind"),
    ("joining.unnamed", "join services"),
    ("root_causes.reports_due", "chase root causes"),
]


@pytest.mark.parametrize(("broken", "part"), PARTS)
def test_look_with_a_part_that_fails_does_the_others(broken: str, part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise RuntimeError("broken")

    reader()
    maintenance = work(windows=(window(30), window(31)))
    monkeypatch.setattr(f"notifier.delivery.watch.{broken}", fail)
    assert raised(START + HOUR) == [("not_started", "MNT-1", 1)]
    assert len(notices(maintenance)) == (0 if broken == "due_reminders" else 1)
    assert [record.getMessage() for record in caplog.records if record.name == "notifier.delivery.watch"] == [f"the watch failed to {part}"]


@pytest.mark.parametrize("number", [1, 3])
def test_look_with_nothing_to_do_costs_the_same_for_any_number_of_windows(number: int) -> None:
    for _ in range(number):
        reader()
    for one in range(number):
        work(reference=f"MNT-{one}", windows=tuple(window(30 + night) for night in range(number)))
    watch.look(now=NOW)
    with CaptureQueriesContext(connection) as captured:
        watch.look(now=NOW)
    assert len(captured) == 20
