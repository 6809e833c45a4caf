"""What may stand in a name or an address that ends up in a header or a calendar's line."""

import pytest
from django.core.exceptions import ValidationError

from customers.plain_text import single_address, single_line


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Zürich Süd – O'Brien & Söhne, Ltd. (100 %)",
        "北京办事处",
        "{{ x }} {% y %} %s {0} <b>",
        "क्\u200dष",  # a joiner belongs to the script
        "می\u200cخواهم",
    ],
)
def test_single_line_taken(value: str) -> None:
    """Any script, punctuation, what looks like a template, and joiners."""
    single_line(value)


@pytest.mark.parametrize(
    ("value", "code", "position"),
    [
        ("a\rb", "000D", 2),
        ("\nb", "000A", 1),
        ("ab\x00", "0000", 3),
        ("a\tb", "0009", 2),
        ("a\x7f", "007F", 2),
        ("a\x85", "0085", 2),
        ("a\u2028b", "2028", 2),
        ("a\u2029b", "2029", 2),
        ("a\u202eb", "202E", 2),
        ("a\u200fb", "200F", 2),
        ("a\u200bb", "200B", 2),
        ("\ufeffb", "FEFF", 1),
        ("a\ue000", "E000", 2),
        ("a\ud800", "D800", 2),
        ("ok\u2066\n", "2066", 3),
    ],
)
def test_single_line_refused(value: str, code: str, position: int) -> None:
    """Line breaks of every kind, controls, direction marks and what is no character: the first is named."""
    with pytest.raises(ValidationError) as refusal:
        single_line(value)
    assert refusal.value.messages == [f"has a control character or line break (U+{code}) at position {position}; write it on one line"]


@pytest.mark.parametrize("value", ["ana@customer.example", "noc+a.b-c@mail.customer.example", "o'brien@customer.example", "ana@kunde-süd.example"])
def test_single_address_taken(value: str) -> None:
    """A mailbox and nothing else."""
    single_address(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "is not an e-mail address such as ana@customer.example"),
        ("ana", "is not an e-mail address such as ana@customer.example"),
        ("ana@", "is not an e-mail address such as ana@customer.example"),
        ("ana@customer", "is not an e-mail address such as ana@customer.example"),
        ("a b@customer.example", "is not an e-mail address such as ana@customer.example"),
        ("Ana <ana@customer.example>", "is not an e-mail address such as ana@customer.example"),
        ("ana@customer.example, bo@customer.example", "must be one address; give each person a row of their own"),
        ("ana@customer.example;bo@customer.example", "must be one address; give each person a row of their own"),
        (" ana@customer.example", "has spaces around it; write the bare address"),
        ("ana@customer.example\r\nBcc: x@y.example", "has a control character or line break (U+000D) at position 21; write it on one line"),
    ],
)
def test_single_address_refused(value: str, message: str) -> None:
    """Lists, names, spaces and whatever could become a second header."""
    with pytest.raises(ValidationError) as refusal:
        single_address(value)
    assert refusal.value.messages == [message]
