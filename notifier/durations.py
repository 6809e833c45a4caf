"""Lengths of time as people read them; Babel lacks the words for some of our languages."""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_HOUR = 60
_LONGEST_IN_MINUTES = 90
"""Up to here people think in minutes; beyond, in hours and minutes."""


def duration(minutes: int) -> str:
    """Return a number of minutes in words, as ``45 minutes`` or ``3 hours and 20 minutes``."""
    hours, rest = divmod(minutes, _HOUR)
    if rest and minutes <= _LONGEST_IN_MINUTES:
        hours, rest = 0, minutes
    in_hours = ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    in_minutes = ngettext("%(minutes)d minute", "%(minutes)d minutes", rest) % {"minutes": rest}
    if hours and rest:
        return _("%(hours)s and %(minutes)s") % {"hours": in_hours, "minutes": in_minutes}
    return in_hours if hours else in_minutes


def lasting(start: datetime, end: datetime) -> str:
    """Return how long it is from start to end, in real time, whatever the clocks do."""
    return duration((end.astimezone(UTC) - start.astimezone(UTC)) // timedelta(minutes=1))
