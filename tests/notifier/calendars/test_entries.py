"""What an entry says: times, states, texts and services, from a notice and its rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.models import Component, Customer, Region
from maintenance.models import Notice, NoticeService
from maintenance.said import Said, SaidText, SaidWindow
from maintenance.states import FIRST_KINDS, Impact, Kind, WindowState
from notifier.calendars.entries import OVER, Progress, calendar_of, entries_for, uid
from notifier.calendars.entry import Entry

ISSUED = datetime(2026, 9, 1, 8, tzinfo=UTC)
START = datetime(2026, 10, 24, 22, tzinfo=UTC)  # the clocks of Europe go back at 01:00 UTC
WINDOW = SaidWindow(1, START, START + timedelta(hours=4), WindowState.ANNOUNCED, 0)
LATER = replace(WINDOW, number=2, start=START + timedelta(days=1), end=START + timedelta(days=1, hours=4))
SAID = Said(
    reference="MNT-7",
    impact=Impact.OUTAGE,
    expected_outage_minutes=20,
    windows=(WINDOW,),
    texts={"en": SaidText("Core {{ upgrade }} %s {0}", "One loss\r\nof *connection*.", "We replace routers; {% all %} of them.")},
)
CUSTOMER = Customer(
    account="ACME-1",
    name="Acme, Inc.",
    region=Region(slug="uk", sender_name="Support UK", sender_email="uk@provider.example"),
    language="en",
    timezone="Europe/London",
)
BERLIN = ZoneInfo("Europe/Berlin")


def row(name: str, *, window: int = 0, impact: Impact = Impact.OUTAGE) -> NoticeService:
    """Return a service hit; nothing here is stored."""
    return NoticeService(customer=CUSTOMER, window_number=window, object_id=name, component=Component(slug="netpro.ipsec"), impact=impact)


ROWS = (row("vpn-2"), row("vpn-1", impact=Impact.DEGRADED))


def entries(
    said: Said = SAID, *, kind: str = Kind.ANNOUNCED, rows: tuple[NoticeService, ...] = ROWS, progress: dict[int, Progress] | None = None
) -> tuple[Entry, ...]:
    """Return the entries for an English reader in Berlin."""
    return entries_for(Notice(issued_at=ISSUED), said, CUSTOMER, kind, rows, language="en", zone=BERLIN, progress=progress)


def test_entries_whole() -> None:
    """Each field, over a change of the clocks, with the planner's words as typed."""
    assert entries() == (
        Entry(
            uid=uid("MNT-7", 1, "ACME-1"),
            sequence=0,
            stamp=ISSUED,
            start=START,
            end=START + timedelta(hours=4),
            summary="Outage: Core {{ upgrade }} %s {0} (MNT-7)",
            description=(
                "Maintenance MNT-7, window 1\n"
                "\n"
                "Start: Sunday, 25 October 2026, 00:00 Central European Summer Time (UTC+02:00) = 24 Oct 2026, 22:00 UTC\n"
                "End: Sunday, 25 October 2026, 03:00 Central European Standard Time (UTC+01:00) = 25 Oct 2026, 02:00 UTC\n"
                "The clocks change within this window: it starts in UTC+02:00 and ends in UTC+01:00. It lasts 4 hours.\n"
                "\n"
                "Impact: outage\n"
                "Expect service to be affected for up to 20 minutes within the window, not for all of it.\n"
                "\n"
                "One loss\r\nof *connection*.\n"
                "\n"
                "We replace routers; {% all %} of them.\n"
                "\n"
                "Account: ACME-1 (Acme, Inc.)\n"
                "Services affected:\n"
                "- vpn-1 (customer IPsec): degraded\n"
                "- vpn-2 (customer IPsec): outage"
            ),
            status="CONFIRMED",
            maintnote_status="CONFIRMED",
            organizer_name="Support UK",
            organizer_email="uk@provider.example",
            provider="provider.example",
            account="ACME-1",
            maintenance_id="MNT-7.1",
            objects=(("vpn-1", "DEGRADED"), ("vpn-2", "OUTAGE")),
            impact="OUTAGE",
            language="en",
        ),
    )


