"""Work beside the loop of connections, done by the test itself."""

from notifier.delivery.background import Background


def aside(name: str) -> Background:
    """Return one that has no thread and wakes nobody."""
    made = Background(name, done=lambda: None)
    made.is_thread = False
    return made
