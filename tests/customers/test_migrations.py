"""Migrations go back to nothing and forth again, on both databases."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.environment import SECRET_KEY, outside

pytestmark = pytest.mark.servers
OURS = ("calendars_", "customers_", "delivery_", "maintenance_")
ROOT = Path(__file__).parents[2]
POSTGRES_SCHEMA = """
    SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
"""


def migrate(url: str, folder: Path, *words: str) -> None:
    """Run ``manage.py migrate`` in a process of its own."""
    environment = outside(DATABASE_URL=url, SECRET_KEY=SECRET_KEY, DATA_DIR=str(folder))
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0", *words], check=True, cwd=ROOT, env=environment)


def ask(url: str, sqlite: str, postgres: str) -> list[str]:
    """Return the first column of what the database answers, sorted."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            return sorted(str(line[0]) for line in file.execute(sqlite))
        finally:
            file.close()
    with psycopg.connect(url) as server:
        return sorted(str(line[0]) for line in server.execute(postgres))


def schema(url: str) -> list[str]:
    """Return all that the database knows of its tables."""
    return ask(url, "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'", POSTGRES_SCHEMA)


def fixed_lists(url: str) -> list[str]:
    """Return the slugs of the fixed lists."""
    statement = " UNION ALL ".join(f"SELECT slug FROM customers_{table}" for table in ("component", "region", "tier"))  # noqa: S608  # names written here
    return ask(url, statement, statement)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_migrations_are_reversible(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Zero leaves no table of ours; forth again gives the same schema and the same rows."""
    url = f"sqlite:///{tmp_path / 'scratch.sqlite3'}"
    if database == "postgres":
        url = request.getfixturevalue("postgres").create("there_and_back")
    migrate(url, tmp_path)
    before = schema(url), fixed_lists(url)
    migrate(url, tmp_path, "customers", "zero")  # what hangs on customers goes with it
    left = [line for line in schema(url) if any(name in line for name in OURS)]
    migrate(url, tmp_path)
    assert (left, (schema(url), fixed_lists(url)), len(before[1])) == ([], before, 28 + 11 + 3)
