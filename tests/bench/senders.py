"""``python -m tests.bench.senders``: mails a second and CPU time a mail, side by side, of ours, of other senders and of ``smtplib`` itself.

Every sender gives the same mail (text, HTML, calendar) to Postfix's ``smtp-sink``. One process is measured at a time, on a core of its own,
with sink and database on the others; only where two workers send, everything shares all cores. Rounds are interleaved, and each figure is
the median of its ratios to ``smtplib`` within a round, as a machine is not equally quick all the time.
"""

import argparse
import base64
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.figures import Table, line, verdicts
from tests.bench.processes import ALL, ROOT, SENDER, SERVERS, move, on_cores, run, run_together
from tests.bench.sink import Sink
from tests.environment import SECRET_KEY
from tests.servers.postgres import Postgres
from tests.servers.smtp import SmtpServer

PEERS = ROOT / ".venv-bench" / "bin" / "python"
MANY = 32
"""Connections of a worker that has a mail server of its own."""
COLUMNS = {"sender": -22, "database": -10, "workers": 7, "octets": 6, "mails/s": 8, "ratio": 6, "CPU us/mail": 11, "queued us/mail": 14, "peak MB": 8}


@dataclass(frozen=True)
class Sender:
    """One line of the table. ``send`` returns the figures of each of its processes."""

    name: str
    database: str
    send: Callable[[int], list[dict[str, Any]]]
    workers: int = 1
    rounds: list[dict[str, float]] = field(default_factory=list)


class Bench:
    """Where everything stands: a folder, a sink, a PostgreSQL whose commits are durable, and the mail that all send."""

    def __init__(self, stack: ExitStack, options: argparse.Namespace) -> None:
        """Start the servers, make the databases and take one of our mails apart for the others."""
        self.options = options
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="notifier-bench-")))
        self.folder.chmod(0o755)
        with on_cores(SERVERS):
            self.sink = stack.enter_context(Sink())
            self.postgres = stack.enter_context(Postgres(durable=True))
        self.port = self.sink.port
        self.addresses = {"SQLite": "", "PostgreSQL": self.postgres.create("ours")}
        self.scene = str(self.folder / "scene.json")
        (self.folder / "static").mkdir()
        for database in self.addresses:
            run("tests.bench.inside", "fill", str(options.mails), "feeds", variables=self.ours(database))
        run("tests.bench.inside", "notice", "sql", self.scene, variables=self.ours("PostgreSQL"))
        run("tests.bench.inside", "send", variables=self.ours("PostgreSQL"))  # the database is warm, and nothing waits any more

    def ours(self, database: str) -> dict[str, str]:
        """Return the environment of our processes."""
        settings = "notifier.settings" if self.options.styled else "tests.bench.plain_settings"
        return {
            "DJANGO_SETTINGS_MODULE": settings,
            "DATA_DIR": str(self.folder),
            "SECRET_KEY": SECRET_KEY,
            "DATABASE_URL": self.addresses[database],
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
            "FIRST_NOTICE": "at_once",
            "MAILS_PER_HOUR": "0",
        }

    def raw(self, number: int) -> list[dict[str, Any]]:
        """Let ``smtplib`` send."""
        return [run("tests.bench.raw", self.scene, str(number), str(self.port), variables={}, cores=SENDER)]

    def peer(self, name: str, database: str = "", **variables: str) -> Callable[[int], list[dict[str, Any]]]:
        """Return how a peer sends."""
        folder = self.folder / "-".join((name, database, *variables.values()))
        folder.mkdir()
        address = self.postgres.create(folder.name.lower().replace("-", "_")) if database == "PostgreSQL" else ""

        def send(number: int) -> list[dict[str, Any]]:
            known = {"DJANGO_SETTINGS_MODULE": "tests.bench.peers.settings", "BENCH_PORT": str(self.port), "BENCH_FOLDER": str(folder), **variables}
            known["BENCH_DATABASE"] = address
            return [run("tests.bench.peers", name, self.scene, str(number), variables=known, cores=SENDER, python=str(PEERS))]

        return send

    def worker(self, database: str, *, workers: int = 1, cores: str = SENDER, connections: int = 0) -> Callable[[int], list[dict[str, Any]]]:
        """Return how our workers send: a new notice to all contacts, then the dispatcher of each worker. ``connections`` of each, if not the default."""

        def send(number: int) -> list[dict[str, Any]]:
            del number  # as many as there are contacts
            variables = self.ours(database) | ({"SMTP_CONNECTIONS": str(connections)} if connections else {})
            made = run("tests.bench.inside", "notice", "sql", variables=variables)
            for pid in (self.sink.pid, self.postgres.pid):
                move(pid, ALL if cores == ALL else SERVERS)
            figures = run_together([("tests.bench.inside", "send")] * workers, variables=variables, cores=cores)
            return [{**one, "queued": made["fan_out"] / made["mails"] * one["done"]} for one in figures]

        return send


def main() -> int:
    """Measure; return the exit code."""
    options = parser().parse_args()
    with ExitStack() as stack:
        bench = Bench(stack, options)
        senders = _senders(bench)
        octets = {id(sender): _octets(bench, sender) for sender in senders}
        for number in range(options.rounds):
            line(f"round {number + 1} of {options.rounds}")
            for sender in senders:
                _measure(sender, options.peer_mails if _is_peer(sender) else options.mails)
        return _tell(senders, octets, options)


