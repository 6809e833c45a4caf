"""What a calendar shows, as plain values: one entry for each window and customer."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    """One VEVENT. Moments are UTC; ``stamp`` is both DTSTAMP and LAST-MODIFIED.

    ``status`` is RFC 5545's STATUS; ``maintnote_status``, ``impact`` and the impacts in ``objects`` are words of the NANOG maintnote
    draft (``IN-PROCESS``, ``REDUCED-REDUNDANCY``). ``objects`` holds pairs of object id and impact, ``maintenance_id`` is ``REF.n``.
    """

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    end: datetime
    summary: str
    description: str
    status: str
    maintnote_status: str
    organizer_name: str
    organizer_email: str
    provider: str
    account: str
    maintenance_id: str
    objects: tuple[tuple[str, str], ...]
    impact: str
    language: str
    url: str = ""


@dataclass(frozen=True)
class Calendar:
    """One iCalendar object. ``zone`` is an IANA name; ``refresh_minutes`` is how often to fetch it again, 0 where it is no feed."""

    name: str
    description: str
    language: str
    zone: str
    entries: tuple[Entry, ...]
    refresh_minutes: int = 0
