"""What a planner sees at the top of a maintenance's page: state, whom it hits, windows, texts, notices and their delivery."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef
from django.utils.text import capfirst

from customers.models import Service
from maintenance import impact, notices
from maintenance.models import Maintenance, NoticeCustomer
from maintenance.states import Kind, WindowState
from notifier.delivery.causes import contact_faults
from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.progress import progress
from notifier.desk.admin.forecast import forecast
from notifier.desk.admin.language_rows import language_rows
from notifier.desk.admin.window_rows import window_rows
from notifier.desk.shown import ShownMoment, language_name
from notifier.desk.shown_progress import ShownProgress, refresh

MOST_ACCOUNTS = 10
_WAITING = {DeliveryState.QUEUED, DeliveryState.SENDING}


@dataclass(frozen=True)
class Number:
    """A number of something that has a name and, for deliveries, a state."""

    name: str
    number: int
    state: str = ""


@dataclass(frozen=True)
class NoticeRow:
    """A notice, how many customers it tells by kind, and how far its mails are; ``about``: the one window, 0 for all.

    ``progress`` is there as long as something of it is on its way.
    """

    pk: int
    about: int
    revision: int
    issued_at: str
    issued_by: str
    kinds: tuple[Number, ...]
    states: tuple[Number, ...]
    progress: ShownProgress | None


def page(maintenance: Maintenance, *, now: datetime) -> dict[str, Any]:
    """Return the context of the page's upper part."""
    windows = window_rows(maintenance, now=now)
    states = {row.window.state for row in windows}
    summary = impact.summary(maintenance)
    told = notice_rows(maintenance, now=now)
    draft = maintenance.state == WindowState.DRAFT
    return {
        "maintenance": maintenance,
        "heading": notices.title_of(maintenance),
        "is_draft": draft,
        "can_cancel": bool(states & {WindowState.DRAFT, WindowState.ANNOUNCED, WindowState.POSTPONED}),
        "may_tell_late": settings.LATE_NOTICE == "breach" and any(row.late for row in windows),
        "can_change": not draft and WindowState.ANNOUNCED in states,
        "summary": summary,
        "without_contact": summary.without_contact[:MOST_ACCOUNTS],
        "without_contact_more": max(0, len(summary.without_contact) - MOST_ACCOUNTS),
        "languages": language_rows(maintenance, summary.languages),
        "zones": [Number(zone, number) for zone, number in sorted(summary.zones.items(), key=lambda item: (-item[1], item[0]))],
        "unmatched": _unmatched(maintenance),
        "forecast": forecast(maintenance, now=now) if draft else None,
        "windows": windows,
        "acknowledged": list(maintenance.acknowledgements.all()) if not draft else (),
        "faults": contact_faults(maintenance) if told else (),
        "notices": told,
        "refresh": refresh(row.progress for row in told),
        "booked_at": ShownMoment.of(maintenance.created_at, maintenance.timezone),
    }


def facts(maintenance: Maintenance) -> dict[str, Any]:
    """Return what is shown read-only once a maintenance is no draft any more."""
    return {
        "scopes": list(maintenance.scopes.select_related("component", "operator")),
        "objects": list(maintenance.objects_named.filter(window__isnull=True).values_list("object_id", flat=True)),
        "texts": [(language_name(text.language), text) for text in maintenance.texts.all()],
    }


def _unmatched(maintenance: Maintenance) -> list[str]:
    """Return the object ids that somebody named and that no service within the scope has: typing errors, mostly."""
    hit = impact.hit_services(maintenance).filter(object_id=OuterRef("object_id"))
    of_windows = Service.objects.filter(pk__in=impact.hit_services(maintenance).values("pk"), object_id=OuterRef("object_id"))
    named = maintenance.objects_named.filter(~Exists(hit), ~Exists(of_windows))
    return sorted(set(named.values_list("object_id", flat=True)))


def notice_rows(maintenance: Maintenance, *, now: datetime) -> list[NoticeRow]:
    """Return the notices, the newest first."""
    told = list(maintenance.notices.select_related("fannedout").order_by("-revision"))
    states: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Delivery.objects.filter(notice__maintenance=maintenance).order_by().values_list("notice_id", "state").annotate(number=Count("pk"))
    for pk, state, number in rows:
        states[pk][state] = number
    kinds: dict[int, Counter[str]] = defaultdict(Counter)
    for pk, kind, number in (
        NoticeCustomer.objects.filter(notice__maintenance=maintenance).order_by().values_list("notice_id", "kind").annotate(number=Count("pk"))
    ):
        kinds[pk][kind] = number
    moving = [notice for notice in told if not hasattr(notice, "fannedout") or states[notice.pk].keys() & _WAITING]
    on_their_way = progress(moving, now=now) if moving else {}
    return [
        NoticeRow(
            pk=notice.pk,
            about=notice.about,
            revision=notice.revision,
            issued_at=str(ShownMoment.of(notice.issued_at, maintenance.timezone)),
            issued_by=notice.issued_by,
            kinds=tuple(Number(str(capfirst(kind.label)), kinds[notice.pk][kind]) for kind in Kind if kinds[notice.pk][kind]),
            states=tuple(Number(str(state.label), states[notice.pk][state], state.value) for state in DeliveryState if states[notice.pk][state]),
            progress=ShownProgress.of(on_their_way[notice.pk], maintenance.timezone, now=now) if notice.pk in on_their_way else None,
        )
        for notice in told
    ]
