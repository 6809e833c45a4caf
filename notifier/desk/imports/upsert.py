"""Insert or update many rows by key, in a number of queries that does not grow with each row."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model

from customers.models import Operator

BATCH = 1000
"""Rows a statement; databases that take fewer parameters get smaller ones from Django."""

Key = tuple[Any, ...]


class Change(Enum):
    """What an import does to a row."""

    ADDED = "added"  # the key was not there
    UPDATED = "updated"  # the key was there with other values
    UNCHANGED = "unchanged"  # nothing is written


def upsert(model: type[Model], *, key: Sequence[str], columns: Sequence[str], wanted: Mapping[Key, tuple[Any, ...]]) -> dict[Key, Change]:
    """Bring the rows of ``wanted`` (key -> values of ``columns``) about and return what that changed; others stay as they are.

    ``key`` must have a unique constraint of its own. Time zones are given by name.
    """
    rows = model._default_manager
    found = {row[: len(key)]: row[len(key) :] for row in map(_plain, rows.values_list(*key, *columns))}
    changes = {values: Change.ADDED if values not in found else Change.UNCHANGED if found[values] == wanted[values] else Change.UPDATED for values in wanted}
    rows.bulk_create(
        [model(**dict(zip((*key, *columns), (*values, *wanted[values]), strict=True))) for values, change in changes.items() if change is not Change.UNCHANGED],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=key,
        update_fields=columns,
    )
    return changes


def operators_by_code(codes: Iterable[str]) -> dict[str, Operator]:
    """Return the operators with these codes; unknown ones are created."""
    wanted = {code for code in codes if code}
    known = _operators(wanted)
    missing = sorted(wanted - set(known))
    if not missing:
        return known
    Operator.objects.bulk_create([Operator(code=code) for code in missing], ignore_conflicts=True)
    return _operators(wanted)


def _operators(wanted: set[str]) -> dict[str, Operator]:
    return {operator.code: operator for operator in Operator.objects.all() if operator.code in wanted}


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value.key if isinstance(value, ZoneInfo) else value for value in row)