def test_entries_text_in_another_language() -> None:
    """The reader is told in their own language which language the planner's words are in."""
    (entry,) = entries_for(Notice(issued_at=ISSUED), SAID, CUSTOMER, Kind.ANNOUNCED, ROWS, language="de", zone=BERLIN)
    assert (entry.language, "One loss" in entry.description, "Englisch" in entry.description) == ("de", True, True)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (WindowState.DRAFT, ("TENTATIVE", "TENTATIVE")),
        (WindowState.ANNOUNCED, ("CONFIRMED", "CONFIRMED")),
        (WindowState.IN_PROGRESS, ("CONFIRMED", "IN-PROCESS")),
        (WindowState.COMPLETED, ("CONFIRMED", "COMPLETED")),
        (WindowState.NOT_COMPLETED, ("CONFIRMED", "COMPLETED")),
        (WindowState.POSTPONED, ("CANCELLED", "CANCELLED")),
        (WindowState.CANCELLED, ("CANCELLED", "CANCELLED")),
        (WindowState.PRESUMED_ENDED, ("CONFIRMED", "IN-PROCESS")),
    ],
)
def test_entries_status(state: WindowState, expected: tuple[str, str]) -> None:
    """DESIGN.md section 4, Calendars."""
    (entry,) = entries(replace(SAID, windows=(replace(WINDOW, state=state),)), kind=Kind.REVISED)
    assert (entry.status, entry.maintnote_status) == expected


def test_entries_narrowed_windows() -> None:
    """A narrowed window has its own services; a window that hits nothing of the customer's is not shown."""
    said = replace(SAID, windows=(WINDOW, replace(LATER, narrowed=True), replace(LATER, number=3, narrowed=True)))
    rows = (row("vpn-1", impact=Impact.NO_IMPACT), row("vpn-2", window=2, impact=Impact.DEGRADED))
    found = [(entry.maintenance_id, entry.objects, entry.impact) for entry in entries(said, rows=rows)]
    assert found == [("MNT-7.1", (("vpn-1", "NO-IMPACT"),), "NO-IMPACT"), ("MNT-7.2", (("vpn-2", "DEGRADED"),), "DEGRADED")]


def test_entries_no_impact_has_no_minutes() -> None:
    """Nobody is told to expect minutes of nothing."""
    (entry,) = entries(rows=(row("vpn-1", impact=Impact.NO_IMPACT),))
    assert "Impact: no impact\n\nOne loss" in entry.description


def test_entries_without_services() -> None:
    """A window that hits none of the customer's services is none of its business."""
    assert entries(rows=()) == ()


def test_entries_cancelled() -> None:
    """Whoever is told of a cancellation sees every window cancelled, with the reason; what is done stays done."""
    done = replace(LATER, state=WindowState.COMPLETED, sequence=2)
    said = replace(SAID, windows=(replace(WINDOW, sequence=3), done), reason="Spare parts {{ late }}")
    found = [(entry.maintenance_id, entry.status, entry.maintnote_status, entry.sequence, entry.summary) for entry in entries(said, kind=Kind.CANCELLED)]
    assert found == [
        ("MNT-7.1", "CANCELLED", "CANCELLED", 3, "Cancelled: Outage: Core {{ upgrade }} %s {0} (MNT-7)"),
        ("MNT-7.2", "CONFIRMED", "COMPLETED", 2, "Outage: Core {{ upgrade }} %s {0} (MNT-7)"),
    ]
    assert entries(said, kind=Kind.CANCELLED)[0].description.startswith(
        "Maintenance MNT-7, window 1\nThis window has been cancelled. It will not take place.\nReason: Spare parts {{ late }}\n\nStart:",
    )


