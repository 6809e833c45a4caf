"""The words of a root-cause report, a row for each language."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from maintenance.root_causes import Words
from notifier.desk.shown import language_name

_PLACE = re.compile(r"texts\[(?P<language>[\w-]+)\]\.(?P<field>\w+)")


class WordsRow(forms.Form):
    """The report in one language; a row counts where anything is written."""

    title = forms.CharField(label=_("title"), required=False, widget=forms.TextInput(attrs={"class": "vTextField"}))
    cause = forms.CharField(
        label=_("what caused it"),
        required=False,
        strip=False,
        help_text=_("Markdown: **bold**, lists, links"),
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
    )
    measures = forms.CharField(
        label=_("what was done about it"),
        required=False,
        strip=False,
        help_text=_("Markdown: **bold**, lists, links"),
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
    )

    def words(self) -> Words | None:
        """Return what was written, or None where nothing was."""
        words = Words(**{name: self.cleaned_data[name].replace("\r\n", "\n") for name in ("title", "cause", "measures")})
        return words if (words.title + words.cause + words.measures).strip() else None


class ReportForm:
    """All languages; what ``root_causes`` refuses is put on its field."""

    def __init__(self, stored: Mapping[str, Words], *, data: QueryDict | None = None) -> None:
        """``stored``: what is written so far, by language."""
        initial = {language: asdict(words) for language, words in stored.items()}
        self.rows = {
            language: WordsRow(data, prefix=f"texts-{language}", initial=initial.get(language), use_required_attribute=False)
            for language, _name in settings.LANGUAGES
        }
        self.errors: list[str] = []

    def texts(self) -> dict[str, Words] | None:
        """Return what was entered, or None where a field is wrong."""
        if not all([row.is_valid() for row in self.rows.values()]):  # noqa: C419  # every row is to say what is wrong with it
            return None
        found = {language: row.words() for language, row in self.rows.items()}
        return {language: words for language, words in found.items() if words}

    def refuse(self, error: ValidationError) -> None:
        """Put each message on the field that it is about."""
        if not hasattr(error, "error_dict"):
            self.errors += error.messages
            return
        for name, messages in error.message_dict.items():
            place = _PLACE.fullmatch(name)
            if place and place["language"] in self.rows:
                self.rows[place["language"]].add_error(place["field"], messages)
            else:
                self.errors += messages

    def shown(self, readers: Mapping[str, int]) -> list[dict[str, Any]]:
        """Return the rows with how many read the language; open are those that somebody misses, or that are to be mended."""
        shown = []
        for language, row in self.rows.items():
            number, title = readers.get(language, 0), row["title"].value() or ""
            missing = bool(number) and not title
            shown.append({"row": row, "name": language_name(language), "readers": number, "missing": missing, "title": title, "open": missing or row.errors})
        return shown
