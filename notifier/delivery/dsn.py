"""A mail -> the bounce that it is, or nothing: delivery status notifications (RFC 3461-3464, 6533), and what qmail and Exim write instead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from notifier.delivery import dsn_status
from notifier.delivery.mail_parts import Field, Part, Read, fields, read, split, text, without_encoded_words
from notifier.delivery.receipt import What, one_line

_STATUS_PARTS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_PARTS = {"message/rfc822", "message/rfc822-headers", "text/rfc822-headers", "message/global", "message/global-headers"}
_CAME_TO = ("delivered-to", "x-original-to", "x-delivered-to", "envelope-to", "x-envelope-to", "to", "apparently-to")
_ONCE_A_RECIPIENT = {"original-recipient", "final-recipient", "action", "status"}
_MOST_RECIPIENTS = 50
_ADDRESS = re.compile(r"""[^\s<>()\[\],;:"@]{1,100}@[^\s<>()\[\],;:"@]{1,255}""")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n\s*")
_QMAIL_RECIPIENT = re.compile(r"\A<([^\s<>]{1,254})>:[ \t]*(?:\n|\Z)(.*)", re.DOTALL)

_EXIM_REASONS = r"((?:[ \t]{3,}\S.*(?:\n|\Z))*)"


@dataclass(frozen=True)
class Recipient:
    """What became of the mail for one address (as we wrote it, where the report knows), each part on one printable line."""

    address: str
    action: str
    status: str
    diagnostic: str

    @property
    def what(self) -> What:
        """The same, in our words."""
        return dsn_status.what(self.action, self.status, self.diagnostic)


@dataclass(frozen=True)
class Bounce:
    """A report. ``message_id`` (without brackets) and ``envelope_id`` are the original's, empty where not known.

    ``returned_to``: the addresses that the report came to, and the envelope senders that it names. ``date``: its field of that name.
    Anybody can write all of this.
    """

    recipients: tuple[Recipient, ...]
    message_id: str = ""
    envelope_id: str = ""
    returned_to: tuple[str, ...] = ()
    date: str = ""


def bounce_in(content: bytes) -> Bounce | None:
    """Read a mail of any size and shape; None for what is no bounce: answers of people, absence notes (RFC 3834), receipts of reading (RFC 8098)."""
    mail = read(content)
    statuses = [part for part in mail.parts if part.kind in _STATUS_PARTS]
    if statuses:
        return _of_report(mail, statuses)
    return _of_text(mail) if _is_from_a_server(mail) else None


def _of_report(mail: Read, statuses: list[Part]) -> Bounce | None:
    groups = [group for part in statuses for group in _groups(part.body)][: _MOST_RECIPIENTS + 1]
    recipients = tuple(_recipient(group) for group in groups if _ONCE_A_RECIPIENT & set(group))[:_MOST_RECIPIENTS]
    named = [group[name] for group in groups for name in ("x-postfix-sender",) if name in group]
    envelope_id = next((group["original-envelope-id"] for group in groups if "original-envelope-id" in group), "")
    returned = next((part.body for part in mail.parts if part.kind in _RETURNED_PARTS), b"")
    return _bounce(mail, recipients, returned, envelope_id=envelope_id, named=named)


def _groups(body: bytes) -> Iterator[dict[str, str]]:
    """Yield the groups of fields; a new one begins after an empty line, and where the line was forgotten."""
    for block in _EMPTY_LINE.split(text(body).strip()):
        group: dict[str, str] = {}
        for line in fields(block.encode("utf-8", "replace")):
            if line.name in _ONCE_A_RECIPIENT & set(group) and "final-recipient" in group:
                yield group
                group = {}
            group.setdefault(line.name, line.value)
        if group:
            yield group


def _recipient(group: dict[str, str]) -> Recipient:
    address = next((found for name in ("original-recipient", "final-recipient", "x-actual-recipient") if (found := _address(group.get(name, "")))), "")
    said = re.sub(r"^\s*[\w-]{1,40}\s*;\s*", "", without_encoded_words(group.get("diagnostic-code", "")))
    return _reported(address, group.get("action", ""), group.get("status", ""), said)


def _reported(address: str, action: str, status: str, diagnostic: str) -> Recipient:
    diagnostic = one_line(diagnostic)
    return Recipient(one_line(address, 254), *dsn_status.read(action, status, diagnostic), diagnostic)


def _address(value: str) -> str:
    """Return the address of ``rfc822; <somebody@customer.example>``, whatever of that is missing."""
    found = _ADDRESS.search(value.partition(";")[2] or value)
    return found[0] if found else ""


def _is_from_a_server(mail: Read) -> bool:
    """Servers that write no report at least say who they are, or send with no envelope sender (RFC 5321, 4.5.5)."""
    senders = " ".join(mail.all("from")).lower()
    return "mailer-daemon" in senders or "postmaster" in senders or "<>" in mail.all("return-path")


def _of_text(mail: Read) -> Bounce | None:
    said = next((text(part.body) for part in mail.parts if part.kind == "text/plain"), "")
    if said.lstrip().startswith("Hi. This is the"):
        return _of_qmail(mail, said)
    failed = [address for value in mail.all("x-failed-recipients") for address in _ADDRESS.findall(value)]
    return _of_exim(mail, said, list(dict.fromkeys(failed))[:_MOST_RECIPIENTS]) if failed else None


def _of_qmail(mail: Read, said: str) -> Bounce | None:
    """QSBMF, qmail-send's bounce message format: paragraphs, of which those that begin with an address are about it, up to one that begins with a hyphen."""
    recipients = []
    before, _break, returned = said.strip().partition("\n\n-")
    for paragraph in _EMPTY_LINE.split(before)[1 : _MOST_RECIPIENTS + 1]:
        found = _QMAIL_RECIPIENT.match(paragraph)
        if found:
            recipients.append(_reported(found[1], "failed", "", found[2]))
    return _bounce(mail, tuple(recipients), returned.partition("\n\n")[2].encode("utf-8", "replace"))


def _of_exim(mail: Read, said: str, failed: list[str]) -> Bounce | None:
    """Exim before it wrote reports: the addresses stand in a field of the header, the reasons in the text, indented deeper below them."""
    before, _break, returned = said.partition("\n------")
    recipients = []
    for address in failed:
        found = re.search(rf"^[ \t]*{re.escape(address)}[ \t]*\n" + _EXIM_REASONS, before, re.MULTILINE)
        recipients.append(_reported(address, "failed", "", found[1] if found else ""))
    return _bounce(mail, tuple(recipients), returned.partition("\n\n")[2].encode("utf-8", "replace"))


def _bounce(mail: Read, recipients: tuple[Recipient, ...], returned: bytes, *, envelope_id: str = "", named: list[str] | None = None) -> Bounce | None:
    if not recipients:
        return None
    original = list(fields(split(returned)[0]))
    message_id = _first_id(original, "message-id") or _first_id(mail.fields, "in-reply-to")
    came_to = [*mail.all(*_CAME_TO), *(named or []), *(line.value for line in original if line.name == "return-path")]
    addresses = [one_line(address, 360) for value in came_to[:20] for address in _ADDRESS.findall(value)[:5]]
    return Bounce(recipients, one_line(message_id), one_line(envelope_id), tuple(dict.fromkeys(addresses)), next(iter(mail.all("date")), ""))


def _first_id(given: "list[Field] | tuple[Field, ...]", name: str) -> str:
    found = next((match for line in given if line.name == name and (match := _MESSAGE_ID.search(line.value))), None)
    return found[1] if found else ""
