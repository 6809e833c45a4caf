"""The sentences of a calendar entry, made inside ``translation.override`` of the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Customer
from maintenance.models import NoticeService
from maintenance.said import Said, SaidWindow
from maintenance.states import Impact, WindowState
from notifier import moments
from notifier.durations import duration, lasting


@dataclass(frozen=True)
class Shown:
    """One window for one customer: ``hit`` are its services there, ``impact`` the worst of them, ``state`` what became of it.

    ``late``: the customer was told of it without the notice promised; ``presumed``: nobody has reported the state, the clock tells it.
    """

    said: Said
    window: SaidWindow
    state: WindowState
    impact: Impact
    hit: tuple[NoticeService, ...]
    customer: Customer
    language: str
    zone: ZoneInfo
    late: bool = False
    presumed: bool = False


def summary(shown: Shown) -> str:
    """Return the entry's headline; a cancelled one says so, as some calendars (Outlook) show cancelled entries like any other."""
    line = _("%(impact)s: %(title)s (%(reference)s)") % {
        "impact": capfirst(str(shown.impact.label)),
        "title": shown.said.text(shown.language)[0].title,
        "reference": shown.said.reference,
    }
    if shown.state in (WindowState.CANCELLED, WindowState.POSTPONED):
        return _("Cancelled: %(summary)s") % {"summary": line}
    if is_alternate(shown.window, shown.state):
        return _("Alternate date: %(summary)s") % {"summary": line}
    return line


def description(shown: Shown) -> str:
    """Return the facts that the mail gives, as plain text in paragraphs; what the planner typed stays as typed."""
    paragraphs = (_headline(shown), _times(shown), _impact(shown), _planner(shown), _services(shown))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def became(state: WindowState) -> str:
    """Return what has become of a window; empty where it is to come."""
    return {
        WindowState.IN_PROGRESS: _("The work is in progress."),
        WindowState.COMPLETED: _("The work has been completed."),
        WindowState.NOT_COMPLETED: _("The work has ended without being completed."),
        WindowState.POSTPONED: _("This window has been postponed. It will not take place at this time."),
        WindowState.CANCELLED: _("This window has been cancelled. It will not take place."),
        WindowState.PRESUMED_ENDED: not_reported(),
    }.get(state, "")


def not_reported() -> str:
    """Return what to know where a window's state comes from the clock alone."""
    return _("We have not been told yet how this work goes.")


def alternate() -> str:
    """Return what an alternate window is for."""
    return _("This is an alternate date. It is used only if the work cannot be done at the other times.")


def is_alternate(window: SaidWindow, state: WindowState) -> bool:
    """Tell whether a window may come, but only instead of another."""
    return window.alternate and state in (WindowState.DRAFT, WindowState.ANNOUNCED)


def _headline(shown: Shown) -> str:
    lines = [_("Maintenance %(reference)s, window %(number)d") % {"reference": shown.said.reference, "number": shown.window.number}]
    if standing := not_reported() if shown.presumed else became(shown.state):
        lines.append(standing)
    if is_alternate(shown.window, shown.state):
        lines.append(alternate())
    if shown.window.overran_from:
        lines.append(_("The work takes longer than announced. It was to end at this time: %(moment)s") % {"moment": _both(shown.window.overran_from, shown)})
    if shown.said.reason and shown.state in (WindowState.CANCELLED, WindowState.POSTPONED):
        lines.append(_("Reason: %(reason)s") % {"reason": shown.said.reason})
    if shown.window.emergency:
        lines.append(_emergency(shown.said))
    if shown.late:
        lines.append(_("This work was announced at short notice, without the notice that we promise."))
    if shown.said.supplier and shown.said.supplier_reference:
        names = {"supplier": shown.said.supplier, "reference": shown.said.supplier_reference}
        lines.append(_("This is work of our supplier %(supplier)s, whose reference for it is %(reference)s.") % names)
    elif shown.said.supplier:
        lines.append(_("This is work of our supplier %(supplier)s.") % {"supplier": shown.said.supplier})
    return "\n".join(lines)


def _emergency(said: Said) -> str:
    sentence = ngettext(
        "This is emergency maintenance. It takes place without the usual notice of %(days)d day, because of the P1 incident %(incident)s: %(title)s",
        "This is emergency maintenance. It takes place without the usual notice of %(days)d days, because of the P1 incident %(incident)s: %(title)s",
        settings.NOTICE_DAYS,
    )
    return sentence % {"days": settings.NOTICE_DAYS, "incident": said.incident, "title": said.incident_title}


def _times(shown: Shown) -> str:
    start, end = shown.window.start, shown.window.end
    lines = [
        _("Start: %(moment)s") % {"moment": _both(start, shown)},
        _("End: %(moment)s") % {"moment": _both(end, shown)},
    ]
    if moments.crosses_change(start, end, shown.zone):
        change = _("The clocks change within this window: it starts in %(before)s and ends in %(after)s. It lasts %(duration)s.")
        lasts = lasting(start, end)
        lines.append(change % {"before": moments.offset(start, shown.zone), "after": moments.offset(end, shown.zone), "duration": lasts})
    return "\n".join(lines)


def _both(moment: datetime, shown: Shown) -> str:
    local = moments.full(moment, shown.zone, shown.language)
    return _("%(local)s = %(utc)s") % {"local": local, "utc": moments.in_utc(moment, shown.language)}


def _impact(shown: Shown) -> str:
    minutes = shown.said.expected_outage_minutes
    lines = [_("Impact: %(impact)s") % {"impact": shown.impact.label}]
    if minutes and shown.impact != Impact.NO_IMPACT:
        expected = ngettext(
            "Expect service to be affected for up to %(duration)s within the window, not for all of it.",
            "Expect service to be affected for up to %(duration)s within each window, not for all of it.",
            1,
        )
        lines.append(expected % {"duration": duration(minutes)})
    return "\n".join(lines)


def _planner(shown: Shown) -> str:
    text, language = shown.said.text(shown.language)
    paragraphs = [text.impact.strip(), text.description.strip()]
    if language != shown.language:
        name = moments.language_name(language, shown.language)
        paragraphs.insert(0, _("Our description of this work is not available in your language. It is given below in %(language)s.") % {"language": name})
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _services(shown: Shown) -> str:
    lines = [_("Account: %(account)s (%(name)s)") % {"account": shown.customer.account, "name": shown.customer.name}]
    if shown.hit:
        lines.append(_("Services affected:"))
    lines += [
        _("- %(object)s (%(component)s): %(impact)s") % {"object": row.object_id, "component": row.component.name, "impact": Impact(row.impact).label}
        for row in shown.hit
    ]
    return "\n".join(lines)
