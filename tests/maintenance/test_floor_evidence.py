"""What was said to whom, when it was accepted, and what broke the promise stays as it was written, whoever writes."""

from typing import Any

import pytest
from django.db.models import Model

from maintenance.models import Acknowledgement, Breach, Consent, Notice, NoticeCustomer, NoticeService, Served, Window
from tests.maintenance.conftest import Way
from tests.maintenance.told_rows import DAY, HOUR, ISSUED, MICROSECOND, SECOND, START, told
from tests.maintenance.ways_in import Change, Row, row

pytestmark = pytest.mark.django_db
Fields = dict[str, Any]
GIVEN, OWED, REVOKED = 1, 2, 2
"""Keys: of a breach whose reason was given, of one whose reason is owed, of a service that was revoked."""


def evidence() -> list[Row]:
    """Return what there is of the first notice and window."""
    accepted: Fields = {"notice_id": 1, "customer_id": 1, "accepted_at": ISSUED, "hop": "relay"}
    breach: Fields = {"window_id": 1, "recorded_at": START, "recorded_by": "x"}
    agreed: Fields = {
        "start": START,
        "end": START + HOUR,
        "impact": "degraded",
        "minutes": 30,
        "given_at": ISSUED,
        "given_by": "c",
        "document": "d",
        "recorded_at": ISSUED,
        "recorded_by": "x",
    }
    return [
        *told(),
        row(NoticeCustomer, pk=1, notice_id=1, customer_id=1, kind="announced", deadline=START - 10 * DAY),
        row(NoticeService, pk=1, notice_id=1, customer_id=1, window_number=0, object_id="o", component_id=1, impact="outage"),
        row(Served, pk=1, **accepted),
        row(Served, pk=REVOKED, **accepted | {"customer_id": 2, "revoked_at": START}),
        row(Breach, pk=GIVEN, customer_id=1, reason="r", reason_by="x", **breach),
        row(Breach, pk=OWED, customer_id=2, reason="", **breach),
        row(Acknowledgement, pk=1, maintenance_id=1, obstacle="freeze", what="w", reason="r", recorded_at=ISSUED, recorded_by="x"),
        row(Consent, pk=1, window_id=1, customer_id=1, **agreed),
    ]


