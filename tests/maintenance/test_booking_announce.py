"""Announcing: with the full notice, or for a P1; everybody hit is told, or nothing happens."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries, Settings

from customers.models import Service
from maintenance import booking
from maintenance.incidents import close_incident
from maintenance.models import Maintenance, Notice, Window
from maintenance.said import Said, SaidWindow
from maintenance.states import Impact, WindowState
from tests.factories import BY, NOW, ContactRoleFactory, CustomerFactory, ServiceFactory, nothing_changes, reader, texts, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, kinds, named, p1, states, told

pytestmark = pytest.mark.django_db
LATER = NOW + HOUR
SHORT = (
    "Too little notice for window 1, which starts on 2026-12-03 08:59 +0000 Europe/London: "
    "9 days 23 hours 59 minutes for 1 customer in Europe/London, 10 days needed (24 hours of margin are taken off)."
)
EARLIEST = (
    "Earliest start: 2026-12-02 09:00 +0000 Europe/London if every mail is accepted at once; 2026-12-03 09:00 +0000 Europe/London with the margin of 24 hours."
)
ONLY_P1 = "Less notice is allowed only for an emergency, which needs an incident that is a P1."


def refused(maintenance: Maintenance, *, now: datetime = NOW) -> list[str]:
    """Return why announcing is refused, having looked that it changes nothing."""
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.announce(maintenance, by=BY, now=now)
    return refusal.value.messages


def test_announce_tells_everybody_hit() -> None:
    """State, revision, promise, snapshot, who is told until when, and what is hit, all at once."""
    reader(account="A", object_id="a-1")
    reader(account="B", object_id="b-1", region_slug="de")
    CustomerFactory.create(account="C")
    silent = CustomerFactory.create(account="D", region_slug="us")
    ServiceFactory.create(customer=silent, object_id="d-1")
    maintenance = booked(incident=p1(), supplier_reference="S-1", windows=(window(30), window(31)))
    notice = booking.announce(maintenance, by="otto", now=LATER)
    assert states(maintenance) == ("announced", 1, [("announced", 0, LATER), ("announced", 0, LATER)])
    assert [(row.basis, row.incident, row.promised_since) for row in Window.objects.all()] == [("planned", None, LATER)] * 2
    assert (notice.maintenance, notice.revision, notice.issued_at, notice.issued_by) == (maintenance, 1, LATER, "otto")
    assert notice.said == Said(
        reference="MNT-1",
        impact=Impact.OUTAGE,
        expected_outage_minutes=30,
        windows=tuple(SaidWindow(number, NOW + days * DAY, NOW + days * DAY + 2 * HOUR, WindowState.ANNOUNCED, 0) for number, days in ((1, 30), (2, 31))),
        texts=texts(),
        supplier_reference="S-1",
    )
    deadline = NOW + 20 * DAY
    assert told(notice) == dict.fromkeys("ABD", ("announced", deadline))
    assert named(notice) == {("A", "a-1", 0), ("B", "b-1", 0), ("D", "d-1", 0)}
    assert set(notice.services.values_list("impact", "component__slug")) == {("outage", "netpro.ipsec")}
    assert notice.decision == {
        "policy": "2026-11.3",
        "margin_hours": 24,
        "days_after_p1": 7,
        "incident": "INC-1",
        "asked_at": "2026-11-22T10:00:00+00:00",
        "windows": [
            {
                "window": number,
                "start": f"2026-12-{day}T09:00:00+00:00",
                "clocks": [["America/New_York", 10, 1], ["Europe/Berlin", 10, 1], ["Europe/London", 10, 1]],
                "answer": "planned",
            }
            for number, day in ((1, 22), (2, 23))
        ],
    }
    assert Notice.objects.get().said == notice.said


def test_announce_deadline_by_zone() -> None:
    """Clocks go back on 2026-10-25 in Europe, which makes its last moment an hour earlier; the first of the windows counts."""
    for account, slug in (("DE", "de"), ("US", "us"), ("CN", "cn")):
        reader(account=account, region_slug=slug)
    now = datetime.fromisoformat("2026-10-01T08:00+00:00")
    first = window(since=datetime.fromisoformat("2026-10-30T10:00+00:00"), days=0)
    maintenance = announced(now=now, windows=(window(since=first.start, days=5), first))
    assert told(maintenance.notices.get()) == {
        "DE": ("announced", datetime.fromisoformat("2026-10-20T09:00+00:00")),
        "US": ("announced", datetime.fromisoformat("2026-10-20T10:00+00:00")),
        "CN": ("announced", datetime.fromisoformat("2026-10-20T10:00+00:00")),
    }


def test_announce_freezes_the_services() -> None:
    """What customers hold later changes nothing of what was said."""
    reader(account="A", object_id="a-1")
    maintenance = announced()
    Service.objects.all().delete()
    reader(account="B", object_id="b-1")
    notice = maintenance.notices.get()
    assert (kinds(notice), named(notice)) == ({"A": "announced"}, {("A", "a-1", 0)})


def test_announce_names_services_by_window_where_windows_are_narrowed() -> None:
    """Number 0 stands for the windows without objects; where all have some, for none."""
    for account, name in (("A", "one"), ("B", "two"), ("C", "three")):
        reader(account=account, object_id=name)
    some = announced(reference="MNT-1", windows=(window(30, objects=("one", "two")), window(31)))
    every = announced(reference="MNT-2", windows=(window(30, objects=("one", "two")), window(31, objects=("two",))))
    assert named(some.notices.get()) == {("A", "one", 0), ("B", "two", 0), ("C", "three", 0), ("A", "one", 1), ("B", "two", 1)}
    assert named(every.notices.get()) == {("A", "one", 1), ("B", "two", 1), ("B", "two", 2)}
    assert kinds(every.notices.get()) == {"A": "announced", "B": "announced"}
    assert [(row.number, row.narrowed) for row in some.notices.get().said.windows] == [(1, True), (2, False)]


def test_announce_at_the_boundary() -> None:
    """Exactly ten days and the margin are enough, a minute less is not."""
    reader(account="A")
    short, exact = (booked(reference=f"MNT-{minutes}", windows=(window(since=NOW - timedelta(minutes=minutes), days=11),)) for minutes in (1, 0))
    assert refused(short) == [SHORT, "Customers concerned: A.", EARLIEST, ONLY_P1]
    booking.announce(exact, by=BY, now=NOW)
    assert states(exact) == ("announced", 1, [("announced", 0, NOW)])


def test_announce_with_one_window_too_soon() -> None:
    """All windows or none; each that is short is named, the shortest notice first."""
    reader(account="A")
    windows = (window(30), window(10), window(8, hours=3))
    assert refused(booked(windows=windows)) == [
        (
            "Too little notice for window 3, which starts on 2026-11-30 09:00 +0000 Europe/London: "
            "7 days for 1 customer in Europe/London, 10 days needed (24 hours of margin are taken off)."
        ),
        (
            "Too little notice for window 2, which starts on 2026-12-02 09:00 +0000 Europe/London: "
            "9 days for 1 customer in Europe/London, 10 days needed (24 hours of margin are taken off)."
        ),
        "Customers concerned: A.",
        EARLIEST,
        ONLY_P1,
    ]


def test_announce_refusal_is_told_in_the_planners_zone() -> None:
    """What notice there would be in days, hours and minutes; how many customers, in which zone; the earliest start for all zones."""
    for account, slug in (("A", "de"), ("B", "de"), ("C", "uk")):
        reader(account=account, region_slug=slug)
    now = datetime.fromisoformat("2026-10-20T08:00+00:00")
    maintenance = booked(timezone=ZoneInfo("America/New_York"), windows=(window(since=now, days=5),))
    # in Berlin and in London alike the clocks go back on the 25th: five days less a day's margin, and an hour less by the wall clock
    short = [
        (
            "Too little notice for window 1, which starts on 2026-10-25 04:00 -0400 America/New_York: "
            f"3 days 23 hours for {customers} in {zone}, 10 days needed (24 hours of margin are taken off)."
        )
        for customers, zone in (("2 customers", "Europe/Berlin"), ("1 customer", "Europe/London"))
    ]
    earliest = (
        "Earliest start: 2026-10-30 05:00 -0400 America/New_York if every mail is accepted at once; "
        "2026-10-31 05:00 -0400 America/New_York with the margin of 24 hours."
    )
    assert refused(maintenance, now=now) == [*short, "Customers concerned: A, B, C.", earliest, ONLY_P1]


def test_announce_by_the_settings(settings: Settings) -> None:
    """More days and another margin are configuration; fewer than ten days are never taken."""
    reader(account="A")
    settings.NOTICE_MARGIN_HOURS = 0
    settings.NOTICE_DAYS = 14
    assert refused(booked(reference="MNT-1", windows=(window(13.5),))) == [
        (
            "Too little notice for window 1, which starts on 2026-12-05 21:00 +0000 Europe/London: "
            "13 days 12 hours for 1 customer in Europe/London, 14 days needed (0 hours of margin are taken off)."
        ),
        "Customers concerned: A.",
        (
            "Earliest start: 2026-12-06 09:00 +0000 Europe/London if every mail is accepted at once; "
            "2026-12-06 09:00 +0000 Europe/London with the margin of 0 hours."
        ),
        ONLY_P1,
    ]
    settings.NOTICE_DAYS = 3
    assert refused(booked(reference="MNT-2", windows=(window(9.5),)))[0] == (
        "Too little notice for window 1, which starts on 2026-12-01 21:00 +0000 Europe/London: "
        "9 days 12 hours for 1 customer in Europe/London, 10 days needed (0 hours of margin are taken off)."
    )
    exact = booked(reference="MNT-3", windows=(window(10),))
    booking.announce(exact, by=BY, now=NOW)
    assert list(kinds(exact.notices.get()).values()) == ["announced"]


def test_announce_twice() -> None:
    """Once announced, or cancelled, it is no draft any more."""
    reader()
    maintenance = announced()
    first = refused(maintenance)
    booking.cancel(maintenance, by=BY, now=LATER)
    assert (first, refused(maintenance)) == (["MNT-1 is announced; only a draft can be announced."], ["MNT-1 is cancelled; only a draft can be announced."])


def test_announce_windows_that_are_over() -> None:
    """Not even an emergency is announced for the past; one that has begun is."""
    reader()
    over = booked(reference="MNT-1", incident=p1(), windows=(window(-1, hours=24), window(30)))
    assert refused(over) == ["Window MNT-1.1 was over on 2026-11-22 09:00 +0000 Europe/London."]
    running = announced(reference="MNT-2", incident=p1("INC-2"), windows=(window(-1, hours=25),))
    assert list(kinds(running.notices.get()).values()) == ["emergency"]


def test_announce_emergency_with_a_p1() -> None:
    """Without the notice, and without any deadline; the window that it hurries names the P1, the other stays planned."""
    reader(account="A", object_id="a-1")
    incident = p1()
    maintenance = announced(incident=incident, windows=(window(1), window(30)))
    notice = maintenance.notices.get()
    assert (told(notice), named(notice), notice.said.incident) == ({"A": ("emergency", None)}, {("A", "a-1", 0)}, "INC-1")
    assert list(Window.objects.values_list("basis", "incident", "promised_since")) == [("emergency", incident.pk, NOW), ("planned", None, NOW)]
    assert [one["answer"] for one in notice.decision["windows"]] == ["emergency", "planned"]
    assert [said.emergency for said in notice.said.windows] == [True, False]


def test_announce_emergency_with_a_p2() -> None:
    """Not allowed, whatever the hurry."""
    reader(account="A")
    messages = refused(booked(incident=p1(sims=500), windows=(window(1),)))
    assert messages[1:] == ["Customers concerned: A.", EARLIEST, "Incident INC-1 is P2; only a P1 allows emergency maintenance."]


def test_announce_emergency_after_the_p1_was_closed() -> None:
    """For seven days, exactly; the start that comes too late for it is named."""
    reader(account="A")
    incident = p1()
    close_incident(incident, now=NOW)
    late = booked(reference="MNT-1", incident=incident, windows=(window(2), window(7, since=NOW + timedelta(minutes=1))))
    assert refused(late)[1:] == [
        "Customers concerned: A.",
        EARLIEST,
        (
            "Incident INC-1 has not been a P1 since 2026-11-22 09:00 +0000 Europe/London, "
            "more than 7 days before the start on 2026-11-29 09:01 +0000 Europe/London."
        ),
    ]
    assert list(kinds(announced(reference="MNT-2", incident=incident, windows=(window(2), window(7))).notices.get()).values()) == ["emergency"]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, "da, fr, which 3 contacts read"),
        ({"texts": texts("en", "fr")}, "da, which 1 contact reads"),
        ({"texts": texts("de"), "accept_english": True}, "da, en, fr, which 4 contacts read"),  # English itself is not there to be accepted
    ],
)
def test_announce_with_a_language_missing(changes: dict[str, object], missing: str) -> None:
    """Blocked where somebody hit reads it; languages that nobody reads are no matter."""
    reader(region_slug="uk")
    reader(region_slug="fr")
    reader(region_slug="fr", language="da")
    other = reader(region_slug="fr")
    ContactRoleFactory.create(customer=other, contact__language="en").delete()
    assert refused(booked(**{"texts": texts("en", "de"), **changes})) == [
        f"The text is missing in {missing}. Write it, or accept that they get it in English (which must be written then).",
    ]


def test_announce_with_english_accepted() -> None:
    """Then it goes out, to all."""
    reader(account="F", region_slug="fr")
    reader(account="U", region_slug="uk")
    assert kinds(announced(texts=texts("en"), accept_english=True).notices.get()) == {"F": "announced", "U": "announced"}


def test_announce_work_that_hits_nobody() -> None:
    """It is announced all the same, with the notice of any other work."""
    notice = announced().notices.get()
    assert (told(notice), named(notice), notice.decision["windows"][0]["clocks"]) == ({}, set(), [])
    assert refused(booked(reference="MNT-2", windows=(window(9),)))[0] == (
        "Too little notice for window 1, which starts on 2026-12-01 09:00 +0000 Europe/London: "
        "8 days for 0 customers in UTC, 10 days needed (24 hours of margin are taken off)."
    )


@pytest.mark.parametrize("customers", [1, 3])
def test_announce_costs_the_same_for_more_customers(customers: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """The number of queries does not depend on how many are hit."""
    for _number in range(customers):
        reader()
    maintenance = booked()
    with django_assert_num_queries(44):
        notice = booking.announce(maintenance, by=BY, now=NOW)
    assert notice.customers.count() == customers
