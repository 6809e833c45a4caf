"""Feeds follow what each customer was told, kind by kind, and what the windows came to for those who are not told of progress."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from customers.models import Component, Customer
from maintenance.models import Incident, Maintenance, Notice, NoticeCustomer, NoticeService, Window
from maintenance.said import SaidWindow
from maintenance.states import Impact, Kind, WindowState
from notifier.calendars import feeds
from notifier.calendars.bodies import published
from notifier.calendars.entry import Entry
from tests.notifier.calendars.rows import NIGHT, NOW, announced, customer, night, tell

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def shown(owner: Customer, *, now: datetime = LATER) -> tuple[Entry, ...]:
    """Return the entries of the owner's feed."""
    return published(feeds.feed_of_customer(owner), now=now).entries


def states(owner: Customer) -> list[tuple[str, str, int, datetime]]:
    """Return id, state, sequence and stamp of each entry."""
    return [(entry.maintenance_id, entry.maintnote_status, entry.sequence, entry.stamp) for entry in shown(owner)]


def windows(work: Maintenance) -> tuple[SaidWindow, ...]:
    """Return the windows as told last."""
    return work.notices.order_by("-revision")[0].said.windows


def hit(work: Maintenance, owner: Customer, service: str) -> None:
    """Let the newest notice name another service."""
    component = Component.objects.get(slug="netpro.ipsec")
    NoticeService.objects.create(notice=work.notices.order_by("-revision")[0], customer=owner, object_id=service, component=component, impact="outage")


def test_reminder_changes_nothing() -> None:
    """The notice before it is what was said last, down to the byte."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1")
    before = shown(one)
    tell(work, Kind.REMINDER, one, at=LATER)
    assert shown(one) == before
    assert before


def test_root_cause_report_is_of_no_maintenance() -> None:
    """It breaks nothing and shows nothing."""
    one = customer("ACME-1")
    announced("MNT-1")
    before = shown(one)
    times = {"opened_at": NOW, "p1_identified_at": NOW}
    incident = Incident.objects.create(reference="INC-1", title="x", domain="provider", sims=501, priority="P1", computed_priority="P1", **times)
    said = Notice.objects.get().said
    for revision in (1, 2):
        report = Notice.objects.create(
            incident=incident, revision=revision, issued_at=LATER, issued_by="planner", said_json=replace(said, reference="INC-1", windows=()).to_json()
        )
        NoticeCustomer.objects.create(notice=report, customer=one, kind=Kind.ROOT_CAUSE)
    assert shown(one) == before


def test_notice_to_one_customer_leaves_the_others_as_they_were_told() -> None:
    """Kinds are per customer, and so is what was said last."""
    told, spared = customer("ACME-1"), customer("ACME-2")
    work, _notice = announced("MNT-1")
    (window,) = windows(work)
    tell(work, Kind.LATE, told, at=LATER, windows=(replace(window, sequence=1, start=NIGHT - timedelta(hours=1)),), impact=Impact.OUTAGE)
    assert [states(one) for one in (told, spared)] == [[("MNT-1.1", "CONFIRMED", 1, LATER)], [("MNT-1.1", "CONFIRMED", 0, NOW)]]
    assert [entry.start for one in (told, spared) for entry in shown(one)] == [NIGHT - timedelta(hours=1), NIGHT]


def test_postponed_window_is_announced_again_under_its_uid() -> None:
    """It goes while the other stays, and comes back with a higher sequence."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1", night(0), night(1))
    first, second = windows(work)
    seen = [(states(one), {entry.uid for entry in shown(one)})]
    tell(work, Kind.POSTPONED, one, at=LATER, windows=(replace(first, sequence=1, state=WindowState.POSTPONED), second))
    seen.append((states(one), {entry.uid for entry in shown(one)}))
    again = LATER + timedelta(hours=1)
    tell(work, Kind.REVISED, one, at=again, windows=(replace(first, sequence=2), second))
    seen.append((states(one), {entry.uid for entry in shown(one)}))
    assert [found for found, _uids in seen] == [
        [("MNT-1.1", "CONFIRMED", 0, NOW), ("MNT-1.2", "CONFIRMED", 0, NOW)],
        [("MNT-1.1", "CANCELLED", 1, LATER), ("MNT-1.2", "CONFIRMED", 0, LATER)],
        [("MNT-1.1", "CONFIRMED", 2, again), ("MNT-1.2", "CONFIRMED", 0, again)],
    ]
    assert len({frozenset(uids) for _found, uids in seen}) == 1


