"""Statements that are run for every few mails. The ORM takes longer to write one than the database to run it, so each is written once.

A statement is built with stand-ins for its values; later only the values are exchanged. Lists of keys have one of a few lengths, filled up
by repeating the last key. PostgreSQL plans it once as well.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.sql import UpdateQuery

from notifier.delivery.prepared_sql import Prepared, Sql

MOST = 128
"""So many keys one statement takes."""
_LENGTHS = (1, 2, 4, 8, 16, 32, 64, MOST)
_KEYS = tuple(range(-(10**15), -(10**15) + MOST))
_TEXTS = tuple(f"\x01stand-in {number}" for number in range(MOST))
_TOKEN, _HOP = "\x01token", "\x01hop"
_AT, _LAST = datetime(1901, 2, 3, 4, 5, 6, 7, tzinfo=UTC), datetime(1902, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
_NEVER = datetime(1903, 4, 5, tzinfo=UTC)
_prepared = Prepared()


@dataclass(frozen=True)
class Values:
    """What a statement is about; while it is built, the stand-ins. ``texts`` are one for each of ``keys``, or none."""

    keys: Sequence[int]
    token: str
    at: datetime = _NEVER
    last: datetime = _NEVER
    hop: str = ""
    texts: Sequence[str] = ()

    def split(self) -> "list[Values]":
        """Return the same in parts that a statement takes."""
        starts = range(0, len(self.keys), MOST)
        return [replace(self, keys=self.keys[one : one + MOST], texts=self.texts[one : one + MOST]) for one in starts]


def selecting(rows: QuerySet[Model]) -> Sql:
    """Return the statement that finds the keys of rows."""
    sql, params = rows.order_by().values_list("pk").query.sql_with_params()
    return sql, tuple(params)


def updating(rows: QuerySet[Model], **changes: object) -> Sql:
    """Return the statement of ``rows.update(**changes)`` that tells the keys of what it has changed."""
    query: UpdateQuery = rows.query.chain(UpdateQuery)  # type: ignore[assignment]  # it is of the class that it is given
    query.add_update_values(changes)
    sql, params = query.get_compiler(connection=connection).as_sql()
    return f"{sql} RETURNING id", tuple(params)


class Frozen:
    """A statement by the number of its keys; ``build`` writes it for given values."""

    def __init__(self, build: Callable[[Values], Sql]) -> None:
        """Nothing is built before it is needed."""
        self._build = build
        self._built: dict[tuple[object, ...], Sql] = {}

    def run(self, values: Values) -> list[tuple[Any, ...]]:
        """Run it; return its rows where it has any, else none."""
        with connection.cursor() as cursor:
            cursor.execute(*self.filled(values))
            return cursor.fetchall() if cursor.description else []

    def filled(self, values: Values, *, prepared: bool = False) -> Sql:
        """Return the statement with these values, or what executes it where it is ``prepared``."""
        length = next(one for one in _LENGTHS if one >= len(values.keys))
        sql, params = self._sql(length)
        if prepared:
            sql, params = _prepared.call(sql, params, _types(length))
        actual = _by_stand_in(values, length)
        return sql, tuple(actual.get(one, one) for one in params)

    def _sql(self, length: int) -> Sql:
        kind = (connection.vendor, length, settings.DELIVERY_LEASE_SECONDS)
        if kind not in self._built:
            self._built[kind] = self._build(Values(_KEYS[:length], _TOKEN, _AT, _LAST, _HOP, _TEXTS[:length]))
        return self._built[kind]


Run = tuple[Frozen, Values]


def together(runs: Sequence[Run]) -> list[list[tuple[Any, ...]]]:
    """Run several statements in one transaction; return the rows of each.

    PostgreSQL is sent all of them at once, which it takes as one transaction (simple query protocol), and answers once: waiting for each would cost
    more than running them.
    """
    if not runs:
        return []
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        with transaction.atomic():
            return [statement.run(values) for statement, values in runs]
    if _prepared.works:
        try:
            _prepared.renew()
            return _at_once([statement.filled(values, prepared=True) for statement, values in runs])
        except DatabaseError as error:
            if not _prepared.is_foreign(error):
                raise
    return _at_once([statement.filled(values) for statement, values in runs])


def keys_of(statement: Frozen, values: Values) -> set[int]:
    """Run a statement, in parts where there are many keys, and return the keys that it tells."""
    return {pk for rows in together([(statement, some) for some in values.split()]) for (pk,) in rows}


def _at_once(statements: Sequence[Sql]) -> list[list[tuple[Any, ...]]]:
    found: list[list[tuple[Any, ...]]] = []
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(sql for sql, _params in statements), [one for _sql, params in statements for one in params])
        while True:
            found.append(cursor.fetchall() if cursor.description else [])
            if not cursor.nextset():
                return found


@cache
def _types(length: int) -> Mapping[Any, str]:
    """Return what PostgreSQL calls the types of the stand-ins."""
    texts = dict.fromkeys((*_TEXTS[:length], _TOKEN, _HOP), "text")
    return {**dict.fromkeys(_KEYS[:length], "bigint"), **texts, _adapted(_AT): "timestamptz", _adapted(_LAST): "timestamptz"}


def _by_stand_in(values: Values, length: int) -> Mapping[Any, Any]:
    keys, texts = _filled(values.keys, length), _filled(values.texts, length)
    moments = {_adapted(_AT): _adapted(values.at), _adapted(_LAST): _adapted(values.last)}
    return {**dict(zip(_KEYS, keys, strict=False)), **dict(zip(_TEXTS, texts, strict=False)), _TOKEN: values.token, _HOP: values.hop, **moments}


def _filled(values: Sequence[Any], length: int) -> list[Any]:
    return [*values, *list(values[-1:]) * (length - len(values))]


def _adapted(moment: datetime) -> Any:  # noqa: ANN401  # text or a datetime
    """Return a moment as the database is given it."""
    return connection.ops.adapt_datetimefield_value(moment)
