"""Marks in place of personal values: a letter is written with them, and its parts are split where they stand."""

import re
import secrets
from dataclasses import replace

from notifier.delivery.claimed import MailRow, Shared, letter
from notifier.delivery.letter import Letter
from notifier.delivery.personal import ACCOUNTS, ADDRESS, FEED_URL, NAME, objects_of

_MARK = re.compile(r"\0x(\d{6})qz(?:@sentinel\.example)?")
"""With a zero in place of what was drawn: no part of a mail has one."""


class Marks:
    """The marks of one compilation; nobody can have typed them, as they are drawn by lot. They sort as their numbers do."""

    def __init__(self) -> None:
        """Draw them."""
        self._token = f"zq{secrets.token_hex(8)}"
        self.delivery_name = f"{self._token}qz"

    def of(self, number: int) -> str:
        """Return the mark of a value."""
        return f"{self._token}x{number:06d}qz" + ("@sentinel.example" if number == ADDRESS else "")

    def split(self, text: str) -> list[str | int]:
        """Return texts and the numbers of the marks between them, alternately; text first and last."""
        parts: list[str | int] = list(_MARK.split(text.replace("\0", "").replace(self._token, "\0")))
        parts[1::2] = map(int, parts[1::2])
        return parts

    def are_in(self, text: bytes) -> bool:
        """Tell whether a mark is left."""
        return self._token.encode() in text


def marked(mail: MailRow, shared: Shared, marks: Marks) -> Letter:
    """Return the letter of a delivery with marks for its values, numbered as ``personal.values_of`` returns them."""
    number = ACCOUNTS
    accounts = []
    for account in mail.accounts:
        objects = {name: marks.of(number + 2 + rank) for rank, name in enumerate(objects_of(account))}
        services = [service._replace(object_id=objects[service.object_id]) for service in account.services]
        accounts.append(account._replace(account=marks.of(number), name=marks.of(number + 1), services=services))
        number += 2 + len(objects)
    row = replace(
        mail,
        address=marks.of(ADDRESS),
        contact_name=mail.contact_name and marks.of(NAME),
        feed_url=mail.feed_url and marks.of(FEED_URL),
        accounts=accounts,
    )
    return replace(letter(row, shared), name=marks.delivery_name)
