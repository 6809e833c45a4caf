"""Ways to write to the database past the verbs: Django's models, its cursor, the databases' modules, and their own programs."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from psycopg.sql import Literal

from tests.servers.postgres import of_the_wheel

Row = tuple[str, dict[str, Any]]
Execute = Callable[[str, list[Any]], Any]


class Tried(NamedTuple):
    """``refusal``: what the database says, "" where it takes the write; ``kept``: the table is as it was."""

    refusal: str
    kept: bool


@dataclass(frozen=True)
class Change:
    """An UPDATE of one row by its columns' names and values; ``raw`` ones are written as they are, and only in SQL."""

    model: type[Model]
    pk: int
    values: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The model's."""
        return self.model._meta.db_table

    def statement(self, verb: str = "UPDATE") -> tuple[str, list[Any]]:
        """Return SQL and values."""
        columns = {attribute(self.model, name): prepared(self.model, name, value) for name, value in self.values.items()} | self.raw
        names = ", ".join(f'"{name}" = %s' for name in columns)
        return f'{verb} "{self.table}" SET {names} WHERE id = %s', [*columns.values(), self.pk]

    def update(self) -> None:
        """By a queryset."""
        self.model._default_manager.filter(pk=self.pk).update(**self.values)

    def save(self) -> None:
        """By an instance."""
        instance = self.model._default_manager.get(pk=self.pk)
        for name, value in self.values.items():
            setattr(instance, name, value)
        instance.save()


def attribute(model: type[Model], name: str) -> str:
    """Return a field's column."""
    return next(str(field.column) for field in model._meta.concrete_fields if name in {field.name, field.attname})


def prepared(model: type[Model], name: str, value: object) -> Any:  # noqa: ANN401  # whatever the driver takes
    """Return a value as Django gives it to the driver."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)  # type: ignore[union-attr]  # only columns are named


def row(model: type[Model], raw: dict[str, Any] | None = None, **fields: Any) -> Row:  # noqa: ANN401  # any field
    """Return table and columns of a row as Django would write it; ``raw`` columns are put in as they are."""
    instance = model(**fields)
    kept = [column for column in model._meta.concrete_fields if not column.primary_key or instance.pk is not None]
    columns = {str(column.column): column.get_db_prep_save(getattr(instance, column.attname), connection) for column in kept}
    return model._meta.db_table, columns | (raw or {})


def insertion(table: str, columns: dict[str, Any], verb: str = "INSERT") -> tuple[str, list[Any]]:
    """Return SQL and values of an INSERT."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f'{verb} INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(columns))})', list(columns.values())


@contextmanager
def django_cursor() -> Iterator[Execute]:
    """Run statements by Django's own cursor; take everything back."""
    with transaction.atomic(), connection.cursor() as cursor:

        def execute(statement: str, values: list[Any]) -> Any:  # noqa: ANN401  # rows of any kind
            cursor.execute(statement, values)
            return cursor

        yield execute
        transaction.set_rollback(True)


@contextmanager
def outside_cursor(folder: Path) -> Iterator[Execute]:
    """Run statements without Django: on a file with the same schema, or by a connection of psycopg's own; take everything back."""
    if connection.vendor == "postgresql":
        with psycopg.connect(**_server()) as server:
            yield server.execute
            server.rollback()
        return
    file = sqlite3.connect(same_schema(folder))
    try:
        yield lambda statement, values: file.execute(statement.replace("%s", "?"), values)
    finally:
        file.rollback()
        file.close()


def same_schema(folder: Path) -> Path:
    """Return a SQLite file with the tables and triggers of the test's database, and nothing of Django about it; made once a folder."""
    path = folder / "outside.sqlite3"
    if path.exists():
        return path
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%%' ORDER BY type = 'trigger'")
        schema = ";\n".join(sql for (sql,) in cursor.fetchall())
    file = sqlite3.connect(path)
    file.executescript(f"PRAGMA synchronous=OFF; BEGIN; {schema}; COMMIT;")
    file.close()
    return path


def by_queryset(scene: Sequence[Row], change: Change, folder: Path) -> Tried:  # noqa: ARG001  # as all ways
    """Write by Django's queryset."""
    return _by_django(scene, change, change.update)


def by_instance(scene: Sequence[Row], change: Change, folder: Path) -> Tried:  # noqa: ARG001  # as all ways
    """Write by saving an instance."""
    return _by_django(scene, change, change.save)


