"""The mail that all of them send: one of ours, taken apart."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.mail import EmailMultiAlternatives


@dataclass(frozen=True)
class Scene:
    """The parts, for the contact ``name``; the others get the same with their own name in its place."""

    subject: str
    sender: str
    headers: dict[str, str]
    text: str
    html: str
    calendar: str
    file: str
    name: str
    content: str

    @classmethod
    def read(cls, file: str) -> "Scene":
        """Read what ``tests.bench.inside.notice`` wrote."""
        return cls(**json.loads(Path(file).read_text()))

    @property
    def ics(self) -> bytes:
        """The calendar."""
        return base64.b64decode(self.calendar)

    def addressed(self, number: int) -> tuple[str, str, str]:
        """Return text, HTML and recipient for the contact of that number."""
        name = f"Contact {number}"
        return self.text.replace(self.name, name), self.html.replace(self.name, name), f'"{name}" <contact{number}@customer.example>'

    def mails(self, number: int) -> Iterator[EmailMultiAlternatives]:
        """Yield that many mails, each built when it is asked for."""
        for one in range(number):
            text, html, recipient = self.addressed(one)
            mail = EmailMultiAlternatives(self.subject, text, self.sender, [recipient], headers=self.headers)
            mail.attach_alternative(html, "text/html")
            mail.attach(self.file, self.ics, "text/calendar")
            yield mail
