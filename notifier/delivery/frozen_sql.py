"""Statements that are run for every few mails. The ORM takes longer to write one than the database to run it, so each is written once.

A statement is built with stand-ins for its values; later only the values are exchanged. Lists of keys have one of a few lengths, filled up
by repeating the last key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.sql import UpdateQuery

MOST = 128
"""So many keys one statement takes."""
_LENGTHS = (1, 2, 4, 8, 16, 32, 64, MOST)
_KEYS = tuple(range(-(10**15), -(10**15) + MOST))
_TEXTS = tuple(f"\x01stand-in {number}" for number in range(MOST))
_TOKEN, _HOP = "\x01token", "\x01hop"
_AT, _LAST = datetime(1901, 2, 3, 4, 5, 6, 7, tzinfo=UTC), datetime(1902, 3, 4, 5, 6, 7, 8, tzinfo=UTC)

Sql = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Values:
    """What a statement is about; while it is built, the stand-ins. ``texts`` are one for each of ``keys``."""

    keys: Sequence[int]
    token: str
    at: datetime
    last: datetime
    hop: str = ""
    texts: Sequence[str] = ()


def updating(rows: QuerySet[Model], **changes: object) -> Sql:
    """Return the statement of ``rows.update(**changes)``."""
    query: UpdateQuery = rows.query.chain(UpdateQuery)  # type: ignore[assignment]  # it is of the class that it is given
    query.add_update_values(changes)
    sql, params = query.get_compiler(connection=connection).as_sql()
    return sql, tuple(params)


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

    def filled(self, values: Values) -> Sql:
        """Return the statement with these values."""
        length = next(one for one in _LENGTHS if one >= len(values.keys))
        sql, params = self._sql(length)
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
    filled = [statement.filled(values) for statement, values in runs]
    found: list[list[tuple[Any, ...]]] = []
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(sql for sql, _params in filled), [one for _sql, params in filled for one in params])
        while True:
            found.append(cursor.fetchall() if cursor.description else [])
            if not cursor.nextset():
                return found


def _by_stand_in(values: Values, length: int) -> Mapping[Any, Any]:
    keys, texts = _filled(values.keys, length), _filled(values.texts, length)
    moments = {_adapted(_AT): _adapted(values.at), _adapted(_LAST): _adapted(values.last)}
    return {**dict(zip(_KEYS, keys, strict=False)), **dict(zip(_TEXTS, texts, strict=False)), _TOKEN: values.token, _HOP: values.hop, **moments}


def _filled(values: Sequence[Any], length: int) -> list[Any]:
    return [*values, *list(values[-1:]) * (length - len(values))]


def _adapted(moment: datetime) -> Any:  # noqa: ANN401  # text or a datetime
    """Return a moment as the database is given it."""
    return connection.ops.adapt_datetimefield_value(moment)