def test_entries_cancelled_without_services() -> None:
    """A cancellation is shown even where no service is named with it."""
    (entry,) = entries(kind=Kind.CANCELLED, rows=())
    assert (entry.status, entry.objects, entry.impact) == ("CANCELLED", (), "OUTAGE")


@pytest.mark.parametrize("kind", FIRST_KINDS)
@pytest.mark.parametrize("state", OVER)
def test_entries_newcomer_is_spared_the_past(kind: Kind, state: WindowState) -> None:
    """Windows that were over before a customer was told at all never were its own."""
    said = replace(SAID, windows=(replace(WINDOW, state=state), LATER))
    assert [entry.maintenance_id for entry in entries(said, kind=kind)] == ["MNT-7.2"]
    assert [entry.maintenance_id for entry in entries(said, kind=Kind.REVISED)] == ["MNT-7.1", "MNT-7.2"]


@pytest.mark.parametrize("state", WindowState)
def test_entries_alternate_is_tentative_until_it_is_taken(state: WindowState) -> None:
    """To come, it says so in headline and text; what has become of it since counts for more."""
    (entry,) = entries(replace(SAID, windows=(replace(WINDOW, state=state, alternate=True),)), kind=Kind.REVISED)
    (same,) = entries(replace(SAID, windows=(replace(WINDOW, state=state),)), kind=Kind.REVISED)
    if state not in {WindowState.DRAFT, WindowState.ANNOUNCED}:
        assert entry == same
        return
    assert (entry.status, entry.maintnote_status) == ("TENTATIVE", "TENTATIVE")
    assert entry.summary == f"Alternate date: {same.summary}"
    assert entry.description.split("\n\n")[0] == (
        "Maintenance MNT-7, window 1\nThis is an alternate date. It is used only if the work cannot be done at the other times."
    )


def test_entries_postponed_is_of_one_window() -> None:
    """The others stay as announced; the reason stands with what it is about, and services are named where none is told with it."""
    said = replace(SAID, windows=(replace(WINDOW, state=WindowState.POSTPONED, sequence=1), LATER), reason="Storm {{ x }}")
    found = [(entry.maintenance_id, entry.status, entry.maintnote_status, entry.sequence) for entry in entries(said, kind=Kind.POSTPONED)]
    assert found == [("MNT-7.1", "CANCELLED", "CANCELLED", 1), ("MNT-7.2", "CONFIRMED", "CONFIRMED", 0)]
    postponed, stays = entries(said, kind=Kind.POSTPONED)
    assert postponed.description.split("\n\n")[0] == (
        "Maintenance MNT-7, window 1\nThis window has been postponed. It will not take place at this time.\nReason: Storm {{ x }}"
    )
    assert "Storm" not in stays.description
    assert [entry.maintenance_id for entry in entries(said, kind=Kind.POSTPONED, rows=())] == ["MNT-7.1"]


@pytest.mark.parametrize("state", [WindowState.CANCELLED, WindowState.POSTPONED])
def test_entries_withdrawn_stays_so_until_told_anew(state: WindowState) -> None:
    """Whatever becomes of the window for others."""
    since = {1: Progress(WindowState.IN_PROGRESS, 4, START)}
    (entry,) = entries(replace(SAID, windows=(replace(WINDOW, state=state, sequence=2),)), kind=Kind.CORRECTED, progress=since)
    assert (entry.status, entry.sequence, entry.stamp) == ("CANCELLED", 2, ISSUED)


