"""The languages of those hit: who reads what, and what is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from maintenance import impact
from maintenance.models import Maintenance
from notifier.desk.admin.booking_form import BookingForm
from notifier.desk.shown import language_name


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


def language_rows(maintenance: Maintenance, readers: Mapping[str, int]) -> list[LanguageRow]:
    """Return the languages that count, in the order of the settings; ``readers`` by language."""
    written = set(maintenance.texts.values_list("language", flat=True))
    return [
        LanguageRow(code, language_name(code), readers.get(code, 0), code in written)
        for code, _name in settings.LANGUAGES
        if code in readers or code in written
    ]


def text_rows(form: BookingForm, maintenance: Maintenance | None, languages: Sequence[LanguageRow] | None = None) -> list[dict[str, Any]]:
    """Return the form's texts with what to know of each; open are those that somebody misses, or that are to be mended."""
    if languages is None:
        languages = language_rows(maintenance, impact.reading_languages(impact.hit_customers(maintenance))) if maintenance else ()
    readers = {row.code: row for row in languages}
    rows = []
    for code, row in form.texts.items():
        about = readers.get(code, LanguageRow(code, language_name(code), 0, written=False))
        first = code == "en" and not languages  # a new draft begins with English
        title = row["title"].value() or ""
        rows.append({"row": row, "name": about.name, "readers": about.readers, "missing": about.missing, "title": title, "open": first or row.errors})
    return rows
