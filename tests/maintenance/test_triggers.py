"""The triggers are there after all migrations, come back after a change of their tables, and go in reverse."""

from typing import Any

import pytest
from django.db import OperationalError, connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from maintenance.triggers import aside, install, missing, remove, triggers


def migrate(*operations: Operation, forwards: bool = True) -> None:
    """Run a migration of these operations, or take it back."""
    migration = type("Migration", (migrations.Migration,), {"operations": list(operations)})("0099_later", "maintenance")
    state: Any = MigrationLoader(connection).project_state()
    with connection.schema_editor(atomic=True) as editor:
        if forwards:
            migration.apply(state, editor)
        else:
            migration.unapply(state, editor)


def longer(model: str, field: str) -> Operation:
    """Return a change for which SQLite makes the table anew."""
    return migrations.AlterField(model, field, models.CharField(max_length=301))


@pytest.mark.django_db
def test_triggers_after_all_migrations() -> None:
    """A migration that loses one (see ``aside``) is found here."""
    assert missing(connection) == []


@pytest.mark.django_db
def test_triggers_installed_twice() -> None:
    """Each once, however often; taken away, none is left, nor its function."""
    install(connection)
    install(connection)
    assert (missing(connection), found()) == ([], names())
    remove(connection)
    assert (missing(connection), found()) == (names(), [])
    remove(connection)
    install(connection)
    assert (missing(connection), found()) == ([], names())


@pytest.mark.django_db
def test_triggers_one_by_one() -> None:
    """Each that is missing is named."""
    for trigger in triggers(connection.vendor):
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TRIGGER "{trigger.name}"' + (f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""))
        assert missing(connection) == [trigger.name]
        install(connection)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize(
    ("model", "field"), [("notice", "issued_by"), ("window", "outcome"), ("incident", "title"), ("served", "detail"), ("breach", "recorded_by")]
)
def test_triggers_put_aside_for_a_change(model: str, field: str) -> None:
    """They stand again after a change of their tables and after it was taken back; without ``aside`` SQLite fails, or loses them."""
    change = longer(model, field)
    try:
        migrate(*aside([change]))
        assert missing(connection) == []
        migrate(*aside([change]), forwards=False)
        assert missing(connection) == []
        if connection.vendor == "sqlite":
            assert loses(change)
    finally:
        install(connection)


def loses(change: Operation) -> bool:
    """Tell whether a bare change fails because of a trigger, or leaves one out; take it back."""
    try:
        migrate(change)
    except OperationalError as error:
        return "error in trigger" in str(error)
    lost = missing(connection)
    migrate(change, forwards=False)
    return lost != []


def names() -> list[str]:
    """Return what all of them are called, by the alphabet."""
    return sorted(trigger.name for trigger in triggers(connection.vendor))


def found() -> list[str]:
    """Return the names of those in the database; in PostgreSQL of their functions, which outlive a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT proname FROM pg_proc WHERE prorettype = 'trigger'::regtype AND pronamespace = current_schema()::regnamespace")
        return sorted(name for (name,) in cursor.fetchall())
