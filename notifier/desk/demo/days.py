"""Work whose windows are given in days from now, turned into the format of maintenance files, which has dates."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from maintenance.walltime import readings

Work = dict[str, Any]


def dated(works: list[Work], *, now: datetime) -> list[Work]:
    """Return the works with dates: ``{"day": 25, "time": "23:00"}`` is that wall time, 25 days after today in the work's time zone.

    Where the clocks change just then, so that a wall time does not exist or exists twice, all windows of the work are a day later.
    """
    return [{**work, "windows": _windows(work, now=now)} for work in works]


def _windows(work: Work, *, now: datetime) -> list[dict[str, str]]:
    zone = ZoneInfo(work["timezone"])
    today = now.astimezone(zone).date()
    while True:
        windows = [{name: _wall(today, moment) for name, moment in window.items()} for window in work["windows"]]
        if all(len(readings(wall, zone)) == 1 for window in windows for wall in window.values()):
            return [{name: wall.isoformat(timespec="minutes") for name, wall in window.items()} for window in windows]
        today += timedelta(days=1)


def _wall(today: date, moment: dict[str, Any]) -> datetime:
    return datetime.combine(today + timedelta(days=moment["day"]), time.fromisoformat(moment["time"]))
