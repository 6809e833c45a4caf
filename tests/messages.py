"""The messages of the program, collected from source and templates, and the .po files brought in step with them.

``python -m tests.messages`` (``make messages``) writes the files: translations are kept, new messages come in empty, those
that nobody uses any more go. It needs no gettext. References to lines are left out, so that a diff shows messages only.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "notifier" / "locale"
LOCALES = ("da", "de", "es", "fr", "it", "nb", "nl", "zh_Hans")
"""Every language of the settings in gettext's spelling; English is the source."""

_ONE, _TWO = (1,), (1, 2)
_CONTEXT_ONE, _CONTEXT_TWO = ((1, "c"), 2), ((1, "c"), 2, 3)
_KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), _ONE),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _TWO),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _CONTEXT_ONE),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), _CONTEXT_TWO),
}
_TRANSLATORS = ("Translators:",)


def sources() -> Iterator[Path]:
    """Yield every file that may hold messages."""
    for package in ("customers", "maintenance", "notifier"):
        yield from (path for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts)
    for folder in ("customers", "maintenance", "notifier", "templates"):
        yield from (path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in {".html", ".txt"})


def template() -> Catalog:
    """Return all messages of the program, untranslated."""
    catalog = Catalog(charset="utf-8")
    for path in sources():
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # what is no message is blanked out by Django; without indentation the rest reads as Python
            text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
        for _line, message, comments, context in extract("python", BytesIO(text.encode()), _KEYWORDS, _TRANSLATORS):
            catalog.add(message, auto_comments=comments, context=context)
    return catalog


def read(locale: str) -> Catalog:
    """Return the translations of one language; an empty catalogue where there are none yet."""
    path = path_of(locale)
    if not path.exists():
        return Catalog(locale=locale, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale, charset="utf-8", abort_invalid=True)


def path_of(locale: str) -> Path:
    """Return where the translations of one language are."""
    return LOCALE / locale / "LC_MESSAGES" / "django.po"


def write(locale: str, messages: Catalog) -> None:
    """Bring one language in step with ``messages``."""
    catalog = read(locale)
    catalog.update(messages, no_fuzzy_matching=True)
    body = BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = [
        'msgid ""',
        'msgstr ""',
        rf'"Language: {locale}\n"',
        r'"MIME-Version: 1.0\n"',
        r'"Content-Type: text/plain; charset=utf-8\n"',
        r'"Content-Transfer-Encoding: 8bit\n"',
        rf'"Plural-Forms: {catalog.plural_forms}\n"',
    ]
    path_of(locale).parent.mkdir(parents=True, exist_ok=True)
    path_of(locale).write_text("\n".join(header) + "\n\n" + body.getvalue().decode().rstrip("\n") + "\n", encoding="utf-8")


def placeholders(text: str) -> tuple[str, ...]:
    """Return the placeholders of a message, sorted: ``%(name)s``, ``%d``; ``%%`` is none."""
    return tuple(sorted(re.findall(r"%(?:\(\w+\))?[#0 +-]*\d*(?:\.\d+)?[diouxXeEfFgGcrs]", text.replace("%%", ""))))


def forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """Return the forms of a message or of its translation: one, or as many as the language has plurals."""
    return [text or ""] if isinstance(text, str) or text is None else list(text)


def main() -> None:
    """Write all languages and say what is left to translate."""
    messages = template()
    for locale in LOCALES:
        write(locale, messages)
        catalog = read(locale)
        empty = [message for message in catalog if message.id and not all(forms(message.string))]
        print(f"{path_of(locale).relative_to(ROOT)}: {len(catalog)} messages, {len(empty)} to translate")  # noqa: T201  # the command's answer


if __name__ == "__main__":
    main()
