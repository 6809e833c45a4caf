"""Rows that are put in, changed all at once or by way of an insert, from outside Django."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from maintenance.models import Notice, Window
from maintenance.said import SaidWindow
from maintenance.states import WindowState
from tests.maintenance.told_rows import (
    BOTH,
    HOUR,
    ISSUED,
    MICROSECOND,
    MOVE,
    NINTH,
    OPEN_P1,
    P2,
    PLANNED,
    SHORT,
    SOON,
    START,
    accepted,
    maintenance,
    notice,
    said_window,
    told,
    window,
)
from tests.maintenance.ways_in import Change, insertion, outside_cursor, prepared, put_in, refused, row, tried

pytestmark = pytest.mark.django_db


def test_insert_that_becomes_an_update(folder: Path) -> None:
    """ON CONFLICT DO UPDATE fires what an update does."""
    statement, values = insertion(*window(PLANNED))
    start = prepared(Window, "start", SOON["start"])
    with outside_cursor(folder) as execute:
        outcome = tried(execute, told(), MOVE.table, (f'{statement} ON CONFLICT (id) DO UPDATE SET start = %s, "end" = EXCLUDED."end"', [*values, start]))
    assert refused(outcome, *BOTH)


def test_one_statement_for_all_rows(folder: Path) -> None:
    """One window that may not be moved keeps all of them where they are."""
    start = prepared(Window, "start", SOON["start"])
    with outside_cursor(folder) as execute:
        statement = "UPDATE maintenance_window SET start = %s"
        assert refused(tried(execute, told(), MOVE.table, (statement, [start])), *BOTH)
        assert tried(execute, [], MOVE.table, (f"{statement} WHERE state = 'draft'", [start])) == ("", False)


def test_notice_with_offsets(folder: Path) -> None:
    """Moments that a notice says with another offset are the same moments."""
    one = notice(3, SHORT, said_window(PLANNED))
    text = one[1]["said_json"]
    plain = text if isinstance(text, str) else text.dumps(text.obj)
    changed = plain.replace("2027-01-10T22:00:00+00:00", "2027-01-11T03:30:00+05:30").replace("2027-01-11T00:00:00+00:00", "2027-01-10T19:00:00-05:00")
    assert changed.count("05:30") == changed.count("-05:00") == 1
    begun = Change(Window, PLANNED, {"state": "in_progress"})
    with outside_cursor(folder) as execute:
        assert tried(execute, [*told(), (one[0], one[1] | {"said_json": changed})], begun.table, begun.statement()) == ("", False)


def test_served_before_it_was_issued(folder: Path) -> None:
    """Nobody can have taken over what was not there."""
    for early in (ISSUED - MICROSECOND, ISSUED - 480 * HOUR):
        assert refused(put_in(folder, told(), accepted(accepted_at=early)), "served_after_its_notice")
    for late in (ISSUED, ISSUED + MICROSECOND, START):
        assert put_in(folder, told(), accepted(accepted_at=late)) == ("", False)


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        (NINTH, BOTH),
        (NINTH | {"maintenance_id": 2, "start": START, "end": START + HOUR, "number": 1}, BOTH),
        (NINTH | {"basis": "late", "late_reason": "x"}, BOTH),
        (NINTH | {"basis": "emergency", "incident_id": P2}, (*BOTH, "window_emergency_has_p1")),
        (NINTH | {"state": "in_progress"}, BOTH),
    ],
)
def test_window_put_in_untold(folder: Path, fields: dict[str, Any], rules: tuple[str, ...]) -> None:
    """A window that no notice names cannot be one that was told; as a draft it can."""
    assert refused(put_in(folder, told(), row(Window, **fields)), *rules)
    assert put_in(folder, told(), row(Window, **fields | {"state": "draft"})) == ("", False)


def test_emergency_put_in_without_a_p1(folder: Path) -> None:
    """Told as an emergency, of an incident that never was a P1."""
    emergency = NINTH | {"basis": "emergency", "incident_id": P2}
    said = notice(3, SHORT, SaidWindow(9, SOON["start"], SOON["end"], WindowState.ANNOUNCED, 0, emergency=True))
    assert refused(put_in(folder, [*told(), said], row(Window, **emergency)), "window_emergency_has_p1")
    assert put_in(folder, [*told(), said], row(Window, **emergency | {"incident_id": OPEN_P1})) == ("", False)


def test_refusal_is_an_integrity_error() -> None:
    """By Django's name for it, and in PostgreSQL with the rule's name where a constraint's stands."""
    with transaction.atomic():
        for one in [maintenance(), notice(1, ISSUED, said_window(PLANNED)), window(PLANNED)]:
            with connection.cursor() as cursor:
                cursor.execute(*insertion(*one))
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Notice.objects.update(issued_by="y")
        transaction.set_rollback(True)
    assert str(refused.value).splitlines()[0] == "notice_stays: evidence is not changed"
    if connection.vendor == "postgresql":
        diagnosis = refused.value.__cause__.diag  # type: ignore[union-attr]  # psycopg's
        assert (diagnosis.constraint_name, diagnosis.table_name) == ("notice_stays", "maintenance_notice")
