"""Everything that one mail needs, loaded: what is made of it asks the database for nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from customers.models import Customer
from maintenance.models import Notice, NoticeService
from maintenance.said import Said, SaidWindow
from maintenance.states import PROGRESS_KINDS, Kind

ABOUT_ONE_WINDOW = (*PROGRESS_KINDS, Kind.REMINDER, Kind.POSTPONED)
"""Kinds that show the window which they are about, and leave the others to other notices."""


@dataclass(frozen=True)
class Told:
    """One account that the mail speaks of: the customer with region and tier, and its rows of the notice with their components."""

    customer: Customer
    services: tuple[NoticeService, ...]

    def hit_in(self, window: SaidWindow) -> tuple[NoticeService, ...]:
        """Return the services that the window hits; the rows for every window count for those that are not narrowed."""
        return tuple(row for row in self.services if row.window_number in window.named_by)


@dataclass(frozen=True)
class Letter:
    """One mail to one person, in one language and zone; ``accounts`` by account code, at least one.

    ``name`` is the delivery's and gives Message-ID and file name; ``feed_url`` is empty where the contact is no longer known.
    ``told_at`` stands in reminders: when the accounts were last told what is to come (UTC). ``once`` is not in the mail: it tells attempts at one
    sending (the same) from a mail that a person has sent again (another); empty: the name.
    """

    name: str
    address: str
    contact_name: str
    language: str
    zone: ZoneInfo
    kind: str
    notice: Notice
    said: Said
    accounts: tuple[Told, ...]
    feed_url: str = ""
    told_at: datetime | None = None
    once: str = ""

    def services(self) -> Iterator[NoticeService]:
        """Yield the rows of all accounts."""
        for account in self.accounts:
            yield from account.services

    @property
    def is_first(self) -> bool:
        """Tell whether nothing of the work was told before: there is nothing to compare it with."""
        return all(row.fresh for row in self.services()) and any(True for _row in self.services())

    def touching(self) -> tuple[SaidWindow, ...]:
        """Return the windows that concern the reader: those that hit a service of an account, or all where none is named."""
        hit = tuple(window for window in self.said.windows if any(account.hit_in(window) for account in self.accounts))
        return hit or self.said.windows

    def windows(self) -> tuple[SaidWindow, ...]:
        """Return the windows that the mail shows: of those that concern the reader, the one that it is about, where it is about one."""
        touching = self.touching()
        about = tuple(window for window in touching if window.number == self.notice.about) if self.kind in ABOUT_ONE_WINDOW else ()
        return about or touching
