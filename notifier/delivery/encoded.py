"""Bodies with holes, encoded beforehand: only what fills the holes is encoded for each mail. Pure: values in, bytes out.

A body is a list of texts and of whole numbers, which say which of a mail's values stands there.
"""

import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

QP_WIDTH = 75
"""A line may have 76 characters, one of which is the sign of a soft break (RFC 2045, 6.7)."""
_BASE64_WIDTH = 76
_TOO_LONG = re.compile(rb"^(.{74,})=20$", re.MULTILINE)
"""``b2a_qp`` makes no room for a space that has to be encoded because it ends a line."""
_SHORT = 250
"""A text between two holes is not worth encoding beforehand as base64 below this (octets)."""
_SOFT_BREAK = b"=\r\n"


def quoted_value(value: str) -> bytes:
    """Return a value as quoted-printable, to stand on lines of its own between soft breaks."""
    if value.isascii() and len(value) <= QP_WIDTH and "\n" not in value and "=" not in value and not value.endswith(" "):
        return value.encode()
    return _quoted(value)


def quoted_body(parts: Sequence[str | int]) -> list[bytes | int]:
    """Return a body as quoted-printable; the numbers stay, for what ``quoted_value`` returns."""
    body: list[bytes | int] = []
    for number, part in enumerate(parts):
        if isinstance(part, int):
            body.append(part)
            continue
        before = _SOFT_BREAK if number > 0 and not part.startswith("\n") else b""
        after = _SOFT_BREAK if number < len(parts) - 1 and not part.endswith("\n") else b""
        body.append(before + _quoted(part) + after)
    return body


def _quoted(text: str) -> bytes:
    """Encode; the last line leaves room for the sign of a soft break."""
    encoded = b2a_qp(text.encode())
    if b"=20" in encoded:
        encoded = _TOO_LONG.sub(rb"\1=\n=20", encoded)
    last = len(encoded) - encoded.rfind(b"\n") - 1
    if last > QP_WIDTH:
        cut = len(encoded) - 4
        while b"=" in encoded[cut - 2 : cut]:
            cut -= 1
        encoded = encoded[:cut] + b"=\n" + encoded[cut:]
    return encoded.replace(b"\n", b"\r\n")


class Holes:
    """Octets with holes."""

    def __init__(self, parts: Iterable[bytes | int]) -> None:
        """Take texts and numbers of values."""
        found = list(parts)
        self._octets = b"".join(b"%b" if isinstance(part, int) else part.replace(b"%", b"%%") for part in found)
        numbers = [part for part in found if isinstance(part, int)]
        self._values: Callable[[Sequence[bytes]], object] = itemgetter(*numbers) if numbers else _no_values

    def filled(self, values: Sequence[bytes]) -> bytes:
        """Return the octets with the values in the holes."""
        return self._octets % self._values(values)


class Segment(NamedTuple):
    """Octets with holes, and a longer text after them as base64: three times, as the octets before need 0, 1 or 2 more to be encoded by threes.

    Each is (octets that complete the threes, lines of base64, octets left for what follows).
    """

    start: Holes
    after: tuple[tuple[bytes, bytes, bytes], ...]


_NOTHING = ((b"", b"", b""),) * 3


def base64_body(parts: Iterable[bytes | int]) -> list[Segment]:
    """Return a body as segments for ``base64_lines``."""
    segments: list[Segment] = []
    start: list[bytes | int] = []
    for part in _joined(parts):
        if isinstance(part, int) or len(part) < _SHORT:
            start.append(part)
        else:
            segments.append(Segment(Holes(start), tuple(_threes(part, need) for need in range(3))))
            start = []
    if start:
        segments.append(Segment(Holes(start), _NOTHING))
    return segments


def base64_lines(segments: Iterable[tuple[Segment, Sequence[bytes]]]) -> bytes:
    """Return the whole body, each segment with the values for its holes; lines may be shorter than they could be."""
    lines: list[bytes] = []
    left = b""
    for segment, values in segments:
        octets = left + segment.start.filled(values)
        if segment.after is _NOTHING:
            left = octets
            continue
        complete, encoded, left = segment.after[-len(octets) % 3]
        lines += (_base64(octets + complete), encoded)
    lines.append(_base64(left))
    return b"".join(lines)


def _joined(parts: Iterable[bytes | int]) -> Iterator[bytes | int]:
    """Yield numbers, and texts that stand beside each other as one."""
    text = b""
    for part in parts:
        if isinstance(part, int):
            yield text
            yield part
            text = b""
        else:
            text += part
    yield text


def _no_values(_values: Sequence[bytes]) -> tuple[()]:
    return ()


def _threes(octets: bytes, need: int) -> tuple[bytes, bytes, bytes]:
    whole = need + (len(octets) - need) // 3 * 3
    return octets[:need], _base64(octets[need:whole]), octets[whole:]


def _base64(octets: bytes) -> bytes:
    encoded = b2a_base64(octets, newline=False)
    if len(encoded) <= _BASE64_WIDTH:
        return encoded + b"\r\n" if encoded else b""
    return b"\r\n".join([encoded[start : start + _BASE64_WIDTH] for start in range(0, len(encoded), _BASE64_WIDTH)]) + b"\r\n"
