"""A CSV file as rows with the lines on which they begin: UTF-8, header row, quoting of RFC 4180."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifier.desk.imports.faults import Findings, shown

ENCODING, HEADER, ROW = "encoding", "header", "row"
"""What stands in a report's column where no single column is at fault."""

_OTHER_DELIMITERS = (";", "\t", "|")


@dataclass(frozen=True)
class Row:
    """``line`` is the one on which the row begins; quoted line breaks make a row longer than a line."""

    line: int
    values: dict[str, str]


def read_rows(content: bytes, *, columns: Sequence[str], findings: Findings) -> list[Row] | None:
    """Return the rows that have the header's number of fields; None where the file as a whole cannot be read."""
    text = decoded(content, findings)
    if text is None:
        return None
    records = _records(text, findings)
    header = next(records, None)
    if header is None:
        if not findings.faults:
            findings.add(1, HEADER, _("is missing; the first line names the columns: %(columns)s") % {"columns": ",".join(columns)})
        return None
    line, names = header
    if not _header_is_right(names, line=line, columns=columns, findings=findings):
        return None
    rows = []
    for line, fields in records:
        if len(fields) == len(names):
            rows.append(Row(line, dict(zip(names, fields, strict=True))))
        else:
            found = ngettext("has %(count)d field", "has %(count)d fields", len(fields)) % {"count": len(fields)}
            findings.add(line, ROW, _("%(found)s, the header has %(expected)d") % {"found": found, "expected": len(names)})
    return rows


def decoded(content: bytes, findings: Findings) -> str | None:
    """Return the text without a byte order mark; note each line that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            findings.add(
                number,
                ENCODING,
                _("is not UTF-8: byte 0x%(byte)s at position %(position)d of the line; save the file as UTF-8")
                % {"byte": f"{line[error.start]:02X}", "position": error.start + 1},
            )
    return None


def _records(text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Yield line and fields of each record that is not blank, up to the first that is no CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            findings.add(line, ROW, _("cannot be read as CSV (%(reason)s); the lines after it were not read") % {"reason": error})
            return
        if fields is None:
            return
        if fields:
            yield line, fields


def _header_is_right(names: list[str], *, line: int, columns: Sequence[str], findings: Findings) -> bool:
    if set(names) == set(columns) and len(names) == len(columns):
        return True
    if len(names) == 1:
        for delimiter in _OTHER_DELIMITERS:
            if delimiter in names[0]:
                findings.add(line, HEADER, _("the fields are separated by %(delimiter)s; separate them by commas") % {"delimiter": _delimiter(delimiter)})
                return False
    for name, times in Counter(names).items():
        if name not in columns:
            findings.add(
                line, name if name.isidentifier() else shown(name), _("is an unknown column; the columns are: %(columns)s") % {"columns": ",".join(columns)}
            )
        elif times > 1:
            findings.add(line, name, _("the column stands %(times)d times in the header") % {"times": times})
    for name in columns:
        if name not in names:
            findings.add(line, name, _("the column is missing"))
    return False


def _delimiter(character: str) -> str:
    return {";": _("semicolons"), "\t": _("tabs")}.get(character, _("vertical bars"))
