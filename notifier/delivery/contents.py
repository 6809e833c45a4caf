"""A letter -> what its templates show: plain strings in the reader's language and zone."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from maintenance.models import NoticeService
from maintenance.said import Interval, SaidWindow
from maintenance.states import Impact, Kind, WindowState
from notifier import moments
from notifier.delivery import markdown, wording
from notifier.delivery.effects import effects
from notifier.delivery.letter import Letter, Told
from notifier.delivery.support import support_for

_NOT_TO_COME = {WindowState.CANCELLED, WindowState.POSTPONED}


@dataclass(frozen=True)
class Moment:
    """One moment, to be read: by the reader's clock, the zone with its offset, and in UTC (empty where that is the reader's)."""

    local: str
    zone: str
    utc: str


@dataclass(frozen=True)
class Times:
    """Start and end, and what to know where the clocks change in between."""

    start: Moment
    end: Moment
    change: str


@dataclass(frozen=True)
class ShownWindow:
    """One window; ``label`` where there are several, ``gone`` where it will not take place, ``was`` where it had other times."""

    label: str
    times: Times
    was: Times | None
    gone: bool
    became: str


@dataclass(frozen=True)
class ShownServices:
    """Services of one component: ``impact`` only where the mail speaks of several."""

    component: str
    impact: str
    objects: tuple[str, ...]


@dataclass(frozen=True)
class ShownHits:
    """What is hit in some windows; ``windows`` is empty where that is all of them."""

    windows: str
    services: tuple[ShownServices, ...]


@dataclass(frozen=True)
class ShownAccount:
    """One account and what is hit of it."""

    account: str
    name: str
    hits: tuple[ShownHits, ...]


def contents(letter: Letter) -> dict[str, Any]:
    """Return the context of the templates; to be called inside ``translation.override`` of the letter's language."""
    said, language, zone = letter.said, letter.language, letter.zone
    windows = letter.windows()
    coming = tuple(window for window in windows if not _gone(window, letter.kind))
    told = sorted(coming or windows, key=lambda window: (window.start, window.number))
    text, written_in = said.text(language)
    hits = {(row.component.group, Impact(row.impact)) for row in letter.services()}
    impact = max((impact for _group, impact in hits), key=lambda one: one.severity, default=said.impact)
    return {
        "kind": letter.kind,
        "language": tag(language),
        "colon": pgettext("after a label", ":"),
        "reference": said.reference,
        "title": one_line(text.title),
        "written_in": tag(written_in),
        "first_date": _first_date(told, zone, language),
        "when": _when(told, zone, language),
        "severity": wording.severity(impact, said.expected_outage_minutes, len(told)),
        "lead": [_typed(paragraph) for paragraph in wording.lead(letter.kind, said)],
        "windows": [_window(window, letter, alone=len(windows) == 1) for window in windows],
        "minutes_affected": wording.minutes_affected(impact, said.expected_outage_minutes, len(told)),
        "effects": effects(hits),
        "foreign_text": wording.foreign_text(written_in, language),
        "impact_text": _typed(text.impact).strip("\n"),
        "description": _typed(text.description).strip("\n"),
        "description_html": markdown.render(_typed(text.description)),
        "accounts": [_account(account, windows) for account in letter.accounts],
        "support": support_for(letter.accounts, coming, first=told[0].start, language=language, zone=zone),
        "feed_url": letter.feed_url,
        "addressed": wording.addressed(letter.contact_name or letter.address, [account.customer.account for account in letter.accounts]),
        "issued": moments.full(letter.notice.issued_at, zone, language),
        "provider": settings.PROVIDER_NAME,
    }


def tag(language: str) -> str:
    """Return the language as RFC 5646 writes it: ``zh-Hans``."""
    primary, _separator, script = language.partition("-")
    return f"{primary}-{script.capitalize()}" if script else primary


