"""The floor of the promise in SQL that each database can evaluate by itself, from outside Django too."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Func
from django.db.models.sql.compiler import SQLCompiler

FLOOR_HOURS = 240
"""Ten days (DOMAIN.md, 1), as elapsed time."""


class FloorBefore(Func):
    """The instant ``FLOOR_HOURS`` before a moment.

    SQLite keeps moments as text in UTC, ``YYYY-MM-DD HH:MM:SS[.ffffff]``: texts of that form compare as the
    moments do. A text that is no moment gives NULL, which COALESCE turns into one before all others, so that the CHECK fails.
    """

    output_field = DateTimeField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # noqa: ANN401  # Django's own signature
        """``datetime(start, '-240 hours')``."""
        return self.as_sql(compiler, connection, template=f"COALESCE(datetime(%(expressions)s, '-{FLOOR_HOURS} hours'), '')", **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # noqa: ANN401  # Django's own signature
        """``start - interval '240 hours'``."""
        return self.as_sql(compiler, connection, template=f"((%(expressions)s)::timestamptz - interval '{FLOOR_HOURS} hours')", **context)
