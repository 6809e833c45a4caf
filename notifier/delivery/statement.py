"""A query that is asked over and over with other keys: Django writes its SQL once, which costs more than asking."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

_MOST = 64
"""Statements that are kept; numbers of keys are rounded up to a power of two, so that there are few."""


class Statement:
    """A queryset of plain values, made by a function of lists of primary keys; what it returns is as the database has it, unconverted."""

    def __init__(self, made_of: Callable[..., QuerySet[Any, Any]]) -> None:
        """``made_of`` takes the lists in the order in which they stand in the SQL, and uses no other parameter."""
        self._made_of = made_of
        self._written: dict[tuple[object, ...], str] = {}

    def rows(self, *lists: Sequence[int]) -> Sequence[tuple[Any, ...]]:
        """Return the rows; nothing where a list is empty."""
        if not all(lists):
            return ()
        padded = [[*keys, *[keys[-1]] * (_rounded(len(keys)) - len(keys))] for keys in lists]
        # Keys are written into the statement: psycopg takes one that has so many parameters to pieces anew for every execution.
        sql = self._sql(tuple(map(len, padded))) % tuple(int(key) for keys in padded for key in keys)
        with connection.cursor() as cursor:
            cursor.execute(sql)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def _sql(self, lengths: tuple[int, ...]) -> str:
        key = (connection.vendor, *lengths)
        sql = self._written.get(key)
        if sql is None:
            numbers = [list(range(length)) for length in lengths]
            sql, parameters = self._made_of(*numbers).query.sql_with_params()
            if list(parameters) != [number for keys in numbers for number in keys]:
                raise ValueError("the statement has parameters that are no keys")
            if len(self._written) >= _MOST:
                self._written.clear()
            self._written[key] = sql
        return sql


def _rounded(number: int) -> int:
    return 1 << (number - 1).bit_length()
