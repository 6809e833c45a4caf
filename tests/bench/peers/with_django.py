"""Django itself: ``send_messages`` over one connection, each mail built for its recipient when it is its turn."""

from collections.abc import Callable

from django.core.mail import get_connection

from tests.bench.peers.content import Scene


def queue(scene: str, number: int) -> Callable[[], int]:
    """There is no queue: all of the work is in sending."""
    content = Scene.read(scene)

    def send() -> int:
        with get_connection("django.core.mail.backends.smtp.EmailBackend") as connection:
            return sum(connection.send_messages([mail]) or 0 for mail in content.mails(number))

    return send
