"""Nights as they are: postponed, extended, not completed, presumed; each window by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from customers.models import Tier
from maintenance import booking
from maintenance.models import Breach, Maintenance, Reminded, UpdateRule, Window
from maintenance.said import Interval, SaidEnding
from maintenance.states import FollowUp, Impact, Outcome, ServiceNow
from tests.factories import BY, NOW, OperatorFactory, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, kinds, named, p1, serve, states, told, windows_said

pytestmark = pytest.mark.django_db
START, END = NOW + 30 * DAY, NOW + 30 * DAY + 2 * HOUR
ENDING = SaidEnding(Outcome.ROLLED_BACK, ServiceNow.AS_BEFORE, FollowUp.NEW_DATE, "fuse")


@pytest.fixture
def maintenance() -> Maintenance:
    """Two windows; A is hit by both, B by the second only; both served."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    made = announced(windows=(window(30, objects=("one",)), window(31)))
    serve(made)
    return made


def refused(verb: str, maintenance: Maintenance, *, now: datetime, **options: object) -> str:
    """Return why a verb is refused, having looked that it changes nothing."""
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        getattr(booking, verb)(maintenance, by=BY, now=now, **options)
    return " ".join(refusal.value.messages)


def test_extend_beyond_what_can_be_stored(maintenance: Maintenance) -> None:
    """A slip of the hand is told as such."""
    booking.start(maintenance, number=1, by=BY, now=START)
    assert refused("extend", maintenance, now=START, end=datetime(2200, 1, 1, tzinfo=UTC)) == "must be in a year from 2000 to 2199"


def test_postpone_one_window(maintenance: Maintenance) -> None:
    """At once, to whoever was told of it; the other window stands."""
    notice = booking.postpone(maintenance, number=1, reason="storm", by=BY, now=START - HOUR)
    assert (told(notice), named(notice), notice.about, notice.said.reason) == ({"A": ("postponed", None)}, {("A", "one", 0), ("A", "one", 1)}, 1, "storm")
    assert [(said.number, said.state) for said in windows_said(notice)] == [(1, "postponed"), (2, "announced")]
    assert states(maintenance)[0] == "announced"
    assert "only an announced window that has not begun can be postponed" in refused("postpone", maintenance, now=START, number=1)


def test_postponed_window_gets_a_new_date_with_full_notice(maintenance: Maintenance) -> None:
    """It was withdrawn: even the old times need ten days again."""
    booking.postpone(maintenance, number=1, by=BY, now=START - HOUR)
    assert "10 days needed" in refused("move", maintenance, now=START - HOUR, number=1, start=START, end=END)
    assert "10 days needed" in refused("move", maintenance, now=START, number=1, start=START + 10 * DAY, end=END + 10 * DAY)
    notice = booking.move(maintenance, number=1, start=START + 12 * DAY, end=END + 12 * DAY, by=BY, now=START)
    assert told(notice) == {"A": ("revised", START + 2 * DAY)}
    assert (windows_said(notice)[0].state, windows_said(notice)[0].previous) == ("announced", Interval(START, END))
    first = Window.objects.get(number=1)
    assert (first.state, first.promised_since, first.sequence) == ("announced", START, 2)


def test_postponed_window_stays_so_when_another_is_changed(maintenance: Maintenance) -> None:
    """It is not announced again by the way."""
    booking.postpone(maintenance, number=1, by=BY, now=START - HOUR)
    booking.move(maintenance, number=2, start=START + DAY, end=END + DAY - HOUR, by=BY, now=START)
    assert [row[0] for row in states(maintenance)[2]] == ["postponed", "announced"]


def test_cancel_after_postponing_everything() -> None:
    """Whoever knows of a new date to come hears that there will be none."""
    reader(account="A")
    maintenance = announced()
    booking.postpone(maintenance, number=1, by=BY, now=START - HOUR)
    assert states(maintenance)[0] == "postponed"
    assert kinds(booking.cancel(maintenance, by=BY, now=START)) == {"A": "cancelled"}


