"""The sentences of a mail."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from customers.catalogue import COMPONENTS
from maintenance.states import Impact
from notifier.delivery import wording
from notifier.delivery.effects import EFFECTS, effects
from notifier.durations import duration


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (45, "45 minutes"),
        (60, "1 hour"),
        (90, "90 minutes"),
        (91, "1 hour and 31 minutes"),
        (120, "2 hours"),
        (200, "3 hours and 20 minutes"),
        (5040, "84 hours"),
    ],
)
def test_duration(minutes: int, words: str) -> None:
    """Long times are read in hours."""
    assert duration(minutes) == words


def test_severity_names_the_minutes_where_something_is_affected() -> None:
    """Minutes of no impact would be nonsense."""
    assert [
        wording.severity(Impact.OUTAGE, 45, 1),
        wording.severity(Impact.DEGRADED, 200, 3),
        wording.severity(Impact.NO_IMPACT, 45, 1),
        wording.severity(Impact.REDUCED_REDUNDANCY, 0, 1),
    ] == [
        "Outage, for up to 45 minutes within the window",
        "Degraded, for up to 3 hours and 20 minutes within each window",
        "No impact",
        "Reduced redundancy",
    ]


@pytest.mark.parametrize(
    ("zone", "start", "end", "sentence"),
    [
        (
            "Europe/Berlin",
            datetime(2026, 10, 24, 22, tzinfo=UTC),
            datetime(2026, 10, 25, 3, tzinfo=UTC),
            "The clocks change within this window: it starts in UTC+02:00 and ends in UTC+01:00. It lasts 5 hours.",
        ),
        (
            "Australia/Lord_Howe",
            datetime(2026, 10, 3, 13, tzinfo=UTC),
            datetime(2026, 10, 3, 17, 30, tzinfo=UTC),
            "The clocks change within this window: it starts in UTC+10:30 and ends in UTC+11:00. It lasts 4 hours and 30 minutes.",
        ),
        ("Asia/Kolkata", datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC), ""),
    ],
)
def test_clock_change(zone: str, start: datetime, end: datetime, sentence: str) -> None:
    """An hour, half an hour, none."""
    assert wording.clock_change(start, end, ZoneInfo(zone)) == sentence


def test_foreign_text_only_where_it_is_foreign() -> None:
    """A reader of the text's own language needs no remark."""
    assert wording.foreign_text("announced", "en", "en") == ""
    assert wording.foreign_text("announced", "es", "en") == "Our description of this work is not available in your language. It is given below in Spanish."
    assert wording.foreign_text("root_cause", "es", "en") == "This report is not available in your language. It is given below in Spanish."


def test_others_are_counted() -> None:
    """None are not mentioned."""
    assert [wording.others(number) for number in (0, 1, 2)] == [
        "",
        "1 other window of this maintenance is still to come, as announced.",
        "2 other windows of this maintenance are still to come, as announced.",
    ]


def test_effects_cover_the_whole_catalogue() -> None:
    """Each group of the catalogue has a sentence of its own for each impact."""
    assert set(EFFECTS) == {slug.partition(".")[0] for slug in COMPONENTS}
    sentences = [str(sentence) for impacts in EFFECTS.values() for sentence in impacts.values()]
    assert len(set(sentences)) == len(EFFECTS) * len(Impact)


def test_effects_worst_first_and_once() -> None:
    """Two services of one group are one sentence."""
    found = effects([("sms", Impact.DEGRADED), ("data", Impact.DEGRADED), ("netpro", Impact.OUTAGE), ("sms", Impact.DEGRADED)])
    assert found == [str(EFFECTS["netpro"][Impact.OUTAGE]), str(EFFECTS["data"][Impact.DEGRADED]), str(EFFECTS["sms"][Impact.DEGRADED])]
