"""Which reminders are due: announced windows by the rules of tier and impact, each once for the start that it has now."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from maintenance.models import Reminded, UpdateRule, Window
from maintenance.states import WindowState


@dataclass(frozen=True)
class DueReminder:
    """``hours`` before the start it was due. ``needed``: the notice is older than that; whoever was told since needs no reminder."""

    window: Window
    hours: int
    needed: bool


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
    done = set(Reminded.objects.filter(window__in=near).values_list("window_id", "start", "hours"))
    return [
        DueReminder(window, hours, needed=window.promised_since is not None and window.promised_since < window.start - timedelta(hours=hours))
        for window in windows
        for hours in sorted(hours_of[window.maintenance.impact], reverse=True)
        if window.start - timedelta(hours=hours) <= now and (window.pk, window.start, hours) not in done
    ]
