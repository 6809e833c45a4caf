"""What a mail shows: windows, times, services and support of one reader."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from maintenance.said import Interval, SaidText
from maintenance.states import Impact, Kind, WindowState
from notifier.delivery.contents import contents
from notifier.delivery.shown_accounts import ShownAccount, ShownHits, ShownServices
from notifier.delivery.shown_windows import Moment, ShownWindow, Times
from notifier.delivery.support import Support
from tests.notifier.delivery.letters import CLOCKS_CHANGE, NEXT_NIGHT, NIGHT, letter, region, said, service, told

GMT = "Greenwich Mean Time (UTC+00:00)"
FIRST = Times(
    Moment("Monday, 14 December 2026, 22:00", GMT, "14 Dec 2026, 22:00 UTC"),
    Moment("Tuesday, 15 December 2026, 02:00", GMT, "15 Dec 2026, 02:00 UTC"),
    "",
)
SECOND = Times(
    Moment("Tuesday, 15 December 2026, 22:00", GMT, "15 Dec 2026, 22:00 UTC"),
    Moment("Wednesday, 16 December 2026, 02:00", GMT, "16 Dec 2026, 02:00 UTC"),
    "",
)


def shown(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of Letter
    """Return the context of the templates."""
    return contents(letter(**changes))


def test_window_alone_has_no_number() -> None:
    """There is nothing to tell it from."""
    assert shown()["windows"] == [ShownWindow("", FIRST, None, gone=False, standing="")]


def test_windows_moved_cancelled_and_unchanged() -> None:
    """Old times stand beside the new, what does not take place is marked so."""
    third = replace(NEXT_NIGHT, number=3, state=WindowState.POSTPONED)
    moved = replace(NIGHT, previous=Interval(NEXT_NIGHT.start, NEXT_NIGHT.end))
    assert shown(kind=Kind.REVISED, said=said(windows=(moved, NEXT_NIGHT, third)))["windows"] == [
        ShownWindow("Window 1", FIRST, SECOND, gone=False, standing=""),
        ShownWindow("Window 2", SECOND, None, gone=False, standing=""),
        ShownWindow("Window 3", SECOND, None, gone=True, standing="This window has been postponed. It will not take place at this time."),
    ]


def test_window_of_a_reader_in_utc_is_shown_once() -> None:
    """The same time twice would raise a question."""
    found = shown(zone=ZoneInfo("UTC"))["windows"][0].times.start
    assert found == Moment("Monday, 14 December 2026, 22:00", "Coordinated Universal Time (UTC+00:00)", "")


def test_window_over_a_change_of_clocks_has_both_offsets() -> None:
    """And a sentence that says so."""
    found = shown(zone=ZoneInfo("Europe/Berlin"), said=said(windows=(CLOCKS_CHANGE,)))
    assert found["windows"][0].times == Times(
        Moment("Saturday, 24 October 2026, 16:00", "Central European Summer Time (UTC+02:00)", "24 Oct 2026, 14:00 UTC"),
        Moment("Sunday, 25 October 2026, 05:00", "Central European Standard Time (UTC+01:00)", "25 Oct 2026, 04:00 UTC"),
        "The clocks change within this window: it starts in UTC+02:00 and ends in UTC+01:00. It lasts 14 hours.",
    )
    assert found["when"] == "24 Oct 2026, 16:00 Central European Summer Time (UTC+02:00) to 25 Oct 2026, 05:00 Central European Standard Time (UTC+01:00)"


def test_windows_that_hit_no_service_of_the_reader_are_left_out() -> None:
    """A narrowed window concerns those whose objects it names."""
    narrow = replace(NEXT_NIGHT, narrowed=True)
    found = shown(said=said(windows=(NIGHT, narrow)), accounts=(told(services=[service("A-1"), service("A-2")]),))
    assert found["windows"] == [ShownWindow("", FIRST, None, gone=False, standing="")]


def test_windows_all_shown_where_no_service_is_named() -> None:
    """A cancellation may name none."""
    found = shown(kind=Kind.CANCELLED, said=said(windows=(NIGHT, NEXT_NIGHT)), accounts=(told(services=[]),))
    assert [window.label for window in found["windows"]] == ["Window 1", "Window 2"]
    assert all(window.gone for window in found["windows"])


def test_services_by_window_where_windows_differ() -> None:
    """Window 1 and 3 hit all, window 2 one object of its own; each impact is named as there are two."""
    windows = (NIGHT, replace(NEXT_NIGHT, narrowed=True), replace(NEXT_NIGHT, number=3))
    rows = [service("A-1"), service("A-2", "data.mobile-core", Impact.DEGRADED), service("A-1", window=2)]
    assert shown(said=said(windows=windows), accounts=(told("A", "Ann & Co", services=rows),))["accounts"] == [
        ShownAccount(
            "A",
            "Ann & Co",
            (
                ShownHits("Windows 1, 3", (ShownServices("Customer IPsec", "outage", ("A-1",)), ShownServices("Mobile core, data", "degraded", ("A-2",)))),
                ShownHits("Window 2", (ShownServices("Customer IPsec", "", ("A-1",)),)),
            ),
        ),
    ]


def test_severity_is_the_worst_of_the_readers_services() -> None:
    """Not that of somebody else's."""
    found = shown(accounts=(told(services=[service("A-1", impact=Impact.DEGRADED), service("A-2", impact=Impact.NO_IMPACT)]),))
    assert found["severity"] == "Degraded, for up to 45 minutes within the window"


