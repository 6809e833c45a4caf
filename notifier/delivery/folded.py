"""Lines of iCalendar, folded by octets (RFC 5545, 3.1) exactly as the library does that writes whole calendars. Pure."""

_WIDTH = 74
_BREAK = b"\r\n "
_ESCAPES = (ord("\\"), ord("^"))
_LOOK_AHEAD = 4
"""Octets of the longest character."""


def folded(line: bytes) -> bytes:
    """Return a content line with its folds, without its end."""
    if len(line) <= _WIDTH:
        return line
    chunks, rest = _chunks(line, len(line))
    return _BREAK.join((*chunks, rest))


def folded_start(line: bytes) -> tuple[bytes, bytes]:
    """Return the start of a line as far as its folds are certain whatever follows, and what is left to be folded with that."""
    chunks, rest = _chunks(line, len(line) - _LOOK_AHEAD)
    return b"".join(chunk + _BREAK for chunk in chunks), rest


def _chunks(line: bytes, until: int) -> tuple[list[bytes], bytes]:
    """Return the lines that end before ``until``, and the rest; no character and no escape sequence is cut."""
    chunks, start = [], 0
    while start + _WIDTH < until:
        end = start + _WIDTH
        while line[end] & 0xC0 == 0x80:  # noqa: PLR2004  # an octet within a character (RFC 3629, 3)
            end -= 1
        if end - start > 1 and line[end - 1] in _ESCAPES:
            end -= 1
        chunks.append(line[start:end])
        start = end
    return chunks, line[start:]
