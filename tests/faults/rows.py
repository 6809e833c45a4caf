"""The deliveries as the program's database has them, read without the program."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

_FACTS = 7
_QUERY = """
    SELECT n.uid, d.id, m.reference, n.revision, d.address, d.kind, d.state, d.reason, d.attempts,
           d.first_due_at, d.deadline, d.handed_over_at, d.settled_at, d.accepted_at
    FROM delivery_delivery d JOIN maintenance_notice n ON n.id = d.notice_id JOIN maintenance_maintenance m ON m.id = n.maintenance_id
    ORDER BY d.id
"""


@dataclass(frozen=True)
class Row:
    """One delivery; moments are seconds since 1970."""

    name: str
    pk: int
    reference: str
    revision: int
    address: str
    kind: str
    state: str
    reason: str
    attempts: int
    first_due_at: float | None
    deadline: float | None
    handed_over_at: float | None
    settled_at: float | None
    accepted_at: float | None


@dataclass(frozen=True)
class Store:
    """A database of an installation: ``url`` of PostgreSQL, or the ``file`` of SQLite."""

    url: str = ""
    file: Path | None = None

    def rows(self) -> list[Row]:
        """Return every delivery."""
        return [
            Row(f"{str(uid).replace('-', '')}-{pk}", pk, *facts, *map(_moment, moments))
            for uid, pk, *rest in self.ask(_QUERY)
            for facts, moments in [(rest[:_FACTS], rest[_FACTS:])]
        ]

    def states(self) -> dict[str, int]:
        """Return how many deliveries are in which state."""
        return dict(self.ask("SELECT state, count(*) FROM delivery_delivery GROUP BY state"))

    def open(self) -> int:
        """Return how many deliveries are not settled."""
        states = self.states()
        return states.get("queued", 0) + states.get("sending", 0)

    def ask(self, query: str) -> list[Any]:
        """Return all rows of a query."""
        if self.url:
            with psycopg.connect(self.url, connect_timeout=5) as connection:
                return connection.execute(query.encode()).fetchall()
        lite = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)
        try:
            return lite.execute(query).fetchall()
        finally:
            lite.close()

    def run(self, statement: str) -> None:
        """Change something, as only the tests may."""
        if self.url:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(statement.encode())
            return
        lite = sqlite3.connect(self.file or "", timeout=30)
        try:
            with lite:
                lite.execute(statement)
        finally:
            lite.close()


def _moment(value: object) -> float | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
