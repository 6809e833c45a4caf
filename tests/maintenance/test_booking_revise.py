"""Revising announced work: what is covered goes out at once, anything else needs ten days of its own, each for just those concerned."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from maintenance import booking
from maintenance.draft import ScopeDraft, WindowDraft
from maintenance.models import Maintenance, Notice, Window
from maintenance.said import SaidText
from maintenance.states import Impact
from maintenance.stored_draft import as_draft
from tests.factories import BY, NOW, CustomerFactory, OperatorFactory, ServiceFactory, component, nothing_changes, reader, texts, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, kinds, named, p1, serve, states, told, windows_said

pytestmark = pytest.mark.django_db
LATER = NOW + HOUR
LAST_MINUTE = NOW + 30 * DAY - HOUR
"""An hour before the only window starts."""


def revised(maintenance: Maintenance, *, now: datetime = LATER, acknowledged: str = "known", **changes: Any) -> Notice | None:  # noqa: ANN401  # any field of Draft
    """Revise the work as it stands, with some of it changed."""
    draft = replace(as_draft(Maintenance.objects.get(pk=maintenance.pk)), **changes)
    return booking.revise(maintenance, draft, acknowledged=acknowledged, by=BY, now=now)


def refused(maintenance: Maintenance, *, now: datetime = LATER, **changes: Any) -> list[str]:  # noqa: ANN401  # any field of Draft
    """Return why revising is refused, having looked that it changes nothing."""
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        revised(maintenance, now=now, **changes)
    return refusal.value.messages


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"impact": Impact.DEGRADED}, "eased"),
        ({"impact": Impact.NO_IMPACT}, "eased"),
        ({"expected_outage_minutes": 29}, "eased"),
        ({"windows": (WindowDraft(NOW + 30 * DAY + HOUR / 2, NOW + 30 * DAY + HOUR, number=1),)}, "eased"),
        ({"texts": {**texts(), "en": SaidText("Other title", "Other impact", "Other words")}}, "corrected"),
        ({"supplier_reference": "S-2"}, "corrected"),
    ],
)
def test_revise_what_is_covered(changes: dict[str, Any], kind: str) -> None:
    """An hour before the start: no fresh notice, no deadline, and everybody who was told is told."""
    reader(account="A", object_id="a-1")
    maintenance = announced()
    serve(maintenance)
    notice = revised(maintenance, now=LAST_MINUTE, **changes)
    assert (told(notice), named(notice)) == ({"A": (kind, None)}, {("A", "a-1", 0)})
    assert Window.objects.get().promised_since == NOW


@pytest.mark.parametrize(
    "changes",
    [
        {"impact": Impact.OUTAGE},
        {"expected_outage_minutes": 31},
        {"windows": (window(30, hours=3), window(31))},
        {"windows": (replace(window(30), number=1), window(32))},
    ],
)
def test_revise_what_is_not_covered(changes: dict[str, Any]) -> None:
    """Refused when there are not ten days and the margin left; with them, promised anew, with a line."""
    reader(account="A")
    maintenance = announced(impact=Impact.DEGRADED)
    serve(maintenance)
    assert "10 days needed" in refused(maintenance, now=NOW + 22 * DAY, **changes)[0]
    notice = revised(maintenance, **changes)
    ((kind, deadline),) = told(notice).values()
    assert (kind, deadline is not None) == ("revised", True)


def test_revise_says_what_was_said_before() -> None:
    """Impact and minutes, where they have changed."""
    reader()
    maintenance = announced(impact=Impact.DEGRADED, expected_outage_minutes=30)
    notice = revised(maintenance, impact=Impact.OUTAGE, expected_outage_minutes=60)
    assert notice is not None
    assert (notice.said.previous_impact, notice.said.previous_minutes, windows_said(notice)[0].previous) == (Impact.DEGRADED, 30, None)
    again = revised(maintenance, expected_outage_minutes=61)
    assert again is not None
    assert (again.said.previous_impact, again.said.previous_minutes) == (None, 60)


def test_revise_nothing() -> None:
    """Nobody is told, and no revision is made."""
    reader()
    maintenance = announced()
    assert (revised(maintenance), Maintenance.objects.get().revision, maintenance.notices.count()) == (None, 1, 1)


def test_revise_a_draft_rewrites_it() -> None:
    """As the form does."""
    maintenance = booked()
    assert revised(maintenance, impact=Impact.NO_IMPACT) is None
    assert (Maintenance.objects.get().impact, Maintenance.objects.get().state) == ("no_impact", "draft")


def test_revise_the_scope() -> None:
    """Wider: a first notice for who is hit now, nothing for who was told all along. Narrower: a cancellation for who is hit no more."""
    reader(account="IPSEC", object_id="i-1")
    reader(account="OPENVPN", object_id="o-1", service="netpro.openvpn")
    both = CustomerFactory.create(account="BOTH")
    ServiceFactory.create(customer=both, object_id="b-i")
    ServiceFactory.create(customer=both, object_id="b-o", slug="netpro.openvpn")
    ipsec, openvpn = ScopeDraft(component(), "provider"), ScopeDraft(component("netpro.openvpn"), "provider")
    maintenance = announced(scopes=(ipsec,))
    serve(maintenance)
    wider = revised(maintenance, scopes=(ipsec, openvpn))
    line = NOW + 20 * DAY
    assert told(wider) == {"BOTH": ("revised", line), "OPENVPN": ("announced", line)}
    assert wider is not None
    fresh = set(wider.services.filter(fresh=True).values_list("object_id", flat=True))
    assert (named(wider), fresh) == ({("BOTH", "b-i", 0), ("BOTH", "b-o", 0), ("OPENVPN", "o-1", 0)}, {"b-o", "o-1"})
    assert Window.objects.get().promised_since == NOW  # the others keep what they were promised
    serve(maintenance)
    narrower = revised(maintenance, now=LAST_MINUTE, scopes=(openvpn,))
    assert told(narrower) == {"BOTH": ("eased", None), "IPSEC": ("cancelled", None)}


def test_revise_too_late_for_newly_hit_customers() -> None:
    """Only they are concerned, and named."""
    reader(account="A")
    reader(account="NEW", service="netpro.openvpn", region_slug="es")
    maintenance = announced()
    serve(maintenance)
    scopes = (*as_draft(maintenance).scopes, ScopeDraft(component("netpro.openvpn"), "provider"))
    messages = refused(maintenance, now=NOW + 22 * DAY, scopes=scopes)
    assert messages[0].endswith(": 7 days for 1 customer in Europe/Madrid, 10 days needed (24 hours of margin are taken off).")
    assert messages[1] == "Customers concerned: NEW."


def test_revise_concerns_only_the_customers_of_that_window() -> None:
    """Who is not hit by it hears nothing."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30, objects=("one",)), window(31, objects=("two",))))
    serve(maintenance)
    windows = as_draft(maintenance).windows
    moved = (replace(windows[0], start=NOW + 40 * DAY, end=NOW + 41 * DAY), windows[1])
    assert told(revised(maintenance, windows=moved)) == {"A": ("revised", NOW + 30 * DAY)}


