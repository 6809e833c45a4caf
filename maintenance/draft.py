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
    """From ``start`` to ``end`` (UTC); ``objects`` narrows this window to some object ids."""

    start: datetime
    end: datetime
    objects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A piece of work. ``timezone`` is the planner's; ``objects`` narrows all windows; ``texts`` by language."""

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