def test_entries_extended_shows_the_new_end() -> None:
    """Told, or seen from the window by whoever is not told of progress."""
    end = WINDOW.end + timedelta(hours=2)
    told = replace(WINDOW, state=WindowState.IN_PROGRESS, sequence=2, end=end, overran_from=WINDOW.end)
    since = {1: Progress(WindowState.IN_PROGRESS, 2, ISSUED, end=end, overran_from=WINDOW.end)}
    (seen,) = entries(progress=since)
    assert (seen,) == entries(replace(SAID, windows=(told,)), kind=Kind.EXTENDED)
    assert seen.end == end
    assert seen.description.split("\n\n")[0] == (
        "Maintenance MNT-7, window 1\n"
        "The work is in progress.\n"
        "The work takes longer than announced. It was to end at this time: "
        "Sunday, 25 October 2026, 03:00 Central European Standard Time (UTC+01:00) = 25 Oct 2026, 02:00 UTC"
    )


@pytest.mark.parametrize("state", [WindowState.IN_PROGRESS, WindowState.PRESUMED_ENDED])
def test_entries_presumed_says_that_nobody_has_reported(state: WindowState) -> None:
    """The clock knows neither that work began nor that it is done."""
    (entry,) = entries(progress={1: Progress(state, 2, START, presumed=True)})
    assert (entry.maintnote_status, entry.description.split("\n\n")[0]) == (
        "IN-PROCESS",
        "Maintenance MNT-7, window 1\nWe have not been told yet how this work goes.",
    )


@pytest.mark.parametrize(("kind", "late", "said_so"), [(Kind.LATE, True, True), (Kind.LATE, False, False), (Kind.EASED, True, False)])
def test_entries_late_to_whom_it_is(kind: Kind, late: bool, said_so: bool) -> None:  # noqa: FBT001  # parameters of a test
    """A window may be late for one customer and within what was promised to another."""
    (entry,) = entries(replace(SAID, windows=(replace(WINDOW, late=late),)), kind=kind)
    assert ("This work was announced at short notice, without the notice that we promise." in entry.description) == said_so


def test_entries_progress() -> None:
    """What became of a window since the notice has its own state, sequence and stamp; a customer that was let go sees none of it."""
    since = {1: Progress(WindowState.IN_PROGRESS, 4, START)}
    (running,) = entries(progress=since)
    (let_go,) = entries(progress=since, kind=Kind.CANCELLED)
    assert (running.maintnote_status, running.sequence, running.stamp) == ("IN-PROCESS", 4, START)
    assert (let_go.maintnote_status, let_go.sequence, let_go.stamp) == ("CANCELLED", 0, ISSUED)


def test_entries_emergency() -> None:
    """Why it comes without the usual notice, and whose work it is."""
    windows = tuple(replace(window, emergency=True) for window in SAID.windows)
    said = replace(SAID, windows=windows, incident="INC-1", incident_title="All down, {{ all }}", supplier="mno-es-1", supplier_reference="CRQ 9")
    (entry,) = entries(said, kind=Kind.EMERGENCY)
    assert entry.description.split("\n\n")[0] == (
        "Maintenance MNT-7, window 1\n"
        "This is emergency maintenance. It takes place without the usual notice of 10 days, because of the P1 incident INC-1: All down, {{ all }}\n"
        "This is work of our supplier mno-es-1, whose reference for it is CRQ 9."
    )


def test_uid_differs_by_window_and_customer() -> None:
    """From data alone, so it is the same in every process and revision."""
    assert uid("MNT-7", 1, "ACME-1") == "c486ca8698040a9c6288fd7a4cb7bbaf56b3acfe@provider.example"
    assert len({uid("MNT-7", 1, "ACME-1"), uid("MNT-7", 2, "ACME-1"), uid("MNT-7", 1, "ACME-2"), uid("MNT-8", 1, "ACME-1")}) == 4


def test_calendar_of_names() -> None:
    """The calendar's name says whose maintenance it is, and for whom."""
    calendar = calendar_of((), language="en", zone=BERLIN, owner="Acme 100% {0}")
    assert (calendar.name, calendar.zone, calendar.refresh_minutes) == ("Maintenance by Example Connectivity: Acme 100% {0}", "Europe/Berlin", 0)
    assert calendar_of((), language="en", zone=BERLIN).name == "Maintenance by Example Connectivity"
