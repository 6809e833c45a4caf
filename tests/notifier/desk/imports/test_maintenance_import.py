"""Pieces of work from a file into drafts and announcements."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Operator
from maintenance import booking
from maintenance.models import Acknowledgement, Maintenance, Notice, Scope, Window
from maintenance.said import SaidText
from maintenance.stored_draft import as_draft
from notifier.desk.imports.existing_draft import by_reference
from notifier.desk.imports.faults import Refused
from notifier.desk.imports.maintenance_import import Author, Report, import_maintenance
from tests.factories import BY, NOW, nothing_changes, reader
from tests.notifier.desk.imports.works import from_carriers, mended, work, written

SOON = [{"start": "2026-11-27T23:00", "end": "2026-11-28T02:00"}]
"""Five days after NOW."""


def bring_in(folder: Path, *works: object, announce: bool = False, dry_run: bool = False) -> Report:
    """Import a file of these pieces."""
    return import_maintenance(
        path=written(folder, *works),
        announce=announce,
        dry_run=dry_run,
        author=Author(BY, lambda: NOW),
        progress=lambda _text: None,
    )


def faults_of(folder: Path, *works: object) -> list[str]:
    """Import a file that must be refused and change nothing; return its faults without the folder."""
    with nothing_changes(), pytest.raises(Refused) as refused:
        bring_in(folder, *works)
    return [str(fault).removeprefix(f"{folder}/") for fault in refused.value.faults]


def states() -> dict[str, str]:
    """Return reference and state of every maintenance."""
    return dict(Maintenance.objects.order_by("reference").values_list("reference", "state"))


@pytest.mark.django_db
def test_import_maintenance_new_piece_is_booked_as_written(tmp_path: Path) -> None:
    """Wall times by the zone's clocks; text that looks like a template as typed."""
    report = bring_in(
        tmp_path,
        work(
            scope=[
                {"component": "netpro.ipsec", "domain": "provider", "operator": ""},
                {"component": "data.mobile-core", "domain": "mno", "operator": "mno-new-1"},
                {"component": "data.mobile-core", "domain": "mno"},
            ],
            supplier="Lumen",
            supplier_reference="CHG-1",
            objects=["O-2", "O-1"],
            windows=[
                {"start": "2027-01-14T23:00", "end": "2027-01-15T02:00"},
                {"start": "2027-07-14T23:00", "end": "2027-07-15T02:00", "objects": ["O-1"], "alternate": True},
            ],
            texts={"en": {"title": "{{ T }} %s", "impact": "{% I %}", "description": "{0}\r\n\r\n* x"}},
            accept_english=True,
        ),
    )
    assert report == Report(booked=["MNT-1"])
    draft = as_draft(by_reference(["MNT-1"])["MNT-1"])
    assert [(scope.component.slug, scope.domain, scope.operator and scope.operator.code) for scope in draft.scopes] == [
        ("netpro.ipsec", "provider", None),
        ("data.mobile-core", "mno", "mno-new-1"),
        ("data.mobile-core", "mno", None),
    ]
    assert [(window.start, window.end, window.objects, window.alternate) for window in draft.windows] == [
        (datetime(2027, 1, 14, 22, tzinfo=UTC), datetime(2027, 1, 15, 1, tzinfo=UTC), (), False),
        (datetime(2027, 7, 14, 21, tzinfo=UTC), datetime(2027, 7, 15, 0, tzinfo=UTC), ("O-1",), True),
    ]
    assert draft.texts == {"en": SaidText("{{ T }} %s", "{% I %}", "{0}\n\n* x")}
    assert (str(draft.supplier), draft.supplier_reference, draft.objects, str(draft.timezone)) == ("Lumen", "CHG-1", ("O-2", "O-1"), "Europe/Madrid")
    assert (draft.impact, draft.expected_outage_minutes, draft.incident, draft.accept_english) == ("outage", 30, None, True)
    assert list(Operator.objects.values_list("code", flat=True)) == ["Lumen", "mno-new-1"]
    assert (states(), Maintenance.objects.get().created_by) == ({"MNT-1": "draft"}, BY)


@pytest.mark.django_db
def test_import_maintenance_again_changes_nothing(tmp_path: Path) -> None:
    """The order of scopes and objects says nothing."""
    scopes = [{"component": "netpro.ipsec", "domain": "provider"}, {"component": "netpro.openvpn", "domain": "provider"}]
    bring_in(tmp_path, work("A", objects=["O-1", "O-2"], scope=scopes), work("B"))
    with nothing_changes():
        report = bring_in(tmp_path, work("A", objects=["O-2", "O-1"], scope=scopes[::-1]), work("B"))
    assert report == Report(unchanged=["A", "B"])


