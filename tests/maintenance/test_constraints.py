"""The database as the backstop: what must never be stored is refused by it alone, from Django's cursor and from outside."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import DatabaseError
from django.db.models import Model

from customers.models import Contact, ContactRole, Customer, Operator, Service, Tier
from maintenance.models import (
    Breach,
    Incident,
    IncidentCustomer,
    IncidentJudgement,
    Maintenance,
    MaintenanceText,
    NamedObject,
    Notice,
    NoticeCustomer,
    NoticeService,
    RootCauseReport,
    RootCauseText,
    Scope,
    Served,
    Window,
)
from maintenance.said import Said, SaidWindow
from maintenance.states import TOLD_STATES, Impact, WindowState
from notifier.calendars.models import Feed
from notifier.delivery.models import Account, Delivery
from tests.maintenance.told_rows import incident
from tests.maintenance.ways_in import Row, django_cursor, insertion, outside_cursor, row

pytestmark = pytest.mark.django_db
START = datetime(2027, 1, 10, 22, 0, tzinfo=UTC)
TEN_DAYS, SECOND = timedelta(days=10), timedelta(seconds=1)
Attempt = Callable[..., str]


@pytest.fixture(params=["django", "outside"])
def attempt(request: pytest.FixtureRequest, folder: Path) -> Attempt:
    """Return what inserts rows in one transaction and says why the database refuses them; "" where it takes them."""

    def insert(*rows: Row) -> str:
        place = django_cursor() if request.param == "django" else outside_cursor(folder)
        try:
            with place as execute:
                for one in rows:
                    execute(*insertion(*one))
        except (DatabaseError, sqlite3.DatabaseError, psycopg.DatabaseError) as error:
            return str(error)
        return ""

    return insert


def planned(raw: dict[str, Any] | None = None, **fields: Any) -> Row:  # noqa: ANN401  # any field
    """Return a window, announced as planned work with ten days' notice to the second."""
    right: dict[str, Any] = {
        "maintenance_id": 1,
        "number": 1,
        "start": START,
        "end": START + timedelta(hours=2),
        "state": "announced",
        "promised_since": START - TEN_DAYS,
        "changed_at": START - TEN_DAYS,
    }
    return row(Window, raw, **right | fields)


def told(**fields: Any) -> tuple[Row, Row]:  # noqa: ANN401  # any field
    """Return the same with the notice that says it."""
    window = Window(**{"number": 1, "start": START, "end": START + timedelta(hours=2), "state": "announced", "promised_since": START - TEN_DAYS} | fields)
    said = SaidWindow(window.number, window.start, window.end, WindowState(window.state), 0, emergency=window.basis == "emergency")
    text = Said("R", Impact.OUTAGE, 30, (said,), {}).to_json()
    issued_at, work = window.promised_since or START - TEN_DAYS, fields.get("maintenance_id", 1)
    notice = row(Notice, maintenance_id=work, revision=window.number, issued_at=issued_at, issued_by="x", said_json=text)
    return notice, planned(**fields)


@pytest.mark.parametrize("length", [timedelta(0), -SECOND, timedelta(days=-1)])
def test_window_ends_after_it_starts(attempt: Attempt, length: timedelta) -> None:
    """In every state, a draft too."""
    refusals = [attempt(planned(state=state, end=START + length)) for state in ("draft", "announced")]
    assert ["window_ends_after_it_starts" in refusal for refusal in refusals] == [True, True]
    assert attempt(*told(end=START + SECOND)) == ""


@pytest.mark.parametrize("state", TOLD_STATES)
def test_floor_of_what_was_promised(attempt: Attempt, state: WindowState) -> None:
    """Ten days before the start, exactly, is enough; a microsecond, a second or a day less, or never, is not."""
    for since in (START - TEN_DAYS, START - TEN_DAYS - SECOND, START - 2 * TEN_DAYS):
        assert attempt(*told(state=state, promised_since=since)) == ""
    for wrong in (START - TEN_DAYS + timedelta(microseconds=1), START - TEN_DAYS + SECOND, START - TEN_DAYS + timedelta(days=1), START + SECOND, None):
        assert "window_promised_ten_days_ahead" in attempt(planned(state=state, promised_since=wrong))


def test_floor_counts_elapsed_time(attempt: Attempt) -> None:
    """Where New York's clocks go forward between, what reads as ten days on the wall is an hour short."""
    zone = ZoneInfo("America/New_York")
    start, since = datetime(2027, 3, 20, 12, tzinfo=zone), datetime(2027, 3, 10, 12, tzinfo=zone)
    late, early = (told(start=start, end=start + timedelta(hours=2), promised_since=moment) for moment in (since, since - timedelta(hours=1)))
    assert ("window_promised_ten_days_ahead" in attempt(*late), attempt(*early)) == (True, "")


@pytest.mark.parametrize("column", ["promised_since", "start", "end"])
@pytest.mark.parametrize("text", ["garbage", "next week", "2026-13-45 99:99:99z", "[]", "", " ", "9999", "zzz", 5, 5.5])
def test_floor_with_garbage_for_a_moment(attempt: Attempt, column: str, text: str | float) -> None:
    """A text that is no moment is refused: by SQLite's check, by PostgreSQL's type."""
    assert attempt(planned({column: text})) != ""


