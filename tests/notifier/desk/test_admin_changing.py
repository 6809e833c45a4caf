"""Changing announced work through the admin: the form, what would follow, the deed; moving, and taking an alternate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from maintenance import booking
from maintenance.models import Freeze, Maintenance, Notice, Window
from maintenance.states import WindowState
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def row(number: int | None, day: int, *, alternate: bool = False, gone: bool = False) -> pages.Row:
    """Return a row of the form: two hours from ten in Berlin on a day of December; ``factories.window(day - 22)`` is the same."""
    ticks = {name: "on" for name, ticked in {"alternate": alternate, "DELETE": gone}.items() if ticked}
    return {**pages.window(f"2026-12-{day}", "10:00", f"2026-12-{day}", "12:00"), "number": str(number or ""), **ticks}


def work(**changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return announced work in two windows, on 22 and 23 December, with which everybody is served."""
    return pages.served(pages.announced(**{"timezone": BERLIN, "windows": (factories.window(30), factories.window(31)), **changes}))


def data(*windows: pages.Row, **facts: Any) -> pages.Row:  # noqa: ANN401  # what booking_data takes
    """Return what the form posts where nothing but the windows and these facts is changed."""
    texts = {language: (text.title, text.impact, text.description) for language, text in factories.texts().items()}
    return pages.booking_data(windows=windows, texts=texts, **{"revision": "1", **facts})


def test_form_shows_what_is_announced_with_numbers_of_windows() -> None:
    factories.reader()
    told = datetime(2026, 11, 20, 9, tzinfo=UTC)
    maintenance = work(windows=(factories.window(30), replace(factories.window(31), alternate=True)), supplier_notified_at=told)
    form = pages.planner().get(pages.verb("revise", maintenance)).context["form"]
    assert [(one["number"].value(), one["start"].value(), one["alternate"].value()) for one in form.windows.forms] == [
        (1, "2026-12-22T10:00", False),
        (2, "2026-12-23T10:00", True),
    ]
    assert (form.facts["reference"].field.disabled, form.facts["supplier_notified_at"].value()) == (True, "2026-11-20T10:00")


def test_change_shows_who_is_told_what_before_anything_is_stored() -> None:
    served, new = factories.reader(account="A1"), factories.reader(account="B1", service="platform.api")
    maintenance = work()
    scopes = [{"component": name, "domain": "provider", "operator": ""} for name in ("netpro.ipsec", "platform.api")]
    posted = data(row(1, 22), row(2, 23, gone=True), row(None, 29), scopes=scopes)
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("revise", maintenance), posted)
    rehearsal = response.context["rehearsal"]
    assert [(kind.name, kind.customers, kind.mails, kind.languages, kind.accounts, str(kind.until)) for kind in rehearsal.kinds] == [
        ("Announced", 1, 1, "English", new.account, "12 Dec 2026, 10:00 UTC+01:00 (12 Dec 2026, 09:00 UTC)"),
        ("Revised", 1, 1, "English", served.account, "19 Dec 2026, 10:00 UTC+01:00 (19 Dec 2026, 09:00 UTC)"),
    ]
    assert rehearsal.changes == (
        "Window MNT-1.2: cancelled.",
        "Window MNT-1.3 is new: 29 Dec 2026, 10:00 UTC+01:00 to 29 Dec 2026, 12:00 UTC+01:00.",
    )
    client.post(pages.verb("revise", maintenance), {**dict(response.context["kept"]), "confirmed": "1"})
    assert list(Window.objects.values_list("number", "state", "start")) == [
        (1, WindowState.ANNOUNCED, factories.window(30).start),
        (2, WindowState.CANCELLED, factories.window(31).start),
        (3, WindowState.ANNOUNCED, factories.window(37).start),
    ]
    assert dict(Notice.objects.get(revision=2).customers.values_list("customer__account", "kind")) == {
        "A1": "revised",
        "B1": "announced",
    }


def test_change_to_less_is_told_at_once_and_needs_no_notice() -> None:
    factories.reader(account="A1")
    maintenance = work()
    with time_machine.travel(factories.NOW + timedelta(days=28), tick=False):
        client = pages.planner()
        response = client.post(pages.verb("revise", maintenance), data(row(1, 22), row(2, 23), impact="degraded"))
        assert [(kind.name, kind.until, kind.notice) for kind in response.context["rehearsal"].kinds] == [("Eased", None, "needs none of its own")]
        assert response.context["rehearsal"].changes == ("Impact: “outage” becomes “degraded”.",)
        done = client.post(pages.verb("revise", maintenance), {**dict(response.context["kept"]), "confirmed": "1"}, follow=True)
    assert pages.said_on_top(done) == ["MNT-1 is changed."]
    assert Maintenance.objects.get().impact == "degraded"


