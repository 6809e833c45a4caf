"""What leaves a command: tasks for the broker, and the way it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from celery import Celery
from django.core.management import CommandError


def exit_1(error: CommandError) -> str:
    """Return the last message of a command that ends with the exit code 1."""
    assert error.returncode == 1
    return str(error)


@contextmanager
def tasks_sent() -> Iterator[list[str]]:
    """Collect the names of the tasks that the block sends, and send none."""
    names: list[str] = []
    with patch.object(Celery, "send_task", lambda _app, name, *_args, **_options: names.append(name)):
        yield names