def test_extension_shows_to_whoever_is_not_told_of_progress() -> None:
    """With the new end, and nothing to those from whom the window was taken."""
    one, let_go = customer("ACME-1"), customer("ACME-2")
    work, _notice = announced("MNT-1")
    (window,) = windows(work)
    tell(work, Kind.CANCELLED, let_go, at=LATER, windows=(replace(window, sequence=1),))
    end, changed = window.end + timedelta(hours=2), window.end - timedelta(minutes=5)
    Window.objects.update(state=WindowState.IN_PROGRESS, sequence=3, changed_at=changed, end=end, overran_from=window.end, started_at=window.start)
    assert [states(customer) for customer in (one, let_go)] == [[("MNT-1.1", "IN-PROCESS", 3, changed)], [("MNT-1.1", "CANCELLED", 1, LATER)]]
    assert [entry.end for customer in (one, let_go) for entry in shown(customer)] == [end, window.end]


@pytest.mark.parametrize("state", [WindowState.IN_PROGRESS, WindowState.PRESUMED_ENDED])
def test_presumed_state_shows_as_not_reported(state: WindowState) -> None:
    """Nobody is told of it by mail; the feed does not claim that work is done."""
    one = customer("ACME-1", language="en")
    work, _notice = announced("MNT-1")
    Window.objects.filter(maintenance=work).update(state=state, presumed=True, sequence=1, changed_at=NIGHT, started_at=NIGHT)
    assert states(one) == [("MNT-1.1", "IN-PROCESS", 1, NIGHT)]
    assert "We have not been told yet how this work goes." in shown(one)[0].description


@pytest.mark.parametrize("kind", [Kind.JOINED, Kind.EMERGENCY, Kind.LATE, Kind.REVISED])
def test_notice_of_what_is_to_come_leaves_what_was_over(kind: Kind) -> None:
    """Whoever was told of a window before it was over goes on seeing it as it was, without services that are hit by others only."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1", night(0), night(1))
    done, coming = windows(work)
    Window.objects.filter(number=1).update(state=WindowState.COMPLETED, sequence=2, changed_at=NIGHT, started_at=NIGHT, ended_at=NIGHT)
    (before, _other) = shown(one)
    for hours in (1, 2):  # also when it happens again
        at = NIGHT + timedelta(hours=hours)
        tell(work, kind, one, at=at, windows=(replace(done, sequence=2, state=WindowState.COMPLETED), replace(coming, sequence=hours)))
        hit(work, one, f"new-{hours}")
        assert sorted(states(one)) == [("MNT-1.1", "COMPLETED", 2, NIGHT), ("MNT-1.2", "CONFIRMED", hours, at)]
        assert before in shown(one)


@pytest.mark.parametrize("kind", [Kind.JOINED, Kind.EMERGENCY, Kind.LATE])
def test_first_notice_leaves_what_was_called_off(kind: Kind) -> None:
    """It stays cancelled for whoever was told of it; for a newcomer it never was."""
    one, newcomer = customer("ACME-1"), customer("ACME-2", services=())
    work, _notice = announced("MNT-1", night(0), night(1))
    first, coming = windows(work)
    called_off = replace(first, sequence=1, state=WindowState.POSTPONED)
    tell(work, Kind.POSTPONED, one, at=LATER, windows=(called_off, replace(coming, sequence=1)))
    again = LATER + timedelta(hours=1)
    tell(work, kind, one, newcomer, at=again, windows=(called_off, replace(coming, sequence=2)))
    hit(work, newcomer, "vpn-3")
    assert [sorted(states(owner)) for owner in (one, newcomer)] == [
        [("MNT-1.1", "CANCELLED", 1, LATER), ("MNT-1.2", "CONFIRMED", 2, again)],
        [("MNT-1.2", "CONFIRMED", 2, again)],
    ]
