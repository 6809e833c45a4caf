"""Calendar entries of what a notice tells one customer."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import Customer
from maintenance.models import Notice, NoticeService
from maintenance.said import EVERY_WINDOW, Said, SaidWindow
from maintenance.states import FIRST_KINDS, Impact, Kind, WindowState
from notifier.calendars import words
from notifier.calendars.entry import Calendar, Entry
from notifier.calendars.words import Shown

_STATUSES = {
    WindowState.DRAFT: ("TENTATIVE", "TENTATIVE"),
    WindowState.ANNOUNCED: ("CONFIRMED", "CONFIRMED"),
    WindowState.IN_PROGRESS: ("CONFIRMED", "IN-PROCESS"),
    WindowState.COMPLETED: ("CONFIRMED", "COMPLETED"),
    WindowState.NOT_COMPLETED: ("CONFIRMED", "COMPLETED"),
    WindowState.POSTPONED: ("CANCELLED", "CANCELLED"),
    WindowState.CANCELLED: ("CANCELLED", "CANCELLED"),
    # The draft's COMPLETED closes an event and IN-PROCESS leaves it open: nobody has said that this one is done, and it has no word for that.
    WindowState.PRESUMED_ENDED: ("CONFIRMED", "IN-PROCESS"),
}
"""Window state -> STATUS (RFC 5545, 3.8.1.11) and X-MAINTNOTE-STATUS (DESIGN.md section 4, Calendars)."""
_ALTERNATE = ("TENTATIVE", "TENTATIVE")

BEGUN = (WindowState.IN_PROGRESS, WindowState.COMPLETED, WindowState.NOT_COMPLETED, WindowState.PRESUMED_ENDED)
"""States that a window comes to without a notice, and that no cancellation takes back."""
WITHDRAWN = (WindowState.CANCELLED, WindowState.POSTPONED)
"""States in which a window stays for a customer until it is told of it anew, whatever becomes of it for others."""
ENDED = (WindowState.COMPLETED, WindowState.NOT_COMPLETED, WindowState.PRESUMED_ENDED)
"""States in which no notice of what is to come concerns a window any more."""
OVER = (*ENDED, *WITHDRAWN)
"""States in which a window never was a customer's own that hears of the work for the first time (FIRST_KINDS)."""


@dataclass(frozen=True)
class Progress:
    """What became of a window after the notice: its state, SEQUENCE and when it changed (UTC).

    ``end`` and ``overran_from`` are set where it takes longer than was announced (UTC); ``presumed``: nobody has reported the state.
    """

    state: WindowState
    sequence: int
    changed_at: datetime
    end: datetime | None = None
    overran_from: datetime | None = None
    presumed: bool = False


def uid(reference: str, number: int, account: str) -> str:
    """Return the UID of a window for a customer: the same over all revisions, and without the account in clear (RFC 7986, 5.3)."""
    digest = hashlib.sha256(f"{reference}\n{number}\n{account}".encode()).hexdigest()
    return f"{digest[:40]}@{settings.PROVIDER_DOMAIN}"


def entries_for(  # noqa: PLR0913  # each is a fact of its own, given by name
    notice: Notice,
    said: Said,
    customer: Customer,
    kind: str,
    services: Iterable[NoticeService],
    *,
    language: str,
    zone: ZoneInfo,
    progress: Mapping[int, Progress] | None = None,
) -> tuple[Entry, ...]:
    """Return one entry for each window that hits the customer, by number.

    ``notice`` gives the stamp (``issued_at``); ``customer`` has its region selected; ``services`` are this customer's rows of
    the notice, with their components. ``progress`` says, by window number, what has happened since. No query is made.
    """
    rows = sorted(services, key=lambda row: (row.object_id, row.window_number))
    entries = []
    with translation.override(language):
        for window in said.windows:
            hit = _hit(rows, window, said, kind)
            since = _since(notice, window, kind, (progress or {}).get(window.number))
            if (hit or (not rows and (kind == Kind.CANCELLED or window.state in WITHDRAWN))) and not (window.state in OVER and kind in FIRST_KINDS):
                impact = max((Impact(row.impact) for row in hit), key=lambda one: one.severity, default=said.impact)
                now = replace(window, end=since.end or window.end, overran_from=since.overran_from or window.overran_from)
                late = kind == Kind.LATE and window.late  # later kinds do not tell whose promise it was that was broken
                entries.append(_entry(Shown(said, now, since.state, impact, hit, customer, language, zone, late, since.presumed), since))
    return tuple(entries)


def _hit(rows: Sequence[NoticeService], window: SaidWindow, said: Said, kind: str) -> tuple[NoticeService, ...]:
    """Return the rows of a window. A cancellation repeats them as they were named before; where no window has any, others narrow them only now."""
    numbers = window.named_by
    if kind == Kind.CANCELLED and not {row.window_number for row in rows} & frozenset().union(*(one.named_by for one in said.windows)):
        numbers = numbers | {EVERY_WINDOW}
    return tuple(row for row in rows if row.window_number in numbers)


def calendar_of(entries: Iterable[Entry], *, language: str, zone: ZoneInfo, owner: str = "", refresh_minutes: int = 0) -> Calendar:
    """Return the calendar that holds ``entries``, named in the reader's language; ``owner`` says whose it is."""
    with translation.override(language):
        name = _("Maintenance by %(provider)s") % {"provider": settings.PROVIDER_NAME}
        if owner:
            name = _("%(calendar)s: %(owner)s") % {"calendar": name, "owner": owner}
        description = _("Planned maintenance, start and end, with the services that it affects. Times in the text are those of %(zone)s and UTC.") % {
            "zone": zone.key,
        }
    return Calendar(name, description, language, zone.key, tuple(entries), refresh_minutes)


def _since(notice: Notice, window: SaidWindow, kind: str, progress: Progress | None) -> Progress:
    """Return how a window stands for a customer; what it is no longer told of stays cancelled, whatever becomes of it for others."""
    if kind == Kind.CANCELLED and window.state not in BEGUN:
        return Progress(WindowState.CANCELLED, window.sequence, notice.issued_at)
    if window.state in WITHDRAWN:
        return Progress(window.state, window.sequence, notice.issued_at)
    return progress or Progress(window.state, window.sequence, notice.issued_at)


def _entry(shown: Shown, since: Progress) -> Entry:
    reference, number, customer = shown.said.reference, shown.window.number, shown.customer
    status, maintnote_status = _ALTERNATE if words.is_alternate(shown.window, since.state) else _STATUSES[since.state]
    return Entry(
        uid=uid(reference, number, customer.account),
        sequence=since.sequence,
        stamp=since.changed_at,
        start=shown.window.start,
        end=shown.window.end,
        summary=words.summary(shown),
        description=words.description(shown),
        status=status,
        maintnote_status=maintnote_status,
        organizer_name=customer.region.sender_name,
        organizer_email=customer.region.sender_email,
        provider=settings.PROVIDER_DOMAIN,
        account=customer.account,
        maintenance_id=f"{reference}.{number}",
        objects=tuple((row.object_id, _maintnote(Impact(row.impact))) for row in shown.hit),
        impact=_maintnote(shown.impact),
        language=shown.language,
    )


def _maintnote(impact: Impact) -> str:
    return impact.value.upper().replace("_", "-")
