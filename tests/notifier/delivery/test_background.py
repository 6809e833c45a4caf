"""Work beside the loop of connections: by a thread with a connection of its own on PostgreSQL, else by the caller."""

import threading
import time

import pytest
from django.db import connection

from notifier.delivery.background import Background

NOT_SQLITE = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")


def pid() -> int:
    """Return which server process the calling thread's connection has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found: int = cursor.fetchone()[0]
    return found


def alive(one: int) -> bool:
    """Tell whether that server process is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [one])
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
def test_in_a_transaction_the_caller_does_it_at_once() -> None:
    with Background("test", done=lambda: pytest.fail("nobody has to be woken")) as aside:
        future = aside.submit(threading.get_ident)
        assert (future.done(), future.result(), aside.is_thread) == (True, threading.get_ident(), False)
        failed = aside.submit(lambda: 1 // 0)
        assert failed.done()
        with pytest.raises(ZeroDivisionError):
            failed.result()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_with_sqlite_the_caller_does_it_at_once() -> None:
    with Background("test", done=lambda: None) as aside:
        assert aside.is_thread == (connection.vendor == "postgresql")


@NOT_SQLITE
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_thread_does_one_thing_after_another_on_its_own_connection_and_closes_it() -> None:
    woken: list[str] = []
    begun = threading.Event()
    go_on = threading.Event()

    def wait() -> str:
        begun.set()
        assert go_on.wait(10)
        return "waited"

    with Background("test", done=lambda: woken.append(threading.current_thread().name)) as aside:
        first, second = aside.submit(wait), aside.submit(pid)
        assert begun.wait(10)
        assert not first.done()  # the caller goes on
        assert not second.done()
        go_on.set()
        theirs = second.result(10)
        assert (first.result(), theirs == pid()) == ("waited", False)
        assert aside.submit(pid).result(10) == theirs
        failed = aside.submit(lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            failed.result(10)
    assert set(woken) == {"test_0"}
    assert len(woken) == 4
    ends = time.monotonic() + 10
    while alive(theirs) and time.monotonic() < ends:
        time.sleep(0.01)
    assert not alive(theirs)


@NOT_SQLITE
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_end_waits_for_what_is_being_done_also_after_an_error() -> None:
    done: list[str] = []

    def slow() -> None:
        time.sleep(0.2)
        done.append("slow")

    with pytest.raises(ZeroDivisionError), Background("test", done=lambda: None) as aside:
        assert not aside.submit(slow).done() / 0
    assert done == ["slow"]
