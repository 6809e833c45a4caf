"""The sentences of a mail."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from customers.catalogue import COMPONENTS
from maintenance.states import Impact, Kind
from notifier.delivery import wording
from notifier.delivery.effects import EFFECTS, effects
from notifier.durations import duration
from tests.notifier.delivery.letters import said


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


def test_lead_of_an_emergency_names_the_incident() -> None:
    """And why it comes without the usual notice."""
    told = said(incident="INC-7", incident_title="100 %s {x}", supplier="carrier-one", supplier_reference="CHG 42")
    assert wording.lead(Kind.EMERGENCY, told) == [
        "This is emergency maintenance. It takes place without the usual notice of 10 days, because of the P1 incident INC-7 (100 %s {x}).",
        "This is work of our supplier carrier-one, whose reference for it is CHG 42.",
    ]


def test_lead_of_a_cancellation_gives_the_reason() -> None:
    """Where the planner gave one; and a supplier without a reference has none."""
    told = said(reason="No %(part)s.", supplier="carrier-one")
    opening = "The maintenance that we told you about will not take place, and your services are not affected. There is nothing for you to do."
    assert wording.lead(Kind.CANCELLED, told) == [opening, "Reason: No %(part)s.", "This is work of our supplier carrier-one."]
    assert wording.lead(Kind.CANCELLED, replace(told, reason="", supplier="")) == [opening]


def test_foreign_text_only_where_it_is_foreign() -> None:
    """A reader of the text's own language needs no remark."""
    assert wording.foreign_text("en", "en") == ""
    assert wording.foreign_text("es", "en") == "Our description of this work is not available in your language. It is given below in Spanish."


def test_effects_cover_the_whole_catalogue() -> None:
    """Each group of the catalogue has a sentence of its own for each impact."""
    assert set(EFFECTS) == {slug.partition(".")[0] for slug in COMPONENTS}
    sentences = [str(sentence) for impacts in EFFECTS.values() for sentence in impacts.values()]
    assert len(set(sentences)) == len(EFFECTS) * len(Impact)


def test_effects_worst_first_and_once() -> None:
    """Two services of one group are one sentence."""
    found = effects([("sms", Impact.DEGRADED), ("data", Impact.DEGRADED), ("netpro", Impact.OUTAGE), ("sms", Impact.DEGRADED)])
    assert found == [str(EFFECTS["netpro"][Impact.OUTAGE]), str(EFFECTS["data"][Impact.DEGRADED]), str(EFFECTS["sms"][Impact.DEGRADED])]
