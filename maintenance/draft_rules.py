"""What is wrong with a draft, whatever it came from: a form, a file or another system."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.plain_text import single_line
from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.models.window import FIRST_MOMENT, LAST_MOMENT
from maintenance.said import SaidText

MOST_WINDOWS = 366
MOST_TITLE = 200
MOST_WORDS = 20_000
"""Of impact and description each: more than anybody reads in a mail."""
MOST_OBJECT = 100


def check(draft: Draft) -> None:
    """Raise ValidationError with a message for each field that is wrong: scope, windows[n].end, texts[language].title ..."""
    errors: dict[str, list[str]] = {}
    if not draft.reference.strip():
        errors["reference"] = [_("is missing")]
    errors |= _scopes(draft.scopes) | _windows(draft.windows) | _objects(draft) | _texts(draft.texts)
    if errors:
        raise ValidationError(errors)


def _scopes(scopes: tuple[ScopeDraft, ...]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not scopes:
        errors["scope"] = [_("name at least one component")]
    for number, scope in enumerate(scopes):
        if scope.domain not in scope.component.domains():
            errors[f"scope[{number}].domain"] = [
                _("%(component)s cannot be in the domain %(domain)s") % {"component": scope.component.slug, "domain": scope.domain},
            ]
        elif scope.operator and scope.domain != "mno":
            errors[f"scope[{number}].operator"] = [_("only the domain mno has operators")]
        if scope in scopes[:number]:
            errors.setdefault(f"scope[{number}]", []).append(_("is named twice"))
    return errors


def _texts(texts: Mapping[str, SaidText]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not texts:
        errors["texts"] = [_("write the text in at least one language")]
    for language, text in texts.items():
        if language not in dict(settings.LANGUAGES):
            errors[f"texts[{language}]"] = [_("is not a language that we write in")]
        for name in ("title", "impact", "description"):
            if not getattr(text, name).strip():
                errors[f"texts[{language}].{name}"] = [_("is missing")]
            elif len(getattr(text, name)) > MOST_WORDS:
                errors[f"texts[{language}].{name}"] = [_("is longer than %(most)d characters") % {"most": MOST_WORDS}]
        if text.title.strip():
            wrong = _line(text.title, most=MOST_TITLE)
            if wrong:
                errors[f"texts[{language}].title"] = wrong
    return errors


def check_year(moment: datetime) -> None:
    """Raise ValidationError where a moment (aware) is outside the years that can be stored."""
    wrong = _year(moment)
    if wrong:
        raise ValidationError({"end": wrong}, code="year")


def _year(moment: datetime) -> list[str]:
    if FIRST_MOMENT <= moment < LAST_MOMENT:
        return []
    return [_("must be in a year from %(first)d to %(last)d") % {"first": FIRST_MOMENT.year, "last": LAST_MOMENT.year - 1}]


def _windows(windows: tuple[WindowDraft, ...]) -> dict[str, list[str]]:
    if not windows:
        return {"windows": [_("name at least one window")]}
    if len(windows) > MOST_WINDOWS:
        return {"windows": [_("%(number)d are too many; %(most)d are allowed") % {"number": len(windows), "most": MOST_WINDOWS}]}
    errors: dict[str, list[str]] = {}
    for number, window in enumerate(windows):
        for name, moment in (("start", window.start), ("end", window.end)):
            wrong = _year(moment)
            if wrong:
                errors[f"windows[{number}].{name}"] = wrong
        if window.end <= window.start:
            errors[f"windows[{number}].end"] = [_("must be after the start")]
        if window in windows[:number]:
            errors.setdefault(f"windows[{number}]", []).append(_("is named twice"))
    return errors


def _objects(draft: Draft) -> dict[str, list[str]]:
    named = [(f"objects[{number}]", value) for number, value in enumerate(draft.objects)]
    for window_number, window in enumerate(draft.windows):
        named += [(f"windows[{window_number}].objects[{number}]", value) for number, value in enumerate(window.objects)]
    errors: dict[str, list[str]] = {}
    for name, value in named:
        wrong = _line(value, most=MOST_OBJECT) if value.strip() else [_("is missing")]
        if wrong:
            errors[name] = wrong
    return errors


def _line(value: str, *, most: int) -> list[str]:
    """Return what is wrong with a name that is kept on one line and has a longest length."""
    if len(value) > most:
        return [_("is longer than %(most)d characters") % {"most": most}]
    try:
        single_line(value)
    except ValidationError as error:
        return error.messages
    return []
