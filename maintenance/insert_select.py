"""INSERT ... SELECT from a queryset: rows are written inside the database, however many there are."""

from typing import Any

from django.db import connections, router
from django.db.models import Model, QuerySet


def count_rows(*models: type[Model]) -> None:
    """Let SQLite look how many rows the models' tables have: it plans by what it saw last, and joins many thousand rows with each other else.

    PostgreSQL sees to that by itself.
    """
    connection = connections[router.db_for_write(models[0])]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={_MOST_LOOKED_AT}")
        for model in models:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


_MOST_LOOKED_AT = 1000
"""Of each index: a few milliseconds, however large it is."""


def insert_select(model: type[Model], fields: tuple[str, ...], rows: "QuerySet[Model, tuple[object, ...]]") -> int:
    """Insert what ``rows`` (``values_list`` in the order of ``fields``) yields; rows that break a unique key are left out.

    Returns how many were inserted. The select must have a WHERE clause: without one SQLite reads ON CONFLICT as a join's.
    """
    connection = connections[router.db_for_write(model)]
    with connection.cursor() as cursor:
        cursor.execute(*insert_select_sql(model, fields, rows))
        inserted: int = max(cursor.rowcount, 0)
    return inserted


def insert_select_sql(model: type[Model], fields: tuple[str, ...], rows: "QuerySet[Model, tuple[object, ...]]") -> tuple[str, tuple[Any, ...]]:
    """Return the statement of ``insert_select`` and its parameters."""
    quote = connections[router.db_for_write(model)].ops.quote_name
    column_of = {field.name: str(field.column) for field in model._meta.concrete_fields}
    columns = ", ".join(quote(column_of[name]) for name in fields)
    select, params = rows.query.sql_with_params()
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) {select} ON CONFLICT DO NOTHING", tuple(params)