def test_start_and_completion_are_told_to_the_tiers_that_hear_of_it(maintenance: Maintenance) -> None:
    """By impact: outages by default; stale when the window, or a day, is over."""
    booking.start(maintenance, number=2, by=BY, now=START + DAY)
    started = maintenance.notices.latest("revision")
    assert (kinds(started), started.about) == ({"A": "started", "B": "started"}, 2)
    assert set(started.customers.values_list("stale_at", flat=True)) == {END + DAY}
    UpdateRule.objects.filter(tier=Tier.objects.get(slug="standard")).update(progress=False)
    booking.finish(maintenance, number=2, by=BY, now=END + DAY)
    assert maintenance.notices.latest("revision") == started
    assert [row[0] for row in states(maintenance)[2]] == ["announced", "completed"]


def test_start_of_degraded_work_is_not_told() -> None:
    """By default."""
    reader()
    maintenance = announced(impact=Impact.DEGRADED)
    booking.start(maintenance, by=BY, now=START)
    assert maintenance.notices.count() == 1


def test_extend(maintenance: Maintenance) -> None:
    """Always and at once; the end that was announced is kept, and extended again it stays the first one."""
    assert "only a window in progress can be extended" in refused("extend", maintenance, now=START, number=1, end=END + HOUR)
    booking.start(maintenance, number=1, by=BY, now=START)
    assert "The new end must be after" in refused("extend", maintenance, now=START, number=1, end=END)
    assert "The new end must be after" in refused("extend", maintenance, now=END + 2 * HOUR, number=1, end=END + HOUR)
    for hours in (1, 3):
        notice = booking.extend(maintenance, number=1, end=END + hours * HOUR, reason="slow", by=BY, now=END)
    assert (told(notice), notice and notice.said.reason) == ({"A": ("extended", None)}, "slow")
    said = windows_said(notice)[0]
    assert (said.end, said.overran_from, said.previous) == (END + 3 * HOUR, END, Interval(START, END + HOUR))
    assert Window.objects.values_list("end", "overran_from", "state").get(number=1) == (END + 3 * HOUR, END, "in_progress")


def test_extended_work_was_served_in_time_all_the_same(maintenance: Maintenance) -> None:
    """Overrun is counted as such, and is no shortfall of notice."""
    booking.start(maintenance, number=1, by=BY, now=START)
    booking.extend(maintenance, number=1, end=END + HOUR, by=BY, now=END)
    assert Breach.objects.count() == 0


def test_finish_otherwise(maintenance: Maintenance) -> None:
    """Everybody hit by the window hears how it ended, how service is, and what follows."""
    UpdateRule.objects.update(progress=False)
    booking.start(maintenance, number=2, by=BY, now=START + DAY)
    finished = booking.finish(maintenance, number=2, ending=ENDING, by=BY, now=END + DAY)
    notice = maintenance.notices.latest("revision")
    assert (told(notice), notice.said.ending) == ({"A": ("not_completed", None), "B": ("not_completed", None)}, ENDING)
    assert (finished.state, finished.outcome, finished.service_now, finished.follow_up) == ("not_completed", "rolled_back", "as_before", "new_date")


def test_finish_cancels_alternates_that_are_not_needed() -> None:
    """And whoever was told of them hears of it, whatever the tier: of less, or that it is off."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    UpdateRule.objects.update(progress=False)
    maintenance = announced(windows=(window(30, objects=("one",)), replace(window(31), alternate=True)))
    serve(maintenance)
    booking.start(maintenance, by=BY, now=START)
    booking.finish(maintenance, by=BY, now=END)
    notice = maintenance.notices.latest("revision")
    assert (kinds(notice), [said.state for said in windows_said(notice)]) == ({"A": "eased", "B": "cancelled"}, ["completed", "cancelled"])
    assert states(maintenance)[0] == "completed"


def test_alternate_does_not_start_untaken() -> None:
    """Customers were told that it is used only if need be."""
    reader()
    maintenance = announced(windows=(window(30), replace(window(31), alternate=True)))
    assert "an alternate must be taken before it can start" in refused("start", maintenance, now=START + DAY, number=2)


@pytest.fixture
def theirs() -> Maintenance:
    """A supplier's work."""
    reader(account="A")
    reader(account="B")
    made = announced(supplier=OperatorFactory.create())
    serve(made, "A")
    return made


