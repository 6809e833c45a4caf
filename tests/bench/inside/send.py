"""Send everything that is due by the dispatcher itself: claim, compose, hand over, settle."""

from django.conf import settings
from django.db import connection

from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.send import dispatch
from tests.bench.measured import measured


def main() -> None:
    """Wait for the word, and send."""
    connection.ensure_connection()
    measured(dispatch, connections=settings.SMTP_CONNECTIONS, waiting=Delivery.objects.filter(state=DeliveryState.QUEUED).count())
