"""The fields of a JSON object: of the right type, each known and written once; faults name the path as ``windows[2].start``."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from notifier.desk.imports.faults import WHOLE, Findings, shown
from notifier.desk.imports.json_list import JsonObject

Rule = Callable[[Any], Any]


@dataclass(frozen=True)
class Place:
    """Where in a file: the line on which the piece of work begins, and the path within it; empty for the piece itself."""

    findings: Findings
    line: int
    path: str = ""

    def field(self, name: str) -> "Place":
        """Return the place of a field."""
        readable = name if name.isidentifier() else shown(name)
        return Place(self.findings, self.line, f"{self.path}.{readable}" if self.path else readable)

    def item(self, key: int | str) -> "Place":
        """Return the place of an item of a list (from 0), or of a value by its key."""
        return Place(self.findings, self.line, f"{self.path}[{key}]")

    def refuse(self, message: str, *, code: str = "") -> None:
        """Note a fault here."""
        self.findings.add(self.line, self.path or WHOLE, message, code=code)

    def take(self, rule: Rule, value: Any) -> Any:  # noqa: ANN401  # any JSON value
        """Return what the rule makes of the value; None where it refuses, which is noted."""
        try:
            return rule(value)
        except ValidationError as error:
            self.findings.note(self.line, self.path or WHOLE, error)
            return None


@dataclass(frozen=True)
class Fields:
    """A JSON object whose unknown and doubled keys are noted."""

    value: JsonObject
    place: Place

    @classmethod
    def of(cls, value: Any, *, place: Place, known: Collection[str]) -> "Fields | None":  # noqa: ANN401  # any JSON value
        """Return the fields of an object; None where the value is something else, which is noted."""
        if not isinstance(value, JsonObject):
            place.refuse(_("must be an object, not %(value)s") % {"value": shown(value)})
            return None
        for name in value:
            if name not in known:
                place.field(name).refuse(_("is an unknown key; the keys are: %(known)s") % {"known": ", ".join(known)})
        for name in value.doubled:
            place.field(name).refuse(_("is written more than once"))
        return cls(value, place)

    def required(self, name: str, rule: Rule) -> Any:  # noqa: ANN401  # what the rule returns
        """Return the field; None where it is missing or wrong, which is noted."""
        if name not in self.value:
            self.place.field(name).refuse(_("is missing"))
            return None
        return self.place.field(name).take(rule, self.value[name])

    def optional(self, name: str, rule: Rule, *, default: Any) -> Any:  # noqa: ANN401  # what the rule returns
        """Return the field, or the default where it is left out; None where it is wrong, which is noted."""
        return self.place.field(name).take(rule, self.value[name]) if name in self.value else default

    def objects(self, name: str, make: Callable[[Any, Place], Any]) -> tuple[Any, ...]:
        """Return what ``make`` makes of each item of a list that must not be empty; a wrong item is None."""
        items = self.required(name, full_list)
        place = self.place.field(name)
        return tuple(make(item, place.item(number)) for number, item in enumerate(items or ()))


def text(value: Any) -> str:  # noqa: ANN401  # any JSON value
    """Take a JSON string."""
    if not isinstance(value, str):
        raise _wrong_type(_("text in quotes"), value)
    return value


def number(value: Any) -> int:  # noqa: ANN401  # any JSON value
    """Take a JSON number without a fraction; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(_("a whole number"), value)
    return value


def flag(value: Any) -> bool:  # noqa: ANN401  # any JSON value
    """Take true or false."""
    if not isinstance(value, bool):
        raise _wrong_type(_("true or false"), value)
    return value


def full_list(value: Any) -> list[Any]:  # noqa: ANN401  # any JSON value
    """Take a JSON list with at least one item."""
    if not isinstance(value, list):
        raise _wrong_type(_("a list"), value)
    if not value:
        raise ValidationError(_("is an empty list"), code="empty")
    return value


def full_object(value: Any) -> JsonObject:  # noqa: ANN401  # any JSON value
    """Take a JSON object with at least one key."""
    if not isinstance(value, JsonObject):
        raise _wrong_type(_("an object"), value)
    if not value:
        raise ValidationError(_("is empty"), code="empty")
    return value


def _wrong_type(wanted: str, value: object) -> ValidationError:
    return ValidationError(_("must be %(wanted)s, not %(value)s"), code="type", params={"wanted": wanted, "value": shown(value)})
