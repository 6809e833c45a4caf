"""The first page: next windows, mails, shortfalls, and drafts that become too late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from maintenance import booking
from maintenance.draft import WindowDraft
from maintenance.incidents import affect, close_incident, disprove, open_incident
from maintenance.models import Breach, RootCauseReport, Shortfall
from maintenance.states import Cause
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery, DeliveryState
from notifier.desk.dashboard import dashboard
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
NOW = factories.NOW


def test_next_windows_are_those_of_fourteen_days() -> None:
    pages.announced("SOON", windows=(factories.window(12), factories.window(30)))
    pages.announced("LATER", windows=(factories.window(20),))
    found = dashboard(now=NOW).windows
    assert [(str(row.window), row.title, str(row.start)) for row in found] == [("SOON.1", "Title (en)", "4 Dec 2026, 09:00 UTC+00:00 (4 Dec 2026, 09:00 UTC)")]


def test_mails_are_counted_by_state() -> None:
    for _ in range(5):
        factories.reader()
    pages.announced()
    fan_out_due(now=NOW)
    first, second, third, fourth = Delivery.objects.values_list("pk", flat=True)[:4]
    Delivery.objects.filter(pk=first).update(state=DeliveryState.FAILED, reason="x", settled_at=NOW)
    Delivery.objects.filter(pk=second).update(state=DeliveryState.FAILED, reason="x", settled_at=NOW - timedelta(days=15))
    Delivery.objects.filter(pk=third).update(state=DeliveryState.UNKNOWN, reason="x", settled_at=NOW)
    Delivery.objects.filter(pk=fourth).update(state=DeliveryState.SENDING)
    found = dashboard(now=NOW)
    assert (found.waiting, found.failed, found.unknown) == (2, 1, 1)


def test_open_shortfalls_and_breaches_without_reason_are_counted() -> None:
    one, two = factories.reader(), factories.reader()
    window = pages.announced().windows.get()
    Shortfall.objects.create(window=window, customer=one, cause=Cause.FAILED, found_at=NOW)
    Shortfall.objects.create(window=window, customer=two, cause=Cause.FAILED, found_at=NOW, cleared_at=NOW)
    Breach.objects.create(window=window, customer=one, recorded_at=NOW, recorded_by="petra")
    Breach.objects.create(window=window, customer=two, recorded_at=NOW, recorded_by="petra", reason="x", reason_by="petra")
    found = dashboard(now=NOW)
    assert (found.shortfalls, found.owed) == (1, 1)


def test_windows_within_the_hours_are_shown_for_go_or_no_go(settings: Settings) -> None:
    settings.GO_NO_GO_HOURS = 48
    one, two = factories.reader(), factories.reader()
    alternate = replace(factories.window(31.5), alternate=True)
    maintenance = pages.announced(windows=(factories.window(30), factories.window(31), factories.window(33), alternate))
    first = maintenance.windows.get(number=1)
    now = first.start - timedelta(hours=1)
    Shortfall.objects.create(window=first, customer=one, cause=Cause.FAILED, found_at=now)
    Shortfall.objects.create(window=first, customer=two, cause=Cause.FAILED, found_at=now, reason="x", reason_by="petra", reason_at=now)
    found = [(str(row.window), str(row.start), row.shortfalls, row.unexplained) for row in dashboard(now=now).near]
    assert found == [
        ("MNT-1.1", "22 Dec 2026, 09:00 UTC+00:00 (22 Dec 2026, 09:00 UTC)", 2, 1),
        ("MNT-1.2", "23 Dec 2026, 09:00 UTC+00:00 (23 Dec 2026, 09:00 UTC)", 0, 0),
    ]


def test_overruns_are_those_past_their_end_and_those_extended() -> None:
    maintenance = pages.announced(windows=(factories.window(30), factories.window(30.01), factories.window(30.02, hours=9)))
    start = factories.window(30).start + timedelta(hours=1)
    for number in (1, 2, 3):
        booking.start(maintenance, number=number, by=factories.BY, now=start)
    booking.extend(maintenance, number=2, end=start + timedelta(hours=9), by=factories.BY, now=start)
    found = dashboard(now=start + timedelta(hours=5))
    assert (found.overruns, [(row.window.number, row.overruns) for row in found.windows]) == (2, [(1, True), (2, True), (3, False)])


def test_root_cause_reports_are_shown_until_they_are_filed() -> None:
    for number in range(3):
        incident = open_incident(reference=f"INC-{number}", title="Core down", domain="provider", sims=501, now=NOW)
        filed = {"filed_at": NOW, "filed_by": "petra"} if number == 2 else {}
        RootCauseReport.objects.create(incident=incident, opened_at=NOW, due_at=NOW + timedelta(days=number), **filed)
    found = dashboard(now=NOW + timedelta(hours=1)).reports
    assert [(row.report.incident.reference, row.due, row.overdue) for row in found] == [
        ("INC-0", "22 Nov 2026, 09:00 UTC", True),
        ("INC-1", "23 Nov 2026, 09:00 UTC", False),
    ]


def test_root_cause_reports_that_nobody_is_owed_are_not_shown() -> None:
    """Refuted, or customers are entered and none gets one."""
    incidents = [open_incident(reference=f"INC-{number}", title="Core down", domain="provider", sims=501, now=NOW) for number in range(3)]
    for incident in incidents:
        close_incident(incident, now=NOW)
    disprove(incidents[0], reason="Probe broken", by="paul", now=NOW)
    affect(incidents[1], {factories.CustomerFactory.create(): 10}, now=NOW)
    assert [row.report.incident.reference for row in dashboard(now=NOW).reports] == ["INC-2"]


def test_first_page_costs_same_at_one_thing_and_three() -> None:
    with time_machine.travel(NOW, tick=False):
        client = pages.planner()
    costs = []
    for number in range(3):
        customer = factories.reader()
        incident = open_incident(reference=f"INC-{number}", title="x", domain="provider", sims=501, now=NOW)
        RootCauseReport.objects.create(incident=incident, opened_at=NOW, due_at=NOW)
        window = pages.announced(f"MNT-{number}", windows=(factories.window(12),)).windows.get()
        Shortfall.objects.create(window=window, customer=customer, cause=Cause.FAILED, found_at=NOW)
        Breach.objects.create(window=window, customer=customer, recorded_at=NOW, recorded_by="petra")
        with time_machine.travel(NOW + timedelta(days=11), tick=False):
            costs.append(pages.cost(client, "/admin/"))
    assert costs[0] == costs[2]


def test_drafts_are_shown_from_three_days_before_they_are_too_late() -> None:
    factories.reader()
    incident = open_incident(reference="INC-1", title="x", domain="provider", sims=501, now=NOW)
    pages.booked("LATE", windows=(factories.window(10.9),))
    pages.booked("SOON", windows=(factories.window(13.9),))
    pages.booked("TIME", windows=(factories.window(14.1),))
    pages.booked("EMERGENCY", windows=(factories.window(1),), incident=incident)
    found = [(draft.maintenance.reference, draft.too_late, str(draft.announce_by)) for draft in dashboard(now=NOW).drafts]
    assert found == [
        ("LATE", True, "22 Nov 2026, 06:36 UTC+00:00 (22 Nov 2026, 06:36 UTC)"),
        ("SOON", False, "25 Nov 2026, 06:36 UTC+00:00 (25 Nov 2026, 06:36 UTC)"),
    ]


def test_drafts_are_judged_by_clocks_of_those_hit() -> None:
    factories.reader(region_slug="us")
    # clocks in America go forward on 14 March 2027: ten days before noon there are 239 hours
    spring = datetime(2027, 3, 18, 12, tzinfo=UTC)
    with time_machine.travel("2027-03-05T12:00:00Z", tick=False):
        pages.booked("SPRING", windows=(WindowDraft(spring, spring + timedelta(hours=2)),))
    found = dashboard(now=datetime(2027, 3, 6, 12, tzinfo=UTC)).drafts
    assert [str(draft.announce_by) for draft in found] == ["7 Mar 2027, 12:00 UTC+00:00 (7 Mar 2027, 12:00 UTC)"]


def test_index_shows_dashboard_to_those_who_may_see_maintenance_only() -> None:
    factories.reader()
    pages.booked("MNT-LATE", windows=(factories.window(2),))
    with time_machine.travel(NOW, tick=False):
        found = [pages.planner(permission, name=permission).get("/admin/") for permission in ("maintenance.view_maintenance", "customers.view_customer")]
    assert ["MNT-LATE" in response.content.decode() for response in found] == [True, False]
