"""Lines of the plain-text part, made faster than the library makes them, and the same."""

import sys
import textwrap
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.delivery.plain_layout import WIDTH, columns, wrapped

WORDS = st.lists(st.text("ab-é.\u00a0", min_size=0, max_size=90), max_size=30)


@given(WORDS, st.sampled_from([" ", "  ", "\t", "\n"]), st.sampled_from(["", "  "]))
@example(["a" * 38, "b" * 37, "c"], " ", "  ")
@example(["a" * 38, "b" * 38, "c"], " ", "")
def test_wrapped_is_what_textwrap_makes(words: list[str], space: str, indent: str) -> None:
    """At every width, with empty and over-long words, and with other spaces."""
    text = space.join(words)
    assert wrapped(text, indent) == textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


@pytest.mark.parametrize("wide", [False, True])
def test_columns_of_every_character(wide: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """One or two, as Unicode says."""
    found = [chr(code) for code in range(sys.maxunicode + 1) if (unicodedata.east_asian_width(chr(code)) in "WF") == wide]
    assert columns("".join(found)) == len(found) * (1 + wide)
