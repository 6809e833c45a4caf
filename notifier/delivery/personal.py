"""What is a person's own in a mail, apart from the shape that it shares with others."""

import re
from base64 import b64encode
from collections.abc import Sequence
from email.quoprimime import header_encode

from customers.models import Region, Tier
from notifier.delivery.claimed import AccountRow, MailRow, Shared

NAME, ADDRESS, FEED_URL, ACCOUNTS = range(4)
"""Where the values of a mail stand: those of the accounts from the fourth on, each with code, name and object ids (in order, each once)."""

_UNUSUAL = re.compile(r"[^A-Za-z0-9 \n.,'()&/+@#:_’–\w-]")
"""Outside of it no two characters are treated alike by templates, HTML, iCalendar and headers: such a mail takes the ordinary path."""
_ADDRESS = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*\.[A-Za-z]{2,}")
_LONGEST_ADDRESS = 70
_LINE = 76
_ENCODED_WORD = 75
"""RFC 2047, 2."""
_WORD_START, _WORD_END = "=?utf-8?b?", "?="


def shape_of(mail: MailRow, shared: Shared) -> tuple[object, ...]:
    """Return everything on which the mail depends except its personal values, and how those compare with each other."""
    return (
        mail.notice_id,
        mail.kind,
        mail.language,
        mail.zone,
        not mail.contact_name,
        not mail.feed_url,
        mail.told_at,
        *[
            (
                shared.versions[Region, account.region_id],
                shared.versions[Tier, account.tier_id],
                account.notice_days,
                _services(account),
            )
            for account in mail.accounts
        ],
    )


def values_of(mail: MailRow) -> list[str]:
    """Return the personal values."""
    values = [mail.contact_name, mail.address, mail.feed_url]
    for account in mail.accounts:
        values += (account.account, account.name, *objects_of(account))
    return values


def objects_of(account: AccountRow) -> Sequence[str]:
    """Return the object ids, sorted as calendars sort them, each once."""
    if len(account.services) == 1:
        return (account.services[0][0],)
    return sorted({service[0] for service in account.services})


def are_usual(values: Sequence[str]) -> bool:
    """Tell whether nothing in the values needs more care than an ampersand, a comma and another script do."""
    joined = "\n".join(values)
    return (
        _UNUSUAL.search(joined) is None
        and joined.count("\n") == len(values) - 1
        and "  " not in joined
        and "\n " not in joined
        and " \n" not in joined
        and joined[0] != " " != joined[-1]
        and "" not in values[ACCOUNTS:]
        and len(values[ADDRESS]) <= _LONGEST_ADDRESS
        and _ADDRESS.fullmatch(values[ADDRESS]) is not None
    )


def recipient_header(name: str, address: str) -> bytes | None:
    """Return the header To of usual values, without its end; nothing where the name does not fit into a line.

    It is written as ``compose.mailbox`` and Django write it: quoted, or as an encoded word (RFC 2047).
    """
    if not name:
        return f"To: {address}".encode()
    written = f'"{name}"' if name.isascii() else _encoded_word(name)
    if len(written) > _ENCODED_WORD - len("To: "):
        return None
    between = " " if len("To: ") + len(written) + 1 + len(address) + 2 <= _LINE else "\r\n "
    return f"To: {written}{between}<{address}>".encode()


def _encoded_word(name: str) -> str:
    """Return the shorter of both encodings."""
    octets = name.encode()
    quoted = header_encode(octets, "utf-8")
    encoded = f"{_WORD_START}{b64encode(octets).decode()}{_WORD_END}"
    return quoted if len(quoted) <= len(encoded) else encoded


def _services(account: AccountRow) -> tuple[tuple[object, ...], ...]:
    if len(account.services) == 1:
        return ((0, *account.services[0][1:]),)
    ranks = {name: rank for rank, name in enumerate(objects_of(account))}
    return tuple((ranks[service[0]], *service[1:]) for service in account.services)
