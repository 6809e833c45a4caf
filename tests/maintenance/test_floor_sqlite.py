"""What a person at ``sqlite3`` might try besides: its own verbs, other spellings of a moment, and its checks switched off."""

from pathlib import Path

import pytest

from maintenance.models import Window
from tests.maintenance.told_rows import BOTH, ISSUED, MICROSECOND, MOVE, NINTH, PLANNED, SHORT, SOON, accepted, notice, said_window, told, window
from tests.maintenance.ways_in import Change, outside_cursor, put_in, refused, row, tried

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("verb", ["UPDATE OR IGNORE", "UPDATE OR REPLACE", "UPDATE OR FAIL", "UPDATE OR ABORT"])
def test_update_with_another_answer_to_conflicts(folder: Path, verb: str) -> None:
    """What SQLite does about conflicts of keys does not reach the floor."""
    with outside_cursor(folder) as execute:
        assert refused(tried(execute, told(), MOVE.table, MOVE.statement(verb)), *BOTH)


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "INSERT OR FAIL", "REPLACE"])
def test_insert_in_the_place_of_another(folder: Path, verb: str) -> None:
    """A window that takes another's place is looked at like any other."""
    assert refused(put_in(folder, told(), row(Window, **NINTH), verb), *BOTH)
    if verb != "INSERT OR FAIL":
        assert refused(put_in(folder, told(), window(PLANNED, **SOON), verb), *BOTH)


@pytest.mark.parametrize(
    "spelled",
    [
        "2027-01-10T22:00:00",
        "2027-01-10 22:00:00+00:00",
        "2027-01-10 22:00",
        "2027-01-10 22:00:00 ",
        "2027-01-10 22:00:00.0",
        2461416.4166667,
        b"2027-01-10 22:00:00",
    ],
)
@pytest.mark.parametrize("column", ["start", "end", "promised_since"])
def test_moment_spelled_otherwise(folder: Path, column: str, spelled: object) -> None:
    """SQLite keeps what it is given and compares it as text: only Django's spelling counts."""
    change = Change(Window, PLANNED, raw={column: spelled})
    with outside_cursor(folder) as execute:
        outcome = tried(execute, told(), change.table, change.statement())
        assert (outcome.refusal != "", outcome.kept) == (True, True)


def test_checks_switched_off(folder: Path) -> None:
    """SQLite can be told to ignore CHECKs; the triggers look at the ten days once more."""
    said = notice(3, SHORT, said_window(PLANNED, **SOON))
    change = Change(Window, PLANNED, {**SOON, "promised_since": SHORT})
    with outside_cursor(folder) as execute:
        assert refused(tried(execute, [*told(), said], change.table, change.statement()), "window_promised_ten_days_ahead")
        execute("PRAGMA ignore_check_constraints=ON", [])
        assert refused(tried(execute, [], change.table, change.statement()), "window_promised_by_notice")


@pytest.mark.parametrize("moment", ["2026-12-21T22:00:00", "2026-12-21 22:00:00+00:00", "2026-02-31 22:00:00", "now", "", 5, 5.5, b"2026-12-21 22:00:00"])
def test_notice_issued_at_no_moment(folder: Path, moment: object) -> None:
    """Nothing can be promised since then."""
    assert refused(put_in(folder, told(), notice(9, ISSUED, raw={"issued_at": moment})), "notice_issued_at_a_moment")
    assert put_in(folder, told(), notice(9, ISSUED + MICROSECOND)) == ("", False)


@pytest.mark.parametrize("moment", ["2026-12-21T22:00:00", "zzz", "", 5, b"2026-12-21 22:00:00"])
def test_served_at_no_moment(folder: Path, moment: object) -> None:
    """Whatever SQLite would take."""
    assert refused(put_in(folder, told(), accepted({"accepted_at": moment})), "served_after_its_notice")
