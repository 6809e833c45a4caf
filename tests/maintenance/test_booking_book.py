"""Booking and rewriting a draft: nobody is told, and nothing half right is stored."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from maintenance import booking
from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.draft_rules import MOST_WINDOWS
from maintenance.models import Maintenance, MaintenanceText, NamedObject, Scope, Window
from maintenance.models.window import FIRST_MOMENT, LAST_MOMENT
from maintenance.said import SaidText
from maintenance.states import Impact
from tests.factories import BY, NOW, OperatorFactory, component, draft, dump, nothing_changes, reader, texts, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, p1, states

pytestmark = pytest.mark.django_db
LATER = NOW + HOUR
INSTANT = timedelta(microseconds=1)


def test_book_stores_all_that_the_draft_says() -> None:
    """Every field of every table, and nothing else: no notice, nobody told."""
    operator, incident = OperatorFactory.create(code="mno-x"), p1()
    before = dump()
    core, apn = component("data.mobile-core"), component("data.private-apn")
    maintenance = booking.book(
        Draft(
            reference="MNT-7",
            timezone=ZoneInfo("Europe/Madrid"),
            scopes=(ScopeDraft(core, "mno", operator), ScopeDraft(apn, "mno")),
            windows=(window(30, objects=("w1", "w2", "w1")), window(31, hours=4)),
            impact=Impact.DEGRADED,
            expected_outage_minutes=7,
            texts=texts("en", "es"),
            supplier=operator,
            supplier_reference="SUP 1",
            objects=("one", "two", "one"),
            incident=incident,
            accept_english=True,
        ),
        by=BY,
        now=NOW,
    )
    pk = maintenance.pk
    row = Maintenance.objects.values().get()
    assert row == {
        "id": pk,
        "reference": "MNT-7",
        "supplier_id": operator.pk,
        "supplier_reference": "SUP 1",
        "timezone": ZoneInfo("Europe/Madrid"),
        "impact": "degraded",
        "expected_outage_minutes": 7,
        "incident_id": incident.pk,
        "accept_english": True,
        "learned_at": None,
        "supplier_notified_at": None,
        "state": "draft",
        "revision": 0,
        "created_at": NOW,
        "created_by": BY,
    }
    assert set(Scope.objects.values_list("maintenance", "component", "domain", "operator")) == {(pk, core.pk, "mno", operator.pk), (pk, apn.pk, "mno", None)}
    plain: dict[str, Any] = {
        "state": "draft",
        "basis": "planned",
        "incident_id": None,
        "promised_since": None,
        "sequence": 0,
        "changed_at": NOW,
        "maintenance_id": pk,
    }
    plain |= {
        "started_at": None,
        "ended_at": None,
        "outcome": "",
        "service_now": "",
        "follow_up": "",
        "alternate": False,
        "presumed": False,
        "overran_from": None,
        "late_reason": "",
        "start_decision": {},
    }
    first, second = Window.objects.order_by("number")
    assert list(Window.objects.order_by("number").values()) == [
        plain | {"id": first.pk, "number": 1, "start": NOW + 30 * DAY, "end": NOW + 30 * DAY + 2 * HOUR},
        plain | {"id": second.pk, "number": 2, "start": NOW + 31 * DAY, "end": NOW + 31 * DAY + 4 * HOUR},
    ]
    assert list(NamedObject.objects.order_by("pk").values_list("maintenance", "window", "object_id")) == [
        (pk, None, "one"),
        (pk, None, "two"),
        (pk, first.pk, "w1"),
        (pk, first.pk, "w2"),
    ]
    assert set(MaintenanceText.objects.values_list("language", "title", "impact", "description")) == {
        ("en", "Title (en)", "Impact (en)", "Description (en)"),
        ("es", "Title (es)", "Impact (es)", "Description (es)"),
    }
    changed = {table for table, rows in dump().items() if rows != before[table]}
    assert changed == {f"maintenance.{name}" for name in ("Maintenance", "Scope", "Window", "NamedObject", "MaintenanceText")}


def test_book_under_a_reference_that_is_taken() -> None:
    """A reference names one piece of work."""
    booked()
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booked()
    assert refusal.value.message_dict == {"reference": ["Maintenance with this Reference already exists."]}


IPSEC, START = "netpro.ipsec", datetime(2027, 1, 10, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"reference": " "}, {"reference": ["is missing"]}),
        ({"scopes": ()}, {"scope": ["name at least one component"]}),
        ({"scopes": [(IPSEC, "mno")]}, {"scope[0].domain": ["netpro.ipsec cannot be in the domain mno"]}),
        ({"scopes": [(IPSEC, "customer")]}, {"scope[0].domain": ["netpro.ipsec cannot be in the domain customer"]}),
        ({"scopes": [(IPSEC, "provider", True)]}, {"scope[0].operator": ["only the domain mno has operators"]}),
        ({"scopes": [(IPSEC, "provider"), (IPSEC, "provider")]}, {"scope[1]": ["is named twice"]}),
        ({"windows": ()}, {"windows": ["name at least one window"]}),
        ({"windows": (WindowDraft(START, START),)}, {"windows[0].end": ["must be after the start"]}),
        ({"windows": (window(), WindowDraft(START + HOUR, START))}, {"windows[1].end": ["must be after the start"]}),
        ({"windows": (window(), window(31), window())}, {"windows[2]": ["is named twice"]}),
        (
            {"windows": (WindowDraft(FIRST_MOMENT - INSTANT, START), WindowDraft(START, LAST_MOMENT))},
            {"windows[0].start": ["must be in a year from 2000 to 2199"], "windows[1].end": ["must be in a year from 2000 to 2199"]},
        ),
        (
            {"windows": (WindowDraft(LAST_MOMENT, LAST_MOMENT + HOUR),)},
            {f"windows[0].{name}": ["must be in a year from 2000 to 2199"] for name in ("start", "end")},
        ),
        ({"windows": tuple(window(30 + day) for day in range(MOST_WINDOWS + 1))}, {"windows": ["367 are too many; 366 are allowed"]}),
        ({"texts": {}}, {"texts": ["write the text in at least one language"]}),
        ({"texts": {"en": SaidText(" ", "i", "")}}, {"texts[en].title": ["is missing"], "texts[en].description": ["is missing"]}),
        ({"texts": {"en": SaidText("t", "\n", "d")}}, {"texts[en].impact": ["is missing"]}),
        (
            {"texts": {"en": SaidText("Bcc:\r\nx", "i", "d")}},
            {"texts[en].title": ["has a control character or line break (U+000D) at position 5; write it on one line"]},
        ),
        ({"texts": {"en": SaidText("x" * 201, "i", "d")}}, {"texts[en].title": ["is longer than 200 characters"]}),
        ({"texts": {"pt": SaidText("t", "i", "d")}}, {"texts[pt]": ["is not a language that we write in"]}),
        ({"objects": ("ok", "")}, {"objects[1]": ["is missing"]}),
        ({"objects": ("x" * 101,)}, {"objects[0]": ["is longer than 100 characters"]}),
        (
            {"windows": (window(objects=("ok", "a\tb")),)},
            {"windows[0].objects[1]": ["has a control character or line break (U+0009) at position 2; write it on one line"]},
        ),
        ({"expected_outage_minutes": -1}, {"expected_outage_minutes": ["Ensure this value is greater than or equal to 0."]}),
        ({"impact": "bad"}, {"impact": ["Value 'bad' is not a valid choice."]}),
        (
            {"reference": "A\u202eB"},
            {"reference": ["has a control character or line break (U+202E) at position 2; write it on one line"]},
        ),
        ({"reference": "x" * 41}, {"reference": ["Ensure this value has at most 40 characters (it has 41)."]}),
    ],
)
def test_book_refused(changes: dict[str, Any], messages: dict[str, list[str]]) -> None:
    """Each fault by its field, for a new draft as for one rewritten; nothing is stored."""
    existing, operator = booked(reference="MNT-0"), OperatorFactory.create()
    if isinstance(changes.get("scopes"), list):
        scopes = [ScopeDraft(component(slug), domain, operator if rest else None) for slug, domain, *rest in changes["scopes"]]
        changes = changes | {"scopes": tuple(scopes)}
    wrong = draft(**changes)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.book(wrong, by=BY, now=NOW)
    with nothing_changes(), pytest.raises(ValidationError) as again:
        booking.rewrite(existing, wrong, by=BY, now=NOW)
    assert (refusal.value.message_dict, again.value.message_dict) == (messages, messages)


def test_rewrite_replaces_everything() -> None:
    """What was written before is gone; the row stays the same."""
    maintenance = booked(windows=(window(30, objects=("old",)), window(31)), objects=("old",))
    booking.rewrite(maintenance, draft("MNT-2", windows=(window(40),), texts=texts("en"), objects=("new",)), by="otto", now=LATER)
    assert states(maintenance) == ("draft", 0, [("draft", 0, LATER)])
    row = Maintenance.objects.get()
    assert (row.pk, row.reference, row.revision, Scope.objects.count()) == (maintenance.pk, "MNT-2", 0, 1)
    assert [(kept.number, kept.start) for kept in Window.objects.all()] == [(1, NOW + 40 * DAY)]
    assert [(named.window, named.object_id) for named in NamedObject.objects.all()] == [(None, "new")]
    assert list(MaintenanceText.objects.values_list("language", flat=True)) == ["en"]


def test_rewrite_of_what_is_no_draft() -> None:
    """What was told is moved or cancelled, never rewritten."""
    reader()
    maintenance = announced()
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.rewrite(maintenance, draft(), by=BY, now=LATER)
    booking.cancel(maintenance, by=BY, now=LATER)
    with nothing_changes(), pytest.raises(ValidationError) as again:
        booking.rewrite(maintenance, draft(), by=BY, now=LATER)
    assert (refusal.value.messages, again.value.messages) == (
        ["MNT-1 is announced; only a draft can be rewritten."],
        ["MNT-1 is cancelled; only a draft can be rewritten."],
    )