def test_first_date_is_that_of_the_first_window_to_come() -> None:
    """A window that is gone is no date to keep free."""
    gone = replace(NIGHT, state=WindowState.CANCELLED)
    assert shown(kind=Kind.REVISED, said=said(windows=(gone, NEXT_NIGHT)))["first_date"] == "15 Dec 2026, 22:00"
    assert shown(said=said(windows=(NEXT_NIGHT, NIGHT)))["first_date"] == "14 Dec 2026, 22:00 (2 windows)"


def test_support_for_a_night_and_a_standard_tier() -> None:
    """Closed then; when it reopens by the reader's clock; its hours by both clocks."""
    assert shown(zone=ZoneInfo("Asia/Kolkata"))["support"] == [
        Support(
            accounts="",
            email="support-uk@provider.example",
            phone="+44 20 7946 0000",
            hours=(
                "Office hours: Monday to Friday, 09:00 to 18:00, Greenwich Mean Time (UTC+00:00), except on public holidays.",
                "In your time zone: Monday to Friday, 14:30 to 23:30, India Standard Time (UTC+05:30).",
            ),
            languages="Support answers in English. Outside office hours it is closed.",
            outside="This work takes place at least partly outside office hours, when support is closed. It reopens at this time:",
            reopens=("Tuesday, 15 December 2026, 14:30 India Standard Time (UTC+05:30)",),
        ),
    ]


def test_support_for_work_on_a_public_holiday() -> None:
    """25 December 2026 is a Friday: closed all day, and Monday stands in for the 26th in England, but not in Germany."""
    window = replace(NIGHT, start=datetime(2026, 12, 25, 10, tzinfo=UTC), end=datetime(2026, 12, 25, 12, tzinfo=UTC))
    outside = "This work takes place at least partly outside office hours, when support is closed. It reopens at this time:"
    for slug, reopens in (
        ("uk", "Tuesday, 29 December 2026, 09:00 Greenwich Mean Time (UTC+00:00)"),
        ("de", "Monday, 28 December 2026, 08:00 Greenwich Mean Time (UTC+00:00)"),
    ):
        (found,) = shown(said=said(windows=(window,)), accounts=(told(office=region(slug)),))["support"]
        assert (found.outside, found.reopens) == (outside, (reopens,))


def test_support_for_a_night_and_the_clock_round() -> None:
    """English only."""
    found = shown(accounts=(told(office=region("de", support_phone=""), level="enterprise"),))["support"]
    assert found == [
        Support(
            accounts="",
            email="support-de@provider.example",
            phone="",
            hours=(
                "Office hours: Monday to Friday, 08:30 to 18:00, Central European Standard Time (UTC+01:00), except on public holidays.",
                "In your time zone: Monday to Friday, 07:30 to 17:00, Greenwich Mean Time (UTC+00:00).",
            ),
            languages="In office hours support answers in German; outside office hours it speaks English only.",
            outside="This work takes place at least partly outside office hours, when support speaks English only.",
        ),
    ]


