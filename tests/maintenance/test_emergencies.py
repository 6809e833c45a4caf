"""Found never to have been a P1: what rests on it stops with the finding, or neither happens."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from maintenance import booking
from maintenance.emergencies import refute, resting_on, stopped
from maintenance.incidents import disprove, open_incident
from maintenance.models import Incident, Maintenance, Notice, NoticeCustomer, Window
from tests.factories import BY, NOW, draft, nothing_changes, reader, window

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def opened(reference: str = "INC-1") -> Incident:
    """Return a P1."""
    return open_incident(reference=reference, title="Core down", domain="provider", sims=501, now=NOW)


def announced(incident: Incident | None, *days: float, reference: str = "MNT-1") -> Maintenance:
    """Return work announced for windows that many days ahead."""
    maintenance = booking.book(draft(reference, windows=tuple(window(day) for day in days), incident=incident), by=BY, now=NOW)
    booking.announce(maintenance, by=BY, now=NOW)
    return maintenance


def states() -> dict[str, str]:
    """Return the state of every window."""
    return {str(window): window.state for window in Window.objects.select_related("maintenance").order_by("maintenance__reference", "number")}


def test_refute_stops_what_has_not_begun() -> None:
    """Running work goes on; planned work, work of other incidents and drafts stay."""
    reader()
    first, other = opened(), opened("INC-2")
    running = announced(first, 1, 2)
    announced(first, 3, reference="MNT-2")
    announced(other, 4, reference="MNT-3")
    announced(None, 30, reference="MNT-4")
    booking.book(draft("MNT-5", windows=(window(5),), incident=first), by=BY, now=NOW)
    Window.objects.filter(maintenance=running, number=1).update(state="in_progress")
    assert [str(found) for found in resting_on(first)] == ["MNT-1.2", "MNT-2.1"]
    issued = refute(first, reason="Our probe was broken", by=BY, now=LATER)
    assert states() == {
        "MNT-1.1": "in_progress",
        "MNT-1.2": "postponed",
        "MNT-2.1": "postponed",
        "MNT-3.1": "announced",
        "MNT-4.1": "announced",
        "MNT-5.1": "draft",
    }
    assert (sorted(str(notice) for notice in issued), stopped(issued)) == (["MNT-1 r2", "MNT-2 r2"], ["MNT-1.2", "MNT-2.1"])
    assert {notice.said.reason for notice in issued} == {"Our probe was broken"}
    assert (list(resting_on(first)), Incident.objects.get(reference="INC-1").refuted_at) == ([], LATER)
    assert list(NoticeCustomer.objects.filter(notice__in=issued, notice__maintenance__reference="MNT-2").values_list("kind", flat=True)) == ["postponed"]


def test_refute_what_nothing_rests_on() -> None:
    incident = opened()
    assert (refute(incident, reason="Probe broken", by=BY, now=LATER), incident.refuted_at) == ([], LATER)


def test_refuted_incident_justifies_no_new_emergency() -> None:
    reader()
    incident = opened()
    refute(incident, reason="Probe broken", by=BY, now=NOW)
    with pytest.raises(ValidationError) as refusal:
        announced(incident, 1)
    assert [message for message in refusal.value.messages if "INC-1" in message] == ["Incident INC-1 is P2; only a P1 allows emergency maintenance."]


def test_refute_twice_stops_nothing() -> None:
    reader()
    incident = opened()
    disprove(incident, reason="Probe broken", by=BY, now=NOW)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        refute(incident, reason="Probe broken", by=BY, now=LATER)
    assert refusal.value.messages == ["Incident INC-1 was found never to have been a P1 already."]


def test_refute_is_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stopping fails, the finding is not kept either."""

    def fail(*_args: Any, **_options: Any) -> list[Notice]:  # noqa: ANN401  # any arguments
        raise ValidationError("x")

    incident = opened()
    monkeypatch.setattr(booking, "stop_emergencies", fail)
    with nothing_changes(), pytest.raises(ValidationError):
        refute(incident, reason="Probe broken", by=BY, now=LATER)


def test_refute_asks_booking_with_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Incident, str, str, datetime]] = []

    def stop(incident: Incident, *, reason: str, by: str, now: datetime) -> list[Notice]:
        asked.append((incident, reason, by, now))
        return []

    incident = opened()
    monkeypatch.setattr(booking, "stop_emergencies", stop)
    refute(incident, reason=" Probe broken ", by=BY, now=LATER)
    assert asked == [(incident, "Probe broken", BY, LATER)]
