"""Layout of the plain-text part: what we write is wrapped, what a person typed is not."""

import textwrap
import unicodedata
from functools import lru_cache

from django import template

register = template.Library()

WIDTH = 76
_WIDE = {"W", "F"}


def columns(text: str) -> int:
    """Return how many columns a terminal needs for the text: Chinese characters take two (Unicode, annex 11)."""
    return sum(2 if unicodedata.east_asian_width(character) in _WIDE else 1 for character in text)


@register.filter
def wrapped(text: str, indent: str = "") -> str:
    """Break a paragraph of ours at spaces into lines; what follows the first is indented. Chinese has no spaces and is left alone."""
    return text if columns(text) != len(text) else _filled(text, indent)


@lru_cache(maxsize=1024)
def _filled(text: str, indent: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


@register.filter
def heading(text: str) -> str:
    """Underline a heading."""
    return f"{text}\n{'-' * columns(text)}"


@register.filter
def title(text: str) -> str:
    """Underline the mail's first line."""
    return f"{text}\n{'=' * columns(text)}"


@register.filter
def listed(names: tuple[str, ...], indent: str) -> str:
    """Write names one after the other, with commas, breaking lines only between them."""
    lines: list[str] = []
    for name in names:
        joined = f"{lines[-1]}, {name}" if lines else ""
        if joined and len(indent) + columns(joined) < WIDTH:
            lines[-1] = joined
        else:
            lines.append(name)
    return ",\n".join(f"{indent}{line}" for line in lines)
