"""The floor of the promise in SQL that each database can evaluate by itself, from outside Django too.

``Dialect`` holds what the two databases write differently; the functions below it return conditions under which a row is refused,
where NEW is the row that is written and OLD what it was. ``triggers`` puts them into the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Func
from django.db.models.sql.compiler import SQLCompiler

from maintenance.states import TOLD_STATES

FLOOR_HOURS = 240
"""Ten days (DOMAIN.md, 1), as elapsed time."""
MOST_DAYS_AFTER_P1 = 90
"""The largest that EMERGENCY_DAYS_AFTER_P1 may be."""
_TOLD = ", ".join(f"'{state}'" for state in TOLD_STATES)


class FloorBefore(Func):
    """The instant ``FLOOR_HOURS`` before a moment.

    SQLite keeps moments as text in UTC, ``YYYY-MM-DD HH:MM:SS[.ffffff]``: texts of that form compare as the
    moments do. A text that is no moment gives NULL, which COALESCE turns into one before all others, so that the CHECK fails.
    """

    output_field = DateTimeField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # noqa: ANN401  # Django's own signature
        """``datetime(start, '-240 hours')``, with the fraction of a second put back: SQLite's own arithmetic rounds it."""
        earlier = f"COALESCE(datetime(substr(%(expressions)s, 1, 19), '-{FLOOR_HOURS} hours') || substr(%(expressions)s, 20), '')"
        sql, params = self.as_sql(compiler, connection, template=earlier, **context)
        return sql, (*params, *params)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # noqa: ANN401  # Django's own signature
        """``start - interval '240 hours'``."""
        return self.as_sql(compiler, connection, template=f"((%(expressions)s)::timestamptz - interval '{FLOOR_HOURS} hours')", **context)


@dataclass(frozen=True)
class Dialect:
    """How one database writes it. ``windows``: the windows that a notice ``n`` says, as ``w.value``.

    ``field``, ``flag`` and ``moment`` take the name of a field of such a window. ``hours`` adds to a moment of a row. ``stored`` tells
    whether a column holds a moment as Django writes it.
    """

    distinct: str
    windows: str
    field: str
    flag: str
    moment: str
    hours: str
    stored: str


SQLITE = Dialect(
    distinct="IS NOT",
    windows="json_each(n.said_json, '$.windows') w",
    field="json_extract(w.value, '$.{0}')",
    flag="COALESCE(json_extract(w.value, '$.{0}'), 0)",
    # ISO 8601 with offset to the form in which Django stores moments; julianday() and strftime() would lose the microseconds
    moment=(
        "datetime(substr(json_extract(w.value, '$.{0}'), 1, 19) || substr(json_extract(w.value, '$.{0}'), -6))"
        " || substr(json_extract(w.value, '$.{0}'), 20, length(json_extract(w.value, '$.{0}')) - 25)"
    ),
    hours="(datetime(substr({0}, 1, 19), '{1:+d} hours') || substr({0}, 20))",
    # a column of SQLite takes anything, and orders 5 before every text and "2027-01-01T" after "2027-01-01 "
    stored=(
        "(typeof({0}) = 'text' AND datetime(substr({0}, 1, 19), '+0 days') IS substr({0}, 1, 19)"
        " AND (length({0}) = 19 OR substr({0}, 20) GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]'))"
    ),
)
POSTGRESQL = Dialect(
    distinct="IS DISTINCT FROM",
    windows="jsonb_array_elements(n.said_json -> 'windows') w(value)",
    field="(w.value ->> '{0}')",
    flag="COALESCE((w.value ->> '{0}')::boolean, false)",
    moment="(w.value ->> '{0}')::timestamptz",
    hours="{0} + interval '{1:+d} hours'",
    stored="true",
)


def changed(dialect: Dialect, columns: Sequence[str]) -> str:
    """Any of the columns gets another value."""
    return "(" + " OR ".join(f'NEW."{column}" {dialect.distinct} OLD."{column}"' for column in columns) + ")"


def no_moment(dialect: Dialect, column: str) -> str:
    """The column does not hold a moment as Django writes it, so that comparing would prove nothing."""
    stored = dialect.stored.format(f'NEW."{column}"')
    return f"NOT {stored}"