@pytest.mark.parametrize("state", [state for state in WindowState if state not in TOLD_STATES])
def test_floor_is_for_what_was_promised(attempt: Attempt, state: WindowState) -> None:
    """Drafts and what was withdrawn may be as late as they like."""
    assert [attempt(planned(state=state, promised_since=since)) for since in (None, START)] == ["", ""]


def test_floor_not_for_an_emergency(attempt: Attempt) -> None:
    """That needs its incident instead."""
    tries = [told(basis="emergency", incident_id=1, promised_since=since) for since in (None, START, START - TEN_DAYS)]
    assert [attempt(incident(1), *rows) for rows in tries] == [""] * 3


@pytest.mark.parametrize("state", WindowState)
def test_emergency_has_an_incident_and_planned_work_none(attempt: Attempt, state: WindowState) -> None:
    """In every state; there is no third basis."""
    wrong: list[dict[str, Any]] = [{"basis": "emergency"}, {"basis": "planned", "incident_id": 1}, {"basis": "", "incident_id": 1}, {"basis": "other"}]
    assert ["window_emergency_has_incident" in attempt(planned(state=state, **fields)) for fields in wrong] == [True] * 4


@pytest.mark.parametrize("column", ["start", "end", "state", "basis", "number", "sequence", "changed_at", "maintenance_id"])
def test_window_columns_are_never_null(attempt: Attempt, column: str) -> None:
    """A check passes on NULL: so there is none where it counts."""
    assert "null" in attempt(planned({column: None})).lower()


CUSTOMER = {"account": "A", "name": "A", "region_id": 1, "tier_id": 1, "language": "en", "timezone": "UTC", "sim_base": 1}
NOTICE = {"maintenance_id": 1, "revision": 1, "issued_at": START, "issued_by": "x", "said_json": {}}
SERVICE = {"customer_id": 1, "component_id": 1, "domain": "mno", "operator_id": 1, "object_id": "o", "sims": 1}
WORK = {"reference": "R", "timezone": "UTC", "impact": "outage", "expected_outage_minutes": 1, "created_at": START, "created_by": "x"}
NAMED = {"notice_id": 1, "customer_id": 1, "window_number": 0, "object_id": "o", "component_id": 1, "impact": "outage"}
MAIL = {"notice_id": 1, "contact_id": 1, "kind": "announced", "address": "a@b.example", "language": "en", "timezone": "UTC", "due_at": START}
INCIDENT = {"reference": "I", "title": "t", "domain": "mno", "sims": 1, "computed_priority": "P2", "priority": "P2", "opened_at": START}
P1 = {"computed_priority": "P1", "priority": "P1", "p1_identified_at": START}
REFUTED = {"refuted_at": START, "refuted_by": "x", "refuted_reason": "r"}
JUDGEMENT = {"incident_id": 1, "verdict": "set", "priority": "P1", "computed_priority": "P2", "reason": "r", "made_by": "x", "made_at": START}
REPORT = {"incident_id": 1, "opened_at": START, "due_at": START}
REPORT_TEXT = {"report_id": 1, "language": "en", "title": "t", "cause": "c", "measures": "m"}


@pytest.mark.parametrize(
    ("model", "fields", "other"),
    [
        (Customer, CUSTOMER, {"account": "B"}),
        (Operator, {"code": "o"}, {"code": "p"}),
        (Contact, {"email": "a@b.example", "name": "A"}, {"email": "c@b.example"}),
        (ContactRole, {"contact_id": 1, "customer_id": 1, "role": "noc"}, {"customer_id": 2}),
        (ContactRole, {"contact_id": 1, "customer_id": 1, "role": "noc"}, {"contact_id": 2}),
        (Service, SERVICE, {"object_id": "p"}),
        (Service, SERVICE, {"customer_id": 2}),
        (Maintenance, WORK, {"reference": "S"}),
        (MaintenanceText, {"maintenance_id": 1, "language": "en", "title": "t", "impact": "i", "description": "d"}, {"language": "es"}),
        (Scope, {"maintenance_id": 1, "component_id": 1, "domain": "mno", "operator_id": 1}, {"operator_id": None}),
        (Scope, {"maintenance_id": 1, "component_id": 1, "domain": "mno"}, {"domain": "provider"}),
        (NamedObject, {"maintenance_id": 1, "object_id": "o"}, {"window_id": 1}),
        (NamedObject, {"maintenance_id": 1, "window_id": 1, "object_id": "o"}, {"object_id": "p"}),
        (Incident, INCIDENT, {"reference": "J"}),
        (IncidentCustomer, {"incident_id": 1, "customer_id": 1, "sims": 1}, {"customer_id": 2}),
        (RootCauseReport, REPORT, {"incident_id": 2}),
        (RootCauseText, REPORT_TEXT, {"language": "es"}),
        (RootCauseText, REPORT_TEXT, {"report_id": 2}),
        (Notice, NOTICE | {"maintenance_id": None, "incident_id": 1}, {"revision": 2}),
        (Notice, NOTICE, {"revision": 2}),
        (NoticeCustomer, {"notice_id": 1, "customer_id": 1, "kind": "announced"}, {"customer_id": 2}),
        (NoticeService, NAMED, {"window_number": 1}),
        (NoticeService, NAMED, {"object_id": "p"}),
        (NoticeService, NAMED, {"customer_id": 2}),
        (Served, {"notice_id": 1, "customer_id": 1, "accepted_at": START, "hop": "relay"}, {"notice_id": 2}),
        (Breach, {"window_id": 1, "customer_id": 1, "recorded_at": START, "recorded_by": "x", "reason": "r"}, {"customer_id": 2}),
        (Delivery, MAIL, {"language": "es"}),
        (Delivery, MAIL, {"timezone": "Europe/Paris"}),
        (Delivery, MAIL, {"contact_id": 2}),
        (Delivery, MAIL, {"notice_id": 2}),
        (Delivery, MAIL, {"kind": "cancelled"}),
        (Account, {"delivery_id": 1, "customer_id": 1}, {"customer_id": 2}),
        (Feed, {"customer_id": 1, "token_hash": "h"}, {"token_hash": "i", "customer_id": 2}),
    ],
)
def test_unique_keys(attempt: Attempt, model: type[Model], fields: dict[str, Any], other: dict[str, Any]) -> None:
    """The same again is refused, the same but for one part of the key is not."""
    twice = attempt(row(model, **fields), row(model, **fields))
    assert "unique" in twice.lower()
    assert attempt(row(model, **fields), row(model, **fields | other)) == ""