def one_line(text: str) -> str:
    """Return the text without line breaks and control characters, as a header takes it."""
    plain = "".join(" " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character for character in text)
    return " ".join("".join(character for character in plain if unicodedata.category(character) != "Cs").split())


def _typed(text: str) -> str:
    """Return what a person typed, with one kind of line break and without control characters, which mail cannot carry."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character for character in lines if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"})


def _gone(window: SaidWindow, kind: str) -> bool:
    return window.state in _NOT_TO_COME or (kind == Kind.CANCELLED and window.state in {WindowState.DRAFT, WindowState.ANNOUNCED})


def _first_date(windows: Sequence[SaidWindow], zone: ZoneInfo, language: str) -> str:
    when = moments.short(windows[0].start, zone, language)
    if len(windows) == 1:
        return when
    return ngettext("%(when)s (%(count)d window)", "%(when)s (%(count)d windows)", len(windows)) % {"when": when, "count": len(windows)}


def _when(windows: Sequence[SaidWindow], zone: ZoneInfo, language: str) -> str:
    start, end = windows[0].start, max(window.end for window in windows)
    names = [moments.named_offset(moment, zone, language) for moment in (start, end)]
    times = {
        "start": f"{moments.short(start, zone, language)} {names[0]}" if names[0] != names[1] else moments.short(start, zone, language),
        "end": f"{moments.short(end, zone, language)} {names[1]}",
        "count": len(windows),
    }
    if len(windows) == 1:
        return _("%(start)s to %(end)s") % times
    return ngettext("%(count)d window, %(start)s to %(end)s", "%(count)d windows between %(start)s and %(end)s", len(windows)) % times


def _moment(moment: datetime, zone: ZoneInfo, language: str) -> Moment:
    name = moments.named_offset(moment, zone, language)
    utc = "" if zone.key in {"UTC", "Etc/UTC"} else moments.in_utc(moment, language)
    return Moment(moments.day_and_clock(moment, zone, language), name, utc)


def _times(interval: SaidWindow | Interval, zone: ZoneInfo, language: str) -> Times:
    start, end = (_moment(moment, zone, language) for moment in (interval.start, interval.end))
    return Times(start, end, wording.clock_change(interval.start, interval.end, zone))


def _window(window: SaidWindow, letter: Letter, *, alone: bool) -> ShownWindow:
    gone = _gone(window, letter.kind)
    return ShownWindow(
        label="" if alone else _("Window %(number)d") % {"number": window.number},
        times=_times(window, letter.zone, letter.language),
        was=replace(_times(window.previous, letter.zone, letter.language), change="")
        if window.previous and letter.kind in {Kind.REVISED, Kind.EMERGENCY} and not gone
        else None,
        gone=gone,
        became=wording.became(WindowState.CANCELLED if gone and window.state not in _NOT_TO_COME else window.state),
    )


def _account(account: Told, windows: Sequence[SaidWindow]) -> ShownAccount:
    numbers = defaultdict(list)
    for window in windows:
        if hit := _services(account.hit_in(window)):
            numbers[hit].append(window.number)
    return ShownAccount(
        account.customer.account,
        account.customer.name,
        tuple(ShownHits(_numbers(found, windows), hit) for hit, found in numbers.items()),
    )


def _numbers(found: Sequence[int], windows: Sequence[SaidWindow]) -> str:
    if len(found) == len(windows):
        return ""
    listed = ", ".join(str(number) for number in found)
    return ngettext("Window %(numbers)s", "Windows %(numbers)s", len(found)) % {"numbers": listed}


def _services(rows: Iterable[NoticeService]) -> tuple[ShownServices, ...]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.component.slug, row.component.name, Impact(row.impact)].append(row.object_id)
    several = len({impact for _slug, _name, impact in grouped}) > 1
    return tuple(ShownServices(str(capfirst(name)), str(impact.label) if several else "", tuple(objects)) for (_slug, name, impact), objects in grouped.items())
