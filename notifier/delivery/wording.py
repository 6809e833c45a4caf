"""The sentences of a mail, made inside ``translation.override`` of the reader's language; templates only arrange them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.states import Impact, Kind
from notifier import moments
from notifier.durations import duration, lasting


def severity(impact: Impact, minutes: int, windows: int) -> str:
    """Return how bad it is, in a line: the impact and the minutes inside each window that service is really affected."""
    label = str(capfirst(impact.label))
    if impact == Impact.NO_IMPACT or not minutes:
        return label
    line = ngettext("%(impact)s, for up to %(duration)s within the window", "%(impact)s, for up to %(duration)s within each window", windows)
    return line % {"impact": label, "duration": duration(minutes)}


def minutes_affected(impact: Impact, minutes: int, windows: int) -> str:
    """Return the sentence that tells the window from the time that service is really affected; empty where there is none."""
    if impact == Impact.NO_IMPACT or not minutes:
        return ""
    sentence = ngettext(
        "Expect service to be affected for up to %(duration)s within the window, not for all of it.",
        "Expect service to be affected for up to %(duration)s within each window, not for all of it.",
        windows,
    )
    return sentence % {"duration": duration(minutes)}


def clock_change(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return what to know where the reader's clocks change between start and end; empty where they do not."""
    if not moments.crosses_change(start, end, zone):
        return ""
    return _("The clocks change within this window: it starts in %(before)s and ends in %(after)s. It lasts %(duration)s.") % {
        "before": moments.offset(start, zone),
        "after": moments.offset(end, zone),
        "duration": lasting(start, end),
    }


def others(number: int) -> str:
    """Return the sentence on the windows that the mail does not show; empty where there are none."""
    if not number:
        return ""
    sentence = ngettext(
        "%(count)d other window of this maintenance is still to come, as announced.",
        "%(count)d other windows of this maintenance are still to come, as announced.",
        number,
    )
    return sentence % {"count": number}


def foreign_text(kind: str, written_in: str, language: str) -> str:
    """Return the sentence that says in which language the provider's own words are; empty where it is the reader's."""
    if written_in == language:
        return ""
    name = {"language": moments.language_name(written_in, language)}
    if kind == Kind.ROOT_CAUSE:
        return _("This report is not available in your language. It is given below in %(language)s.") % name
    return _("Our description of this work is not available in your language. It is given below in %(language)s.") % name


def addressed(name: str, accounts: Sequence[str]) -> str:
    """Return who gets this mail and why."""
    sentence = ngettext(
        "This notice is for %(name)s, as a contact of account %(accounts)s at %(provider)s.",
        "This notice is for %(name)s, as a contact of the accounts %(accounts)s at %(provider)s.",
        len(accounts),
    )
    return sentence % {"name": name, "accounts": ", ".join(accounts), "provider": settings.PROVIDER_NAME}