def test_change_that_concerns_one_leaves_the_others_in_peace() -> None:
    factories.reader(object_id="A")
    factories.reader(object_id="B")
    maintenance = work(windows=(factories.window(30, objects=("A",)), factories.window(31, objects=("B",))))
    windows = [{**row(1, 22), "objects": "A"}, {**row(2, 29), "objects": "B"}]
    rehearsal = pages.planner().post(pages.verb("revise", maintenance), data(*windows)).context["rehearsal"]
    assert ([(kind.name, kind.customers) for kind in rehearsal.kinds], rehearsal.untouched) == ([("Revised", 1)], 1)


def test_change_with_fault_keeps_what_was_typed() -> None:
    factories.reader()
    client = pages.planner()
    maintenance = work()
    with factories.nothing_changes():
        response = client.post(pages.verb("revise", maintenance), data(row(1, 22), {**row(2, 23), "end_date": "2026-12-22"}))
    form = response.context["form"]
    assert [dict(one.errors) for one in form.windows.forms] == [{}, {"end": ["must be after the start"]}]
    assert form.windows.forms[1]["end"].value() == ["2026-12-22", "12:00"]


def test_change_goes_back_to_the_form_as_it_was_typed() -> None:
    factories.reader()
    client = pages.planner()
    maintenance = work()
    with factories.nothing_changes():
        form = client.post(pages.verb("revise", maintenance), {**data(row(1, 24), row(2, 25)), "edit": "1"}).context["form"]
    assert form.windows.forms[0]["start"].value() == ["2026-12-24", "10:00"]


def test_change_of_window_that_is_over_is_said_above_the_form() -> None:
    maintenance = work(windows=(factories.window(30),))
    Window.objects.update(state=WindowState.COMPLETED)
    Maintenance.objects.update(state=WindowState.COMPLETED)
    client = pages.planner()
    with factories.nothing_changes():
        form = client.post(pages.verb("revise", maintenance), data(row(1, 22))).context["form"]
    assert form.facts.non_field_errors() == ["MNT-1 is completed; only work that has not begun can be changed."]


def test_change_of_what_somebody_else_changed_meanwhile_is_refused() -> None:
    factories.reader()
    maintenance = work()
    client = pages.planner()
    typed = data(row(1, 22), row(2, 23), impact="degraded")
    later = factories.window(45)
    booking.move(maintenance, number=2, start=later.start, end=later.end, by="olga", now=factories.NOW)
    with factories.nothing_changes():
        responses = [client.post(pages.verb("revise", maintenance), {**typed, **button}) for button in ({}, {"confirmed": "1"}, {"preview": ""})]
    said = ["Somebody has changed it meanwhile. Look at it again before you go on: what you typed would undo that."]
    assert [response.context["form"].facts.non_field_errors() for response in responses] == [said, said, said]
    assert 'name="revision" value="2"' in responses[0].content.decode()


def test_preview_shows_the_mails_of_the_change_and_stores_nothing() -> None:
    factories.reader(language="de")
    factories.reader()
    maintenance = work()
    client = pages.planner()
    posted = data(row(1, 22), row(2, 23), impact="degraded")
    with factories.nothing_changes():
        response = client.post(pages.verb("revise", maintenance), {**posted, "preview": "eased de Europe/London"})
    seen = response.context["seen"]
    assert [(one.kind, one.language, one.zone, one.number) for one in seen.choices] == [
        ("eased", "de", "Europe/London", 1),
        ("eased", "en", "Europe/London", 1),
    ]
    assert (seen.chosen.language, "Title (de)" in seen.mail.subject, "/calendar/…" in seen.mail.text) == ("de", True, True)
    assert dict(response.context["kept"])["impact"] == "degraded"


