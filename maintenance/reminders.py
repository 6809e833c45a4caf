"""Which reminders are due: announced windows by the rules of tier and impact, each once for the start that it has now.

A start that is eased within what was promised is no new one: whoever was reminded of the work is not reminded again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from maintenance.models import Reminded, UpdateRule, Window
from maintenance.states import WindowState


@dataclass(frozen=True)
class DueReminder:
    """``hours`` before the start it was due. ``needed``: the notice is older than that, and no reminder was due since it; otherwise it is fresh in mind."""

    window: Window
    hours: int
    needed: bool


@dataclass(frozen=True)
class _Turns:
    """What Reminded says: by window (primary key) and hours, for which starts, and when."""

    had: Mapping[tuple[int, int], Sequence[tuple[datetime, datetime]]]

    @classmethod
    def of(cls, windows: QuerySet[Window]) -> "_Turns":
        """Read them, in one query."""
        had = defaultdict(list)
        for window, hours, start, done_at in Reminded.objects.filter(window__in=windows).values_list("window_id", "hours", "start", "done_at"):
            had[window, hours].append((start, done_at))
        return cls(had)

    def has_had(self, window: Window, hours: int) -> bool:
        """Tell whether its turn was taken for the start that it has now."""
        return any(start == window.start for start, _done_at in self.had.get((window.pk, hours), ()))

    def has_had_since(self, window: Window, hours: int, moment: datetime) -> bool:
        """Tell whether its turn was taken, for any start, at or after a moment."""
        return any(done_at >= moment for _start, done_at in self.had.get((window.pk, hours), ()))


def due_reminders(now: datetime) -> list[DueReminder]:
    """Return what is due and has not had its turn, by start; once a window has begun, nothing is. The number of queries is constant."""
    hours_of: dict[str, set[int]] = defaultdict(set)
    for impact, hours in UpdateRule.objects.filter(reminder_hours__isnull=False).values_list("impact", "reminder_hours").distinct():
        hours_of[impact].add(hours or 0)
    if not hours_of:
        return []
    longest = timedelta(hours=max(max(hours) for hours in hours_of.values()))
    near = Window.objects.filter(state=WindowState.ANNOUNCED, alternate=False, start__gt=now, start__lte=now + longest, maintenance__impact__in=list(hours_of))
    windows = near.select_related("maintenance").order_by("start", "pk")
    turns = _Turns.of(near)
    return [
        DueReminder(window, hours, needed=_is_needed(window, hours, turns))
        for window in windows
        for hours in sorted(hours_of[window.maintenance.impact], reverse=True)
        if window.start - timedelta(hours=hours) <= now and not turns.has_had(window, hours)
    ]


def _is_needed(window: Window, hours: int, turns: _Turns) -> bool:
    since = window.promised_since
    return since is not None and since < window.start - timedelta(hours=hours) and not turns.has_had_since(window, hours, since)
