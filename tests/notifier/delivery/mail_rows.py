"""Letters as the rows that the fast composer reads, so that no database is needed; and mails as their receiver reads them."""

from collections.abc import Hashable, Iterable
from email import message_from_bytes, policy
from unittest import mock

from notifier.delivery import claimed, compose
from notifier.delivery.claimed import AccountRow, MailRow, ServiceRow, Shared
from notifier.delivery.letter import Letter, Told
from notifier.delivery.prepare import Composer
from notifier.delivery.prepared import Prepared


class Rows:
    """Letters' rows, and what they share: equal things have equal keys, as in a database."""

    def __init__(self) -> None:
        """There are none."""
        self.shared = Shared()
        self._keys: dict[Hashable, int] = {}

    def mail(self, letter: Letter) -> MailRow:
        """Return the row of a letter, whose name ends in the row's key."""
        notice = self._key("notice", letter.notice.issued_at, letter.notice.about, str(letter.said.to_json()))
        self.shared.notices[notice] = letter.notice
        self.shared._said[notice] = letter.said
        pk = int(letter.name.rpartition("-")[2])
        accounts = [self._account(told) for told in letter.accounts]
        texts = (letter.address, letter.language, letter.zone.key, letter.contact_name, letter.feed_url)
        return MailRow(pk, notice, letter.kind, *texts, accounts, letter.told_at)

    def _account(self, told: Told) -> AccountRow:
        customer = told.customer
        keys = []
        for row in (customer.region, customer.tier):
            key = self._key(type(row), *(value for name, value in sorted(vars(row).items()) if name != "_state"))
            self.shared.versions[type(row), key] = key
            keys.append(key)
        self.shared.regions[keys[0]], self.shared.tiers[keys[1]] = customer.region, customer.tier
        return AccountRow(self._key(customer.account), customer.account, customer.name, keys[0], keys[1], customer.notice_days, self._services(told))

    def _services(self, told: Told) -> list[ServiceRow]:
        rows = []
        for service in told.services:
            component = self._key("component", service.component.slug)
            self.shared.components[component] = service.component
            rows.append(ServiceRow(service.object_id, service.window_number, component, service.impact, service.fresh))
        return rows

    def _key(self, *what: Hashable) -> int:
        return self._keys.setdefault(what, len(self._keys) + 1)


class Bench:
    """A composer that compiles at the first mail, and reads letters instead of rows of the database."""

    def __init__(self, **options: int) -> None:
        """Take the composer's options."""
        self.rows = Rows()
        self.composer = Composer(**{"worth_compiling": 1, **options})
        self.composer._shared = self.rows.shared

    def made(self, letter: Letter) -> Prepared | Exception:
        """Return the mail of a letter."""
        return self.all_made([letter])[0]

    def all_made(self, letters: Iterable[Letter]) -> list[Prepared | Exception]:
        """Return the mails of letters of different names, made in one claim."""
        mails = [self.rows.mail(letter) for letter in letters]
        with mock.patch.object(claimed, "read", return_value={mail.pk: mail for mail in mails}):
            found = self.composer.prepare([mail.pk for mail in mails])
        return [found[mail.pk] for mail in mails]

    def made_fast(self, letter: Letter) -> Prepared | Exception:
        """Return the mail of a letter, made without the ordinary path."""
        with mock.patch.object(compose, "message", side_effect=AssertionError("the ordinary path was taken")):
            return self.made(letter)


def expected(letter: Letter) -> bytes:
    """Return the mail as Django makes it."""
    raw = compose.message(letter).message().as_bytes(linesep="\r\n")
    assert isinstance(raw, bytes)
    return raw


def parsed(raw: bytes) -> list[object]:
    """Return all headers and parts of a mail, decoded; which encoding a part has, but not how it is broken into lines."""
    return [
        (
            part.get_content_type(),
            part.get_content_charset(),
            part.get_filename(),
            part["Content-Transfer-Encoding"],
            [(name, str(value)) for name, value in part.items()],
            None if part.is_multipart() else part.get_payload(decode=True),
            part.defects,
        )
        for part in message_from_bytes(raw, policy=policy.default).walk()
    ]