def test_move_asks_shows_and_does() -> None:
    factories.reader()
    maintenance = pages.served(pages.announced())
    client = pages.planner()
    later = pages.moved("2026-12-30", "22:00", "2026-12-31", "02:00")
    with factories.nothing_changes():
        asked = client.get(pages.verb("move", maintenance, 1))
        shown = client.post(pages.verb("move", maintenance, 1), later)
    assert asked.context["form"]["start"].value() == "2026-12-22T09:00"
    assert shown.context["rehearsal"].sentence() == "1 mail to 1 customer in 1 language will go out."
    assert [kind.name for kind in shown.context["rehearsal"].kinds] == ["Revised"]
    response = client.post(pages.verb("move", maintenance, 1), {**later, "confirmed": "1"}, follow=True)
    assert pages.said_on_top(response) == ["Window MNT-1.1 is moved."]
    window = Window.objects.get()
    assert (window.start, window.end) == (datetime(2026, 12, 30, 22, tzinfo=UTC), datetime(2026, 12, 31, 2, tzinfo=UTC))


def test_move_within_the_announced_times_is_eased() -> None:
    factories.reader()
    maintenance = pages.served(pages.announced())
    shown = pages.planner().post(pages.verb("move", maintenance, 1), pages.moved("2026-12-22", "09:30", "2026-12-22", "10:30"))
    assert [(kind.name, kind.until) for kind in shown.context["rehearsal"].kinds] == [("Eased", None)]


def test_move_too_early_is_refused_and_goes_back_to_what_was_typed() -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    early = pages.moved("2026-11-25", "22:00", "2026-11-25", "23:00")
    with factories.nothing_changes():
        refused = client.post(pages.verb("move", maintenance, 1), early)
        back = client.post(pages.verb("move", maintenance, 1), {**early, "edit": "1"})
    assert "Earliest start: 2026-12-02 09:00 +0000 Europe/London if every mail is accepted at once" in pages.text_of(refused)
    assert dict(refused.context["kept"]) == early
    assert back.context["form"]["start"].value() == ["2026-11-25", "22:00"]


@pytest.mark.parametrize(
    ("times", "errors"),
    [
        (("2026-12-30", "10:00", "2026-12-30", "09:00"), {"end": ["A window must end after it starts."]}),
        (("2026-12-22", "09:00", "2026-12-22", "11:00"), {"__all__": ["Window MNT-1.1 has these times already."]}),
        (
            ("2027-10-31", "01:30", "2027-10-31", "04:00"),
            {"start": ["2027-10-31T01:30 exists twice in Europe/London: the clocks go back then; write 2027-10-31T01:30+01:00 or 2027-10-31T01:30+00:00"]},
        ),
    ],
)
def test_move_to_impossible_times_is_refused_on_the_form(times: tuple[str, str, str, str], errors: dict[str, list[str]]) -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("move", maintenance, 1), pages.moved(*times))
    assert dict(response.context["form"].errors) == errors


def test_move_into_freeze_is_refused_without_a_way_round() -> None:
    factories.reader()
    maintenance = pages.announced()
    start = datetime(2026, 12, 30, tzinfo=UTC)
    Freeze.objects.create(name="Year's end", start=start, end=start + timedelta(days=3))
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.verb("move", maintenance, 1), pages.moved("2026-12-30", "22:00", "2026-12-31", "02:00"))
    assert (response.context["code"], "known_form" in response.context, "late_form" in response.context) == ("freeze", False, False)
    assert "Our own work waits; this window could begin on 2027-01-02 00:00 +0000 Europe/London." in pages.text_of(response)


def test_alternate_is_taken_instead_of_another_window() -> None:
    factories.reader()
    alternate = replace(factories.window(31), alternate=True)
    maintenance = pages.served(pages.announced(windows=(factories.window(30), factories.window(32), alternate)))
    client = pages.planner()
    asked = client.get(pages.verb("take_alternate", maintenance, 3)).context["form"]
    assert [value for value, _label in asked.fields["instead_of"].choices] == ["1", "2", ""]
    with factories.nothing_changes():
        shown = client.post(pages.verb("take_alternate", maintenance, 3), {"instead_of": "1"})
    assert [kind.name for kind in shown.context["rehearsal"].kinds] == ["Eased"]
    response = client.post(pages.verb("take_alternate", maintenance, 3), {"instead_of": "1", "confirmed": "1"}, follow=True)
    assert pages.said_on_top(response) == ["Window MNT-1.3 is taken."]
    assert list(Window.objects.values_list("number", "state", "alternate")) == [
        (1, WindowState.CANCELLED, False),
        (2, WindowState.ANNOUNCED, False),
        (3, WindowState.ANNOUNCED, False),
    ]


def test_alternate_is_refused_where_the_window_is_none() -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    with factories.nothing_changes():
        form = client.post(pages.verb("take_alternate", maintenance, 1), {"instead_of": ""}).context["form"]
    assert form.non_field_errors() == ["Window MNT-1.1 is announced; only an announced alternate can be taken."]
