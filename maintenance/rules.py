"""The rules that the settings give."""

from datetime import timedelta

from django.conf import settings

from customers.notice_days import FLOOR_DAYS
from maintenance.policy import Rules


def rules() -> Rules:
    """Return the rules in force; never less than the floor of ten days."""
    return Rules(
        days=max(FLOOR_DAYS, settings.NOTICE_DAYS),
        margin=timedelta(hours=settings.NOTICE_MARGIN_HOURS),
        days_after_p1=settings.EMERGENCY_DAYS_AFTER_P1,
    )
