"""How far a notice's mails are, in words: "3,120 of 5,000 accepted, 4 failed, done in about 40 s"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifier import moments
from notifier.delivery.progress import Outlook, Progress
from notifier.desk.shown import language

_MINUTE, _HOUR = 60, 3600
_IN_SECONDS, _IN_MINUTES = 90, 5400
"""Up to so many seconds people think in seconds, and in minutes."""
_STEP = 5
_QUICKLY, _SLOWLY = 5, 60


@dataclass(frozen=True)
class ShownProgress:
    """``text`` says it all; ``ended`` of ``total`` is for a bar, where there are mails.

    ``stalled``: somebody should look; ``waits``: for its time, minutes or days.
    """

    text: str
    ended: int
    total: int
    stalled: bool
    waits: bool

    @classmethod
    def of(cls, progress: Progress, zone: ZoneInfo, *, now: datetime) -> Self:
        """Say it by the clocks of ``zone``, in the planner's language."""
        parts = [part for part in (*_numbers(progress), _end(progress, zone, now=now)) if part]
        return cls(", ".join(parts), progress.ended, progress.total, progress.outlook is Outlook.STALLED, progress.outlook is Outlook.PLANNED)


def refresh(shown: Iterable[ShownProgress | None]) -> int:
    """Return after how many seconds a page is to look again; 0: not at all, as nothing is on its way."""
    found = [one.waits for one in shown if one is not None]
    return 0 if not found else _SLOWLY if all(found) else _QUICKLY


def about(span: timedelta) -> str:
    """Return a length of time as ``40 s``, ``12 min`` or ``2 h``, rounded up as one rounds a wait."""
    seconds = max(1, round(span.total_seconds()))
    if seconds <= _IN_SECONDS:
        return _("%(count)d s") % {"count": -(-seconds // _STEP) * _STEP}
    if seconds <= _IN_MINUTES:
        return _("%(count)d min") % {"count": -(-seconds // _MINUTE)}
    return _("%(count)d h") % {"count": -(-seconds // _HOUR)}


def _numbers(progress: Progress) -> list[str]:
    if not progress.total:
        return []
    named = {"accepted": _number(progress.accepted), "total": _number(progress.total)}
    parts = [ngettext("%(accepted)s of %(total)s accepted", "%(accepted)s of %(total)s accepted", progress.total) % named]
    if progress.failed:
        parts.append(ngettext("%(count)s failed", "%(count)s failed", progress.failed) % {"count": _number(progress.failed)})
    if progress.unknown:
        parts.append(ngettext("%(count)s unknown", "%(count)s unknown", progress.unknown) % {"count": _number(progress.unknown)})
    if progress.withdrawn:
        parts.append(ngettext("%(count)s withdrawn", "%(count)s withdrawn", progress.withdrawn) % {"count": _number(progress.withdrawn)})
    return parts


def _end(progress: Progress, zone: ZoneInfo, *, now: datetime) -> str:
    if progress.outlook is Outlook.MOVING and progress.remaining is not None:
        return _("done in about %(time)s") % {"time": about(progress.remaining)}
    if progress.outlook is Outlook.PLANNED and progress.until is not None:
        moment = moments.day_and_clock(progress.until, zone, language())
        return _("the last is due %(moment)s (%(zone)s)") % {"moment": moment, "zone": zone.key}
    if progress.outlook is Outlook.STALLED and progress.since is not None:
        return _("nothing has moved for about %(time)s: the mail server cannot be reached, other mails go first, or no worker runs") % {
            "time": about(now - progress.since)
        }
    return {
        Outlook.PREPARING: _("mails are being prepared"),
        Outlook.STARTING: _("sending"),
    }.get(progress.outlook, "")


def _number(number: int) -> str:
    return str(format_decimal(number, locale=moments.locale(language())))
