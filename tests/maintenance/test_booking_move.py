"""Moving a window: inside what was announced at once, elsewhere with full fresh notice, each customer told what it means for it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from customers.models import Customer, Service
from maintenance import booking
from maintenance.incidents import close_incident
from maintenance.models import Maintenance, Notice, Window
from maintenance.said import Interval
from tests.factories import BY, NOW, ContactRoleFactory, ServiceFactory, nothing_changes, reader, texts, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, kinds, named, p1, serve, states, told, windows_said

pytestmark = pytest.mark.django_db
START, END = NOW + 30 * DAY, NOW + 30 * DAY + 2 * HOUR
"""The window that a draft has unless told otherwise."""
LATER, MINUTE = NOW + DAY, timedelta(minutes=1)


def moved(maintenance: Maintenance, days: float = 40, *, hours: float = 2, number: int = 1, now: object = LATER) -> Notice:
    """Move a window to ``days`` after NOW."""
    start = NOW + timedelta(days=days)
    notice = booking.move(maintenance, number=number, start=start, end=start + timedelta(hours=hours), by=BY, now=now)  # type: ignore[arg-type]  # a datetime
    assert notice is not None
    return notice


def refused(maintenance: Maintenance, days: float = 40, *, hours: float = 2, number: int = 1, now: object = LATER) -> list[str]:
    """Return why moving is refused, having looked that it changes nothing."""
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        moved(maintenance, days, hours=hours, number=number, now=now)
    return refusal.value.messages


def promised(number: int = 1) -> tuple[object, ...]:
    """Return basis, incident and time of promise of a window."""
    return Window.objects.values_list("basis", "incident__reference", "promised_since").get(number=number)


@pytest.mark.parametrize(
    ("start", "end"),
    [(START + MINUTE, END), (START, END - MINUTE), (START + HOUR, END - MINUTE)],
)
def test_move_inside_what_was_announced(start: object, end: object) -> None:
    """At once, however late: no fresh notice, no deadline, the old promise; those told before are told, with their services."""
    gone = reader(account="GONE", object_id="g-1")
    reader(account="A", object_id="a-1")
    maintenance = announced()
    serve(maintenance)
    Service.objects.filter(customer=gone).delete()
    reader(account="NEW", object_id="n-1")
    now = START - MINUTE
    notice = booking.move(maintenance, number=1, start=start, end=end, by="otto", now=now)  # type: ignore[arg-type]  # datetimes
    assert notice is not None
    assert (told(notice), named(notice)) == (
        {"A": ("eased", None), "GONE": ("eased", None)},
        {("A", "a-1", 0), ("GONE", "g-1", 0)},
    )
    assert states(maintenance) == ("announced", 2, [("announced", 1, now)])
    assert promised() == ("planned", None, NOW)
    assert [(said.start, said.end, said.previous, said.sequence) for said in windows_said(notice)] == [(start, end, Interval(START, END), 1)]
    assert (notice.revision, notice.issued_at, notice.issued_by) == (2, now, "otto")
    assert (notice.decision["windows"], notice.decision["asked_at"]) == ([], now.isoformat())


@pytest.mark.parametrize(
    ("days", "hours"),
    [
        (30, 2 + 1 / 60),  # a minute longer
        (30 - 1 / 1440, 2),  # a minute earlier
        (30 - 1 / 1440, 2 + 2 / 60),  # around it
        (30 + 1 / 24, 2),  # half inside
        (40, 2),
    ],
)
def test_move_outside_needs_fresh_notice(days: float, hours: float) -> None:
    """Whatever was not announced, be it a minute, is announced like new work: refused too late, else promised anew."""
    reader(account="A", object_id="a-1", region_slug="de")
    maintenance = announced()
    serve(maintenance)
    start = NOW + timedelta(days=days)
    deadline = start - 10 * DAY
    last = deadline - DAY
    assert ": 9 days 23 hours 59 minutes for 1 customer in Europe/Berlin, 10 days needed" in refused(maintenance, days, hours=hours, now=last + MINUTE)[0]
    notice = moved(maintenance, days, hours=hours, now=last)
    assert (told(notice), named(notice)) == ({"A": ("revised", deadline)}, {("A", "a-1", 0)})
    assert states(maintenance) == ("announced", 2, [("announced", 1, last)])
    assert promised() == ("planned", None, last)
    assert windows_said(notice)[0].previous == Interval(START, END)
    assert [(one["start"], one["answer"]) for one in notice.decision["windows"]] == [(start.isoformat(), "planned")]


def test_move_is_inside_of_the_newest_interval_only() -> None:
    """What was announced first and withdrawn since is not announced any more."""
    reader()
    maintenance = announced()
    booking.move(maintenance, number=1, start=START + HOUR, end=END, by=BY, now=LATER)
    assert "no notice at all" in refused(maintenance, 30, now=START - DAY)[0]


def test_move_one_of_several_windows() -> None:
    """The others keep times and promise; their calendar entries rise too, as the notice that they are stamped with is a new one."""
    reader(account="A")
    maintenance = announced(windows=(window(30), window(31), window(32)))
    serve(maintenance)
    notice = moved(maintenance, 50, number=2)
    assert states(maintenance) == ("announced", 2, [("announced", 1, LATER)] * 3)
    assert [(said.number, said.start, said.previous) for said in windows_said(notice)] == [
        (1, NOW + 30 * DAY, None),
        (2, NOW + 50 * DAY, Interval(NOW + 31 * DAY, NOW + 31 * DAY + 2 * HOUR)),
        (3, NOW + 32 * DAY, None),
    ]
    assert told(notice) == {"A": ("revised", NOW + 40 * DAY)}
    assert [promised(number)[2] for number in (1, 2, 3)] == [NOW, LATER, NOW]
    moved(maintenance, 50, hours=1, number=2, now=LATER + DAY)
    assert states(maintenance) == ("announced", 3, [("announced", 2, LATER + DAY)] * 3)


def test_move_twice() -> None:
    """Sequence and revision rise each time, and the times before are the last ones told."""
    reader()
    maintenance = announced()
    moved(maintenance, 40, now=LATER)
    notice = moved(maintenance, 50, now=LATER + DAY)
    assert states(maintenance) == ("announced", 3, [("announced", 2, LATER + DAY)])
    assert windows_said(notice)[0].previous == Interval(NOW + 40 * DAY, NOW + 40 * DAY + 2 * HOUR)


@pytest.fixture
def changed() -> Maintenance:
    """Announced work; since then GONE has given its service up, NEW (in France) has bought one."""
    reader(account="A", object_id="a-1")
    gone = reader(account="GONE", object_id="g-1")
    maintenance = announced(windows=(window(30), window(20, hours=3)))
    serve(maintenance)
    Service.objects.filter(customer=gone).delete()
    reader(account="NEW", object_id="n-1", region_slug="fr")
    return maintenance


def test_move_outside_with_newcomers_and_leavers(changed: Maintenance) -> None:
    """Those hit still are told the change, newcomers all of it for the first time, leavers that it is off; the next move goes on from there."""
    notice = moved(changed, 40)
    assert told(notice) == {
        "A": ("revised", NOW + 30 * DAY),
        "NEW": ("announced", NOW + 10 * DAY),  # for a newcomer the other window needs its notice too
        "GONE": ("cancelled", None),
    }
    assert named(notice) == {("A", "a-1", 0), ("NEW", "n-1", 0), ("GONE", "g-1", 0)}
    serve(changed)
    again = moved(changed, 41, now=LATER + DAY)
    assert kinds(again) == {"A": "revised", "NEW": "revised"}


def test_move_outside_too_late_for_newcomers(changed: Maintenance) -> None:
    """A newcomer needs full notice for every window that is still to come."""
    assert refused(changed, 60, now=NOW + 10 * DAY) == [
        (
            "Too little notice for window 2, which starts on 2026-12-12 09:00 +0000 Europe/London: "
            "9 days for 1 customer in Europe/Paris, 10 days needed (24 hours of margin are taken off)."
        ),
        "Customers concerned: NEW.",
        (
            "Earliest start: 2026-12-12 09:00 +0000 Europe/London if every mail is accepted at once; "
            "2026-12-13 09:00 +0000 Europe/London with the margin of 24 hours."
        ),
        "Less notice is allowed only for an emergency, which needs an incident that is a P1.",
    ]


def test_move_outside_with_newcomers_for_whom_it_is_an_emergency() -> None:
    """Full notice of the window moved, too little of the other: an emergency for newcomers alone, and no deadline that is past already."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(30), window(20)))
    serve(maintenance)
    reader(account="NEW")
    notice = moved(maintenance, 60, now=NOW + 15 * DAY)
    assert told(notice) == {"A": ("revised", NOW + 50 * DAY), "NEW": ("emergency", None)}
    assert (notice.said.incident, [one.emergency for one in notice.said.windows]) == ("INC-1", [False, False])
    assert (promised(1), promised(2)) == (("planned", None, NOW + 15 * DAY), ("planned", None, NOW))


