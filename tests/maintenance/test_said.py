"""A snapshot survives being stored, and finds the words for each reader."""

import json
from datetime import UTC, datetime

import pytest

from maintenance.said import Interval, Said, SaidText, SaidWindow
from maintenance.states import Impact, WindowState

START, END = datetime(2026, 12, 14, 22, 0, tzinfo=UTC), datetime(2026, 12, 15, 2, 0, tzinfo=UTC)


def said(*languages: str) -> Said:
    """Return a snapshot in which every field says something, with words in those languages."""
    return Said(
        reference="MNT-1",
        impact=Impact.REDUCED_REDUNDANCY,
        expected_outage_minutes=5,
        windows=(
            SaidWindow(1, START, END, WindowState.IN_PROGRESS, 3, narrowed=True, previous=Interval(END, START)),
            SaidWindow(2, END, START, WindowState.CANCELLED, 0),
        ),
        texts={language: SaidText(f"title {language}", "{{ x }} %s {0}", "d\n\u2028é") for language in languages},
        supplier="mno-x",
        supplier_reference="S 1",
        incident="INC-1",
        incident_title="Core down",
        reason="why",
    )


def test_said_survives_json() -> None:
    """All of it, by value and by type."""
    snapshot = said("en", "zh-hans")
    read = Said.from_json(json.loads(json.dumps(snapshot.to_json())))
    assert (read, read.windows[0].state is WindowState.IN_PROGRESS, read.impact is Impact.REDUCED_REDUNDANCY) == (snapshot, True, True)


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
