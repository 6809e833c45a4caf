"""Layout of the plain-text part: what we write is wrapped, what a person typed is not. Pure: the template filters of the same names call these."""

import re
import textwrap
import unicodedata
from collections.abc import Sequence

WIDTH = 76
_WIDE = {"W", "F"}
_MAYBE_WIDE = re.compile("[\u0378-\U0010ffff]")
"""No character before these is wide; unassigned ones count as wide in Python."""
_OTHER_SPACE = re.compile("[\t-\r]")


def columns(text: str) -> int:
    """Return how many columns a terminal needs for the text: Chinese characters take two (Unicode, annex 11)."""
    return len(text) + sum(unicodedata.east_asian_width(character) in _WIDE for character in _MAYBE_WIDE.findall(text))


def wrapped(text: str, indent: str = "") -> str:
    """Break a paragraph of ours at spaces into lines; what follows the first is indented. Chinese has no spaces and is left alone."""
    if not text.isascii() and any(unicodedata.east_asian_width(character) in _WIDE for character in _MAYBE_WIDE.findall(text)):
        return text
    words = text.split(" ")
    if "" in words or _OTHER_SPACE.search(text):
        return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return _filled(words, indent)


def listed(names: Sequence[str], indent: str) -> str:
    """Write names one after the other, with commas, breaking lines only between them."""
    lines: list[str] = []
    for name in names:
        joined = f"{lines[-1]}, {name}" if lines else ""
        if joined and len(indent) + columns(joined) < WIDTH:
            lines[-1] = joined
        else:
            lines.append(name)
    return ",\n".join(f"{indent}{line}" for line in lines)


def _filled(words: Sequence[str], indent: str) -> str:
    """Do what ``textwrap.fill`` does to words with one space between them, in a tenth of its time: each mail has such a paragraph of its own."""
    lines, line, length = [], [words[0]], len(words[0])
    for word in words[1:]:
        length += 1 + len(word)
        if length <= WIDTH:
            line.append(word)
        else:
            lines.append(" ".join(line))
            line, length = [word], len(indent) + len(word)
    lines.append(" ".join(line))
    return f"\n{indent}".join(lines)
