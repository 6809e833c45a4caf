"""What a person decides about a priority: raised, lowered, taken back, refuted; the computed one and every decision are kept."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from maintenance.incidents import as_p1, assess, close_incident, disprove, open_incident, override_priority, take_back_override
from maintenance.models import Incident, IncidentJudgement
from maintenance.policy import P1
from tests.factories import BY, NOW, nothing_changes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Judged = tuple[str, str, str, datetime | None]


def opened(sims: int) -> Incident:
    """Return an incident of the provider's domain."""
    return open_incident(reference="INC-1", title="Core down", domain="provider", sims=sims, now=NOW)


def state() -> Judged:
    """Return priority, computed priority, reason of an override and since when it is a P1, as stored."""
    return Incident.objects.values_list("priority", "computed_priority", "override_reason", "p1_identified_at").get()


def resized(incident: Incident, sims: int, *, now: datetime) -> Judged:
    """Change the number of SIMs affected; return what is stored then."""
    incident.sims = sims
    assess(incident, now=now)
    return state()


def decisions() -> list[tuple[Any, ...]]:
    """Return every decision that was kept."""
    return list(IncidentJudgement.objects.values_list("verdict", "priority", "computed_priority", "reason", "made_by", "made_at"))


def test_override_raises_to_p1() -> None:
    """It is identified as one from then on, and the computed priority stands beside."""
    incident = opened(300)
    override_priority(incident, priority="P1", reason=" Hospitals \n", by=BY, now=NOW + HOUR)
    stored = Incident.objects.get()
    assert (state(), stored.override_by, stored.override_at) == (("P1", "P2", "Hospitals", NOW + HOUR), BY, NOW + HOUR)
    assert as_p1(stored) == P1("INC-1", "P1", NOW + HOUR, None)
    assert decisions() == [("set", "P1", "P2", "Hospitals", BY, NOW + HOUR)]


def test_override_lowers_and_keeps_that_it_was_a_p1() -> None:
    incident = opened(501)
    override_priority(incident, priority="P3", reason="Workaround holds", by=BY, now=NOW + HOUR)
    assert state() == ("P3", "P1", "Workaround holds", NOW)
    assert as_p1(incident) == P1("INC-1", "P3", NOW, NOW + HOUR)


def test_override_outlasts_other_numbers() -> None:
    """The computed priority follows them; what counts is the person's word until it is taken back."""
    incident = opened(300)
    override_priority(incident, priority="P4", reason="Test SIMs", by=BY, now=NOW + HOUR)
    assert resized(incident, 10, now=NOW + 2 * HOUR) == ("P4", "P4", "Test SIMs", None)
    assert resized(incident, 900, now=NOW + 3 * HOUR) == ("P4", "P1", "Test SIMs", None)
    take_back_override(incident, reason="Real ones too", by="paul", now=NOW + 4 * HOUR)
    assert state() == ("P1", "P1", "", NOW + 4 * HOUR)
    assert (incident.override_by, incident.override_at) == ("", None)
    assert decisions() == [("set", "P4", "P2", "Test SIMs", BY, NOW + HOUR), ("taken_back", "P1", "P1", "Real ones too", "paul", NOW + 4 * HOUR)]


def test_override_may_follow_an_override() -> None:
    incident = opened(10)
    for number, priority in enumerate(("P1", "P2", "P1"), start=1):
        override_priority(incident, priority=priority, reason=f"reason {number}", by=BY, now=NOW + number * HOUR)
    assert state() == ("P1", "P4", "reason 3", NOW + HOUR)


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"reason": ""}, ["Give a reason."]),
        ({"reason": " \n"}, ["Give a reason."]),
        ({"priority": "none"}, ["Set one of P1, P2, P3, P4."]),
        ({"priority": "P0"}, ["Set one of P1, P2, P3, P4."]),
        ({"priority": "P2"}, ["Incident INC-1 is P2 already."]),
    ],
)
def test_override_refused(fields: dict[str, str], messages: list[str]) -> None:
    incident = opened(300)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        override_priority(incident, **{"priority": "P1", "reason": "Hospitals", **fields}, by=BY, now=NOW)
    assert refusal.value.messages == messages


@pytest.mark.parametrize(("reason", "message"), [("", "Give a reason."), ("x", "The priority of incident INC-1 is the computed one.")])
def test_take_back_refused(reason: str, message: str) -> None:
    incident = opened(300)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        take_back_override(incident, reason=reason, by=BY, now=NOW)
    assert refusal.value.messages == [message]


