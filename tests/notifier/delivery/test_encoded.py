"""Bodies with holes: what a parser decodes is what was put in."""

import binascii
import quopri

from hypothesis import example, given
from hypothesis import strategies as st

from notifier.delivery.encoded import base64_body, base64_lines, quoted_body, quoted_value

TEXT = st.one_of(
    st.text("ab =%é中\n.x ", max_size=400),
    st.integers(70, 80).flatmap(lambda length: st.text("ab =é.", min_size=length, max_size=length)),
    st.integers(240, 260).map("x".__mul__),
)
VALUE = st.text("ab é中.\n=%", max_size=200)
BODY = st.lists(st.tuples(TEXT, VALUE), max_size=6)


def parts_of(body: list[tuple[str, str]], last: str) -> tuple[list[str | int], list[str], str]:
    """Return a body with numbers for the values, the values, and the whole."""
    parts = [part for number, (text, _value) in enumerate(body) for part in (text, number)]
    return [*parts, last], [value for _text, value in body], "".join(text + value for text, value in body) + last


@given(BODY, TEXT)
@example([("a" * 76, "b"), ("=" * 25, "b" * 75), ("é" * 12 + "abc ", "b" * 76)], "a" * 73 + "é ")
@example([("\n", " "), ("", "")], "")
@example([("é" * 12 + "a" * 2 + " \n", "é" * 12 + "a" * 3 + " \n")], "é" * 12 + "a" * 3 + " ")
def test_quoted_printable_is_what_was_put_in(body: list[tuple[str, str]], last: str) -> None:
    """In lines of 76 characters at most (RFC 2045, 6.7)."""
    parts, values, whole = parts_of(body, last)
    made = b"".join(part if isinstance(part, bytes) else quoted_value(values[part]) for part in quoted_body(parts))
    assert quopri.decodestring(made).decode() == whole.replace("\n", "\r\n")
    assert [line for line in made.split(b"\r\n") if len(line) > 76 or b"\n" in line or not line.isascii()] == []


@given(BODY, TEXT)
@example([("x" * 250, "ab"), ("y" * 251, "abc"), ("z" * 252, "é")], "%")
def test_base64_is_what_was_put_in(body: list[tuple[str, str]], last: str) -> None:
    """In lines of 76 characters at most, with padding only at the end (RFC 2045, 6.8)."""
    parts, values, whole = parts_of(body, last)
    segments = base64_body([part if isinstance(part, int) else part.encode() for part in parts])
    made = base64_lines((segment, [value.encode() for value in values]) for segment in segments)
    assert binascii.a2b_base64(made.replace(b"\r\n", b""), strict_mode=True).decode() == whole
    assert [line for line in made.split(b"\r\n") if len(line) > 76] == []
