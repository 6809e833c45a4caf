"""BOUNCE_ADDRESS and BOUNCE_MAILBOX: where bounces go, and where they are read. Refused by name where wrong, without showing what may be a password."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote

import environ

from notifier.env import is_server, masked, refuse, split, text, writable_folder

LONGEST_LOCAL_PART = 33
"""With the token of a delivery (notifier/delivery/verp.py) it has at most 64 octets."""
_LOCAL_PART = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,{LONGEST_LOCAL_PART - 2}}}[A-Za-z0-9])?")
_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
_PORTS = {"imap": 143, "imaps": 993}

_ALLOWED = "file:///folder, maildir:///folder or imaps://user:password@host/INBOX"
_FOLDER_ALLOWED = "file:///folder or maildir:///folder with three slashes, ? and # in it percent-encoded, not DATA_DIR and not the folder of EMAIL_URL"
_IMAP_ALLOWED = (
    "imaps://user:password@host:port/INBOX (imap:// only for 127.0.0.1), user name, password and mailbox of printable ASCII characters and percent-encoded"
)


@dataclass(frozen=True)
class Mailbox:
    """Where bounces are read: a folder of files, a Maildir, or a mailbox on an IMAP server."""

    kind: Literal["file", "maildir", "imap", "imaps"]
    folder: Path = Path()
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    name: str = ""


def bounce_address(env: environ.Env) -> str:
    """Read BOUNCE_ADDRESS; empty where it is not set."""
    raw = text(env, "BOUNCE_ADDRESS")
    local, at, domain = raw.rpartition("@")
    if raw and not (at and _LOCAL_PART.fullmatch(local) and is_server(domain) and "." in domain and "_" not in domain):
        raise refuse(
            "BOUNCE_ADDRESS",
            raw,
            f"an address such as bounces@provider.example, before the @ at most {LONGEST_LOCAL_PART} letters, digits, dots, hyphens and underscores",
        )
    return raw


def bounce_mailbox(env: environ.Env, *, others: Collection[Path | None]) -> Mailbox | None:
    """Read BOUNCE_MAILBOX; None where it is not set. ``others``: folders that it must not be, as every file in it is moved."""
    raw = text(env, "BOUNCE_MAILBOX")
    if not raw:
        return None
    parts = split("BOUNCE_MAILBOX", raw, _ALLOWED)
    if parts.scheme in {"file", "maildir"}:
        return _folder(raw, parts, others)
    if parts.scheme in _PORTS:
        return _imap(raw, parts)
    raise refuse("BOUNCE_MAILBOX", masked(raw), _ALLOWED)


def _folder(raw: str, parts: SplitResult, others: Collection[Path | None]) -> Mailbox:
    folder = Path(unquote(parts.path))
    shown = masked(raw) if "@" in raw else raw
    if parts.netloc or not parts.path.strip("/") or parts.query or parts.fragment or _same(folder, others):
        raise refuse("BOUNCE_MAILBOX", shown, _FOLDER_ALLOWED)
    kind: Literal["file", "maildir"] = "file" if parts.scheme == "file" else "maildir"
    return Mailbox(kind, folder=writable_folder("BOUNCE_MAILBOX", folder, shown=shown))


def _same(folder: Path, others: Collection[Path | None]) -> bool:
    try:
        return any(other and folder.resolve() == other.resolve() for other in others)
    except (OSError, ValueError):  # what cannot be a folder is refused when it is made
        return False


def _imap(raw: str, parts: SplitResult) -> Mailbox:
    kind: Literal["imap", "imaps"] = "imap" if parts.scheme == "imap" else "imaps"
    host = parts.hostname or ""
    said = [unquote(parts.username or ""), unquote(parts.password or ""), unquote(parts.path[1:]) or "INBOX"]
    plain = all(value and value.isascii() and value.isprintable() for value in said)
    if not plain or not is_server(host) or parts.query or parts.fragment or (kind == "imap" and host not in _THIS_MACHINE):
        raise refuse("BOUNCE_MAILBOX", masked(raw), _IMAP_ALLOWED)
    return Mailbox(kind, host=host, port=parts.port or _PORTS[kind], user=said[0], password=said[1], name=said[2])
