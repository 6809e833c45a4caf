"""One mail to several people, in which the ESP puts each one's own lines: for ESPs that take one content and what differs by recipient.

The mails are composed as ever. Where they differ, from the first line that does to the last, one mark stands; each person's own lines are the value. A mark
is drawn by lot, so that nobody can have typed it, and mails that hold the ESP's own sign of a mark are left out: no text is ever a template.
"""

import re
import secrets
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailInvalidAddress
from anymail.message import AnymailRecipientStatus, AnymailStatus
from anymail.utils import parse_single_address
from django.core.mail import EmailMultiAlternatives

from notifier.delivery.esp_answers import refusal


@dataclass(frozen=True)
class Merge:
    """``mark`` is how a value of that key is called for; ``signs`` begin what the ESP may take for its own, in small letters."""

    mark: str
    signs: tuple[str, ...]


MERGES = {
    "Mailgun": Merge("%recipient.{}%", ("%recipient",)),
    "SendGrid": Merge("{}", ("{{", "<%")),
}
"""By anymail's names. SparkPost does not say whom it refused."""
OWN_HEADERS = ("Message-ID", "In-Reply-To", "References")
LONGEST = 8000
"""Octets of one person's values; SendGrid takes 10,000."""
_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
"""What values are found by must be written alike everywhere."""


def likeness(mail: EmailMultiAlternatives, merge: Merge) -> Hashable:
    """Return what mails must have in common to go together; None where one has to go by itself."""
    typed = [mail.subject, mail.body, _html(mail), mail.from_email, *mail.to, *mail.reply_to, *mail.extra_headers.values()]
    if any(sign in str(text).lower() for text in typed for sign in merge.signs) or not _has_plain_address(mail):
        return None
    shared = {name: value for name, value in mail.extra_headers.items() if name not in OWN_HEADERS}
    attached = tuple(one.as_bytes() if hasattr(one, "as_bytes") else repr(one) for one in mail.attachments)
    return (str(mail.subject), mail.from_email, tuple(mail.reply_to), tuple(getattr(mail, "tags", ())), tuple(shared.items()), attached)


def fits(mails: Sequence[EmailMultiAlternatives]) -> bool:
    """Tell whether what differs between the mails is little enough to be given by recipient."""
    texts, pages = _parted([str(mail.body) for mail in mails]), _parted([_html(mail) for mail in mails])
    return all(len(text.encode()) + len(page.encode()) <= LONGEST for text, page in zip(texts.own, pages.own, strict=True))


def post(connection: Any, merge: Merge, mails: Sequence[EmailMultiAlternatives]) -> list[Exception | None]:  # noqa: ANN401  # a backend of anymail, without types
    """Post mails that are alike; return of each why it was not taken, or None. Raises what anymail does where the call as a whole fails."""
    message = merged(merge, mails)
    connection.send_messages([message])
    status: AnymailStatus = message.anymail_status  # type: ignore[attr-defined]  # anymail's own attribute of a message
    for mail in mails:
        own = status.recipients.get(address_of(mail)) or AnymailRecipientStatus(None, "unknown")
        mail.anymail_status = AnymailStatus()  # type: ignore[attr-defined]  # as above
        mail.anymail_status.esp_response = status.esp_response  # type: ignore[attr-defined]  # as above
        mail.anymail_status.set_recipient_status({address_of(mail): own})  # type: ignore[attr-defined]  # as above
    return [refusal(mail) or _unsaid(mail) for mail in mails]


def merged(merge: Merge, mails: Sequence[EmailMultiAlternatives]) -> EmailMultiAlternatives:
    """Return the one mail, with anymail's attributes for what differs."""
    first = mails[0]
    drawn = f"zq{secrets.token_hex(8)}"
    text, html = f"{drawn}_text", f"{drawn}_html"
    texts, pages = _parted([str(mail.body) for mail in mails]), _parted([_html(mail) for mail in mails])
    shared = {name: value for name, value in first.extra_headers.items() if name not in OWN_HEADERS}
    message = EmailMultiAlternatives(
        subject=first.subject,
        body=texts.around(merge.mark.format(text)),
        from_email=first.from_email,
        to=[mail.to[0] for mail in mails],
        reply_to=first.reply_to,
        headers=shared,
        attachments=first.attachments,
    )
    message.attach_alternative(pages.around(merge.mark.format(html)), "text/html")
    by_address = list(zip(map(address_of, mails), mails, strict=True))
    own = {
        "tags": getattr(first, "tags", []),
        "merge_data": {address: {text: line, html: page} for (address, _mail), line, page in zip(by_address, texts.own, pages.own, strict=True)},
        "merge_metadata": {address: {"delivery": getattr(mail, "delivery_name", "")} for address, mail in by_address},
        "merge_headers": {address: {name: mail.extra_headers[name] for name in OWN_HEADERS} for address, mail in by_address},
    }
    vars(message).update(own)
    return message


def address_of(mail: EmailMultiAlternatives) -> str:
    """Return the bare address that a mail goes to."""
    return str(parse_single_address(mail.to[0]).addr_spec)


def _has_plain_address(mail: EmailMultiAlternatives) -> bool:
    try:
        return _ADDRESS.fullmatch(address_of(mail)) is not None
    except AnymailInvalidAddress:
        return False


def _html(mail: EmailMultiAlternatives) -> str:
    return next((str(content) for content, kind in mail.alternatives if kind == "text/html"), "")


@dataclass(frozen=True)
class _Parted:
    """Texts as what they begin and end with alike, and each one's own between; whole lines."""

    before: tuple[str, ...]
    own: tuple[str, ...]
    after: tuple[str, ...]

    def around(self, mark: str) -> str:
        """Return the text with a mark in place of what differs."""
        return "\n".join([*self.before, mark, *self.after])


def _parted(texts: Sequence[str]) -> _Parted:
    """Part the texts; each keeps a line of its own at least, so that a mark stands for neither more nor less than a line."""
    lines = [text.split("\n") for text in texts]
    most = min(map(len, lines)) - 1
    start = _alike(lines, most)
    end = _alike([one[::-1] for one in lines], most - start)
    own = tuple("\n".join(one[start : len(one) - end]) for one in lines)
    return _Parted(tuple(lines[0][:start]), own, tuple(lines[0][len(lines[0]) - end :]))


def _alike(texts: Sequence[Sequence[str]], most: int) -> int:
    """Return with how many lines all begin, up to ``most``."""
    return next((number for number, those in zip(range(most), zip(*texts, strict=False), strict=False) if len(set(those)) > 1), most)


def _unsaid(mail: EmailMultiAlternatives) -> Exception | None:
    """Return the error of an answer that does not speak of a mail: nobody knows then whether it was taken."""
    status: AnymailStatus = mail.anymail_status  # type: ignore[attr-defined]  # as above
    return AnymailAPIError("The answer does not name the recipient.") if status.status == {"unknown"} else None
