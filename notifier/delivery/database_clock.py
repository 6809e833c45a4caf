"""The database's clock: leases alone go by it, as the clocks of workers differ (DESIGN.md section 3)."""

from datetime import timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Func
from django.db.models.sql.compiler import SQLCompiler


class DatabaseTime(Func):
    """The database's present moment plus some time; on PostgreSQL the real one, not the transaction's start.

    SQLite gives milliseconds as text; compare it only with what this function wrote.
    """

    output_field = DateTimeField()
    arity = 0

    def __init__(self, later: timedelta = timedelta(0)) -> None:
        """``later``: how far ahead of now."""
        super().__init__()
        self.seconds = f"{later.total_seconds():+.3f}"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # noqa: ANN401  # Django's own signature
        """Text as Django writes it."""
        return self.as_sql(compiler, connection, template=f"strftime('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'now', '{self.seconds} seconds')", **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # noqa: ANN401  # Django's own signature
        """``clock_timestamp()``: ``now()`` stands still within a transaction."""
        return self.as_sql(compiler, connection, template=f"(clock_timestamp() + interval '{self.seconds} seconds')", **context)