def parser() -> argparse.ArgumentParser:
    """Return what can be chosen."""
    made = argparse.ArgumentParser(prog="python -m tests.bench.senders", description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--mails", type=int, default=5_000, help="of smtplib and of ours, in each round")
    made.add_argument("--peer-mails", type=int, default=1_000, help="of each peer in each round")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--styled", action="store_true", help="with the usual style sheet: about 16 kB a mail")
    made.add_argument("--only-ours", action="store_true", help="without the peers")
    return made


def _senders(bench: Bench) -> list[Sender]:
    ours = [
        Sender("ours", "SQLite", bench.worker("SQLite")),
        Sender("ours", "PostgreSQL", bench.worker("PostgreSQL")),
        Sender(f"ours, {MANY} connections", "SQLite", bench.worker("SQLite", connections=MANY)),
        Sender(f"ours, {MANY} connections", "PostgreSQL", bench.worker("PostgreSQL", connections=MANY)),
        Sender("ours, shared cores", "PostgreSQL", bench.worker("PostgreSQL", cores=ALL)),
        Sender("ours, shared cores", "PostgreSQL", bench.worker("PostgreSQL", workers=2, cores=ALL), workers=2),
    ]
    limit = Sender("smtplib", "", bench.raw)
    if bench.options.only_ours:
        return [limit, *ours]
    if not PEERS.exists():
        line("the peers are not installed (.venv-bench): make bench installs them")
        return [limit, *ours]
    peers = [Sender("Django", "", bench.peer("django"))]
    for database in bench.addresses:
        peers += [
            Sender("post-office, 1 thread", database, bench.peer("post_office", database, BENCH_THREADS="1")),
            Sender("post-office, 5 threads", database, bench.peer("post_office", database, BENCH_THREADS="5")),
            Sender("mailer", database, bench.peer("mailer", database)),
        ]
    return [limit, *peers, *ours]


def _is_peer(sender: Sender) -> bool:
    return sender.name != "smtplib" and not sender.name.startswith("ours")


def _octets(bench: Bench, sender: Sender) -> int:
    """Return how long its mails are: a few of a peer's go to a server that keeps them; ``smtplib`` is given one of ours."""
    if not _is_peer(sender):
        return len(base64.b64decode(json.loads(Path(bench.scene).read_text())["content"]))
    with SmtpServer() as server:
        before, bench.port = bench.port, server.port
        try:
            sender.send(5)
        finally:
            bench.port = before
        return sum(len(one.data) for one in server.received) // len(server.received)


def _measure(sender: Sender, number: int) -> None:
    figures = sender.send(number)
    done = sum(one["done"] for one in figures)
    wall = max(one["ended"] for one in figures) - min(one["begun"] for one in figures)
    sender.rounds.append(
        {
            "mails": done,
            "rate": done / wall,
            "cpu": sum(one["cpu"] for one in figures) / done * 1e6,
            "queued": sum(one.get("queued", 0) for one in figures) / done * 1e6,
            "peak": sum(one["peak_mb"] for one in figures),
        },
    )


def _ratio(sender: Sender, other: Sender) -> float:
    return statistics.median(one["rate"] / limit["rate"] for one, limit in zip(sender.rounds, other.rounds, strict=True))


def _tell(senders: list[Sender], octets: dict[int, int], options: argparse.Namespace) -> int:
    """Print the table and what was to be reached; return the exit code."""
    table = Table("senders", COLUMNS, told={"rounds": options.rounds, "sink": "smtp-sink"})
    for sender in senders:
        median = {name: statistics.median(one[name] for one in sender.rounds) for name in sender.rounds[0]}
        table.add(
            sender=sender.name,
            database=sender.database,
            workers=sender.workers,
            octets=octets[id(sender)],
            ratio=_ratio(sender, senders[0]),
            mails=median["mails"],
            rounds=sender.rounds,
            **{
                "mails/s": median["rate"],
                "CPU_us/mail": median["cpu"],
                "queued_us/mail": median["queued"],
                "peak_MB": max(one["peak"] for one in sender.rounds),
            },
        )
    return verdicts(_aims(senders))


def _aims(senders: list[Sender]) -> list[tuple[str, bool]]:
    """Return what was to be reached, and whether it was."""
    limit = senders[0]
    one, many, shared, two = [sender for sender in senders if sender.name.startswith("ours") and sender.database == "PostgreSQL"]
    alone, beside = _ratio(two, one), _ratio(two, shared)
    ours, quick, peers = _ratio(one, limit), _ratio(many, limit), [_ratio(sender, limit) for sender in senders if _is_peer(sender)]
    return [
        (f"one worker on one core, PostgreSQL: {quick:.2f} times smtplib with {MANY} connections, {ours:.2f} with the default (at least 1.0)", quick >= 1),
        (f"two workers: {alone:.2f} times one on a core of its own, {beside:.2f} times one that shares the cores (at least 1.2)", min(alone, beside) >= 1.2),
        *((f"faster than every peer (the best does {best:.2f})", ours > best) for best in sorted(peers)[-1:]),
    ]


if __name__ == "__main__":
    sys.exit(main())
