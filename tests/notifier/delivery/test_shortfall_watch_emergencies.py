"""Emergencies whose P1 does not allow them any more are found as what they are: short of notice."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from maintenance import booking
from maintenance.draft import ScopeDraft
from maintenance.incidents import assess, close_incident, override_priority
from maintenance.models import Incident, Shortfall
from maintenance.stored_draft import as_draft
from notifier.delivery import shortfall_watch
from notifier.delivery.shortfall_watch import keep_shortfalls
from tests.factories import BY, NOW, component, reader, window
from tests.maintenance.telling import DAY, HOUR, p1, serve
from tests.notifier.delivery.short import work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process that has just looked at everything: what it finds it finds by what has changed."""
    monkeypatch.setattr(shortfall_watch, "_seen", {"at": time.monotonic()})


def rows() -> list[tuple[str, int, str, bool]]:
    """Return account, window, cause and whether it is open, of every shortfall."""
    found = Shortfall.objects.order_by("pk").values_list("customer__account", "window__number", "cause", "cleared_at")
    return [(account, number, cause, cleared_at is None) for account, number, cause, cleared_at in found]


def lowered(incident: Incident, *, now: datetime) -> None:
    """Let it be a P4 by its numbers; it stays open."""
    incident.sims = 5
    assess(incident, now=now)


def overridden(incident: Incident, *, now: datetime) -> None:
    """Lower it by hand; it stays open."""
    override_priority(incident, priority="P2", reason="Workaround", by=BY, now=now)


@pytest.mark.parametrize("end", [close_incident, lowered, overridden])
def test_keep_shortfalls_of_an_emergency_that_its_p1_allows_no_more(end: Callable[..., None]) -> None:
    """It was closed or lowered, and the lasting repair comes later than it justifies."""
    incident = p1()
    reader(account="A")
    serve(work(windows=(window(7), window(9)), incident=incident))
    keep_shortfalls(now=NOW)
    assert rows() == []
    end(incident, now=NOW + HOUR)
    keep_shortfalls(now=NOW + 2 * HOUR)
    assert rows() == [("A", 2, "too_late", True)]


def test_keep_shortfalls_of_an_emergency_whose_incident_is_a_p1_again() -> None:
    incident = p1()
    reader(account="A")
    serve(work(windows=(window(9),), incident=incident))
    lowered(incident, now=NOW + HOUR)
    keep_shortfalls(now=NOW + 2 * HOUR)
    incident.sims = 501
    assess(incident, now=NOW + 3 * HOUR)
    keep_shortfalls(now=NOW + 4 * HOUR)
    assert rows() == [("A", 1, "too_late", False)]


def test_keep_shortfalls_of_a_planned_window_told_to_some_as_an_emergency_of_what_was_lowered() -> None:
    """The basis of the window does not show it, the kind of their notice does."""
    reader(account="OLD")
    incident = p1()
    maintenance = work(incident=incident)
    serve(maintenance)
    reader(account="NEW", service="netpro.openvpn")
    now = NOW + 22 * DAY
    scopes = (*as_draft(maintenance).scopes, ScopeDraft(component("netpro.openvpn"), "provider"))
    booking.revise(maintenance, replace(as_draft(maintenance), scopes=scopes), by=BY, now=now)
    serve(maintenance, at=now)
    keep_shortfalls(now=now)
    assert rows() == []
    lowered(incident, now=now)
    keep_shortfalls(now=now)
    assert rows() == [("NEW", 1, "too_late", True)]
