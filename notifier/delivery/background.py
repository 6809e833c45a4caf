"""A thread beside the loop of connections, with a connection to the database of its own: the loop hears its servers while the database works."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from django.db import connection

Result = TypeVar("Result")


class Background:
    """Does one thing after another. In a transaction, and with SQLite, which lets one write at a time, the caller itself does them.

    ``is_thread``: work is done while the caller goes on.
    """

    def __init__(self, name: str, *, done: Callable[[], None]) -> None:
        """``done`` is called in the thread whenever something has been done there."""
        self._name, self._done = name, done
        self._thread: ThreadPoolExecutor | None = None
        self.is_thread = connection.vendor == "postgresql" and not connection.in_atomic_block

    def __enter__(self) -> Self:
        """No thread is begun before there is work."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        """Wait for what is being done, and close the connection."""
        if self._thread is not None:
            self._thread.submit(lambda: connection.close())  # noqa: PLW0108  # the thread's own: each has another
            self._thread.shutdown()

    def submit(self, act: Callable[[], Result]) -> "Future[Result]":
        """Have it done; the future is done already where there is no thread."""
        if not self.is_thread:
            return _at_once(act)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=self._name)
        future = self._thread.submit(act)
        future.add_done_callback(lambda _future: self._done())
        return future


def _at_once(act: Callable[[], Result]) -> "Future[Result]":
    future: Future[Result] = Future()
    try:
        future.set_result(act())
    except Exception as error:  # noqa: BLE001  # whoever asks for the result is told, as with a thread
        future.set_exception(error)
    return future
