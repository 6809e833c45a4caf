"""Statements that PostgreSQL takes apart and plans once for a connection (PREPARE), as that takes longer than to run them.

After a while a connection forgets them and plans anew: a table that was nearly empty may have filled meanwhile. Behind a pooler that gives every
transaction another connection they are not found; then nothing is prepared any more.
"""

import logging
import math
import re
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

KEPT_SECONDS = 10
_NOT_FOUND, _THERE_ALREADY = "26000", "42P05"
"""SQLSTATE of a statement that is not prepared, and of one that is (PostgreSQL, appendix A)."""
_PARAMETER = re.compile("%([%s])")

Sql = tuple[str, tuple[Any, ...]]


class Prepared:
    """What the connections of this process have prepared: names of statements, and when the first of them was."""

    def __init__(self) -> None:
        """Nothing is prepared yet."""
        self.works = True
        self._names: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
        self._since: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
        self._written: dict[Sql, tuple[str, str, tuple[Any, ...]]] = {}

    def call(self, sql: str, params: tuple[Any, ...], types: Mapping[Any, str]) -> Sql:
        """Return what executes the statement with other values, after it was prepared if need be.

        ``types``: of the params that change from call to call; all others are part of the statement. Returned are these, each once.
        """
        if (sql, params) not in self._written:
            self._written[sql, params] = _written(sql, params, types)
        name, definition, places = self._written[sql, params]
        self._prepare(name, definition)
        return f"EXECUTE {name}{_listed(['%s'] * len(places))}", places

    def renew(self) -> None:
        """Forget what was prepared a while ago; to be called before the calls of one execution, never between them."""
        if connection.connection is not None and time.monotonic() - self._since.get(connection.connection, math.inf) > KEPT_SECONDS:
            self._forget()

    def is_foreign(self, error: DatabaseError) -> bool:
        """Tell whether a statement failed only because this connection is not always the same; from then on nothing is prepared."""
        if getattr(error.__cause__, "sqlstate", None) not in {_NOT_FOUND, _THERE_ALREADY}:
            return False
        logger.info("prepared statements are lost between transactions, probably by a pooler: going without")
        self.works = False
        return True

    def _prepare(self, name: str, definition: str) -> None:
        key, now = connection.connection, time.monotonic()
        if key is None:
            connection.ensure_connection()
            key = connection.connection
        names = self._names.setdefault(key, set())
        if name not in names:
            with connection.cursor() as cursor:
                cursor.execute(definition)
            self._since.setdefault(key, now)
            names.add(name)

    def _forget(self) -> None:
        connection.ensure_connection()
        names = self._names.pop(connection.connection, set())
        self._since.pop(connection.connection, None)
        if names:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(f"DEALLOCATE {name}" for name in sorted(names)))


def _written(sql: str, params: tuple[Any, ...], types: Mapping[Any, str]) -> tuple[str, str, tuple[Any, ...]]:
    """Return the statement's name, what prepares it, and its params in the order in which a call gives them.

    The name says what the statement is, so that nobody else's is taken for it.
    """
    places: dict[Any, int] = {}
    left = iter(params)

    def replaced(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        value = next(left)
        if value not in types:
            return str(connection.ops.compose_sql("%s", [value]))  # type: ignore[attr-defined]  # PostgreSQL's has it
        return f"${places.setdefault(value, len(places) + 1)}"

    text = _PARAMETER.sub(replaced, sql)
    declared = _listed([types[value] for value in places])
    name = f"notifier_{sha256(f'{declared} {text}'.encode()).hexdigest()[:32]}"
    return name, f"PREPARE {name}{declared} AS {text}", tuple(places)


def _listed(words: Sequence[str]) -> str:
    return f" ({', '.join(words)})" if words else ""
