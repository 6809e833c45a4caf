"""The services hit in a mail as its reader sees them: by account, window and component."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import ngettext

from maintenance.models import NoticeService
from maintenance.said import SaidWindow
from maintenance.states import Impact
from notifier.delivery.letter import Letter, Told


@dataclass(frozen=True)
class ShownServices:
    """Services of one component: ``impact`` only where the mail speaks of several, ``fresh`` only where others were named before."""

    component: str
    impact: str
    objects: tuple[str, ...]
    fresh: bool = False


@dataclass(frozen=True)
class ShownHits:
    """What is hit in some windows; ``windows`` is empty where that is all of them."""

    windows: str
    services: tuple[ShownServices, ...]


@dataclass(frozen=True)
class ShownAccount:
    """One account and what is hit of it."""

    account: str
    name: str
    hits: tuple[ShownHits, ...]


def shown_accounts(letter: Letter) -> list[ShownAccount]:
    """Return the accounts with what is hit in the windows that the mail shows; without windows, all that is named."""
    return [_account(account, letter.windows()) for account in letter.accounts]


def _account(account: Told, windows: Sequence[SaidWindow]) -> ShownAccount:
    marks = not all(row.fresh for row in account.services)
    if not windows:
        every = _services(account.services, marks=marks)
        return ShownAccount(account.customer.account, account.customer.name, (ShownHits("", every),) if every else ())
    numbers = defaultdict(list)
    for window in windows:
        if hit := _services(account.hit_in(window), marks=marks):
            numbers[hit].append(window.number)
    return ShownAccount(
        account.customer.account,
        account.customer.name,
        tuple(ShownHits(_numbers(found, windows), hit) for hit, found in numbers.items()),
    )


def _numbers(found: Sequence[int], windows: Sequence[SaidWindow]) -> str:
    if len(found) == len(windows):
        return ""
    listed = ", ".join(str(number) for number in found)
    return ngettext("Window %(numbers)s", "Windows %(numbers)s", len(found)) % {"numbers": listed}


def _services(rows: Iterable[NoticeService], *, marks: bool) -> tuple[ShownServices, ...]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.component.slug, row.component.name, Impact(row.impact), row.fresh and marks].append(row.object_id)
    several = len({impact for _slug, _name, impact, _fresh in grouped}) > 1
    return tuple(
        ShownServices(str(capfirst(name)), str(impact.label) if several else "", tuple(objects), fresh=fresh)
        for (_slug, name, impact, fresh), objects in grouped.items()
    )