def test_disprove_a_computed_p1() -> None:
    """That it once counted as one is kept; it justifies nothing, and other numbers never make it a P1 again."""
    incident = opened(501)
    disprove(incident, reason="Our probe was broken", by=BY, now=NOW + HOUR)
    stored = Incident.objects.get()
    assert (stored.refuted_at, stored.refuted_by, stored.refuted_reason) == (NOW + HOUR, BY, "Our probe was broken")
    assert (state(), as_p1(stored)) == (("P2", "P1", "", NOW), P1("INC-1", "P2", None, None))
    assert [resized(incident, sims, now=NOW + 2 * HOUR)[:2] for sims in (5000, 251, 26, 25, 501)] == [
        ("P2", "P1"),
        ("P2", "P2"),
        ("P3", "P3"),
        ("P4", "P4"),
        ("P2", "P1"),
    ]
    assert as_p1(incident) == P1("INC-1", "P2", None, None)
    assert decisions() == [("refuted", "P2", "P1", "Our probe was broken", BY, NOW + HOUR)]


def test_disprove_takes_a_raised_p1_back() -> None:
    """A person's P1 was the mistake: the computed priority counts again."""
    incident = opened(30)
    override_priority(incident, priority="P1", reason="Hospitals", by=BY, now=NOW)
    disprove(incident, reason="No hospital", by=BY, now=NOW + HOUR)
    assert (state(), as_p1(incident)) == (("P3", "P3", "", NOW), P1("INC-1", "P3", None, None))


def test_disprove_keeps_a_lower_priority_that_was_set() -> None:
    incident = opened(501)
    override_priority(incident, priority="P4", reason="Test SIMs", by=BY, now=NOW)
    disprove(incident, reason="Never real", by=BY, now=NOW + HOUR)
    assert state() == ("P4", "P1", "Test SIMs", NOW)


def test_disproved_is_a_p1_again_by_a_person_only() -> None:
    """Then it justifies again; and who changes their mind once more refutes it again, which stops what rests on it."""
    incident = opened(501)
    disprove(incident, reason="Probe broken", by=BY, now=NOW + HOUR)
    override_priority(incident, priority="P1", reason="Probe was right", by=BY, now=NOW + 2 * HOUR)
    assert (state(), incident.refuted_at, incident.refuted_reason) == (("P1", "P1", "Probe was right", NOW), None, "")
    assert as_p1(incident) == P1("INC-1", "P1", NOW, None)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        take_back_override(incident, reason="Hm", by=BY, now=NOW + 3 * HOUR)
    assert refusal.value.messages == [
        "Incident INC-1 was found before never to have been a P1; say so again instead, which also stops its emergencies.",
    ]
    disprove(incident, reason="Broken after all", by=BY, now=NOW + 4 * HOUR)
    assert (state(), as_p1(incident)) == (("P2", "P1", "", NOW), P1("INC-1", "P2", None, None))
    assert [row[:2] for row in decisions()] == [("refuted", "P2"), ("set", "P1"), ("refuted", "P2")]


def test_disproved_can_be_set_lower() -> None:
    """That does not bring it back."""
    incident = opened(501)
    disprove(incident, reason="Probe broken", by=BY, now=NOW)
    override_priority(incident, priority="P4", reason="Nothing at all", by=BY, now=NOW + HOUR)
    take_back_override(incident, reason="Something", by=BY, now=NOW + 2 * HOUR)
    assert (state(), as_p1(incident)) == (("P2", "P1", "", NOW), P1("INC-1", "P2", None, None))


@pytest.mark.parametrize(
    ("sims", "times", "reason", "message"),
    [
        (500, 0, "x", "Incident INC-1 is P2 and never counted as a P1."),
        (501, 1, "x", "Incident INC-1 was found never to have been a P1 already."),
        (501, 0, " ", "Give a reason."),
    ],
)
def test_disprove_refused(sims: int, times: int, reason: str, message: str) -> None:
    incident = opened(sims)
    for _ in range(times):
        disprove(incident, reason="Probe broken", by=BY, now=NOW)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        disprove(incident, reason=reason, by=BY, now=NOW + HOUR)
    assert refusal.value.messages == [message]


def test_disprove_a_closed_incident() -> None:
    incident = opened(501)
    close_incident(incident, now=NOW + HOUR)
    disprove(incident, reason="Probe broken", by=BY, now=NOW + 2 * HOUR)
    assert as_p1(incident) == P1("INC-1", "P2", None, None)


def test_two_people_at_once() -> None:
    """The second decides about what the first has left, not about what the page showed."""
    incident = opened(501)
    disproving, overriding, closing = (Incident.objects.get() for _ in range(3))
    disprove(incident, reason="Probe broken", by=BY, now=NOW + HOUR)
    close_incident(incident, now=NOW + HOUR)
    refusals: list[str] = []
    verbs = [
        partial(disprove, disproving, reason="Broken", by="paul", now=NOW + 2 * HOUR),
        partial(override_priority, overriding, priority="P2", reason="Hm", by="paul", now=NOW + 2 * HOUR),
        partial(close_incident, closing, now=NOW + 2 * HOUR),
    ]
    for verb in verbs:
        with nothing_changes(), pytest.raises(ValidationError) as refusal:
            verb()
        refusals += refusal.value.messages
    assert refusals == [
        "Incident INC-1 was found never to have been a P1 already.",
        "Incident INC-1 is P2 already.",
        "Incident INC-1 is closed already.",
    ]