def test_support_for_work_in_office_hours_has_no_warning() -> None:
    """From ten to twelve on a Monday."""
    window = replace(NIGHT, start=datetime(2026, 12, 14, 10, tzinfo=UTC), end=datetime(2026, 12, 14, 12, tzinfo=UTC))
    found = shown(said=said(windows=(window,)), accounts=(told(), told("B", level="plus")))["support"]
    assert [(one.accounts, one.outside, one.reopens) for one in found] == [("WLUK100001", "", ()), ("B", "", ())]


def test_support_once_for_accounts_that_share_it() -> None:
    """One entry for each arrangement, naming its accounts."""
    accounts = (told("A"), told("B", office=region("es")), told("C"))
    assert [(one.accounts, one.email) for one in shown(accounts=accounts)["support"]] == [
        ("A, C", "support-uk@provider.example"),
        ("B", "support-es@provider.example"),
    ]


def test_support_for_what_is_cancelled_has_no_warning() -> None:
    """No work, no closed office."""
    assert shown(kind=Kind.CANCELLED)["support"][0].outside == ""


def test_typed_text_loses_control_characters_only() -> None:
    """Mail cannot carry them, nor halves of characters."""
    text = SaidText("T", "a\x00b\r\nc\x1b\ud800", "\td\u200de\rf")
    found = shown(said=said(texts={"en": text}))
    assert (found["impact_text"], found["description"]) == ("ab\nc", "\td\u200de\nf")


def test_letter_without_a_contact_is_addressed_by_its_address() -> None:
    """The contact's data may have been erased."""
    made = letter(contact_name="", accounts=(told(), told("B")))
    assert contents(made)["addressed"] == "This notice is for ana@customer1.example, as a contact of the accounts WLUK100001, B at Example Connectivity."


def test_window_moved_away_from_a_change_of_clocks_says_nothing_of_it() -> None:
    """The old times are past caring about."""
    moved = replace(NIGHT, previous=Interval(CLOCKS_CHANGE.start, CLOCKS_CHANGE.end))
    (window,) = shown(kind=Kind.REVISED, said=said(windows=(moved,)))["windows"]
    assert (window.was.start.local, window.was.change, window.times.change) == ("Saturday, 24 October 2026, 15:00", "", "")


@pytest.mark.parametrize("kind", [Kind.STARTED, Kind.EXTENDED, Kind.COMPLETED, Kind.NOT_COMPLETED, Kind.REMINDER])
def test_mail_about_one_window_shows_that_one(kind: Kind) -> None:
    """Its date, its services; the others are counted."""
    windows = (NIGHT, replace(NEXT_NIGHT, narrowed=True), replace(NEXT_NIGHT, number=3))
    found = shown(kind=kind, about=2, said=said(windows=windows), accounts=(told(services=[service("A-1"), service("A-2", window=2)]),))
    assert [(window.label, window.times) for window in found["windows"]] == [("Window 2", SECOND)]
    assert found["accounts"] == [ShownAccount("WLUK100001", "Pennine Fleet Ltd", (ShownHits("", (ShownServices("Customer IPsec", "", ("A-2",)),)),))]
    assert (found["first_date"], found["others"]) == (
        "15 Dec 2026, 22:00",
        "2 other windows of this maintenance are still to come, as announced.",
    )


def test_mail_about_one_window_counts_only_what_is_sure_to_come() -> None:
    """Neither alternates nor what is over or withdrawn."""
    rest = [replace(NEXT_NIGHT, number=number + 2, state=state) for number, state in enumerate(WindowState) if state != WindowState.ANNOUNCED]
    windows = (NIGHT, *rest, replace(NEXT_NIGHT, number=20, alternate=True))
    assert shown(kind=Kind.STARTED, about=1, said=said(windows=windows))["others"] == ""


def test_other_kinds_show_all_windows_whatever_they_are_about() -> None:
    """A revision replaces all that was said."""
    found = shown(kind=Kind.REVISED, about=2, said=said(windows=(NIGHT, NEXT_NIGHT)))
    assert ([window.label for window in found["windows"]], found["others"]) == (["Window 1", "Window 2"], "")


