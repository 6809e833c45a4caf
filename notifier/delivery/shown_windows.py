"""The windows of a mail as its reader sees them: by their clock, with offset and UTC."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.said import Interval, SaidWindow
from maintenance.states import PROGRESS_KINDS, Kind, WindowState
from notifier import moments
from notifier.calendars import words
from notifier.delivery import wording
from notifier.delivery.letter import Letter

_NOT_TO_COME = {WindowState.CANCELLED, WindowState.POSTPONED}
_TELL_OF_OTHER_TIMES = (Kind.REVISED, Kind.EASED, Kind.EMERGENCY, Kind.LATE)


@dataclass(frozen=True)
class Moment:
    """One moment, to be read: by the reader's clock, the zone with its offset, and in UTC (empty where that is the reader's)."""

    local: str
    zone: str
    utc: str


@dataclass(frozen=True)
class Times:
    """Start and end, and what to know where the clocks change in between."""

    start: Moment
    end: Moment
    change: str


@dataclass(frozen=True)
class ShownWindow:
    """One window; ``label`` where there are several, ``gone`` where it will not take place, ``was`` where it had other times.

    ``standing`` says what has become of it, or that it is only an alternate.
    """

    label: str
    times: Times
    was: Times | None
    gone: bool
    standing: str


def shown_windows(letter: Letter) -> list[ShownWindow]:
    """Return the windows that the mail shows."""
    alone = len(letter.touching()) == 1
    return [_window(window, letter, alone=alone) for window in letter.windows()]


def coming(letter: Letter) -> tuple[SaidWindow, ...]:
    """Return those of the mail's windows that take place, or are taking place, alternates too."""
    return tuple(window for window in letter.windows() if not _gone(window, letter.kind))


def dated(letter: Letter) -> list[SaidWindow]:
    """Return the windows whose dates stand for the whole, by start: those that take place, alternates only where there is nothing else."""
    found = coming(letter) or letter.windows()
    certain = [window for window in found if not window.alternate]
    return sorted(certain or found, key=lambda window: (window.start, window.number))


def others(letter: Letter) -> int:
    """Return how many windows are still to come as announced, apart from the one that the mail is about."""
    shown = {window.number for window in letter.windows()}
    return sum(window.number not in shown and window.state == WindowState.ANNOUNCED and not window.alternate for window in letter.touching())


def first_date(windows: Sequence[SaidWindow], zone: ZoneInfo, language: str) -> str:
    """Return the date for the subject: the first start, and how many windows there are; empty without any."""
    if not windows:
        return ""
    when = moments.short(windows[0].start, zone, language)
    if len(windows) == 1:
        return when
    return ngettext("%(when)s (%(count)d window)", "%(when)s (%(count)d windows)", len(windows)) % {"when": when, "count": len(windows)}


def last_end(windows: Iterable[SaidWindow], zone: ZoneInfo, language: str) -> str:
    """Return the date and time of the last end, for the subject; empty without windows."""
    ends = [window.end for window in windows]
    return moments.short(max(ends), zone, language) if ends else ""


def span(windows: Sequence[SaidWindow], zone: ZoneInfo, language: str) -> str:
    """Return in one line from when to when it all is; empty without windows."""
    if not windows:
        return ""
    start, end = windows[0].start, max(window.end for window in windows)
    names = [moments.named_offset(moment, zone, language) for moment in (start, end)]
    times = {
        "start": f"{moments.short(start, zone, language)} {names[0]}" if names[0] != names[1] else moments.short(start, zone, language),
        "end": f"{moments.short(end, zone, language)} {names[1]}",
        "count": len(windows),
    }
    if len(windows) == 1:
        return _("%(start)s to %(end)s") % times
    return ngettext("%(count)d window, %(start)s to %(end)s", "%(count)d windows between %(start)s and %(end)s", len(windows)) % times


def _gone(window: SaidWindow, kind: str) -> bool:
    return window.state in _NOT_TO_COME or (kind == Kind.CANCELLED and window.state in {WindowState.DRAFT, WindowState.ANNOUNCED})


def _moment(moment: datetime, zone: ZoneInfo, language: str) -> Moment:
    name = moments.named_offset(moment, zone, language)
    utc = "" if zone.key in {"UTC", "Etc/UTC"} else moments.in_utc(moment, language)
    return Moment(moments.day_and_clock(moment, zone, language), name, utc)


def _times(interval: SaidWindow | Interval, zone: ZoneInfo, language: str) -> Times:
    start, end = (_moment(moment, zone, language) for moment in (interval.start, interval.end))
    return Times(start, end, wording.clock_change(interval.start, interval.end, zone))


def _window(window: SaidWindow, letter: Letter, *, alone: bool) -> ShownWindow:
    gone = _gone(window, letter.kind)
    before = _before(window, letter)
    return ShownWindow(
        label="" if alone else _("Window %(number)d") % {"number": window.number},
        times=_times(window, letter.zone, letter.language),
        was=replace(_times(before, letter.zone, letter.language), change="") if before and not gone else None,
        gone=gone,
        standing=_standing(window, letter.kind, gone=gone),
    )


def _before(window: SaidWindow, letter: Letter) -> Interval | None:
    """Return the times that the mail replaces, if it does."""
    if letter.kind == Kind.EXTENDED:
        return Interval(window.start, window.overran_from) if window.overran_from else None
    return window.previous if letter.kind in _TELL_OF_OTHER_TIMES and not letter.is_first else None


def _standing(window: SaidWindow, kind: str, *, gone: bool) -> str:
    if kind in PROGRESS_KINDS:
        return ""  # it is what the whole mail says
    if gone and kind == Kind.CANCELLED:
        return words.became(WindowState.CANCELLED)
    return words.became(window.state) or (words.alternate() if window.alternate else "")
