"""A JSON list as items with lines."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.desk.imports.faults import Findings
from notifier.desk.imports.json_list import JsonObject, read_items


def read(content: bytes) -> tuple[list[tuple[int, Any]], list[str]]:
    """Return items and faults of a file ``f``."""
    findings = Findings("f")
    return read_items(content, findings), [str(fault) for fault in findings.in_order()]


@pytest.mark.parametrize(
    ("content", "items"),
    [
        (b"[]", []),
        (b"\xef\xbb\xbf [\n]\n", []),
        (b'[1,"a"]', [(1, 1), (1, "a")]),
        (b'[\n {"a":\n  1},\n\n {"b": [true]}\n]\n', [(2, {"a": 1}), (5, {"b": [True]})]),
    ],
)
def test_read_items_right_file_gives_items_with_lines(content: bytes, items: list[tuple[int, Any]]) -> None:
    """Lines as editors count them."""
    assert read(content) == (items, [])


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "the file must be a list: [ ... ], character 1"),
        (b'{"a": 1}', 1, "the file must be a list: [ ... ], character 1"),
        (b"\n[\n1\n", 4, "a comma or ] is missing, character 1"),
        (b"[1 2]", 1, "a comma or ] is missing, character 4"),
        (b"[1,\n]", 2, "Expecting value, character 1"),
        (b"[1]\n[2]", 2, "there is more after the list, character 1"),
        (b'[1,\n"a\n"]', 2, "Invalid control character at, character 3"),
        (b"[" * 100_000, 1, "it is nested too deeply, character 2"),
        (b"[" + b"9" * 5000 + b"]", 1, "a number is too long, character 2"),
    ],
)
def test_read_items_no_json_names_line_and_character(content: bytes, line: int, reason: str) -> None:
    """Nesting and numbers beyond what Python reads included."""
    assert read(content)[1] == [f"f:{line}: syntax: cannot be read as JSON ({reason} of the line); what follows was not read"]


def test_read_items_not_utf8_names_each_line() -> None:
    """As in CSV files."""
    assert read(b'["\xe9",\n"\xe8"]') == (
        [],
        [
            "f:1: encoding: is not UTF-8: byte 0xE9 at position 3 of the line; save the file as UTF-8",
            "f:2: encoding: is not UTF-8: byte 0xE8 at position 2 of the line; save the file as UTF-8",
        ],
    )


def test_json_object_remembers_doubled_keys() -> None:
    """Python's own dictionary would keep the last in silence."""
    ((_line, value),), _faults = read(b'[{"a": 1, "b": 2, "a": 3}]')
    assert isinstance(value, JsonObject)
    assert (value, value.doubled) == ({"a": 3, "b": 2}, ("a",))


@given(content=st.one_of(st.binary(max_size=60), st.text(alphabet='[]{}",:1eE-.ntf\\u \n', max_size=60).map(str.encode)))
def test_read_items_any_bytes_give_items_or_one_fault(content: bytes) -> None:
    """Never another exception."""
    _items, faults = read(content)
    assert all(line.isprintable() for line in faults)
