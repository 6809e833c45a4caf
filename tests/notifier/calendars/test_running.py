"""A window that has begun stays as it was told, whatever is said of others, until the night itself changes it and raises its SEQUENCE."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from customers.models import Component, Service
from maintenance import booking
from maintenance.draft import Draft
from maintenance.models import Maintenance, Served
from maintenance.states import Impact
from maintenance.stored_draft import as_draft
from tests.notifier.calendars.rows import NIGHT, NOW, announced, customer, night
from tests.notifier.calendars.test_withdrawn import shown, states

pytestmark = pytest.mark.django_db
BEGUN = NIGHT + timedelta(minutes=5)
DURING = NIGHT + timedelta(hours=1)

CHANGES: dict[str, Callable[[Draft], Draft]] = {
    "texts": lambda draft: replace(draft, texts={language: replace(text, title="Another") for language, text in draft.texts.items()}),
    "impact": lambda draft: replace(draft, impact=Impact.DEGRADED),
    "minutes": lambda draft: replace(draft, expected_outage_minutes=10),
    "scope": lambda draft: replace(draft, objects=("vpn-1",)),
    "objects": lambda draft: replace(draft, windows=(replace(draft.windows[0], objects=("vpn-2",)),)),
    "times": lambda draft: replace(draft, windows=(replace(draft.windows[0], end=draft.windows[0].end - timedelta(minutes=1)),)),
}


def revise(work: Maintenance, change: Callable[[Draft], Draft], *, at: datetime) -> None:
    """Change what is still to come; somebody must have been told."""
    assert booking.revise(work, change(as_draft(work)), by="planner", acknowledged="works of one night", now=at) is not None


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("objects", [(), ("vpn-1",)])
@pytest.mark.parametrize("heard", [True, False])
def test_running_window_stays_as_told(change: str, objects: tuple[str, ...], heard: bool) -> None:  # noqa: FBT001  # a parameter of a test
    """To the byte, whichever windows are narrowed, and whether the announcement was accepted or not."""
    one = customer("ACME-1", services=("vpn-1", "vpn-2"))
    work, notice = announced("MNT-1", night(0, *objects), night(20))
    if heard:
        Served.objects.create(notice=notice, customer=one, accepted_at=NOW, hop="relay")
    booking.start(work, number=1, by="planner", now=BEGUN)
    before = shown(one, now=DURING)
    revise(work, CHANGES[change], at=DURING)
    after = shown(one, now=DURING)
    assert after["MNT-1.1"] == before["MNT-1.1"]
    assert (after["MNT-1.2"].sequence, after["MNT-1.2"].stamp) == (before["MNT-1.2"].sequence + 1, DURING)
    booking.finish(work, number=1, by="planner", now=night(0).end)
    revise(work, lambda draft: replace(draft, expected_outage_minutes=5), at=night(1).start)
    assert states(one)["MNT-1.1"] == ("CONFIRMED", before["MNT-1.1"].sequence + 1, night(0).end)
    assert shown(one)["MNT-1.1"].objects == before["MNT-1.1"].objects


def test_running_window_without_services_that_join() -> None:
    """Whoever is told of a service more, which the next night hits, sees this one as before; a newcomer sees it run, and then end."""
    one, newcomer = customer("ACME-1"), customer("ACME-2", services=())
    work, _notice = announced("MNT-1", night(0), night(20))
    booking.start(work, number=1, by="planner", now=BEGUN)
    before = shown(one, now=DURING)["MNT-1.1"]
    for who, name in ((one, "vpn-2"), (newcomer, "vpn-3")):
        component = Component.objects.get(slug="netpro.ipsec")
        Service.objects.create(customer=who, component=component, domain="provider", object_id=name, sims=10, held_since=BEGUN)
    joined = booking.join(work, now=DURING)
    assert joined is not None
    assert set(joined.customers.values_list("customer", flat=True)) == {one.pk, newcomer.pk}
    assert shown(one, now=DURING)["MNT-1.1"] == before
    assert states(newcomer)["MNT-1.1"] == ("CONFIRMED", 1, BEGUN)
    booking.finish(work, number=1, by="planner", now=night(0).end)
    assert [shown(who)["MNT-1.1"].maintnote_status for who in (one, newcomer)] == ["COMPLETED"] * 2


def test_completed_window_stays_when_the_rest_is_reworded_and_cancelled() -> None:
    """New words are those of what is to come; the cancellation repeats them."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1", night(0), night(20))
    booking.start(work, number=1, by="planner", now=BEGUN)
    booking.finish(work, number=1, by="planner", now=DURING)
    before = shown(one, now=DURING)["MNT-1.1"]
    revise(work, CHANGES["texts"], at=night(0).end)
    booking.cancel(work, reason="Never", by="planner", now=night(1).start)
    assert shown(one, now=night(1).start)["MNT-1.1"] == before
    assert states(one)["MNT-1.2"] == ("CANCELLED", 2, night(1).start)


def test_revision_that_concerns_nobody_keeps_the_stamp_of_what_runs() -> None:
    """Nothing changes, so nothing is stamped anew."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1", night(0), night(20))
    booking.start(work, number=1, by="planner", now=NIGHT)
    before = shown(one, now=NIGHT)
    assert booking.revise(work, as_draft(work), by="planner", now=DURING) is None
    assert shown(one, now=NIGHT) == before


def test_who_is_hit_by_what_runs_alone_sees_the_rest_called_off() -> None:
    """It goes on for the customer, and what is to come will not touch it any more."""
    one = customer("ACME-1")
    customer("ACME-2", services=("vpn-2",))
    work, _notice = announced("MNT-1", night(0), night(20))
    booking.start(work, number=1, by="planner", now=BEGUN)
    revise(work, lambda draft: replace(draft, objects=("vpn-2",)), at=DURING)
    assert [status for _name, (status, _sequence, _stamp) in sorted(states(one, now=DURING).items())] == ["CONFIRMED", "CANCELLED"]
