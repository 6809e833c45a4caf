"""What a notice would say otherwise than what was said before, in a planner's words."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from maintenance.said import Said, SaidWindow
from maintenance.states import WindowState
from notifier.desk.shown import ShownMoment, language_name


def differences(before: Said, now: Said, zone: ZoneInfo) -> list[str]:
    """Return a line for each thing that changes; moments by the clocks of ``zone``."""
    lines = [line for window in now.windows for line in _window(window, before.window(window.number), now.reference, zone)]
    if before.impact != now.impact:
        lines.append(_("Impact: “%(before)s” becomes “%(now)s”.") % {"before": before.impact.label, "now": now.impact.label})
    if before.expected_outage_minutes != now.expected_outage_minutes:
        minutes = {"before": before.expected_outage_minutes, "now": now.expected_outage_minutes}
        lines.append(_("Expected outage: %(before)d minutes become %(now)d.") % minutes)
    languages = sorted(language for language in {*before.texts, *now.texts} if before.texts.get(language) != now.texts.get(language))
    if languages:
        lines.append(_("The words change in: %(languages)s.") % {"languages": ", ".join(language_name(language) for language in languages)})
    return lines


def _window(window: SaidWindow, told: SaidWindow | None, reference: str, zone: ZoneInfo) -> Iterator[str]:
    name = f"{reference}.{window.number}"
    times = {"window": name, "start": ShownMoment.of(window.start, zone).local, "end": ShownMoment.of(window.end, zone).local}
    if told is None:
        yield _("Window %(window)s is new: %(start)s to %(end)s.") % times
        return
    if window.state != told.state:
        yield _("Window %(window)s: %(state)s.") % {"window": name, "state": window.state.label}
        if window.state in {WindowState.CANCELLED, WindowState.POSTPONED}:
            return
    if (window.start, window.end) != (told.start, told.end):
        was = {"old_start": ShownMoment.of(told.start, zone).local, "old_end": ShownMoment.of(told.end, zone).local}
        yield _("Window %(window)s: %(start)s to %(end)s, instead of %(old_start)s to %(old_end)s.") % (times | was)
    if window.alternate and not told.alternate:
        yield _("Window %(window)s becomes an alternate, used only if the work cannot be done in the others.") % times
    elif told.alternate and not window.alternate:
        yield _("Window %(window)s is an alternate no more: the work is done in it.") % times