def test_window_number_once_a_maintenance(attempt: Attempt) -> None:
    """Calendars know windows by it."""
    assert "unique" in attempt(*told(), planned(start=START + SECOND)).lower()
    assert attempt(*told(), *told(number=2), *told(maintenance_id=2)) == ""


@pytest.mark.parametrize(
    ("model", "fields", "wrong", "constraint"),
    [
        (Contact, {"email": "a@b.example", "name": "A"}, {"email": "A@b.example"}, "contact_email_lower_case"),
        (Service, SERVICE, {"operator_id": None}, "service_operator_where_mno"),
        (Service, SERVICE, {"domain": "provider"}, "service_operator_where_mno"),
        (Service, SERVICE, {"domain": "customer", "operator_id": None}, "service_operator_where_mno"),
        (Service, SERVICE, {"sims": 0}, "service_has_sims"),
        (Tier, {"slug": "gold"}, {"opens": "18:00:00"}, "tier_closes_after_it_opens"),
        (Scope, {"maintenance_id": 1, "component_id": 1, "domain": "mno", "operator_id": 1}, {"domain": "provider"}, "scope_operator_only_mno"),
        (Incident, INCIDENT, {"closed_at": START - SECOND}, "incident_closed_after_opened"),
        (Incident, INCIDENT, {"priority": "P1", "computed_priority": "P1"}, "incident_p1_was_identified"),
        (Incident, INCIDENT, {"priority": "P3"}, "incident_override_has_reason"),
        (Incident, INCIDENT | {"priority": "P3", "override_reason": "r"}, {"override_reason": ""}, "incident_override_has_reason"),
        (Incident, INCIDENT | P1 | {"priority": "P2", "p1_until": START} | REFUTED, {"priority": "P1"}, "incident_refuted_is_no_p1"),
        (Incident, INCIDENT | P1, {"priority": "P2", "override_reason": "r"}, "incident_former_p1_has_end"),
        (Incident, INCIDENT | P1 | {"closed_at": START, "p1_until": START}, {"p1_until": None}, "incident_former_p1_has_end"),
        (Incident, INCIDENT | REFUTED, {"refuted_reason": ""}, "incident_refuted_has_reason"),
        (IncidentJudgement, JUDGEMENT, {"reason": ""}, "incident_judgement_has_reason"),
        (Notice, NOTICE, {"incident_id": 1}, "notice_of_maintenance_or_incident"),
        (Notice, NOTICE, {"maintenance_id": None}, "notice_of_maintenance_or_incident"),
        (Delivery, MAIL, {"state": "sent"}, "delivery_sent_was_accepted"),
        (Delivery, MAIL, {"state": "delivered"}, "delivery_sent_was_accepted"),
        (Delivery, MAIL, {"state": "failed"}, "delivery_not_sent_has_reason"),
        (Delivery, MAIL, {"state": "unknown"}, "delivery_not_sent_has_reason"),
        (Delivery, MAIL, {"state": "withdrawn"}, "delivery_not_sent_has_reason"),
        (Feed, {"customer_id": 1, "token_hash": "h"}, {"contact_id": 1}, "feed_of_one_owner"),
        (Feed, {"customer_id": 1, "token_hash": "h"}, {"customer_id": None}, "feed_of_one_owner"),
    ],
)
def test_checks_of_other_tables(attempt: Attempt, model: type[Model], fields: dict[str, Any], wrong: dict[str, Any], constraint: str) -> None:
    """Right without the change, refused by name with it."""
    assert (attempt(row(model, **fields)), constraint in attempt(row(model, **fields | wrong))) == ("", True)
