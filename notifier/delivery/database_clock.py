"""The database's clock: leases alone go by it, as the clocks of workers differ (DESIGN.md section 3)."""

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
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


class SteadyClock:
    """The database's present moment, asked for once in a while and carried on by the monotonic clock in between: a worker's own may step."""

    def __init__(self, *, keep_seconds: float = 60) -> None:
        """``keep_seconds``: so long a reading is used."""
        self._keep, self._read = keep_seconds, (-math.inf, datetime.min.replace(tzinfo=UTC))  # one value: threads share it

    def __call__(self) -> datetime:
        """Return the moment."""
        read_at, moment = self._read
        if time.monotonic() - read_at > self._keep:
            with connection.cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()" if connection.vendor == "postgresql" else "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
                read = cursor.fetchone()[0]
            moment = read.astimezone(UTC) if isinstance(read, datetime) else datetime.fromisoformat(read).replace(tzinfo=UTC)
            read_at = time.monotonic()
            self._read = read_at, moment
        return moment + timedelta(seconds=time.monotonic() - read_at)
