"""The first page: next windows, mails, shortfalls, and drafts that become too late."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from maintenance import booking
from maintenance.coverage import shortfalls as shortfalls_of_window
from maintenance.draft import WindowDraft
from maintenance.incidents import open_incident
from maintenance.models import Served
from maintenance.states import Hop
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery, DeliveryState
from notifier.desk.dashboard import dashboard, shortfalls
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


def test_shortfalls_agree_with_coverage() -> None:
    served, late, unserved = factories.reader(), factories.reader(), factories.reader()
    maintenance = pages.announced()
    notice = maintenance.notices.get()
    after = NOW + timedelta(days=21)
    Served.objects.create(notice=notice, customer=served, accepted_at=NOW, hop=Hop.FILE)
    Served.objects.create(notice=notice, customer=late, accepted_at=after, hop=Hop.PHONE)
    assert shortfalls(now=NOW) == 0
    assert shortfalls(now=after) == 2
    assert [item.account for item in shortfalls_of_window(maintenance.windows.get(), days=10)] == [late.account, unserved.account]


def test_shortfall_ends_with_cancellation() -> None:
    factories.reader()
    maintenance = pages.announced()
    booking.cancel(maintenance, reason="x", by=factories.BY, now=NOW)
    assert shortfalls(now=NOW + timedelta(days=21)) == 0


def test_shortfall_is_judged_by_deadline_of_newest_times() -> None:
    factories.reader()
    maintenance = pages.announced()
    later = factories.window(60)
    booking.move(maintenance, number=1, start=later.start, end=later.end, by=factories.BY, now=NOW)
    assert (shortfalls(now=NOW + timedelta(days=21)), shortfalls(now=NOW + timedelta(days=51))) == (0, 1)


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
