"""What a planner sees at the top of a maintenance's page: state, whom it hits, windows, texts, notices and their delivery."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef
from django.utils.text import capfirst

from customers.models import Service
from maintenance import coverage, impact, notices
from maintenance.decisions import rules
from maintenance.models import Maintenance, NoticeCustomer, Window
from maintenance.states import Basis, Kind, WindowState
from notifier.delivery.models import Delivery, DeliveryState
from notifier.desk.admin.booking_form import BookingForm
from notifier.desk.admin.forecast import forecast
from notifier.desk.shown import ShownMoment, language_name, utc

_OPEN = {WindowState.ANNOUNCED, WindowState.IN_PROGRESS}
MOST_ACCOUNTS = 10


@dataclass(frozen=True)
class Number:
    """A number of something that has a name and, for deliveries, a state."""

    name: str
    number: int
    state: str = ""


@dataclass(frozen=True)
class LanguageRow:
    """A language in which people would read, or in which the planner has written."""

    code: str
    name: str
    readers: int
    written: bool

    @property
    def missing(self) -> bool:
        """Whether somebody reads it and nothing is written."""
        return bool(self.readers) and not self.written


@dataclass(frozen=True)
class WindowRow:
    """A window; ``unserved`` accounts have not been served in time so far, which is a shortfall once ``late``."""

    window: Window
    start: ShownMoment
    end: ShownMoment
    objects: tuple[str, ...]
    unserved: int = 0
    unserved_accounts: str = ""
    late: bool = False
    until: str = ""


@dataclass(frozen=True)
class NoticeRow:
    """A notice, how many customers it tells by kind, and how far its mails are."""

    pk: int
    revision: int
    issued_at: str
    issued_by: str
    kinds: tuple[Number, ...]
    states: tuple[Number, ...]
    prepared: bool


def page(maintenance: Maintenance, *, now: datetime) -> dict[str, Any]:
    """Return the context of the page's upper part."""
    windows = list(maintenance.windows.prefetch_related("objects_named"))
    summary = impact.summary(maintenance)
    told = list(maintenance.notices.select_related("fannedout").order_by("-revision"))
    draft = maintenance.state == WindowState.DRAFT
    return {
        "maintenance": maintenance,
        "heading": notices.title_of(maintenance),
        "is_draft": draft,
        "can_cancel": any(window.state in {WindowState.DRAFT, WindowState.ANNOUNCED} for window in windows)
        and not any(window.state == WindowState.IN_PROGRESS for window in windows),
        "summary": summary,
        "without_contact": summary.without_contact[:MOST_ACCOUNTS],
        "without_contact_more": max(0, len(summary.without_contact) - MOST_ACCOUNTS),
        "languages": _languages(maintenance, summary.languages),
        "zones": [Number(zone, number) for zone, number in sorted(summary.zones.items(), key=lambda item: (-item[1], item[0]))],
        "unmatched": _unmatched(maintenance),
        "forecast": forecast(maintenance, now=now) if draft else None,
        "windows": [_window(row, maintenance, now=now) for row in windows],
        "notices": _notices(maintenance, told),
        "booked_at": ShownMoment.of(maintenance.created_at, maintenance.timezone),
    }


def facts(maintenance: Maintenance) -> dict[str, Any]:
    """Return what is shown read-only once a maintenance is no draft any more."""
    return {
        "scopes": list(maintenance.scopes.select_related("component", "operator")),
        "objects": list(maintenance.objects_named.filter(window__isnull=True).values_list("object_id", flat=True)),
        "texts": [(language_name(text.language), text) for text in maintenance.texts.all()],
    }


def text_rows(form: BookingForm, languages: Sequence[LanguageRow]) -> list[dict[str, Any]]:
    """Return the form's texts with what to know of each; open are those that somebody misses, or that are to be mended."""
    readers = {row.code: row for row in languages}
    rows = []
    for code, row in form.texts.items():
        about = readers.get(code, LanguageRow(code, language_name(code), 0, written=False))
        first = code == "en" and not languages  # a new draft begins with English
        title = row["title"].value() or ""
        rows.append({"row": row, "name": about.name, "readers": about.readers, "missing": about.missing, "title": title, "open": first or row.errors})
    return rows


def _languages(maintenance: Maintenance, readers: Mapping[str, int]) -> list[LanguageRow]:
    written = set(maintenance.texts.values_list("language", flat=True))
    return [
        LanguageRow(code, language_name(code), readers.get(code, 0), code in written)
        for code, _name in settings.LANGUAGES
        if code in readers or code in written
    ]


def _unmatched(maintenance: Maintenance) -> list[str]:
    """Return the object ids that somebody named and that no service within the scope has: typing errors, mostly."""
    hit = impact.hit_services(maintenance).filter(object_id=OuterRef("object_id"))
    of_windows = Service.objects.filter(pk__in=impact.hit_services(maintenance).values("pk"), object_id=OuterRef("object_id"))
    named = maintenance.objects_named.filter(~Exists(hit), ~Exists(of_windows))
    return sorted(set(named.values_list("object_id", flat=True)))


def _window(window: Window, maintenance: Maintenance, *, now: datetime) -> WindowRow:
    row = WindowRow(
        window=window,
        start=ShownMoment.of(window.start, maintenance.timezone),
        end=ShownMoment.of(window.end, maintenance.timezone),
        objects=tuple(named.object_id for named in window.objects_named.all()),
    )
    if window.state not in _OPEN or window.basis != Basis.PLANNED:
        return row
    found = coverage.shortfalls(window, days=rules().days)
    if not found:
        return row
    until = (
        NoticeCustomer.objects.filter(notice__maintenance=maintenance, customer__in=[item.customer_id for item in found])
        .exclude(kind=Kind.CANCELLED)
        .aggregate(until=Min("deadline"))["until"]
    )
    return WindowRow(
        window=row.window,
        start=row.start,
        end=row.end,
        objects=row.objects,
        unserved=len(found),
        unserved_accounts=coverage.accounts(found),
        late=until is None or until < now,
        until=utc(until),
    )


def _notices(maintenance: Maintenance, told: Sequence[Any]) -> list[NoticeRow]:
    states: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Delivery.objects.filter(notice__maintenance=maintenance).order_by().values_list("notice_id", "state").annotate(number=Count("pk"))
    for pk, state, number in rows:
        states[pk][state] = number
    kinds: dict[int, Counter[str]] = defaultdict(Counter)
    for pk, kind, number in (
        NoticeCustomer.objects.filter(notice__maintenance=maintenance).order_by().values_list("notice_id", "kind").annotate(number=Count("pk"))
    ):
        kinds[pk][kind] = number
    return [
        NoticeRow(
            pk=notice.pk,
            revision=notice.revision,
            issued_at=str(ShownMoment.of(notice.issued_at, maintenance.timezone)),
            issued_by=notice.issued_by,
            kinds=tuple(Number(str(capfirst(kind.label)), kinds[notice.pk][kind]) for kind in Kind if kinds[notice.pk][kind]),
            states=tuple(Number(str(state.label), states[notice.pk][state], state.value) for state in DeliveryState if states[notice.pk][state]),
            prepared=hasattr(notice, "fannedout"),
        )
        for notice in told
    ]
