"""Send everything that is due by the dispatcher itself: claim, compose, hand over, settle."""

from importlib import import_module

from django.conf import settings
from django.db import connection

from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.send import dispatch
from tests.bench.measured import measured


def main() -> None:
    """Wait for the word, and send."""
    connection.ensure_connection()
    import_module("holidays.countries")  # as a worker has it after its first mail
    measured(dispatch, connections=settings.SMTP_CONNECTIONS, waiting=Delivery.objects.filter(state=DeliveryState.QUEUED).count())
