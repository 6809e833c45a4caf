"""Triggers: rules of the database that a CHECK cannot state, as they look at other rows or at what the row was before.

A refused write raises IntegrityError in Django, and fails just so from ``sqlite3`` and ``psql``. Deleting is not guarded.

SQLite changes a table by making a new one (Django's ``AlterField``, ``AddConstraint`` ...): its triggers go with the old one, and
those of other tables that read it stop the change. So a migration that changes one of these tables wraps its operations:
``operations = aside([...])``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.operations.base import Operation

from maintenance.floor import POSTGRESQL, SQLITE, Dialect, before_its_notice, changed, newly_told, no_moment, no_p1, not_as_told, not_promised

_INTERVAL = ("maintenance_id", "number", "start", "end", "state", "basis", "incident_id", "promised_since")
"""What the rules for windows look at: nothing is asked where none of it changes."""


@dataclass(frozen=True)
class Trigger:
    """``rule`` names it in errors; a row is refused on ``event`` (insert or update) of ``table`` where ``condition`` is true; ``why`` says so in words."""

    rule: str
    table: str
    event: str
    condition: str
    why: str

    @property
    def name(self) -> str:
        """Of the trigger, and in PostgreSQL of its function."""
        return f"{self.rule}_{self.event}"


def triggers(vendor: str) -> list[Trigger]:
    """Return all of them in one database's SQL; ``vendor`` as in Django's connections."""
    dialect = POSTGRESQL if vendor == "postgresql" else SQLITE
    return [*_of_windows(dialect), *_of_moments(dialect), *_frozen(dialect)]


def _of_windows(dialect: Dialect) -> list[Trigger]:
    moved = changed(dialect, _INTERVAL)
    rules = [
        ("window_within_what_was_told", not_as_told(dialect), moved, "the newest notice that names the window does not say so"),
        ("window_promised_by_notice", not_promised(dialect), moved, "no notice named this interval ten days ahead"),
        ("window_emergency_has_p1", no_p1(dialect), newly_told(dialect), "the incident does not justify work without the full notice"),
    ]
    return [
        trigger
        for rule, condition, when, why in rules
        for trigger in (
            Trigger(rule, "maintenance_window", "insert", condition, why),
            Trigger(rule, "maintenance_window", "update", f"{when} AND {condition}", why),
        )
    ]


def _of_moments(dialect: Dialect) -> list[Trigger]:
    """Notice counts from its moment, so it has one (PostgreSQL's types see to that)."""
    rules = [Trigger("served_after_its_notice", "maintenance_served", "insert", before_its_notice(dialect), "accepted before it was issued")]
    if dialect is SQLITE:
        rules.append(Trigger("notice_issued_at_a_moment", "maintenance_notice", "insert", no_moment(dialect, "issued_at"), "not a moment"))
    return rules


def _frozen(dialect: Dialect) -> list[Trigger]:
    """Evidence: what is written stays; a revocation and a breach's reason can be added once."""

    def frozen(rule: str, table: str, columns: Sequence[str], besides: str = "") -> Trigger:
        condition = changed(dialect, columns) + (f" OR {besides}" if besides else "")
        return Trigger(rule, f"maintenance_{table}", "update", condition, "evidence is not changed")

    unrevoked = f"(OLD.revoked_at IS NOT NULL AND {changed(dialect, ['revoked_at'])})"
    reasoned = f"(OLD.reason <> '' AND {changed(dialect, ['reason', 'reason_by'])})"
    besides = {"served": unrevoked, "breach": reasoned}
    rows = [frozen(rule, table, columns, besides.get(table, "")) for rule, table, columns in _STAYS]
    decided = f"OLD.start_decision <> '{{}}' AND {changed(dialect, ['start_decision'])}"
    return [*rows, Trigger("start_decision_stays", "maintenance_window", "update", decided, "evidence is not changed")]


_STAYS = (
    ("notice_stays", "notice", ["id", "uid", "maintenance_id", "incident_id", "revision", "about", "issued_at", "issued_by", "said_json", "decision"]),
    ("notice_customer_stays", "noticecustomer", ["id", "notice_id", "customer_id", "kind", "deadline", "bases", "zone", "days"]),
    ("notice_service_stays", "noticeservice", ["id", "notice_id", "customer_id", "window_number", "object_id", "component_id", "impact", "joined"]),
    ("served_stays", "served", ["id", "notice_id", "customer_id", "accepted_at", "hop", "detail", "document", "recorded_by", "recorded_at"]),
    ("breach_stays", "breach", ["id", "window_id", "customer_id", "recorded_at", "recorded_by"]),
    ("acknowledgement_stays", "acknowledgement", ["id", "maintenance_id", "obstacle", "what", "reason", "recorded_at", "recorded_by"]),
    (
        "consent_stays",
        "consent",
        ["id", "window_id", "customer_id", "start", "end", "impact", "minutes", "given_at", "given_by", "document", "recorded_at", "recorded_by"],
    ),
)
"""Rule, table and columns that keep what was written."""


def install(connection: BaseDatabaseWrapper) -> None:
    """Put all of them into the database; those that are there already are replaced."""
    remove(connection)
    with connection.cursor() as cursor:
        for trigger in triggers(connection.vendor):
            if connection.vendor == "sqlite":
                cursor.execute(_sqlite(trigger))
                continue
            cursor.execute("SELECT quote_ident(current_schema())")
            cursor.execute(_postgresql(trigger, schema=cursor.fetchone()[0]))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take them away, those that are there."""
    with connection.cursor() as cursor:
        for trigger in triggers(connection.vendor):
            if connection.vendor == "sqlite":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"')
            else:
                cursor.execute(f'DROP FUNCTION IF EXISTS "{trigger.name}"() CASCADE')  # its trigger goes with it


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of those that the database does not have, or has switched off."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        found = {name for (name,) in cursor.fetchall()}
    return sorted({trigger.name for trigger in triggers(connection.vendor)} - found)


def aside(operations: Sequence[Operation]) -> list[Operation]:
    """Return a migration's operations with the triggers out of the way while they run."""
    return [RunPython(_remove, _install), *operations, put_up()]


def put_up() -> RunPython:
    """Return the operation that installs them, and in reverse takes them away."""
    return RunPython(_install, _remove)


def _install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001  # Django's own signature
    install(schema_editor.connection)


def _remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001  # Django's own signature
    remove(schema_editor.connection)


def _sqlite(trigger: Trigger) -> str:
    """After the write: NEW then holds what the table does, and the CHECKs have had their say."""
    return f"""CREATE TRIGGER "{trigger.name}" AFTER {trigger.event.upper()} ON "{trigger.table}" FOR EACH ROW WHEN {trigger.condition}
BEGIN SELECT RAISE(ABORT, '{trigger.rule}: {trigger.why}'); END"""


def _postgresql(trigger: Trigger, *, schema: str) -> str:
    """As ``_sqlite``. With its own search path: a temporary table of the same name would otherwise be read instead."""
    return f"""CREATE FUNCTION "{trigger.name}"() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $body$
BEGIN
    IF {trigger.condition} THEN
        RAISE EXCEPTION '{trigger.rule}: {trigger.why}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{trigger.rule}', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NULL;
END $body$;
CREATE TRIGGER "{trigger.name}" AFTER {trigger.event.upper()} ON "{trigger.table}" FOR EACH ROW EXECUTE FUNCTION "{trigger.name}"()"""
