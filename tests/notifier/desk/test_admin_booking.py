"""The booking form: what it stores, what it refuses on which field, and that it keeps what was typed."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from maintenance.models import Maintenance, MaintenanceText, NamedObject, Scope, Window
from maintenance.states import WindowState
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def test_form_books_what_was_typed() -> None:
    operator = factories.OperatorFactory.create(code="mno-es")
    data = pages.booking_data(
        supplier=str(operator.pk),
        supplier_reference="CHG-9",
        objects="A-1\n\n  A-2  \n",
        scopes=[
            {"component": "data.mobile-core", "domain": "mno", "operator": str(operator.pk)},
            {"component": "", "domain": "", "operator": ""},
            {"component": "netpro.ipsec", "domain": "provider", "operator": "", "DELETE": "on"},
        ],
        windows=[pages.window("2026-12-22", "23:00", "2026-12-23", "03:00", "A-1"), pages.window("2026-12-24", "23:00", "2026-12-25", "03:00")],
        texts={"de": ("Titel", "Wirkung", "Text\r\nmehr"), "en": ("", "", "")},
        accept_english="on",
    )
    response = pages.planner().post(pages.ADD, data)
    booked = Maintenance.objects.get()
    assert response.headers["Location"] == pages.change(booked)
    assert (booked.reference, booked.supplier, booked.supplier_reference, booked.timezone) == ("MNT-1", operator, "CHG-9", ZoneInfo("Europe/Berlin"))
    assert (booked.impact, booked.expected_outage_minutes, booked.accept_english, booked.incident) == ("outage", 30, True, None)
    assert (booked.state, booked.created_by, booked.created_at) == (WindowState.DRAFT, "petra", factories.NOW)
    assert list(Scope.objects.values_list("component__slug", "domain", "operator__code")) == [("data.mobile-core", "mno", "mno-es")]
    assert list(Window.objects.values_list("number", "start", "end")) == [
        (1, datetime(2026, 12, 22, 22, tzinfo=UTC), datetime(2026, 12, 23, 2, tzinfo=UTC)),
        (2, datetime(2026, 12, 24, 22, tzinfo=UTC), datetime(2026, 12, 25, 2, tzinfo=UTC)),
    ]
    assert list(NamedObject.objects.values_list("window__number", "object_id")) == [(None, "A-1"), (None, "A-2"), (1, "A-1")]
    assert list(MaintenanceText.objects.values_list("language", "title", "impact", "description")) == [("de", "Titel", "Wirkung", "Text\nmehr")]


def test_form_of_draft_posts_back_same_draft() -> None:
    maintenance = pages.booked(
        windows=(factories.window(30, objects=("A", "B")), factories.window(31)),
        objects=("A", "B", "C"),
        timezone=ZoneInfo("America/New_York"),
    )
    client = pages.planner()
    form = client.get(pages.change(maintenance)).context["form"]
    before = factories.dump()
    data = {f"{form.facts.prefix or ''}{name}": form.facts[name].value() or "" for name in form.facts.fields}
    data["timezone"] = str(data["timezone"])
    for rows in (form.scopes, form.windows):
        data |= {f"{rows.prefix}-TOTAL_FORMS": str(len(rows.forms)), f"{rows.prefix}-INITIAL_FORMS": "0"}
        for row in rows.forms:
            for name in row.fields:
                value = row[name].value() or ""
                split = row.fields[name].widget.decompress(value) if name in {"start", "end"} else None
                data |= (
                    {f"{row.add_prefix(name)}_{part}": text for part, text in zip(("date", "time"), split, strict=True)}
                    if split
                    else {row.add_prefix(name): value}
                )
    for row in form.texts.values():
        data |= {row.add_prefix(name): row[name].value() or "" for name in row.fields}
    data = {name: value for name, value in data.items() if value is not False and not name.endswith("-DELETE")}
    assert client.post(pages.change(maintenance), data).status_code == 302
    after = factories.dump()
    for label in ("maintenance.Scope", "maintenance.Window", "maintenance.NamedObject", "maintenance.MaintenanceText"):
        strip = [[{key: value for key, value in row.items() if key not in {"id", "window_id"}} for row in rows[label]] for rows in (before, after)]
        assert strip[0] == strip[1]
    assert after["maintenance.Maintenance"] == before["maintenance.Maintenance"]


def refused(data: dict[str, str]) -> Any:  # noqa: ANN401  # the form
    """Post; assert that nothing is stored; return the form with its errors."""
    client = pages.planner()
    with factories.nothing_changes():
        response = client.post(pages.ADD, data)
    assert response.status_code == 200
    assert "Nothing has been saved." in pages.text_of(response)
    return response.context["form"]


def test_window_ending_before_start_is_refused_on_its_end() -> None:
    good, bad = pages.window("2026-12-22", "23:00", "2026-12-23", "03:00"), pages.window("2026-12-22", "23:00", "2026-12-22", "22:00")
    empty = pages.window("", "", "", "")
    form = refused(pages.booking_data(windows=[good, empty, bad], reference="TYPED"))
    assert [dict(row.errors) for row in form.windows.forms] == [{}, {}, {"end": ["must be after the start"]}]
    assert form.windows.forms[2]["end"].value() == ["2026-12-22", "22:00"]
    assert form.facts["reference"].value() == "TYPED"


def test_text_without_title_is_refused_on_that_text() -> None:
    form = refused(pages.booking_data(texts={"de": ("", "Wirkung", "Text"), "en": ("Title", "Impact", "Text")}))
    assert {language: dict(row.errors) for language, row in form.texts.items() if row.errors} == {"de": {"title": ["is missing"]}}
    assert form.texts["de"]["impact"].value() == "Wirkung"


def test_scope_in_impossible_domain_is_refused_on_that_row() -> None:
    rows = [{"component": "", "domain": "", "operator": ""}, {"component": "netpro.ipsec", "domain": "mno", "operator": ""}]
    form = refused(pages.booking_data(scopes=rows))
    assert [dict(row.errors) for row in form.scopes.forms] == [{}, {"domain": ["netpro.ipsec cannot be in the domain mno"]}]


def test_form_without_scope_windows_and_texts_says_so_of_each() -> None:
    form = refused(pages.booking_data(scopes=[], windows=[], texts={}))
    assert form.scopes.non_form_errors() == ["name at least one component"]
    assert form.windows.non_form_errors() == ["name at least one window"]
    assert form.facts.non_field_errors() == ["Texts: write the text in at least one language"]


def test_reference_in_use_is_refused_on_reference() -> None:
    pages.booked("MNT-1")
    form = refused(pages.booking_data())
    assert list(form.facts.errors) == ["reference"]


def test_object_too_long_is_refused_on_objects_of_its_window() -> None:
    long = "x" * 101
    form = refused(pages.booking_data(objects=long, windows=[pages.window("2026-12-22", "23:00", "2026-12-23", "03:00", f"A\n{long}")]))
    expected = {"objects": [f"{long}: is longer than 100 characters"]}
    assert dict(form.facts.errors) == expected
    assert [dict(row.errors) for row in form.windows.forms] == [expected]


@pytest.mark.parametrize(
    ("date", "time", "message"),
    [
        (
            "2027-10-31",
            "02:30",
            "2027-10-31T02:30 exists twice in Europe/Berlin: the clocks go back then; write 2027-10-31T02:30+02:00 or 2027-10-31T02:30+01:00",
        ),
        (
            "2027-03-28",
            "02:30",
            "2027-03-28T02:30 does not exist in Europe/Berlin: the clocks go forward then; write 2027-03-28T01:30+01:00 or 2027-03-28T03:30+02:00",
        ),
        ("2027-03-01", "2 o'clock", '"2027-03-01T2 o\'clock" is not a time such as 2026-12-14T23:00'),
        ("9999-12-31", "23:00", "Write the date as 2026-12-14, with a year from 2000 to 2100."),
    ],
)
def test_time_that_is_none_or_two_is_refused_with_both_readings(date: str, time: str, message: str) -> None:
    form = refused(pages.booking_data(windows=[pages.window(date, time, "2027-12-01", "05:00")]))
    assert [dict(row.errors) for row in form.windows.forms] == [{"start": [message]}]


def test_offset_typed_after_time_chooses_reading() -> None:
    pages.planner().post(pages.ADD, pages.booking_data(windows=[pages.window("2027-10-31", "02:30+01:00", "2027-10-31", "04:00")]))
    assert Window.objects.get().start == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    form = pages.planner(name="paul").get(pages.change(Maintenance.objects.get())).context["form"]
    assert form.windows.forms[0]["start"].value() == "2027-10-31T02:30+01:00"


def test_announced_maintenance_takes_no_form_on_its_page() -> None:
    factories.reader()
    maintenance = pages.announced()
    client = pages.planner()
    assert client.get(pages.change(maintenance)).context["form"] is None
    with factories.nothing_changes():
        assert client.post(pages.change(maintenance), pages.booking_data()).status_code == 405


def test_form_books_alternates_and_when_the_supplier_told_us() -> None:
    windows = [pages.window("2026-12-22", "23:00", "2026-12-23", "03:00"), {**pages.window("2026-12-24", "23:00", "2026-12-25", "03:00"), "alternate": "on"}]
    data = pages.booking_data(windows=windows, supplier_notified_at_date="2026-11-20", supplier_notified_at_time="09:30")
    pages.planner().post(pages.ADD, data)
    assert list(Window.objects.values_list("number", "alternate")) == [(1, False), (2, True)]
    assert Maintenance.objects.get().supplier_notified_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "time", "message"),
    [
        ("2026-11-20", "", "'2026-11-20T' is not a time such as 2026-12-14T23:00"),
        ("2026-03-29", "02:30", "2026-03-29T02:30 does not exist in Europe/Berlin: the clocks go forward then"),
    ],
)
def test_time_of_supplier_that_is_none_is_refused_on_its_field(date: str, time: str, message: str) -> None:
    form = refused(pages.booking_data(supplier_notified_at_date=date, supplier_notified_at_time=time))
    assert [(name, errors[0].partition(";")[0]) for name, errors in form.facts.errors.items()] == [("supplier_notified_at", message)]


def test_form_begins_with_the_slot_that_was_found() -> None:
    query = {"start": "2026-12-22T22:00:00+00:00", "end": "2026-12-23T02:00:00+00:00", "timezone": "Europe/Berlin"}
    form = pages.planner().get(pages.ADD, query).context["form"]
    assert str(form.facts["timezone"].value()) == "Europe/Berlin"
    assert [(row["start"].value(), row["end"].value()) for row in form.windows.forms] == [("2026-12-22T23:00", "2026-12-23T03:00")]


@pytest.mark.parametrize("wrong", [{"start": "x"}, {"start": "0001-01-01T00:00:00+14:00"}, {"timezone": "Mars/Base"}, {"end": "9999-12-31T23:59:59-12:00"}])
def test_form_begins_empty_where_the_address_names_no_slot(wrong: dict[str, str]) -> None:
    query = {"start": "2026-12-22T22:00:00+00:00", "end": "2026-12-23T02:00:00+00:00", "timezone": "Europe/Berlin", **wrong}
    form = pages.planner().get(pages.ADD, query).context["form"]
    assert (str(form.facts["timezone"].value()), [row["start"].value() for row in form.windows.forms]) == ("UTC", [None])


@pytest.mark.parametrize("hostile", ["{{ title }}", "{% load x %}", "%s %(x)s {0}"])
def test_template_syntax_in_texts_comes_out_as_typed(hostile: str) -> None:
    client = pages.planner()
    client.post(pages.ADD, pages.booking_data(texts={"en": (hostile, hostile, hostile)}))
    maintenance = Maintenance.objects.get()
    for url in (pages.change(maintenance), pages.LIST):
        assert hostile in pages.text_of(client.get(url))


def test_markup_in_texts_is_escaped() -> None:
    client = pages.planner()
    client.post(pages.ADD, pages.booking_data(texts={"en": ("<script>alert(1)</script>", "</textarea><b>", '"><i>')}))
    maintenance = Maintenance.objects.get()
    for url in (pages.change(maintenance), pages.LIST, "/admin/"):
        content = client.get(url).content.decode()
        assert [piece for piece in ("<script>alert(1)", "</textarea><b>", '"><i>') if piece in content] == []
    assert "&lt;script&gt;alert(1)" in client.get(pages.LIST).content.decode()