@pytest.mark.django_db
def test_import_maintenance_draft_that_differs_is_rewritten(tmp_path: Path) -> None:
    """Its rows are replaced, not added to."""
    bring_in(tmp_path, work("A"), work("B"))
    report = bring_in(tmp_path, work("A", impact="degraded", windows=SOON), work("B"))
    assert report == Report(rewritten=["A"], unchanged=["B"])
    assert (Maintenance.objects.get(reference="A").impact, Window.objects.get(maintenance__reference="A").start) == (
        "degraded",
        datetime(2026, 11, 27, 22, tzinfo=UTC),
    )
    assert Scope.objects.count() == 2


@pytest.mark.django_db
def test_import_maintenance_window_that_becomes_an_alternate_is_a_difference(tmp_path: Path) -> None:
    """And so is one that is none any more; left out, it is none."""
    first, second = {"start": "2027-01-14T23:00", "end": "2027-01-15T02:00"}, {"start": "2027-01-15T23:00", "end": "2027-01-16T02:00"}
    bring_in(tmp_path, work(windows=[first, second]))
    spare = work(windows=[first, second | {"alternate": True}])
    assert (bring_in(tmp_path, spare), bring_in(tmp_path, spare)) == (Report(rewritten=["MNT-1"]), Report(unchanged=["MNT-1"]))
    assert list(Window.objects.order_by("number").values_list("alternate", flat=True)) == [False, True]
    assert bring_in(tmp_path, work(windows=[first | {"alternate": False}, second])) == Report(rewritten=["MNT-1"])
    assert list(Window.objects.order_by("number").values_list("alternate", flat=True)) == [False, False]


@pytest.mark.django_db
def test_import_maintenance_announced_piece_that_differs_is_refused_and_kept(tmp_path: Path) -> None:
    """What customers were told changes by a verb only."""
    reader()
    bring_in(tmp_path, work("A"), work("B"), announce=True)
    with nothing_changes():
        report = bring_in(tmp_path, work("A", impact="degraded", windows=SOON), work("B"), announce=True)
    assert report == Report(
        unchanged=["B"],
        refused=[("A", "is announced and differs in: windows, impact; it was not changed, use manage.py maintenance move or cancel")],
    )


@pytest.mark.django_db
def test_import_maintenance_announce_tells_new_pieces_and_drafts(tmp_path: Path) -> None:
    """A run that was interrupted is finished by the next; work that meets other work is announced, and the planner hears of it."""
    reader(account="IT")
    bring_in(tmp_path, work("A"))
    report = bring_in(tmp_path, work("A"), work("B"), announce=True)
    meets = "Window B.1 meets A.1, 2027-01-14 23:00 +0100 Europe/Madrid to 2027-01-15 02:00 +0100 Europe/Madrid; both hit 1 customer: IT."
    assert report == Report(booked=["B"], unchanged=["A"], announced=["A", "B"], warned=[("B", meets)])
    assert Acknowledgement.objects.values_list("maintenance__reference", "reason", "recorded_by").get() == ("B", "announced from a file", BY)
    assert list(Notice.objects.order_by("pk").values_list("maintenance__reference", "issued_by", "issued_at")) == [("A", BY, NOW), ("B", BY, NOW)]


@pytest.mark.django_db
def test_import_maintenance_refused_piece_stays_a_draft_and_the_others_are_announced(tmp_path: Path) -> None:
    """With the policy's own words by reference."""
    reader()
    other = [{"start": "2027-01-20T23:00", "end": "2027-01-21T02:00"}]
    report = bring_in(tmp_path, work("A"), work("B", windows=SOON), work("C", windows=other), announce=True)
    with pytest.raises(ValidationError) as said:
        booking.announce(Maintenance.objects.get(reference="B"), by=BY, now=NOW)
    assert report == Report(booked=["A", "B", "C"], announced=["A", "C"], refused=[("B", message) for message in said.value.messages])
    assert report.refused_references == ["B"]
    assert states() == {"A": "announced", "B": "draft", "C": "announced"}


@pytest.mark.django_db
def test_import_maintenance_dry_run_reports_the_same_and_changes_nothing(tmp_path: Path) -> None:
    """The same report comes from the real run."""
    reader()
    bring_in(tmp_path, work("OLD"))
    works = (work("OLD", impact="degraded"), work("A"), work("B", windows=SOON, supplier="new"))
    with nothing_changes():
        dry = bring_in(tmp_path, *works, announce=True, dry_run=True)
    assert (dry.rewritten, dry.booked, dry.announced, dry.refused_references) == (["OLD"], ["A", "B"], ["OLD", "A"], ["B"])
    assert bring_in(tmp_path, *works, announce=True) == dry


