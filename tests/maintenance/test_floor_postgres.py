"""What a person at ``psql`` might try besides: tables that stand in for others, and another zone."""

from pathlib import Path

import pytest

from maintenance.models import Window
from tests.maintenance.told_rows import BOTH, ISSUED, MOVE, PLANNED, SOON, notice, said_window, told
from tests.maintenance.ways_in import Change, insertion, outside_cursor, refused, tried

pytestmark = pytest.mark.django_db


def test_table_that_stands_in_for_another(folder: Path) -> None:
    """A temporary table of the same name, which PostgreSQL would find first, is not what the triggers read."""
    with outside_cursor(folder) as execute:
        for one in told():
            execute(*insertion(*one))
        execute("CREATE TEMPORARY TABLE maintenance_notice (LIKE public.maintenance_notice) ON COMMIT DROP", [])
        execute("SET LOCAL search_path = pg_temp, public", [])
        execute(*insertion(*notice(3, ISSUED, said_window(PLANNED, **SOON))))
        assert refused(tried(execute, [], MOVE.table, MOVE.statement()), *BOTH)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_zone_of_the_session(folder: Path, zone: str) -> None:
    """What PostgreSQL takes for local time changes nothing."""
    with outside_cursor(folder) as execute:
        execute("SELECT set_config('TimeZone', %s, true)", [zone])
        assert refused(tried(execute, told(), MOVE.table, MOVE.statement()), *BOTH)
        begun = Change(Window, PLANNED, {"state": "in_progress"})
        assert tried(execute, [], begun.table, begun.statement()) == ("", False)