def test_move_with_a_newcomers_language_missing() -> None:
    """As when announcing."""
    reader()
    maintenance = announced(texts=texts("en"))
    reader(region_slug="fr")
    assert refused(maintenance) == [
        "The text is missing in fr, which 1 contact reads. Write it, or accept that they get it in English (which must be written then).",
    ]


def test_move_inside_whatever_language_has_come_since() -> None:
    """Shrinking is told at once, to those told before."""
    customer = reader()
    maintenance = announced(texts=texts("en"))
    ContactRoleFactory.create(customer=customer, contact__language="fr")
    assert len(kinds(moved(maintenance, 30, hours=1))) == 1


def test_move_planned_work_to_an_emergency() -> None:
    """With a P1, to times that are too soon: whoever was told before hears of an emergency too, as newcomers do."""
    reader(account="A")
    maintenance = announced(incident=p1())
    reader(account="NEW")
    notice = moved(maintenance, 3)
    assert told(notice) == {"A": ("emergency", None), "NEW": ("emergency", None)}
    assert (promised(), notice.decision["windows"][0]["answer"]) == (("emergency", "INC-1", LATER), "emergency")


def test_move_planned_work_for_a_p1_closed_too_long() -> None:
    """Then not."""
    reader()
    incident = p1()
    maintenance = announced(incident=incident)
    close_incident(incident, now=NOW)
    assert refused(maintenance, 7.5)[-1] == (
        "Incident INC-1 has not been a P1 since 2026-11-22 09:00 +0000 Europe/London, "
        "more than 7 days before the start on 2026-11-29 21:00 +0000 Europe/London."
    )
    assert promised(1) == ("planned", None, NOW)