def by_cursor(scene: Sequence[Row], change: Change, folder: Path) -> Tried:  # noqa: ARG001  # as all ways
    """Write by Django's cursor."""

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(*change.statement())

    return _by_django(scene, change, run)


def by_module(scene: Sequence[Row], change: Change, folder: Path) -> Tried:
    """Write by ``sqlite3`` or psycopg, without Django."""
    with outside_cursor(folder) as execute:
        return tried(execute, scene, change.table, change.statement())


def by_program(scene: Sequence[Row], change: Change, folder: Path) -> Tried:
    """Write by typing it into ``sqlite3`` or ``psql``."""
    look = f'SELECT * FROM "{change.table}" ORDER BY id;'  # noqa: S608  # a model's table
    mark = "SELECT '-----';"
    lines = ["BEGIN;", *(spelled(*insertion(*one)) for one in scene), look, mark, spelled(*change.statement()), mark, look, "ROLLBACK;"]
    if connection.vendor == "postgresql":
        place = _server()
        address = f"postgres://{place['user']}@{place['host']}:{place['port']}/{place['dbname']}"
        command = [PROGRAMS["postgresql"] or "", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_ROLLBACK=on", address]
    else:
        command = [PROGRAMS["sqlite"] or "", "-batch", str(same_schema(folder))]
    done = subprocess.run(command, check=False, input="\n".join(lines), capture_output=True, text=True)
    before, _between, after = done.stdout.split("-----\n")
    return Tried(done.stderr, before == after)


PROGRAMS = {"sqlite": shutil.which("sqlite3"), "postgresql": shutil.which("psql") or str(of_the_wheel() / "psql")}
"""The databases' own programs; that of SQLite only where the machine has it."""
WAYS = (by_queryset, by_instance, by_cursor, by_module, *([by_program] if PROGRAMS[connection.vendor] else []))


def tried(execute: Execute, scene: Sequence[Row], table: str, statement: tuple[str, list[Any]]) -> Tried:
    """Put the scene in, run the statement, look whether the table has changed."""
    for one in scene:
        execute(*insertion(*one))
    look = f'SELECT * FROM "{table}" ORDER BY id'  # noqa: S608  # a model's table
    before = execute(look, []).fetchall()
    refusal = ""
    if connection.vendor == "postgresql":
        execute("SAVEPOINT before", [])  # after an error PostgreSQL does nothing more; SQLite takes back the statement alone
    try:
        execute(*statement)
    except (DatabaseError, sqlite3.DatabaseError, psycopg.DatabaseError) as error:
        refusal = str(error)
        if connection.vendor == "postgresql":
            execute("ROLLBACK TO before", [])
    return Tried(refusal, execute(look, []).fetchall() == before)


def put_in(folder: Path, scene: Sequence[Row], one: Row, verb: str = "INSERT") -> Tried:
    """Put a row into the scene from outside."""
    with outside_cursor(folder) as execute:
        return tried(execute, scene, one[0], insertion(*one, verb=verb))


def refused(outcome: Tried, *rules: str) -> bool:
    """Tell whether one of the rules refused, and nothing has changed."""
    return outcome.kept and any(rule in outcome.refusal for rule in rules)


def spelled(statement: str, values: Sequence[Any]) -> str:
    """Return SQL with its values written out, as a person would type it."""
    literals = [Literal(int(value) if isinstance(value, bool) and connection.vendor == "sqlite" else value).as_string(None) for value in values]
    return statement.replace("%s", "{}").format(*literals) + ";"


def _by_django(scene: Sequence[Row], change: Change, run: Callable[[], None]) -> Tried:
    with django_cursor() as execute:
        for one in scene:
            execute(*insertion(*one))
        before = list(change.model._default_manager.order_by("pk").values())
        refusal = ""
        try:
            with transaction.atomic() if connection.vendor == "postgresql" else nullcontext():
                run()
        except DatabaseError as error:
            refusal = str(error)
            connection.needs_rollback = False  # SQLite has taken back the statement alone: what it left is what the test is about
        return Tried(refusal, list(change.model._default_manager.order_by("pk").values()) == before)


def _server() -> dict[str, Any]:
    place = connection.settings_dict
    return {"host": place["HOST"], "port": place["PORT"], "user": place["USER"], "dbname": place["NAME"], "password": place["PASSWORD"]}