def not_as_told(dialect: Dialect) -> str:
    """A told window outside what the newest notice that names it says of it, withdrawn there, or on another basis.

    Once it runs it may take longer: then its start alone counts. A notice may call planned work an emergency, for customers who came later.
    """
    newest = f"""SELECT {dialect.moment.format("start")} AS said_start, {dialect.moment.format("end")} AS said_end,
            {dialect.field.format("state")} AS said_state, {dialect.flag.format("late")} AS said_late, {dialect.flag.format("emergency")} AS said_emergency
        FROM maintenance_notice n, {dialect.windows}
        WHERE n.maintenance_id = NEW.maintenance_id AND {dialect.field.format("number")} = {_number(dialect)}
        ORDER BY n.revision DESC LIMIT 1"""  # noqa: S608  # no value from outside
    return f"""NEW.state IN ({_TOLD}) AND ({no_moment(dialect, "start")} OR {no_moment(dialect, "end")} OR NOT EXISTS (
        SELECT 1 FROM ({newest}) said
        WHERE said_start <= NEW.start AND (said_end >= NEW."end" OR NEW.state <> 'announced') AND said_state IN ({_TOLD})
            AND said_late = (NEW.basis = 'late') AND (said_emergency OR NEW.basis <> 'emergency')))"""  # noqa: S608  # no value from outside


def _number(dialect: Dialect) -> str:
    return "NEW.number::text" if dialect is POSTGRESQL else "NEW.number"


def not_promised(dialect: Dialect) -> str:
    """A told window of planned work for which some instant was not named by notices of ``promised_since`` or before, ten days ahead.

    Once it runs it may take longer: then its start alone counts. What notices called withdrawn was not promised.
    """
    promises = f"""SELECT {dialect.moment.format("start")} AS said_start, {dialect.moment.format("end")} AS said_end
        FROM maintenance_notice n, {dialect.windows}
        WHERE n.maintenance_id = NEW.maintenance_id AND n.issued_at <= NEW.promised_since AND {dialect.field.format("state")} IN ({_TOLD})"""  # noqa: S608  # no value from outside
    # every instant is named if one interval holds all, or else if the start is named, and so is each end of an interval that lies within
    points = f"""SELECT NEW.start AS point UNION
        SELECT said_end FROM ({promises}) told WHERE NEW.state = 'announced' AND said_end > NEW.start AND said_end < NEW."end\""""  # noqa: S608  # no value from outside
    return f"""NEW.state IN ({_TOLD}) AND NEW.basis = 'planned' AND (
        NOT EXISTS (SELECT 1 FROM maintenance_notice n WHERE n.maintenance_id = NEW.maintenance_id AND n.issued_at = NEW.promised_since)
        OR NEW.promised_since > {dialect.hours.format("NEW.start", -FLOOR_HOURS)}
        OR NOT EXISTS (SELECT 1 FROM ({promises}) told WHERE said_start <= NEW.start AND said_end >= NEW."end")
        AND EXISTS (SELECT 1 FROM ({points}) points
            WHERE NOT EXISTS (SELECT 1 FROM ({promises}) told WHERE said_start <= point AND said_end > point)))"""  # noqa: S608  # no value from outside


def no_p1(dialect: Dialect) -> str:
    """A told window of an emergency whose incident does not justify it: never a P1, found not to have been one, or lowered or closed too long before."""
    latest = dialect.hours.format("i.p1_until", MOST_DAYS_AFTER_P1 * 24)
    return f"""NEW.state IN ({_TOLD}) AND NEW.basis = 'emergency' AND NOT EXISTS (
        SELECT 1 FROM maintenance_incident i
        WHERE i.id = NEW.incident_id AND i.p1_identified_at IS NOT NULL AND i.refuted_at IS NULL AND (i.p1_until IS NULL OR NEW.start <= {latest}))"""  # noqa: S608  # no value from outside


def newly_told(dialect: Dialect) -> str:
    """The window becomes one that was told, or takes another basis, incident or start."""
    return f"(OLD.state NOT IN ({_TOLD}) OR {changed(dialect, ['basis', 'incident_id', 'start'])} OR (NEW.state = 'announced' AND OLD.state <> 'announced'))"


def before_its_notice(dialect: Dialect) -> str:
    """Notice was accepted at no moment, or before it was issued."""
    return f"{no_moment(dialect, 'accepted_at')} OR NEW.accepted_at < (SELECT n.issued_at FROM maintenance_notice n WHERE n.id = NEW.notice_id)"  # noqa: S608  # no value from outside
