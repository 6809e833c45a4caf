"""The databases that the tests run on are those that the program runs on."""

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_database_is_the_one_asked_for(request: pytest.FixtureRequest) -> None:
    """``--database=postgres`` is PostgreSQL, otherwise SQLite, and in WAL mode with foreign keys as in production."""
    with connection.cursor() as cursor:
        if request.config.getoption("database") == "postgres":
            cursor.execute("SELECT current_setting('listen_addresses'), current_setting('TimeZone')")
            assert (connection.vendor, cursor.fetchone()) == ("postgresql", ("127.0.0.1", "UTC"))
            return
        pragmas = {}
        for name in ("journal_mode", "foreign_keys"):
            cursor.execute(f"PRAGMA {name}")
            pragmas[name] = cursor.fetchone()[0]
    assert (connection.vendor, pragmas) == ("sqlite", {"journal_mode": "wal", "foreign_keys": 1})
    assert str(connection.settings_dict["NAME"]).startswith(str(settings.DATA_DIR))
