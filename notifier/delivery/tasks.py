"""What Celery runs; nobody imports it."""

from celery import shared_task

from notifier.delivery.database_clock import SteadyClock
from notifier.delivery.tick import tick

LONGEST_SECONDS = 120


@shared_task(name="notifier.delivery.dispatch", ignore_result=True)
def dispatch_task() -> None:
    """Do and send what is due; what is left after ``LONGEST_SECONDS`` the next tick takes up."""
    tick(clock=SteadyClock(), stop_after=LONGEST_SECONDS)


@shared_task(name="notifier.delivery.heard", ignore_result=True)
def heard_task() -> None:
    """Nothing: that a worker receives it shows its watchdog that it hears."""
