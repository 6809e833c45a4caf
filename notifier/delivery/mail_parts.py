"""A mail that a stranger wrote -> its parts: in linear time, with limits on everything, and never an error.

The standard library's parser takes ten seconds for half a megabyte of parts within parts, and reads headers by rules that
bounces break; what a bounce needs of MIME is little.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header

MOST_BYTES = 512 * 1024
"""So much of a mail is looked at: the report stands before the mail that is returned."""
_MOST_HEAD = 64 * 1024
_MOST_VALUE = 2000
_MOST_PARTS = 50
_DEEPEST = 5
_FIELD = re.compile(r"([!-9;-~]{1,100}):(.*)", re.DOTALL)
_BLANK = re.compile(rb"\n[ \t]*\n|\A[ \t]*\n")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass(frozen=True)
class Field:
    """A line of a header: ``name`` in small letters, the value unfolded."""

    name: str
    value: str


@dataclass(frozen=True)
class Part:
    """A leaf of a mail, decoded: ``kind`` is its type, as ``text/plain``."""

    kind: str
    body: bytes


@dataclass(frozen=True)
class Read:
    """A mail: its own header and, in order, the leaves. A mail within the mail is a leaf."""

    fields: tuple[Field, ...]
    parts: tuple[Part, ...]

    def all(self, *names: str) -> list[str]:
        """Return the values of all fields of these names, by name."""
        return [field.value for name in names for field in self.fields if field.name == name]


def read(content: bytes) -> Read:
    """Take a mail apart."""
    content = content[:MOST_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head, body = split(content)
    own = tuple(fields(head))
    leaves: list[Part] = []
    waiting = [(own, body, 0)]
    while waiting and len(leaves) < _MOST_PARTS:
        about, inside, depth = waiting.pop(0)
        kind, boundary = _kind(about)
        if kind.startswith("multipart/") and boundary and depth < _DEEPEST:
            below = [split(piece) for piece in _pieces(inside, boundary)]
            waiting[:0] = [(tuple(fields(piece)), rest, depth + 1) for piece, rest in below]
        else:
            leaves.append(Part(kind, _decoded(about, inside)))
    return Read(own, tuple(leaves))


def split(content: bytes) -> tuple[bytes, bytes]:
    """Part header from body, at the first empty line."""
    found = _BLANK.search(content)
    return (content[: found.start()], content[found.end() :]) if found else (content, b"")


def fields(head: bytes) -> Iterator[Field]:
    """Yield the fields of a header. A line that is none, such as one whose fold was lost, belongs to the field before it."""
    name, value = "", ""
    for line in text(head[:_MOST_HEAD]).split("\n"):
        found = _FIELD.match(line)
        if found is None:
            value = f"{value} {line.strip()}"[:_MOST_VALUE]
            continue
        if name:
            yield Field(name, value.strip())
        name, value = found[1].lower(), found[2][:_MOST_VALUE]
    if name:
        yield Field(name, value.strip())


def text(content: bytes) -> str:
    """Return bytes as text whatever they are declared as: UTF-8, and where they are not that, one character a byte."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def without_encoded_words(value: str) -> str:
    """Return a value with its encoded words (RFC 2047) decoded; as it stands where they are damaged."""
    value = value[:_MOST_VALUE]
    try:
        pieces = decode_header(value)
        return "".join(piece if isinstance(piece, str) else piece.decode(charset or "latin-1", "replace") for piece, charset in pieces)
    except (HeaderParseError, LookupError, ValueError):
        return value


def _kind(about: tuple[Field, ...]) -> tuple[str, bytes]:
    """Return type and boundary (RFC 2045, 5.1)."""
    value = next((field.value for field in about if field.name == "content-type"), "text/plain")
    boundary = re.search(r';\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', value, re.IGNORECASE)
    return value.partition(";")[0].strip().lower(), (boundary[1] or boundary[2]).encode("utf-8", "replace").strip() if boundary else b""


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """Return what stands between the delimiters (RFC 2046, 5.1.1); without a last one the rest is a piece too."""
    found = re.split(rb"(?:\A|\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\n|\Z)", body)
    pieces = []
    for closing, piece in zip(found[1::2], found[2::2], strict=True):
        if closing:
            break
        pieces.append(piece.removeprefix(b"\n"))
        if len(pieces) == _MOST_PARTS:
            break
    return pieces


def _decoded(about: tuple[Field, ...], body: bytes) -> bytes:
    """Undo the transfer encoding (RFC 2045, 6); what is damaged in it gives what can be had."""
    encoding = next((field.value for field in about if field.name == "content-transfer-encoding"), "").strip().lower()
    if encoding == "quoted-printable":
        return quopri.decodestring(body).replace(b"\r\n", b"\n")
    if encoding == "base64":
        whole = _NOT_BASE64.sub(b"", body)
        return binascii.a2b_base64(whole[: len(whole) // 4 * 4] + _rest(whole)).replace(b"\r\n", b"\n")
    return body


def _rest(whole: bytes) -> bytes:
    """Return the last group of a text in base64 with its padding; nothing where it is too short for a byte."""
    rest = whole[len(whole) // 4 * 4 :]
    return rest.ljust(4, b"=") if len(rest) > 1 else b""