def test_alternate_is_said_to_be_one_and_gives_no_date() -> None:
    """Unless there is nothing else, or it takes place."""
    sentence = "This is an alternate date. It is used only if the work cannot be done at the other times."
    alternate = replace(NEXT_NIGHT, alternate=True)
    found = shown(said=said(windows=(NIGHT, alternate)))
    assert [window.standing for window in found["windows"]] == ["", sentence]
    assert (found["first_date"], found["severity"]) == ("14 Dec 2026, 22:00", "Outage, for up to 45 minutes within the window")
    assert shown(said=said(windows=(replace(NIGHT, state=WindowState.CANCELLED), alternate)))["first_date"] == "15 Dec 2026, 22:00"
    running = replace(alternate, state=WindowState.IN_PROGRESS)
    assert [window.standing for window in shown(kind=Kind.REVISED, said=said(windows=(running,)))["windows"]] == ["The work is in progress."]


def test_window_that_overran_shows_the_end_announced_in_the_extension_only() -> None:
    """And no minutes: they may be exceeded as well."""
    longer = replace(NIGHT, state=WindowState.IN_PROGRESS, end=NEXT_NIGHT.end, overran_from=NIGHT.end)
    extended, completed = (shown(kind=kind, about=1, said=said(windows=(longer,))) for kind in (Kind.EXTENDED, Kind.COMPLETED))
    assert extended["windows"] == [ShownWindow("", Times(FIRST.start, SECOND.end, ""), FIRST, gone=False, standing="")]
    assert (extended["until"], extended["severity"], extended["minutes_affected"]) == ("16 Dec 2026, 02:00", "Outage", "")
    assert completed["windows"][0].was is None


def test_windows_postponed_before_are_cancelled_with_the_rest() -> None:
    """There will be no new date either."""
    windows = (NIGHT, replace(NEXT_NIGHT, state=WindowState.POSTPONED))
    found = shown(kind=Kind.CANCELLED, said=said(windows=windows))["windows"]
    assert [window.standing for window in found] == ["This window has been cancelled. It will not take place."] * 2


def test_work_that_is_over_has_no_warning_of_closed_offices() -> None:
    """The sentence speaks of work to come."""
    over = replace(NIGHT, state=WindowState.COMPLETED)
    assert [one.outside for one in shown(kind=Kind.COMPLETED, about=1, said=said(windows=(over,)))["support"]] == [""]


def test_letter_without_windows() -> None:
    """A root-cause report has a cause and measures, and all services that the incident affected."""
    report = SaidText("T", "The *cause*.", "The **measures**.")
    found = shown(kind=Kind.ROOT_CAUSE, said=said(reference="INC-7", windows=(), texts={"en": report}), accounts=(told(services=[service("A-1")]),))
    assert (found["when"], found["first_date"], found["until"], found["windows"], found["others"]) == ("", "", "", [], "")
    assert (found["impact_html"], found["description_html"]) == ("<p>The <em>cause</em>.</p>", "<p>The <strong>measures</strong>.</p>")
    assert found["accounts"] == [ShownAccount("WLUK100001", "Pennine Fleet Ltd", (ShownHits("", (ShownServices("Customer IPsec", "", ("A-1",)),)),))]
    assert shown(kind=Kind.ROOT_CAUSE, said=said(windows=()), accounts=(told(services=[]),))["accounts"] == [
        ShownAccount("WLUK100001", "Pennine Fleet Ltd", ())
    ]


def test_services_named_for_the_first_time_are_marked() -> None:
    """Where others were named before; a customer to whom all is new needs no marks."""
    old, new = service("A-1"), service("A-2", fresh=True)
    mixed, wholly = (shown(accounts=(told("A", "Ann", services=rows),))["accounts"][0].hits[0].services for rows in ([old, new], [new]))
    assert mixed == (ShownServices("Customer IPsec", "", ("A-1",)), ShownServices("Customer IPsec", "", ("A-2",), fresh=True))
    assert wholly == (ShownServices("Customer IPsec", "", ("A-2",)),)
