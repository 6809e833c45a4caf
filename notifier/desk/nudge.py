"""Ask the dispatcher to look now: by the task's name, without importing it. The tick is the guarantee, this only the haste."""

import logging

from celery import current_app

logger = logging.getLogger(__name__)


def nudge() -> None:
    """Send the task; never raises: without a broker the next tick finds what is due."""
    try:
        current_app.send_task("notifier.delivery.dispatch", expires=60, retry=False)
    except Exception as error:  # noqa: BLE001  # whatever the broker's client raises must not reach the planner's request
        logger.warning("the dispatcher was not nudged (%s); the next tick will find what is due", type(error).__name__)
