"""A letter -> a whole mail: subject, text, HTML and calendar, in one language and time zone."""

import hashlib
import re
from datetime import UTC
from email import encoders
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.mime.base import MIMEBase
from email.utils import format_datetime
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from maintenance.states import Kind
from notifier.calendars import ics
from notifier.calendars.entries import calendar_of, entries_for
from notifier.delivery.contents import contents, one_line, tag
from notifier.delivery.letter import Letter

_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_QUOTED, _BASE64 = Charset("utf-8"), Charset("utf-8")
_QUOTED.body_encoding, _BASE64.body_encoding = QP, BASE64
"""Bodies go as seven bits, whatever a relay offers: the shorter of both forms for the script (RFC 2045, 6.7 and 6.8)."""
_UNSAFE_IN_FILE_NAMES = re.compile(r'[\s\\/:*?"<>|%;]+')


class Mail(EmailMultiAlternatives):
    """One delivery's mail: the same bytes at every attempt. ``metadata`` and ``tags`` are what django-anymail hands to an ESP."""

    def __init__(self, *, delivery_name: str, kind: str, once: str = "", **options: Any) -> None:  # noqa: ANN401  # whatever Django's class takes
        """Remember the delivery's name, by which files and events know the mail, and by what an ESP is to know attempts to send it once."""
        super().__init__(**options)
        self.delivery_name = delivery_name
        self.once = once or delivery_name
        self._made: Any = None
        self.metadata = {"delivery": delivery_name}
        self.tags = [kind]

    def message(self, **options: Any) -> Any:  # noqa: ANN401  # what Django's own takes and returns, which differs between its versions
        """Return the MIME message, with boundaries derived from the delivery's name instead of chance; it is made once."""
        if self._made is not None and not options:
            return self._made
        message = super().message(**options)
        message.replace_header("Subject", _subject(str(self.subject)))
        for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
            part.set_boundary(boundary(self.delivery_name, number))
        self._made = message
        return message


def message(letter: Letter) -> Mail:
    """Return the mail; its bytes depend on the letter, the templates and the settings only. No query is made."""
    with translation.override(letter.language), timezone.override(letter.zone):
        shown = contents(letter)
        shown["subject"] = one_line(render_to_string(f"notices/{letter.kind}/subject.txt", shown))
        mail = Mail(
            delivery_name=letter.name,
            once=letter.once,
            kind=letter.kind,
            subject=shown["subject"],
            body=render_to_string(f"notices/{letter.kind}/body.txt", shown).strip("\n") + "\n",
            from_email=_sender(letter),
            to=[mailbox(letter.contact_name, letter.address)],
            reply_to=[letter.accounts[0].customer.region.reply_to],
            headers=_headers(letter),
        )
        mail.encoding = _BASE64 if letter.language == "zh-hans" else _QUOTED
        mail.attach_alternative(_INLINER.inline(render_to_string(f"notices/{letter.kind}/body.html", shown)), "text/html")
        if letter.kind != Kind.ROOT_CAUSE:  # it is about no window
            mail.attach(_calendar(letter))
    return mail


def mailbox(name: str, address: str) -> str:
    """Return name and address as RFC 5322, 3.4 writes them, the name always quoted; it is encoded when the mail is written.

    What looks like an encoded word (RFC 2047) is broken up: some readers decode it even within quotes, line breaks and all.
    """
    quoted = one_line(name).replace("=?", "= ?").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>' if quoted else address


def boundary(name: str, number: int) -> str:
    """Return the boundary of a delivery's multipart of that number, 0 being the whole mail."""
    return f"={_digest(name, str(number))}="


def thread(reference: str, address: str) -> str:
    """Return the Message-ID (of no mail) that everything told of one maintenance to one address answers."""
    return f"<{_digest(reference, address)}@{settings.PROVIDER_DOMAIN}>"


def _subject(text: str) -> str:
    """Encode where needed (RFC 2047), folding in the first line too; Django leaves an empty line, and what looks encoded as it is."""
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(text, charset, header_name="Subject").encode()


def _sender(letter: Letter) -> str:
    region = letter.accounts[0].customer.region
    return mailbox(region.sender_name, region.sender_email)


def _headers(letter: Letter) -> dict[str, str]:
    root = thread(letter.said.reference, letter.address)
    return {
        "Date": format_datetime(letter.notice.issued_at.astimezone(UTC)),
        "Message-ID": f"<{letter.name}@{settings.PROVIDER_DOMAIN}>",
        "In-Reply-To": root,
        "References": root,
        "Content-Language": tag(letter.language),
        "Auto-Submitted": "auto-generated",
        "X-Maintenance-Reference": one_line(letter.said.reference),
        "X-Notice-Kind": letter.kind,
    }


def _calendar(letter: Letter) -> MIMEBase:
    """Return the entries of all accounts as a part that is encoded already: what Django attaches has two charsets and goes as 7bit."""
    found = [
        entry
        for account in letter.accounts
        for entry in entries_for(letter.notice, letter.said, account.customer, letter.kind, account.services, language=letter.language, zone=letter.zone)
    ]
    part = MIMEBase("text", "calendar", charset="utf-8")
    part.set_payload(ics.write(calendar_of(found, language=letter.language, zone=letter.zone)))
    encoders.encode_base64(part)
    name = f"maintenance-{_UNSAFE_IN_FILE_NAMES.sub('-', one_line(letter.said.reference))}.ics"
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    return part


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
