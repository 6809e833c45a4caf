"""A JSON list as items with the lines on which they begin."""

import json
from typing import Any

from django.utils.translation import gettext as _

from notifier.desk.imports.faults import Findings
from notifier.desk.imports.table import decoded

SYNTAX = "syntax"
"""What stands in a report's column where the file is no JSON."""

_SPACE = " \t\n\r"


class JsonObject(dict[str, Any]):
    """A JSON object that remembers keys which were written more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        """Keep the last value of each key, as JSON readers do."""
        super().__init__(pairs)
        names = [name for name, _value in pairs]
        self.doubled = tuple(name for name in self if names.count(name) > 1) if len(self) < len(names) else ()


def read_items(content: bytes, findings: Findings) -> list[tuple[int, Any]]:
    """Return line and value of each item; after the first place that is no JSON the rest is not read."""
    text = decoded(content, findings)
    if text is None:
        return []
    items: list[tuple[int, Any]] = []
    try:
        _read(text, items)
    except json.JSONDecodeError as error:
        message = _("cannot be read as JSON (%(reason)s, character %(column)d of the line); what follows was not read")
        findings.add(_line(text, error.pos), SYNTAX, message % {"reason": error.msg, "column": error.colno})
    return items


def _read(text: str, items: list[tuple[int, Any]]) -> None:
    decoder = json.JSONDecoder(object_pairs_hook=JsonObject)
    position = _next(text, 0)
    if text[position : position + 1] != "[":
        raise json.JSONDecodeError(_("the file must be a list: [ ... ]"), text, position)
    position = _next(text, position + 1)
    if text[position : position + 1] != "]":
        while True:
            value, end = _item(decoder, text, position)
            items.append((_line(text, position), value))
            position = _next(text, end)
            if text[position : position + 1] != ",":
                break
            position = _next(text, position + 1)
    if text[position : position + 1] != "]":
        raise json.JSONDecodeError(_("a comma or ] is missing"), text, position)
    position = _next(text, position + 1)
    if position < len(text):
        raise json.JSONDecodeError(_("there is more after the list"), text, position)


def _item(decoder: json.JSONDecoder, text: str, position: int) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(text, position)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise json.JSONDecodeError(_("it is nested too deeply"), text, position) from error
    except ValueError as error:  # a number of thousands of digits
        raise json.JSONDecodeError(_("a number is too long"), text, position) from error


def _next(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
