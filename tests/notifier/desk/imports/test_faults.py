"""Faults are readable and safe on a terminal."""

import pytest
from django.core.exceptions import ValidationError

from notifier.desk.imports.faults import Fault, Findings, Refused, shown, worded


def fail(message: str) -> None:
    """Refuse."""
    raise ValidationError(message)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "'plain'"),
        ("\x1b[31mred\n\x07\u202e", "'\\x1b[31mred\\n\\x07\\u202e'"),
        ("a" * 81, "'" + "a" * 80 + "…'"),
        ("\ud800", "'\\ud800'"),
        (12, "12"),
        (None, "None"),
        ({"a": "\x1b"}, "{'a': '\\x1b'}"),
        ([1] * 100, "[" + "1, " * 26 + "1…"),
    ],
)
def test_shown_value_is_quoted_escaped_and_cut(value: object, text: str) -> None:
    """A file cannot move the cursor of whoever reads the report."""
    assert shown(value) == text


def test_worded_error_of_fields_names_each() -> None:
    """Errors that concern no single field come without one."""
    error = ValidationError({"title": ["is empty"], "__all__": ["is odd", "is even"]})
    assert list(worded(error)) == [("title", "is empty"), ("", "is odd"), ("", "is even")]


def test_findings_in_order_keeps_order_within_a_line() -> None:
    """Lines as in the file, then as found."""
    findings = Findings("f.csv")
    findings.add(3, "b", "late")
    findings.add(2, "z", "first")
    findings.add(2, "a", "second")
    findings.note(1, "windows[0]", ValidationError({"end": ["is wrong"]}))
    with findings.at(4, ""):
        fail("all of it")
    assert [str(fault) for fault in findings.in_order()] == [
        "f.csv:1: windows[0].end: is wrong",
        "f.csv:2: z: first",
        "f.csv:2: a: second",
        "f.csv:3: b: late",
        "f.csv:4: maintenance: all of it",
    ]


@pytest.mark.parametrize(("count", "text"), [(1, "Refused: 1 fault, nothing was changed."), (2, "Refused: 2 faults, nothing was changed.")])
def test_refused_says_how_many(count: int, text: str) -> None:
    """One and many."""
    assert str(Refused([Fault("f", 1, "a", "b")] * count)) == text