def test_revise_takes_a_window_away() -> None:
    """It is cancelled; who is hit by others still is told of less, the others that it is off."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30), window(31, objects=("one",))))
    serve(maintenance)
    notice = revised(maintenance, now=LAST_MINUTE, windows=(as_draft(maintenance).windows[1],))
    assert kinds(notice) == {"A": "eased", "B": "cancelled"}
    assert [row[0] for row in states(maintenance)[2]] == ["cancelled", "announced"]


def test_revise_with_days_of_a_contract() -> None:
    """A customer's, a region's or a supplier's minimum is needed, and said; the others' is not touched."""
    reader(account="A")
    reader(account="B", notice_days=20)
    maintenance = booked(windows=(window(15),))
    with pytest.raises(ValidationError) as refusal:
        booking.announce(maintenance, by=BY, now=NOW)
    assert refusal.value.messages[0].endswith(": 14 days for 1 customer in Europe/London, 20 days needed (24 hours of margin are taken off).")
    assert refusal.value.messages[1] == "Customers concerned: B."
    supplier = OperatorFactory.create(notice_days=18)
    theirs = booked(reference="MNT-2", windows=(window(25),), supplier=supplier)
    notice = booking.announce(theirs, acknowledged="known", by=BY, now=NOW)
    assert told(notice) == {"A": ("announced", NOW + 7 * DAY), "B": ("announced", NOW + 5 * DAY)}


def test_revise_before_anybody_was_reached() -> None:
    """It is their first notice, with its line: it may not come late as if in time. It replaces the one that still waits."""
    reader(account="A")
    maintenance = announced()
    assert told(revised(maintenance, impact=Impact.NO_IMPACT)) == {"A": ("announced", NOW + 20 * DAY)}


def test_take_an_alternate() -> None:
    """Announced as such, it needs no notice; the window that it replaces is off."""
    reader(account="A")
    maintenance = announced(windows=(window(30), replace(window(31), alternate=True)))
    serve(maintenance)
    notice = booking.take_alternate(maintenance, number=2, instead_of=1, by=BY, now=LAST_MINUTE)
    assert told(notice) == {"A": ("eased", None)}
    assert [(said.number, said.state, said.alternate) for said in windows_said(notice)] == [(1, "cancelled", False), (2, "announced", False)]
    with pytest.raises(ValidationError, match="only an announced alternate can be taken"):
        booking.take_alternate(maintenance, number=2, by=BY, now=LAST_MINUTE)


def test_take_an_alternate_instead_of_nothing() -> None:
    """As when the first window was postponed before."""
    reader(account="A")
    maintenance = announced(windows=(window(30), replace(window(31), alternate=True)))
    serve(maintenance)
    booking.postpone(maintenance, number=1, by=BY, now=LAST_MINUTE)
    assert told(booking.take_alternate(maintenance, number=2, by=BY, now=LAST_MINUTE)) == {"A": ("eased", None)}
    assert [row[0] for row in states(maintenance)[2]] == ["postponed", "announced"]


def test_revise_to_an_emergency_for_a_p1() -> None:
    """The window that is hurried, not the other."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(30), window(40)))
    windows = as_draft(maintenance).windows
    notice = revised(maintenance, windows=(replace(windows[0], start=NOW + DAY, end=NOW + 2 * DAY), windows[1]))
    assert kinds(notice) == {"A": "emergency"}
    assert [(said.number, said.emergency) for said in windows_said(notice)] == [(1, True), (2, False)]
    assert list(Window.objects.order_by("number").values_list("basis", flat=True)) == ["emergency", "planned"]


def test_alternate_cannot_be_used_beside_the_window_that_it_stands_in_for() -> None:
    """Nobody was told of both; instead of it, or where another was given up, it can."""
    reader(account="A")
    maintenance = announced(windows=(window(30), replace(window(40), alternate=True)))
    serve(maintenance)
    draft = as_draft(maintenance)
    first, second = draft.windows
    both = replace(draft, windows=(first, replace(second, alternate=False)))
    with nothing_changes(), pytest.raises(ValidationError) as caught:
        booking.revise(maintenance, both, by=BY, now=NOW)
    assert "say which window it replaces" in caught.value.messages[0]
    assert kinds(booking.revise(maintenance, replace(draft, windows=(replace(second, alternate=False),)), by=BY, now=NOW)) == {"A": "eased"}
