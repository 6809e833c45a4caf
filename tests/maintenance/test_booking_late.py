"""Late notice: forbidden unless configured; then told as the breach that it is."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from maintenance import booking
from maintenance.coverage import unserved
from maintenance.draft import Late, ScopeDraft
from maintenance.models import Breach, Maintenance, Window
from maintenance.stored_draft import as_draft
from tests.factories import BY, NOW, OperatorFactory, ServiceFactory, component, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, serve, told

pytestmark = pytest.mark.django_db
LATE = Late("the supplier told us yesterday", learned_at=NOW - DAY, supplier_notified_at=NOW - DAY)


@pytest.fixture
def urgent() -> Maintenance:
    """A supplier's work in three days, still a draft."""
    reader(account="A", object_id="a-1")
    return booked(windows=(window(3),), supplier=OperatorFactory.create(code="MNO"))


def test_late_notice_is_forbidden_by_default(urgent: Maintenance) -> None:
    """With the reason as without it."""
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.announce(urgent, late=LATE, by=BY, now=NOW)
    assert refusal.value.messages == ["Late notice is not allowed here (LATE_NOTICE is forbid)."]


def test_late_notice_needs_a_reason(urgent: Maintenance, settings: Settings) -> None:
    """It stands in the evidence."""
    settings.LATE_NOTICE = "breach"
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.announce(urgent, late=Late(" ", NOW), by=BY, now=NOW)
    assert refusal.value.messages == ["Late notice breaks the promise; give a reason, which is recorded."]


def test_late_notice_is_told_and_counts_as_a_breach(urgent: Maintenance, settings: Settings) -> None:
    """Without a deadline, with the times at which we and the supplier learned of it; never called planned."""
    settings.LATE_NOTICE = "breach"
    notice = booking.announce(urgent, late=LATE, by="otto", now=NOW)
    assert told(notice) == {"A": ("late", None)}
    assert (notice.said.learned_at, notice.said.supplier_notified_at, notice.said.windows[0].late) == (NOW - DAY, NOW - DAY, True)
    assert Window.objects.values_list("basis", "late_reason").get() == ("late", "the supplier told us yesterday")
    assert list(Breach.objects.values_list("customer__account", "recorded_at", "recorded_by", "reason", "reason_by")) == [
        ("A", NOW, "otto", "the supplier told us yesterday", "otto"),
    ]
    assert [one["answer"] for one in notice.decision["windows"]] == ["late"]
    serve(urgent)
    assert [one.account for one in unserved(urgent.windows.get())] == ["A"]


def test_late_notice_is_not_used_where_there_is_time(settings: Settings) -> None:
    """Whatever was asked for: with the full notice it is planned work, and no breach."""
    settings.LATE_NOTICE = "breach"
    reader(account="A")
    maintenance = booked()
    notice = booking.announce(maintenance, late=LATE, by=BY, now=NOW)
    assert told(notice) == {"A": ("announced", NOW + 20 * DAY)}
    assert (Breach.objects.count(), notice.said.learned_at) == (0, None)


def test_late_change_of_announced_work(settings: Settings) -> None:
    """A supplier moves its work at the last minute: who was told is told, as a breach."""
    settings.LATE_NOTICE = "breach"
    reader(account="A")
    maintenance = announced()
    serve(maintenance)
    start = NOW + 30 * DAY - HOUR
    notice = booking.move(maintenance, number=1, start=start, end=start + HOUR, late=LATE, by=BY, now=start - DAY)
    assert told(notice) == {"A": ("late", None)}
    assert Breach.objects.count() == 1
    booking.start(maintenance, reason="as told", by=BY, now=start)
    assert Breach.objects.count() == 1  # it was counted when it was told


def test_late_notice_to_newly_hit_customers_alone(settings: Settings) -> None:
    """The window stays planned for who was told in time; the others hear when we learned of it, and are the breach."""
    settings.LATE_NOTICE = "breach"
    reader(account="A")
    reader(account="B", service="netpro.openvpn")
    maintenance = announced()
    serve(maintenance)
    draft = as_draft(maintenance)
    wider = replace(draft, scopes=(*draft.scopes, ScopeDraft(component("netpro.openvpn"), "provider")))
    notice = booking.revise(maintenance, wider, late=LATE, by=BY, now=NOW + 22 * DAY)
    assert told(notice) == {"B": ("late", None)}
    assert notice is not None
    assert (notice.said.learned_at, notice.said.windows[0].late, Window.objects.get().basis) == (NOW - DAY, False, "planned")
    assert list(Breach.objects.values_list("customer__account", flat=True)) == ["B"]
    assert [one.account for one in unserved(maintenance.windows.get())] == ["B"]


def test_late_notice_is_none_where_only_the_margin_is_missing(settings: Settings) -> None:
    """It can still be in time, so it is planned work with its line, and no breach; whoever needs more days is told late."""
    settings.LATE_NOTICE = "breach"
    reader(account="A")
    reader(account="B", notice_days=14)
    maintenance = booked(windows=(window(10.9),))
    notice = booking.announce(maintenance, late=LATE, by=BY, now=NOW)
    assert told(notice) == {"A": ("announced", NOW + 0.9 * DAY), "B": ("late", None)}
    assert list(Breach.objects.values_list("customer__account", flat=True)) == ["B"]


def test_late_notice_to_who_was_forgotten_is_not_sent_where_it_is_forbidden_since(settings: Settings) -> None:
    """The setting counts when something is told."""
    settings.LATE_NOTICE = "breach"
    reader(account="A")
    maintenance = booked(windows=(window(3),))
    booking.announce(maintenance, late=LATE, by=BY, now=NOW)
    settings.LATE_NOTICE = "forbid"
    ServiceFactory.create(customer=reader(account="B", service="netpro.openvpn"), held_since=NOW - DAY)
    assert booking.join(maintenance, now=NOW + HOUR) is None
