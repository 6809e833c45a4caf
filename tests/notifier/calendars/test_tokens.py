"""Tokens: derived, long, different for each purpose, owner and version."""

import re

from notifier.calendars.tokens import feed_token, token_hash

KEY = "k" * 48


def test_feed_token_is_the_same_everywhere() -> None:
    """Derived from its facts alone: 256 bits, in characters that an address can hold as they are."""
    made = feed_token(key=KEY, purpose="customer", id=1, version=1)
    assert made == "10D8ak2YIBzMwGVTo7c9DrL0oy_G6RiuPHHGDPelAVw"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", made)


def test_feed_token_differs() -> None:
    """By key, purpose, id and version; ids and versions can't run into each other."""
    tokens = {
        feed_token(key=KEY, purpose="customer", id=1, version=1),
        feed_token(key=KEY + "k", purpose="customer", id=1, version=1),
        feed_token(key=KEY, purpose="contact", id=1, version=1),
        feed_token(key=KEY, purpose="customer", id=1, version=11),
        feed_token(key=KEY, purpose="customer", id=11, version=1),
    }
    assert len(tokens) == 5


def test_token_hash() -> None:
    """SHA-256 (FIPS 180-4, example of one block)."""
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
