"""What a change takes from a customer goes as CANCELLED with a higher SEQUENCE; nothing vanishes."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.models import Customer
from maintenance import booking
from maintenance.models import Maintenance, Notice, NoticeService
from maintenance.states import Kind
from maintenance.stored_draft import as_draft
from notifier.calendars import feeds
from notifier.calendars.bodies import published
from notifier.calendars.entries import entries_for
from notifier.calendars.entry import Entry
from tests.notifier.calendars.rows import NOW, announced, customer, night, tell

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
AGAIN = NOW + timedelta(hours=2)


def shown(owner: Customer, *, now: datetime = AGAIN) -> dict[str, Entry]:
    """Return the entries of the owner's feed by id."""
    return {entry.maintenance_id: entry for entry in published(feeds.feed_of_customer(owner), now=now).entries}


def states(owner: Customer, *, now: datetime = AGAIN) -> dict[str, tuple[str, int, datetime]]:
    """Return status, sequence and stamp of each entry by id."""
    return {name: (entry.status, entry.sequence, entry.stamp) for name, entry in shown(owner, now=now).items()}


def narrow(work: Maintenance, objects: dict[int, tuple[str, ...]], *, at: datetime, without: int = 0) -> Notice | None:
    """Revise the work: ``objects`` by window, ``without`` one of them."""
    draft = as_draft(work)
    windows = tuple(replace(one, objects=objects.get(one.number or 0, one.objects)) for one in draft.windows if one.number != without)
    return booking.revise(work, replace(draft, windows=windows), by="planner", acknowledged="works of one night", now=at)


def test_narrowed_away_window_is_cancelled_for_whom_another_one_stays() -> None:
    """Another customer's object narrows the first window; whoever keeps the second sees the first called off, for thirty days."""
    stays, goes = customer("ACME-1", services=("vpn-1",)), customer("ACME-2", language="en", services=("vpn-2",))
    work, _notice = announced("MNT-1", night(0), night(1))
    before = shown(goes)
    narrow(work, {1: ("vpn-1",)}, at=LATER)
    expected = {"MNT-1.1": ("CANCELLED", 1, LATER), "MNT-1.2": ("CONFIRMED", 1, LATER)}
    assert states(goes) == expected
    assert states(stays) == {"MNT-1.1": ("CONFIRMED", 1, LATER), "MNT-1.2": ("CONFIRMED", 1, LATER)}
    first, after = before["MNT-1.1"], shown(goes)["MNT-1.1"]
    assert (after.uid, after.start, after.end, after.objects) == (first.uid, first.start, first.end, first.objects)
    assert after.summary == f"Cancelled: {first.summary}"
    assert states(goes, now=LATER + timedelta(days=30)) == expected
    assert set(states(goes, now=LATER + timedelta(days=30, seconds=1))) == {"MNT-1.2"}


def test_narrowed_away_window_stays_as_it_was_cancelled() -> None:
    """Later notices of the other window say nothing new of it, nor does what becomes of it for others; named again, it comes back."""
    customer("ACME-1", services=("vpn-1",))
    goes = customer("ACME-2", services=("vpn-2",))
    work, _notice = announced("MNT-1", night(0), night(1))
    narrow(work, {1: ("vpn-1",)}, at=LATER)
    cancelled = shown(goes)["MNT-1.1"]
    booking.move(work, number=2, start=night(1).start, end=night(1).end - timedelta(hours=1), by="planner", now=AGAIN)
    assert shown(goes)["MNT-1.1"] == cancelled
    back = AGAIN + timedelta(hours=1)
    narrow(work, {1: ()}, at=back)
    assert states(goes)["MNT-1.1"] == ("CONFIRMED", 3, back)
    booking.start(work, number=1, by="planner", now=night(0).start)
    assert states(goes)["MNT-1.1"] == ("CONFIRMED", 4, night(0).start)


