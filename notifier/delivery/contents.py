"""A letter -> what its templates show: plain strings in the reader's language and zone."""

import unicodedata
from typing import Any

from django.conf import settings
from django.utils.translation import pgettext

from maintenance.states import WITHDRAWING_KINDS, Impact, Kind
from notifier import moments
from notifier.delivery import leads, markdown, shown_windows, wording
from notifier.delivery.changes import changes, ending
from notifier.delivery.effects import effects
from notifier.delivery.letter import Letter
from notifier.delivery.shown_accounts import shown_accounts
from notifier.delivery.support import support_for

_WORK_IS_OVER = (Kind.COMPLETED, Kind.NOT_COMPLETED)


def contents(letter: Letter) -> dict[str, Any]:
    """Return the context of the templates; to be called inside ``translation.override`` of the letter's language."""
    said, language = letter.said, letter.language
    text, written_in = said.text(language)
    return {
        "kind": letter.kind,
        "withdrawn": letter.kind in WITHDRAWING_KINDS,
        "language": tag(language),
        "colon": pgettext("after a label", ":"),
        "reference": said.reference,
        "title": one_line(text.title),
        "written_in": tag(written_in),
        "lead": [_typed(paragraph) for paragraph in leads.lead(letter)],
        "foreign_text": wording.foreign_text(letter.kind, written_in, language),
        "impact_text": _typed(text.impact).strip("\n"),
        "impact_html": markdown.render(_typed(text.impact)),
        "description": _typed(text.description).strip("\n"),
        "description_html": markdown.render(_typed(text.description)),
        "ending": ending(said.ending, _typed(said.ending.note).strip("\n")) if said.ending else None,
        "accounts": shown_accounts(letter),
        "feed_url": letter.feed_url,
        "addressed": wording.addressed(letter.contact_name or letter.address, [account.customer.account for account in letter.accounts]),
        "issued": moments.full(letter.notice.issued_at, letter.zone, language),
        "provider": settings.PROVIDER_NAME,
        **_when(letter),
        **_severity(letter),
    }


def _when(letter: Letter) -> dict[str, Any]:
    """Return the windows, and support as it is then."""
    zone, language = letter.zone, letter.language
    dated = shown_windows.dated(letter)
    return {
        "first_date": shown_windows.first_date(dated, zone, language),
        "until": shown_windows.last_end(dated, zone, language),
        "when": shown_windows.span(dated, zone, language),
        "windows": shown_windows.shown_windows(letter),
        "others": wording.others(shown_windows.others(letter)),
        "support": support_for(
            letter.accounts,
            () if letter.kind in _WORK_IS_OVER else shown_windows.coming(letter),
            first=dated[0].start if dated else letter.notice.issued_at,
            language=language,
            zone=zone,
        ),
    }


def _severity(letter: Letter) -> dict[str, Any]:
    """Return how bad it is for this reader, and what is new about it."""
    shown = [row for account in letter.accounts for window in letter.windows() for row in account.hit_in(window)]
    hits = {(row.component.group, Impact(row.impact)) for row in shown or letter.services()}
    impact = max((impact for _group, impact in hits), key=lambda one: one.severity, default=letter.said.impact)
    windows = len(shown_windows.dated(letter))
    minutes = 0 if letter.kind == Kind.EXTENDED else letter.said.expected_outage_minutes  # work that overruns may exceed them too
    return {
        "severity": wording.severity(impact, minutes, windows),
        "minutes_affected": wording.minutes_affected(impact, minutes, windows),
        "effects": effects(hits),
        "changes": changes(letter, impact),
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