@pytest.mark.parametrize(
    ("model", "pk", "values", "rule"),
    [
        (Notice, 1, {"said_json": {}}, "notice_stays"),
        (Notice, 1, {"issued_at": ISSUED - MICROSECOND}, "notice_stays"),
        (Notice, 1, {"issued_by": "y"}, "notice_stays"),
        (Notice, 1, {"maintenance_id": 2}, "notice_stays"),
        (Notice, 1, {"maintenance_id": None, "incident_id": 1}, "notice_stays"),
        (Notice, 1, {"revision": 9}, "notice_stays"),
        (Notice, 1, {"about": 9}, "notice_stays"),
        (Notice, 1, {"decision": {"answer": "planned"}}, "notice_stays"),
        (NoticeCustomer, 1, {"kind": "cancelled"}, "notice_customer_stays"),
        (NoticeCustomer, 1, {"deadline": START}, "notice_customer_stays"),
        (NoticeCustomer, 1, {"deadline": None}, "notice_customer_stays"),
        (NoticeCustomer, 1, {"notice_id": 2}, "notice_customer_stays"),
        (NoticeCustomer, 1, {"customer_id": 2}, "notice_customer_stays"),
        (NoticeCustomer, 1, {"bases": {"1": "emergency"}}, "notice_customer_stays"),
        (NoticeCustomer, 1, {"zone": "UTC"}, "notice_customer_stays"),
        (NoticeCustomer, 1, {"days": 9}, "notice_customer_stays"),
        (NoticeService, 1, {"notice_id": 2}, "notice_service_stays"),
        (NoticeService, 1, {"customer_id": 2}, "notice_service_stays"),
        (NoticeService, 1, {"window_number": 1}, "notice_service_stays"),
        (NoticeService, 1, {"object_id": "p"}, "notice_service_stays"),
        (NoticeService, 1, {"component_id": 2}, "notice_service_stays"),
        (NoticeService, 1, {"impact": "no_impact"}, "notice_service_stays"),
        (NoticeService, 1, {"joined": True}, "notice_service_stays"),
        (Served, 1, {"accepted_at": ISSUED + SECOND}, "served_stays"),
        (Served, 1, {"accepted_at": ISSUED - DAY}, "served_stays"),
        (Served, 1, {"notice_id": 2}, "served_stays"),
        (Served, 1, {"customer_id": 2}, "served_stays"),
        (Served, 1, {"hop": "letter"}, "served_stays"),
        *((Served, 1, {name: "y"}, "served_stays") for name in ("detail", "document", "recorded_by")),
        (Served, 1, {"recorded_at": START}, "served_stays"),
        (Window, 2, {"start_decision": {}}, "start_decision_stays"),
        (Served, REVOKED, {"revoked_at": None}, "served_stays"),
        (Served, REVOKED, {"revoked_at": START + DAY}, "served_stays"),
        (Breach, OWED, {"window_id": 2}, "breach_stays"),
        (Breach, OWED, {"customer_id": 3}, "breach_stays"),
        (Breach, OWED, {"recorded_at": ISSUED}, "breach_stays"),
        (Breach, OWED, {"recorded_by": "y"}, "breach_stays"),
        (Breach, GIVEN, {"reason": "another"}, "breach_stays"),
        (Breach, GIVEN, {"reason": ""}, "breach_stays"),
        (Breach, GIVEN, {"reason_by": "y"}, "breach_stays"),
        (Acknowledgement, 1, {"maintenance_id": 2}, "acknowledgement_stays"),
        (Acknowledgement, 1, {"obstacle": "conflict"}, "acknowledgement_stays"),
        (Acknowledgement, 1, {"what": "nothing"}, "acknowledgement_stays"),
        (Acknowledgement, 1, {"reason": "another"}, "acknowledgement_stays"),
        (Acknowledgement, 1, {"recorded_at": START}, "acknowledgement_stays"),
        (Acknowledgement, 1, {"recorded_by": "y"}, "acknowledgement_stays"),
        *(
            (Consent, 1, {name: moment}, "consent_stays")
            for name, moment in (("start", ISSUED), ("end", START + DAY), ("given_at", START), ("recorded_at", START))
        ),
        (Consent, 1, {"impact": "outage"}, "consent_stays"),
        (Consent, 1, {"minutes": 31}, "consent_stays"),
        *((Consent, 1, {name: "y"}, "consent_stays") for name in ("given_by", "document", "recorded_by")),
        *((Consent, 1, {name: 2}, "consent_stays") for name in ("window_id", "customer_id")),
    ],
)
def test_evidence_stays(way: Way, model: type[Model], pk: int, values: Fields, rule: str) -> None:
    """Each column of it."""
    refusal, kept = way(evidence(), Change(model, pk, values))
    assert (rule in refusal, kept) == (True, True), refusal


@pytest.mark.parametrize(
    ("model", "pk", "values"),
    [
        (NoticeCustomer, 1, {"stale_at": START}),
        (Served, 1, {"revoked_at": START}),
        (Breach, OWED, {"reason": "the night was short", "reason_by": "y"}),
    ],
)
def test_evidence_is_added_to(way: Way, model: type[Model], pk: int, values: Fields) -> None:
    """A bounce revokes, and a reason that was owed is given, once."""
    assert way(evidence(), Change(model, pk, values)) == ("", False)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Notice, {"issued_by": "x", "revision": 1}),
        (NoticeCustomer, {"kind": "announced", "deadline": START - 10 * DAY}),
        (NoticeService, {"impact": "outage"}),
        (Served, {"accepted_at": ISSUED, "revoked_at": None}),
        (Breach, {"reason": "r", "reason_by": "x"}),
        (Acknowledgement, {"reason": "r"}),
        (Consent, {"document": "d"}),
    ],
)
def test_evidence_written_again_as_it_is(way: Way, model: type[Model], values: Fields) -> None:
    """Saving a row that was read, as Django does it with all columns, changes nothing and is no error."""
    assert way(evidence(), Change(model, 1, values)) == ("", True)
