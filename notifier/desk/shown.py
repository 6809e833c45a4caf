"""How the desk shows moments: in the planner's language, by the clocks of one zone and in UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language

from notifier import moments


def language() -> str:
    """Return the language in which the planner reads this page."""
    return get_language() or settings.LANGUAGE_CODE


@dataclass(frozen=True)
class ShownMoment:
    """``local`` with the zone's offset; ``utc`` beside it, empty where the zone's clocks show UTC anyway."""

    local: str
    zone: str
    utc: str

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> Self:
        """Show a moment by the clocks of ``zone``."""
        local = f"{moments.short(moment, zone, language())} {moments.offset(moment, zone)}"
        return cls(local, zone.key, "" if zone.key in {"UTC", "Etc/UTC"} else moments.in_utc(moment, language()))

    def __str__(self) -> str:
        """Return it on one line."""
        return f"{self.local} ({self.utc})" if self.utc else self.local


def utc(moment: datetime | None) -> str:
    """Return a moment in UTC, or a dash."""
    return moments.in_utc(moment, language()) if moment else "–"


def language_name(code: str) -> str:
    """Return what the planner calls one of our languages."""
    return moments.language_name(code, language())
