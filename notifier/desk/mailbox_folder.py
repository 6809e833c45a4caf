"""The mail folder as a list: names from the directory alone, headers only of the mails that a page shows."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings

from maintenance.states import Kind

SUFFIX = ".eml"
_MAIL = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,99}\.eml")
_CHUNK = 16 * 1024
"""Longer than the headers of any notice, shorter than most mails."""


@dataclass(frozen=True)
class Envelope:
    """What a list shows of a mail. ``language`` and ``kind`` are names in the planner's language, empty where the mail has none."""

    name: str
    recipient: str
    subject: str
    sent_at: datetime | None
    reference: str
    language: str
    kind: str


def newest_first(folder: Path) -> list[str]:
    """Return the names of all mails in the folder: the notice written last first, and of each the delivery made last first.

    Only one file of each notice is looked at, as asking for the times of tens of thousands takes too long for a page.
    """
    try:
        names = [name.removesuffix(SUFFIX) for name in os.listdir(folder) if _MAIL.fullmatch(name)]  # noqa: PTH208  # several times as fast as Path
    except FileNotFoundError:
        return []
    deliveries = defaultdict(list)
    for name in names:
        notice, _dash, number = name.rpartition("-")
        deliveries[notice].append((len(number), number, name))  # numbers in their order without being turned into int
    found = [sorted(of_one, reverse=True) for of_one in deliveries.values()]
    found.sort(key=lambda of_one: (_written(folder, of_one[0][2]), of_one[0][2]), reverse=True)
    return [name for of_one in found for _length, _number, name in of_one]


def envelopes(folder: Path, names: Iterable[str]) -> list[Envelope]:
    """Return what a list shows of the mails; one that was taken away meanwhile is left out."""
    found = []
    for name in names:
        try:
            with (folder / f"{name}{SUFFIX}").open("rb") as file:
                start = file.read(_CHUNK)
        except FileNotFoundError:
            continue
        found.append(envelope(name, headers_of(start)))
    return found


def headers_of(start: bytes) -> EmailMessage:
    """Return the headers of a mail, of which at least those are given."""
    head, _separator, _body = start.replace(b"\r\n", b"\n").partition(b"\n\n")
    return BytesParser(policy=policy.default).parsebytes(head, headersonly=True)


def envelope(name: str, headers: EmailMessage) -> Envelope:
    """Return what a list shows of the headers."""
    language, kind = str(headers["Content-Language"] or ""), str(headers["X-Notice-Kind"] or "")
    sent = headers["Date"]
    return Envelope(
        name=name,
        recipient=str(headers["To"] or ""),
        subject=str(headers["Subject"] or ""),
        sent_at=sent.datetime if sent else None,
        reference=str(headers["X-Maintenance-Reference"] or ""),
        language=dict(settings.LANGUAGES).get(language.lower(), language),
        kind=str(dict(Kind.choices).get(kind, kind)),
    )


def _written(folder: Path, name: str) -> int:
    try:
        return (folder / f"{name}{SUFFIX}").stat().st_mtime_ns
    except FileNotFoundError:
        return 0
