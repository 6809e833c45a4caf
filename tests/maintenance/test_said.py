"""A snapshot survives being stored, and finds the words for each reader."""

import json
from datetime import UTC, datetime

import pytest

from maintenance.said import Interval, Said, SaidEnding, SaidText, SaidWindow
from maintenance.states import FollowUp, Impact, Outcome, ServiceNow, WindowState

START, END = datetime(2026, 12, 14, 22, 0, tzinfo=UTC), datetime(2026, 12, 15, 2, 0, tzinfo=UTC)


def said(*languages: str) -> Said:
    """Return a snapshot in which every field says something, with words in those languages."""
    return Said(
        reference="MNT-1",
        impact=Impact.REDUCED_REDUNDANCY,
        expected_outage_minutes=5,
        windows=(
            SaidWindow(1, START, END, WindowState.IN_PROGRESS, 3, narrowed=True, previous=Interval(END, START)),
            SaidWindow(2, END, START, WindowState.CANCELLED, 0, late=True, alternate=True, overran_from=START),
        ),
        texts={language: SaidText(f"title {language}", "{{ x }} %s {0}", "d\n\u2028é") for language in languages},
        supplier="mno-x",
        supplier_reference="S 1",
        incident="INC-1",
        incident_title="Core down",
        reason="why",
        learned_at=START,
        supplier_notified_at=END,
        ending=SaidEnding(Outcome.PARTIAL, ServiceNow.DEGRADED, FollowUp.NEW_DATE, "note {{ x }}"),
        previous_impact=Impact.DEGRADED,
        previous_minutes=3,
    )


def test_said_survives_json() -> None:
    """All of it, by value and by type."""
    snapshot = said("en", "zh-hans")
    read = Said.from_json(json.loads(json.dumps(snapshot.to_json())))
    assert read == snapshot
    assert (read.windows[0].state is WindowState.IN_PROGRESS, read.impact is Impact.REDUCED_REDUNDANCY) == (True, True)
    assert (read.previous_impact is Impact.DEGRADED, read.ending and read.ending.outcome is Outcome.PARTIAL) == (True, True)


def test_said_of_before_has_none_of_the_new_facts() -> None:
    """Snapshots that an earlier version stored are read as before."""
    snapshot = said("en")
    old = {
        name: value
        for name, value in snapshot.to_json().items()
        if name not in {"learned_at", "supplier_notified_at", "ending", "previous_impact", "previous_minutes"}
    }
    read = Said.from_json(old)
    assert (read.learned_at, read.supplier_notified_at, read.ending, read.previous_impact, read.previous_minutes) == (None,) * 5


def test_window_by_number() -> None:
    """Or none."""
    snapshot = said()
    assert (snapshot.window(2), snapshot.window(3)) == (snapshot.windows[1], None)


@pytest.mark.parametrize(
    ("languages", "reader", "expected"),
    [
        (("fr", "en", "de"), "de", ("title de", "de")),
        (("fr", "en", "de"), "it", ("title en", "en")),
        (("fr", "de"), "it", ("title fr", "fr")),
        ((), "it", ("MNT-1", "it")),
    ],
)
def test_text_for_a_reader(languages: tuple[str, ...], reader: str, expected: tuple[str, str]) -> None:
    """The reader's own language, else English, else any; without words the reference; and which language it is."""
    text, language = said(*languages).text(reader)
    assert (text.title, language) == expected


def test_impact_severity() -> None:
    """From best to worst."""
    assert sorted(Impact, key=lambda impact: impact.severity) == [Impact.NO_IMPACT, Impact.REDUCED_REDUNDANCY, Impact.DEGRADED, Impact.OUTAGE]