@pytest.mark.django_db
def test_import_maintenance_faults_of_all_pieces_are_listed_and_nothing_is_booked(tmp_path: Path) -> None:
    """Operators are not left behind either."""
    same = [{"component": "netpro.ipsec", "domain": "provider"}] * 2
    assert faults_of(tmp_path, work("A"), work("B", impact="x", windows=[]), work("A"), "C", work("D", scope=same, supplier="new")) == [
        "works.json:3: windows: is an empty list",
        "works.json:3: impact: 'x' is unknown; write one of: no_impact, reduced_redundancy, degraded, outage",
        "works.json:4: reference: 'A' stands on line 2 already",
        "works.json:5: maintenance: must be an object, not 'C'",
        "works.json:6: scope[1]: is named twice",
    ]


@pytest.mark.django_db
def test_import_maintenance_pieces_on_one_line_are_told_apart_by_position(tmp_path: Path) -> None:
    """Many programs write JSON on one line."""
    path = tmp_path / "works.json"
    path.write_text('[{"reference": "A"}, {"reference": "A", "x": 1}]')
    with pytest.raises(Refused) as refused:
        import_maintenance(path=path, announce=False, dry_run=False, author=Author(BY, lambda: NOW), progress=lambda _text: None)
    columns = [(fault.line, fault.column) for fault in refused.value.faults]
    missing = ["timezone", "scope", "windows", "impact", "expected_outage_minutes", "texts"]
    assert columns == [(1, f"[0].{name}") for name in missing] + [(1, "[1].x")] + [(1, f"[1].{name}") for name in missing] + [(1, "[1].reference")]


@pytest.mark.django_db
def test_import_maintenance_empty_list_does_nothing(tmp_path: Path) -> None:
    """Zero pieces are no fault."""
    with nothing_changes():
        assert bring_in(tmp_path, announce=True) == Report()


@pytest.mark.django_db
def test_import_maintenance_comparing_needs_as_many_queries_for_three_pieces_as_for_one(tmp_path: Path) -> None:
    """What exists is loaded at once."""
    numbers = []
    for references in ("A", "ABC"):
        bring_in(tmp_path, *map(work, references))
        with CaptureQueriesContext(connection) as queries:
            bring_in(tmp_path, *map(work, references))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def _windows(works: Sequence[dict[str, list[object]]]) -> int:
    return sum(len(one["windows"]) for one in works)


@pytest.mark.django_db
def test_import_maintenance_all_carriers_work_is_announced_from_25_days_ahead(tmp_path: Path) -> None:
    """Real durations, impacts and summaries; the second run finds nothing to do."""
    reader(service="netpro.openvpn")
    works = mended(from_carriers("2026-12-17"))
    references = [one["reference"] for one in works]
    assert (len(works), _windows(works)) == (50, 86)
    report = bring_in(tmp_path, *works, announce=True)
    assert report == Report(booked=references, announced=references, warned=report.warned)
    assert {reference for reference, _what in report.warned} == {"MNT-2026-0014"}  # two of its own windows overlap
    assert Window.objects.filter(state="announced").count() == 86
    with nothing_changes():
        assert bring_in(tmp_path, *works, announce=True) == Report(unchanged=references)


@pytest.mark.django_db
def test_import_maintenance_carriers_window_of_no_length_stops_that_piece_alone(tmp_path: Path) -> None:
    """One carrier's notice lasts zero minutes: it is listed by reference, line and field, and the other forty-nine are announced."""
    works = from_carriers("2026-12-17")
    (position,) = (number for number, one in enumerate(works) if one["windows"][0]["start"] == one["windows"][0]["end"])
    moment, reference = works[position]["windows"][0]["end"], works[position]["reference"]
    others = [one["reference"] for one in works if one["reference"] != reference]
    file = tmp_path / "works.json"
    assert bring_in(tmp_path, *works, announce=True) == Report(
        booked=others,
        announced=others,
        refused=[(reference, f"{file}:{position + 2}: windows[0].end: '{moment}' is not after the start, '{moment}'")],
    )


@pytest.mark.django_db
def test_import_maintenance_wall_time_that_clocks_skip_or_repeat_stops_that_piece_alone(tmp_path: Path) -> None:
    """Both readings are offered; any other fault still stops the whole file, and these are listed with it."""
    gap = work("GAP", timezone="Europe/Berlin", windows=[{"start": "2027-03-28T02:30", "end": "2027-03-28T04:00"}])
    fold = work("FOLD", timezone="Europe/Berlin", windows=[{"start": "2027-10-31T02:30", "end": "2027-10-31T04:00"}])
    report = bring_in(tmp_path, gap, work("GOOD"), fold, announce=False)
    assert (report.booked, report.refused_references) == (["GOOD"], ["GAP", "FOLD"])
    assert "2027-03-28T01:30+01:00 or 2027-03-28T03:30+02:00" in report.refused[0][1]
    assert "2027-10-31T02:30+02:00 or 2027-10-31T02:30+01:00" in report.refused[1][1]
    faults = faults_of(tmp_path, gap, work("WORSE", impact="x"))
    assert [fault.partition(": ")[2].partition(":")[0] for fault in faults] == ["windows[0].start", "impact"]
