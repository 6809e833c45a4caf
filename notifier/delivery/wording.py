"""The sentences of a mail, made inside ``translation.override`` of the reader's language; templates only arrange them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.said import Said
from maintenance.states import Impact, Kind, WindowState
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


def became(state: WindowState) -> str:
    """Return what has become of a window; empty where it is to come."""
    return {
        WindowState.IN_PROGRESS: _("The work is in progress."),
        WindowState.COMPLETED: _("The work has been completed."),
        WindowState.NOT_COMPLETED: _("The work has ended without being completed."),
        WindowState.POSTPONED: _("This window has been postponed. It will not take place at this time."),
        WindowState.CANCELLED: _("This window has been cancelled. It will not take place."),
    }.get(state, "")


def lead(kind: str, said: Said) -> list[str]:
    """Return the opening paragraphs: what this notice means, whose work it is, and why it is cancelled or in haste."""
    paragraphs = [_opening(kind, said)]
    if kind == Kind.CANCELLED and said.reason:
        paragraphs.append(_("Reason: %(reason)s") % {"reason": said.reason})
    if said.supplier and said.supplier_reference:
        names = {"supplier": said.supplier, "reference": said.supplier_reference}
        paragraphs.append(_("This is work of our supplier %(supplier)s, whose reference for it is %(reference)s.") % names)
    elif said.supplier:
        paragraphs.append(_("This is work of our supplier %(supplier)s.") % {"supplier": said.supplier})
    return paragraphs


def _opening(kind: str, said: Said) -> str:
    if kind == Kind.EMERGENCY:
        sentence = ngettext(
            "This is emergency maintenance. It takes place without the usual notice of %(days)d day, because of the P1 incident %(incident)s (%(title)s).",
            "This is emergency maintenance. It takes place without the usual notice of %(days)d days, because of the P1 incident %(incident)s (%(title)s).",
            settings.NOTICE_DAYS,
        )
        return sentence % {"days": settings.NOTICE_DAYS, "incident": said.incident, "title": said.incident_title}
    return {
        Kind.ANNOUNCED.value: _("Maintenance is planned that affects services of yours. Below is when, what you will notice and how to reach us."),
        Kind.REVISED.value: _("The times of maintenance that we told you about have changed. The new times below replace the old ones."),
        Kind.CANCELLED.value: _(
            "The maintenance that we told you about will not take place, and your services are not affected. There is nothing for you to do."
        ),
    }[kind]


def foreign_text(written_in: str, language: str) -> str:
    """Return the sentence that says in which language the provider's own words are; empty where it is the reader's."""
    if written_in == language:
        return ""
    return _("Our description of this work is not available in your language. It is given below in %(language)s.") % {
        "language": moments.language_name(written_in, language),
    }


def addressed(name: str, accounts: Sequence[str]) -> str:
    """Return who gets this mail and why."""
    sentence = ngettext(
        "This notice is for %(name)s, as a contact of account %(accounts)s at %(provider)s.",
        "This notice is for %(name)s, as a contact of the accounts %(accounts)s at %(provider)s.",
        len(accounts),
    )
    return sentence % {"name": name, "accounts": ", ".join(accounts), "provider": settings.PROVIDER_NAME}
