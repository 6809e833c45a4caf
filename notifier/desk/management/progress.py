"""Progress for whoever waits at a terminal."""

from collections.abc import Callable

from django.core.management.base import OutputWrapper


def on_terminal(stderr: OutputWrapper) -> Callable[[str], None]:
    """Return what writes a line of progress, or does nothing where standard error is no terminal."""

    def write(text: str) -> None:
        if stderr.isatty():
            stderr.write(text, style_func=str)

    return write