def test_narrowed_away_window_that_runs_for_others_stays_cancelled() -> None:
    """And when it is over for them too."""
    customer("ACME-1", services=("vpn-1",))
    goes = customer("ACME-2", services=("vpn-2",))
    work, _notice = announced("MNT-1", night(0), night(1))
    narrow(work, {1: ("vpn-1",)}, at=LATER)
    cancelled = shown(goes)["MNT-1.1"]
    booking.start(work, number=1, by="planner", now=night(0).start)
    narrow(work, {2: ("vpn-1", "vpn-2")}, at=night(0).start + timedelta(hours=1))
    assert shown(goes)["MNT-1.1"] == cancelled
    booking.finish(work, number=1, by="planner", now=night(0).end)
    assert shown(goes)["MNT-1.1"] == cancelled


def test_dropped_window_with_objects_of_its_own_is_cancelled() -> None:
    """The notice names services of the windows to come only."""
    one = customer("ACME-1", services=("vpn-1", "vpn-2"))
    work, _notice = announced("MNT-1", night(0, "vpn-1"), night(1))
    before = shown(one)["MNT-1.1"]
    narrow(work, {2: ("vpn-2",)}, at=LATER, without=1)
    assert states(one) == {"MNT-1.1": ("CANCELLED", 1, LATER), "MNT-1.2": ("CONFIRMED", 1, LATER)}
    assert shown(one)["MNT-1.1"].objects == before.objects == (("vpn-1", "OUTAGE"),)


def test_all_windows_narrowed_away_are_cancelled() -> None:
    """In the feed, and in the calendar of the mail, whose services are named as they were before."""
    customer("ACME-1", services=("vpn-1",))
    goes = customer("ACME-2", services=("vpn-2",))
    work, _notice = announced("MNT-1", night(0), night(1))
    notice = narrow(work, {1: ("vpn-1",), 2: ("vpn-1",)}, at=LATER)
    expected = {"MNT-1.1": ("CANCELLED", 1, LATER), "MNT-1.2": ("CANCELLED", 1, LATER)}
    assert states(goes) == expected
    assert notice is not None
    rows = NoticeService.objects.filter(notice=notice, customer=goes).select_related("component")
    mail = entries_for(notice, notice.said, goes, Kind.CANCELLED, rows, language="de", zone=ZoneInfo("Europe/Berlin"))
    assert {entry.maintenance_id: (entry.status, entry.sequence, entry.stamp) for entry in mail} == expected
    assert [entry.objects for entry in mail] == [(("vpn-2", "OUTAGE"),)] * 2


@pytest.mark.parametrize("verb", ["drop", "postpone"])
def test_window_withdrawn_before_the_announcement_was_accepted(verb: str) -> None:
    """Its mail is then the first that the customer gets; the feed has shown the window all the same, and says that it is off."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1", night(0), night(1))
    if verb == "drop":
        narrow(work, {}, at=LATER, without=1)
    else:
        booking.postpone(work, number=1, reason="Parts", by="planner", now=LATER)
    assert work.notices.get(revision=2).customers.get().kind == Kind.ANNOUNCED
    assert states(one) == {"MNT-1.1": ("CANCELLED", 1, LATER), "MNT-1.2": ("CONFIRMED", 1, LATER)}
    assert ("Parts" in shown(one)["MNT-1.1"].description) == (verb == "postpone")


def test_cancelled_window_goes_thirty_days_after_it_was_cancelled() -> None:
    """What is said of the other window does not keep it."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1", night(0), night(60))
    narrow(work, {}, at=LATER, without=1)
    much_later = LATER + timedelta(days=29)
    tell(work, Kind.CORRECTED, one, at=much_later)
    assert states(one, now=much_later)["MNT-1.1"] == ("CANCELLED", 1, LATER)
    assert set(states(one, now=LATER + timedelta(days=30, seconds=1))) == {"MNT-1.2"}


def test_postponed_window_that_is_given_up_is_cancelled() -> None:
    """That is news, with a higher SEQUENCE and thirty days of its own."""
    one = customer("ACME-1")
    work, _notice = announced("MNT-1", night(0), night(1))
    booking.postpone(work, number=1, reason="Parts", by="planner", now=LATER)
    booking.cancel(work, reason="Never", by="planner", now=AGAIN)
    assert states(one) == {"MNT-1.1": ("CANCELLED", 2, AGAIN), "MNT-1.2": ("CANCELLED", 2, AGAIN)}
    assert "Never" in shown(one)["MNT-1.1"].description
