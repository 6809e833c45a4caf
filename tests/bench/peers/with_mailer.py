"""django-mailer: its backend as the queue, in batches, then ``send_all``."""

from collections.abc import Callable

from django.core.mail import get_connection
from django.core.management import call_command
from mailer.engine import send_all
from mailer.models import Message

from tests.bench.peers.content import Scene


def queue(scene: str, number: int) -> Callable[[], int]:
    """Queue the mails; the backend writes them with one insertion."""
    call_command("migrate", verbosity=0)
    get_connection("mailer.backend.DbBackend").send_messages(list(Scene.read(scene).mails(number)))

    def send() -> int:
        waiting = Message.objects.count()
        send_all()
        return int(waiting - Message.objects.count())

    return send
