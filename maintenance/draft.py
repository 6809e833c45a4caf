"""What a planner wants to book, as values: forms, files and other systems build it, ``booking`` checks and stores it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from customers.models import Component, Operator
from maintenance.models import Incident
from maintenance.said import SaidText
from maintenance.states import Impact


@dataclass(frozen=True)
class ScopeDraft:
    """A component in a domain (``provider`` or ``mno``); no operator means any."""

    component: Component
    domain: str
    operator: Operator | None = None


@dataclass(frozen=True)
class WindowDraft:
    """From ``start`` to ``end`` (UTC); ``objects`` narrows this window to some object ids.

    ``alternate``: used only if the work cannot be done in the others. ``number``: which window of announced work this is, None for a new one.
    """

    start: datetime
    end: datetime
    objects: tuple[str, ...] = ()
    alternate: bool = False
    number: int | None = None


@dataclass(frozen=True)
class Draft:
    """A piece of work. ``timezone`` is the planner's; ``objects`` narrows all windows; ``texts`` by language.

    ``supplier_notified_at`` (UTC): when the supplier told us of its work.
    """

    reference: str
    timezone: ZoneInfo
    scopes: tuple[ScopeDraft, ...]
    windows: tuple[WindowDraft, ...]
    impact: Impact
    expected_outage_minutes: int
    texts: Mapping[str, SaidText]
    supplier: Operator | None = None
    supplier_reference: str = ""
    objects: tuple[str, ...] = field(default=())
    incident: Incident | None = None
    accept_english: bool = False
    supplier_notified_at: datetime | None = None


@dataclass(frozen=True)
class Late:
    """Why work is told without the full notice and without a P1. Moments are UTC; ``supplier_notified_at``: when the supplier told us, if it is one's."""

    reason: str
    learned_at: datetime
    supplier_notified_at: datetime | None = None