def test_presume_a_suppliers_start_and_end(theirs: Maintenance) -> None:
    """To the moment, never completed without word, with the breaches of a start, and without a mail."""
    assert booking.presume(now=START - timedelta(microseconds=1)) == 0
    assert (booking.presume(now=START), booking.presume(now=START)) == (1, 0)
    row = Window.objects.get()
    assert (row.state, row.presumed, row.started_at) == ("in_progress", True, START)
    assert list(Breach.objects.values_list("customer__account", "recorded_by", "reason")) == [("B", "system", "")]
    assert (booking.presume(now=END), booking.presume(now=END + DAY)) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.ended_at, theirs.notices.count()) == ("presumed_ended", END, 1)
    booking.finish(theirs, by=BY, now=END + HOUR)
    row.refresh_from_db()
    assert (row.state, row.presumed) == ("completed", False)


def test_presume_after_a_pause_of_ours(theirs: Maintenance) -> None:
    """Both at once, at the times of the window."""
    assert booking.presume(now=END + DAY) == 1
    row = Window.objects.get()
    assert (row.state, row.started_at, row.ended_at, theirs.windows.count()) == ("presumed_ended", START, END, 1)


def test_presumed_start_is_confirmed(theirs: Maintenance) -> None:
    """Then it does not end by the clock."""
    booking.presume(now=START)
    booking.start(theirs, by=BY, now=START + HOUR)
    assert booking.presume(now=END) == 0
    assert Window.objects.values_list("state", "presumed", "started_at").get() == ("in_progress", False, START + HOUR)


def test_presume_is_for_suppliers_work_only(maintenance: Maintenance) -> None:
    """Our own people say when they start."""
    assert (booking.presume(now=END), states(maintenance)[0]) == (0, "announced")


def test_remind_once(maintenance: Maintenance) -> None:
    """Whoever is hit by the window and has such a reminder; until it starts, and never twice."""
    row = maintenance.windows.get(number=1)
    notice = booking.remind(row, hours=48, now=START - 2 * DAY)
    assert notice is not None
    assert (kinds(notice), notice.about, set(notice.customers.values_list("stale_at", flat=True))) == ({"A": "reminder"}, 1, {START})
    assert booking.remind(row, hours=48, now=START - DAY) is None
    assert (booking.remind(row, hours=24, now=START - DAY), Reminded.objects.count()) == (None, 2)


def test_stop_emergencies() -> None:
    """What rests on the incident alone and has not begun is postponed, told at once, and needs full notice to come back."""
    reader(account="A")
    incident = p1()
    maintenance = announced(incident=incident, windows=(window(1), window(2), window(30)))
    serve(maintenance)
    booking.start(maintenance, number=1, by=BY, now=NOW + DAY)
    (notice,) = booking.stop_emergencies(incident, reason="it was a P3", by=BY, now=NOW + DAY)
    assert [row[0] for row in states(maintenance)[2]] == ["in_progress", "postponed", "announced"]
    assert (kinds(notice), notice.said.reason) == ({"A": "postponed"}, "it was a P3")
    assert booking.stop_emergencies(incident, reason="again", by=BY, now=NOW + DAY) == []


def test_postpone_before_anybody_heard() -> None:
    """Whoever is hit by another window still hears of that for the first time, with its line; whoever is not, of the postponement."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30, objects=("one", "two")), window(31, objects=("one",))))
    notice = booking.postpone(maintenance, number=1, by=BY, now=NOW + HOUR)
    assert told(notice) == {"A": ("announced", START + DAY - 10 * DAY), "B": ("postponed", None)}
