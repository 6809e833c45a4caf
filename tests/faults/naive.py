"""A sender as it is written without thinking of faults: ``python -m tests.faults.naive DATABASE PORT [--redis URL]``.

It selects what waits, sends it, and marks the batch as sent. With Redis each mail is a task in a list, put there once and taken off
before it is worked on. It keeps no lease and no marker, and looks at nothing again. What it shows is that the judge finds faults.
"""

import argparse
import contextlib
import smtplib
import sqlite3
import time
import traceback
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from redis import Redis

BATCH = 50
QUEUE = "naive"
_WAITING = """
    SELECT d.id, n.uid, d.address, d.timezone, d.kind FROM delivery_delivery d JOIN maintenance_notice n ON n.id = d.notice_id
    WHERE d.state = 'queued' AND d.due_at <= '{now}' {more} ORDER BY d.due_at, d.id LIMIT {most}
"""


class Sender:
    """One process of it."""

    def __init__(self, database: str, port: int, redis: str) -> None:
        """``database``: an address, or the file of SQLite."""
        self.database, self.port = database, port
        self.redis = Redis.from_url(redis) if redis else None

    def fill(self) -> None:
        """Make a task of each mail that waits; done once, when work is announced."""
        assert self.redis is not None
        ids = [row[0] for row in self._ask(_WAITING.format(now=_now(), more="", most=1_000_000))]
        if ids:
            self.redis.rpush(QUEUE, *ids)

    def go_on(self) -> None:
        """Work for ever; an error is printed, and the work begun again."""
        while True:
            try:
                if not self._turn():
                    time.sleep(0.1)
            except Exception:  # noqa: BLE001  # as it is often written
                traceback.print_exc()
                time.sleep(0.2)

    def _turn(self) -> bool:
        if self.redis is not None:
            taken = self.redis.lpop(QUEUE)
            rows = self._ask(_WAITING.format(now=_now(), more=f"AND d.id = {int(taken)}", most=1)) if isinstance(taken, bytes) else []
        else:
            rows = self._ask(_WAITING.format(now=_now(), more="", most=BATCH))
        if rows:
            self._send(rows)
        return bool(rows)

    def _send(self, rows: list[Any]) -> None:
        mails = [(pk, address, self._composed(pk, uid, address, zone, kind)) for pk, uid, address, zone, kind in rows]
        sent, failed = [], []
        with smtplib.SMTP("127.0.0.1", self.port) as server:
            for pk, address, content in mails:
                try:
                    server.sendmail("noc@provider.example", [address], content)
                except smtplib.SMTPResponseException:
                    failed.append(pk)
                except smtplib.SMTPRecipientsRefused:
                    failed.append(pk)
                else:
                    sent.append(pk)
        self._mark(sent, "sent", "accepted_at")
        self._mark(failed, "failed", "settled_at")

    def _composed(self, pk: int, uid: object, address: str, zone: str, kind: str) -> bytes:
        name = f"{str(uid).replace('-', '')}-{pk}"
        lines = [f"Message-ID: <{name}@provider.example>", f"To: {address}", f"Subject: {kind} ({ZoneInfo(zone)})", "", "Work.", ""]
        return "\r\n".join(lines).encode()

    def _mark(self, ids: list[int], state: str, when: str) -> None:
        if ids:
            listed = ", ".join(map(str, ids))
            self._do(f"UPDATE delivery_delivery SET state = '{state}', reason = 'refused', {when} = '{_now()}' WHERE id IN ({listed})")  # noqa: S608  # numbers

    def _ask(self, query: str) -> list[Any]:
        with contextlib.closing(self._connection()) as connection:
            return list(connection.execute(query).fetchall())

    def _do(self, statement: str) -> None:
        with contextlib.closing(self._connection()) as connection:
            connection.execute(statement)
            connection.commit()

    def _connection(self) -> Any:  # noqa: ANN401  # of one of two kinds
        if "://" in self.database:
            return psycopg.connect(self.database)
        return sqlite3.connect(self.database, timeout=30)


def _now() -> str:
    """Return the local clock as text; the servers of the tests keep UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())


def main() -> None:
    """Fill the queue, or work."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.naive")
    parser.add_argument("database")
    parser.add_argument("port", type=int)
    parser.add_argument("--redis", default="")
    parser.add_argument("--fill", action="store_true")
    options = parser.parse_args()
    sender = Sender(options.database, options.port, options.redis)
    if options.fill:
        sender.fill()
    else:
        sender.go_on()


if __name__ == "__main__":
    main()