def test_move_an_emergency_to_planned_times() -> None:
    """With full notice it is planned work, and names no incident."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(3),))
    serve(maintenance)
    assert told(moved(maintenance, 40)) == {"A": ("revised", NOW + 30 * DAY)}
    assert promised() == ("planned", None, LATER)


def test_move_an_emergency_inside() -> None:
    """It stays one."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(3),))
    serve(maintenance)
    assert told(moved(maintenance, 3, hours=1)) == {"A": ("eased", None)}
    assert promised() == ("emergency", "INC-1", NOW)


def test_move_a_draft() -> None:
    """Nobody is told; announcing judges it."""
    maintenance = booked()
    start = NOW + DAY
    assert booking.move(maintenance, number=1, start=start, end=start + HOUR, by=BY, now=LATER) is None
    assert (states(maintenance), Notice.objects.count()) == (("draft", 0, [("draft", 0, LATER)]), 0)
    assert Window.objects.values_list("start", "end").get() == (start, start + HOUR)


@pytest.mark.parametrize("is_draft", [True, False])
def test_move_refused_for_its_times(*, is_draft: bool) -> None:
    """Backwards, of no length, unchanged, or a window that is not there."""
    reader()
    maintenance = booked() if is_draft else announced()
    told_why = [refused(maintenance, 40, hours=hours) for hours in (0, -1)] + [refused(maintenance, 30), refused(maintenance, number=2)]
    assert told_why == [
        ["A window must end after it starts."],
        ["A window must end after it starts."],
        ["Window MNT-1.1 has these times already."],
        ["MNT-1 has no window 2."],
    ]


def test_move_to_times_that_are_over() -> None:
    """Neither inside nor outside what was announced."""
    reader()
    maintenance = announced()
    assert refused(maintenance, 30, hours=1, now=START + HOUR) == ["Window MNT-1.1 was over on 2026-12-22 10:00 +0000 Europe/London."]
    assert refused(maintenance, -1) == ["Window MNT-1.1 was over on 2026-11-21 11:00 +0000 Europe/London."]


@pytest.mark.parametrize("state", ["in progress", "completed", "cancelled"])
def test_move_a_window_that_has_begun(state: str) -> None:
    """Nor one that has ended."""
    reader()
    maintenance = announced(incident=p1(), windows=(window(1),))
    if state == "cancelled":
        booking.cancel(maintenance, by=BY, now=LATER)
    else:
        booking.start(maintenance, by=BY, now=LATER)
    if state == "completed":
        booking.finish(maintenance, by=BY, now=LATER)
    assert refused(maintenance) == [f"Window MNT-1.1 is {state}; only a window that has not begun can be moved."]


def test_move_keeps_narrowed_windows_narrowed() -> None:
    """Services are named by window, as when it was announced."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30, objects=("one",)), window(31)))
    ServiceFactory.create(customer=Customer.objects.get(account="B"), object_id="three")
    concerned = {("A", "one", 1), ("A", "one", 0)}
    assert named(moved(maintenance, 30, hours=1)) == concerned  # B is not hit by that window, and hears nothing
    assert named(moved(maintenance, 45)) == concerned | {("B", "two", 0), ("B", "three", 0)}  # it holds another service since
