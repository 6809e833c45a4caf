"""What a case stands on: servers, installations and mail servers of its own, all of which end with it."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Protocol

from tests.faults.judge import Verdict
from tests.faults.post import Post
from tests.faults.program import Program, Templates
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis


class SkippedError(Exception):
    """The case can't be shown on this machine; its text says why."""


def skip(reason: str) -> NoReturn:
    """Give the case up: loudly, and counted."""
    raise SkippedError(reason)


@dataclass
class Ground:
    """``quick``: smaller numbers, for CI. ``tell`` prints what happens meanwhile."""

    folder: Path
    postgres: Postgres
    templates: Templates
    quick: bool
    tell: Callable[[str], None]
    stack: ExitStack = field(default_factory=ExitStack)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def size(self, full: int, quick: int) -> int:
        """Return one of two numbers."""
        return quick if self.quick else full

    def place(self, name: str) -> Path:
        """Return a new folder."""
        folder = self.folder / f"{next(self._numbers)}-{name}"
        folder.mkdir(parents=True)
        return folder

    def post(self, name: str = "post") -> Post:
        """Start a mail server."""
        return self.stack.enter_context(Post(self.place(name) / "journal"))

    def redis(self) -> Redis:
        """Start a Redis."""
        return self.stack.enter_context(Redis())

    def own_postgres(self) -> Postgres:
        """Start a PostgreSQL that keeps what it has committed when it is killed."""
        return self.stack.enter_context(Postgres(durable=True))

    def production(self, fill: str, post: Post, *, redis: Redis, postgres: Postgres | None = None, **variables: str) -> Program:
        """Return an installation on PostgreSQL and Redis; nothing of it runs yet."""
        given = {"EMAIL_URL": post.url, "REDIS_URL": redis.url()} | variables
        return self.stack.enter_context(self.templates.copy(postgres or self.postgres, self.place("program"), fill, **given))

    def lonely(self, fill: str, post: Post, *, postgres: Postgres | None = None, **variables: str) -> Program:
        """Return an installation without Redis, on SQLite unless ``postgres`` is given."""
        return self.stack.enter_context(self.templates.copy(postgres, self.place("program"), fill, EMAIL_URL=post.url, **variables))


class Case(Protocol):
    """A module of ``cases``."""

    WHAT: str
    """One line for the table."""

    def run(self, ground: Ground) -> Verdict:
        """Do it to the program."""

    def naive(self, ground: Ground) -> Verdict:
        """Do it to the naive sender."""
