"""A table whose every field is checked by the rule of its column, and whose keys stand once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from notifier.desk.imports.faults import Findings, shown
from notifier.desk.imports.table import ROW, Row, read_rows

Value = TypeVar("Value")
Rule = Callable[[str], Any]
Values = dict[str, Any]


@dataclass(frozen=True)
class Form(Generic[Value]):
    """What a file must look like: a rule for each column, the columns of its key, what rows are made into.

    ``across`` notes what is wrong between columns of a row; it sees only the fields that passed their own rule.
    """

    rules: Mapping[str, Rule]
    key: Sequence[str]
    make: Callable[..., Value]
    across: Callable[[int, Values, Findings], None] = lambda _line, _values, _findings: None


@dataclass
class Sheet(Generic[Value]):
    """What was read: the rows without a fault, by line. ``complete`` is false where rows could not be told apart."""

    findings: Findings
    rows: list[tuple[int, Value]] = field(default_factory=list)
    seen: dict[tuple[Any, ...], int] = field(default_factory=dict)
    complete: bool = True


def read_sheet(content: bytes | None, *, form: Form[Value], findings: Findings) -> Sheet[Value]:
    """Check every field of every row; what is wrong is added to ``findings``. No content: the file could not be read."""
    sheet: Sheet[Value] = Sheet(findings)
    rows = None if content is None else read_rows(content, columns=tuple(form.rules), findings=findings)
    for row in rows or ():
        _take(row, form=form, sheet=sheet)
    sheet.complete = rows is not None and all(fault.column != ROW for fault in sheet.findings.faults)
    return sheet


def _take(row: Row, *, form: Form[Value], sheet: Sheet[Value]) -> None:
    before = len(sheet.findings.faults)
    values = {}
    for column, rule in form.rules.items():
        try:
            values[column] = rule(row.values[column])
        except ValidationError as error:
            sheet.findings.note(row.line, column, error)
    if all(column in values for column in form.key):
        key = tuple(values[column] for column in form.key)
        first = sheet.seen.setdefault(key, row.line)
        if first != row.line:
            sheet.findings.add(row.line, form.key[-1], _twice(key, first))
            return
    form.across(row.line, values, sheet.findings)
    if len(sheet.findings.faults) == before:
        sheet.rows.append((row.line, form.make(**values)))


def _twice(key: tuple[Any, ...], first: int) -> str:
    if len(key) == 1:
        return _("%(value)s stands on line %(line)d already") % {"value": shown(key[0]), "line": first}
    return _("%(value)s stands for account %(account)s on line %(line)d already") % {"value": shown(key[1]), "account": key[0], "line": first}
