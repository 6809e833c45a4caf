"""CSV files as rows with lines."""

import pytest

from notifier.desk.imports.faults import Findings
from notifier.desk.imports.table import Row, read_rows

COLUMNS = ("a", "b")


def read(content: bytes) -> tuple[list[Row] | None, list[str]]:
    """Return rows and faults of a file ``f`` with the columns a and b."""
    findings = Findings("f")
    return read_rows(content, columns=COLUMNS, findings=findings), [str(fault) for fault in findings.in_order()]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b\n1,2\n", [Row(2, {"a": "1", "b": "2"})]),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", [Row(2, {"a": "1", "b": "2"})]),
        (b"b,a\n1,2", [Row(2, {"a": "2", "b": "1"})]),
        (b"a,b\n", []),
        (b"\n\na,b\n\n1,2\n\n", [Row(5, {"a": "1", "b": "2"})]),
        (b'a,b\n"x\r\ny\n""z""","1,2"\n3,4\n', [Row(2, {"a": 'x\r\ny\n"z"', "b": "1,2"}), Row(5, {"a": "3", "b": "4"})]),
        ("a,b\nñ,\U0001f4a9\n".encode(), [Row(2, {"a": "ñ", "b": "\U0001f4a9"})]),
    ],
)
def test_read_rows_right_file_gives_rows_with_lines(content: bytes, rows: list[Row]) -> None:
    """A byte order mark, any order of columns, blank lines and quoted line breaks are allowed."""
    assert read(content) == (rows, [])


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"", ["f:1: header: is missing; the first line names the columns: a,b"]),
        (b"\n \n", ["f:2: ' ': is an unknown column; the columns are: a,b", "f:2: a: the column is missing", "f:2: b: the column is missing"]),
        (b"a\n1\n", ["f:1: b: the column is missing"]),
        (b"a,b,c\n1,2,3\n", ["f:1: c: is an unknown column; the columns are: a,b"]),
        (b"a,b,\x1b\n1,2,3\n", ["f:1: '\\x1b': is an unknown column; the columns are: a,b"]),
        (b"a,b,b\n1,2,3\n", ["f:1: b: the column stands 2 times in the header"]),
        (b"A,b\n", ["f:1: A: is an unknown column; the columns are: a,b", "f:1: a: the column is missing"]),
        (b"a;b\n1;2\n", ["f:1: header: the fields are separated by semicolons; separate them by commas"]),
        (b"a\tb\n1\t2\n", ["f:1: header: the fields are separated by tabs; separate them by commas"]),
        (b"a|b\n1|2\n", ["f:1: header: the fields are separated by vertical bars; separate them by commas"]),
        (
            b"a,b\n1,\xf1\n2,x\r3\xff,y\n",
            [
                "f:2: encoding: is not UTF-8: byte 0xF1 at position 3 of the line; save the file as UTF-8",
                "f:4: encoding: is not UTF-8: byte 0xFF at position 2 of the line; save the file as UTF-8",
            ],
        ),
        ("a,b\n1,2\n".encode("utf-16"), ["f:1: encoding: is not UTF-8: byte 0xFF at position 1 of the line; save the file as UTF-8"]),
        (b'"a,b\n1,2\n', ["f:1: row: cannot be read as CSV (unexpected end of data); the lines after it were not read"]),
    ],
)
def test_read_rows_wrong_file_gives_none_and_faults(content: bytes, faults: list[str]) -> None:
    """What is wrong with the file as a whole."""
    assert read(content) == (None, faults)


def test_read_rows_wrong_number_of_fields_leaves_the_row_out() -> None:
    """The other rows are read."""
    assert read(b'a,b\n1\n"x\ny",2,3\n4,5\n') == (
        [Row(5, {"a": "4", "b": "5"})],
        ["f:2: row: has 1 field, the header has 2", "f:3: row: has 3 fields, the header has 2"],
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b'"x"y,2', "',' expected after '\"'"),
        (b'x,"2\n3,4\n', "unexpected end of data"),
        (b"x," + b"2" * 131073, "field larger than field limit (131072)"),
    ],
)
def test_read_rows_no_csv_stops_at_the_line(row: bytes, reason: str) -> None:
    """What comes after an open quote cannot be told apart."""
    assert read(b"a,b\n1,2\n" + row) == (
        [Row(2, {"a": "1", "b": "2"})],
        [f"f:3: row: cannot be read as CSV ({reason}); the lines after it were not read"],
    )
