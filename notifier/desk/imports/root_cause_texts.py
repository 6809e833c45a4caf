"""A root-cause report's words from a JSON file: a list with an object for each language."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from maintenance.root_causes import Words
from notifier.desk.imports import json_fields
from notifier.desk.imports.faults import Findings, Refused, shown
from notifier.desk.imports.files import content_of
from notifier.desk.imports.json_fields import Fields, Place
from notifier.desk.imports.json_list import JsonObject, read_items

KEYS = ("language", "title", "cause", "measures")


def read_texts(path: Path) -> dict[str, Words]:
    """Return the words by language. Raises Refused with every fault of the file."""
    findings = Findings(str(path))
    content = content_of(path, findings)
    found: dict[str, Words] = {}
    for line, item in read_items(content, findings) if content is not None else ():
        # what is no object at all is called a text, as the pieces of other files are called by what they are
        fields = Fields.of(item, place=Place(findings, line, "" if isinstance(item, JsonObject) else "text"), known=KEYS)
        if fields is None:
            continue
        language = fields.required("language", _language)
        title, cause, measures = (fields.required(name, json_fields.text) for name in KEYS[1:])
        if language in found:
            fields.place.field("language").refuse(_("is there more than once"))
        elif None not in (language, title, cause, measures):
            found[language] = Words(title, cause, measures)
    if findings.faults:
        raise Refused(findings.in_order())
    return found


def _language(value: Any) -> str:  # noqa: ANN401  # any JSON value
    language = json_fields.text(value)
    if language not in dict(settings.LANGUAGES):
        raise ValidationError(_("is not a language that we write in: %(value)s") % {"value": shown(language)})
    return language
