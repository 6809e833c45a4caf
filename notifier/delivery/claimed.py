"""One claim's primary keys -> what its mails are made of, lean: few columns, few queries, and objects only for what many mails share."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import CharField, Model
from django.db.models.functions import Cast

from customers.models import Component, Customer, Region, Tier
from maintenance.models import Notice, NoticeService
from maintenance.said import Said
from maintenance.states import Kind
from notifier.calendars import feeds
from notifier.delivery.letter import Letter, Told
from notifier.delivery.load import last_told
from notifier.delivery.models import Account
from notifier.delivery.statement import Statement

Row = TypeVar("Row", bound=Model)

_NOTICES = 32
"""How many notices are kept, with all that they say."""

_MAILS = Statement(
    lambda ids: (
        Account.objects.filter(delivery__in=ids)
        .order_by("customer__account")
        .values_list(
            "delivery_id",
            "delivery__notice_id",
            "delivery__kind",
            "delivery__address",
            "delivery__language",
            Cast("delivery__timezone", CharField()),  # a zone that is none is the fault of its mail alone
            "delivery__contact_id",
            "delivery__contact__name",
            "delivery__contact__feed__version",
            "delivery__contact__feed__token_hash",
            "customer_id",
            "customer__account",
            "customer__name",
            "customer__region_id",
            "customer__tier_id",
            "customer__notice_days",
        )
    ),
)
_SERVICES = Statement(
    lambda notices, customers: (
        NoticeService.objects.filter(notice__in=notices)
        .filter(customer__in=customers)
        .order_by("object_id", "window_number")
        .values_list("notice_id", "customer_id", "object_id", "window_number", "component_id", "impact", "fresh")
    ),
)
_REGIONS = Statement(lambda: Region.objects.order_by("pk").values_list())
_TIERS = Statement(lambda: Tier.objects.order_by("pk").values_list())


class ServiceRow(NamedTuple):
    """What is hit of a customer."""

    object_id: str
    window_number: int
    component_id: int
    impact: str
    fresh: bool


class AccountRow(NamedTuple):
    """An account that a mail lists; services by object id and window, in the database's order."""

    customer_id: int
    account: str
    name: str
    region_id: int
    tier_id: int
    notice_days: int | None
    services: Sequence[ServiceRow]


@dataclass(slots=True)
class MailRow:
    """A delivery; ``zone`` is the name as stored. ``told_at`` as in ``Letter``."""

    pk: int
    notice_id: int
    kind: str
    address: str
    language: str
    zone: str
    contact_name: str
    feed_url: str
    accounts: list[AccountRow]
    told_at: datetime | None = None


class Shared:
    """What many mails share: notices are immutable and kept, regions and tiers are read anew for each claim."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self.notices: OrderedDict[int, Notice] = OrderedDict()
        self.regions: dict[int, Region] = {}
        self.tiers: dict[int, Tier] = {}
        self.components: dict[int, Component] = {}
        self.versions: dict[tuple[type[Model], int], int] = {}
        self._said: dict[int, Said] = {}
        self._rows: dict[type[Model], Sequence[tuple[Any, ...]]] = {}
        self._made = 0

    def copy(self) -> "Shared":
        """Return what is there now, for those who use it while more is read."""
        made = Shared()
        made.notices, made.regions, made.tiers = self.notices.copy(), self.regions.copy(), self.tiers.copy()
        made.components, made.versions, made._said = self.components, self.versions.copy(), self._said.copy()
        return made

    def read(self, notices: Iterable[int], components: Iterable[int]) -> None:
        """Read what is not there, and what may have changed: two queries, and one each for what is new."""
        self._read_all(Region, _REGIONS.rows(), self.regions)
        self._read_all(Tier, _TIERS.rows(), self.tiers)
        used = set(notices)
        if new := used - self.notices.keys():
            self.notices.update(Notice.objects.in_bulk(new))
        for notice in used & self.notices.keys():
            self.notices.move_to_end(notice)
        while len(self.notices) > max(_NOTICES, len(used)):
            gone, _notice = self.notices.popitem(last=False)
            self._said.pop(gone, None)
        if not set(components) <= self.components.keys():
            self.components = Component.objects.in_bulk()

    def said(self, notice_id: int) -> Said:
        """Return what a notice says."""
        if notice_id not in self._said:
            self._said[notice_id] = self.notices[notice_id].said
        return self._said[notice_id]

    def _read_all(self, model: type[Row], rows: Sequence[tuple[Any, ...]], found: dict[int, Row]) -> None:
        if self._rows.get(model) == rows:
            return
        self._rows[model] = rows
        found.clear()
        found.update(model._default_manager.in_bulk())
        for pk in found:
            self._made += 1
            self.versions[model, pk] = self._made


def read(ids: Sequence[int], shared: Shared) -> dict[int, MailRow]:
    """Return the rows of those deliveries that are there, by primary key; ``shared`` holds the rest. A constant number of queries."""
    rows = _MAILS.rows(ids)
    notices, customers = {row[1] for row in rows}, {row[10] for row in rows}
    services: dict[tuple[int, int], list[ServiceRow]] = defaultdict(list)
    components = set()
    for notice, customer, name, window, component, impact, fresh in _SERVICES.rows(list(notices), list(customers)):
        services[notice, customer].append(ServiceRow(name, window, component, impact, bool(fresh)))
        components.add(component)
    mails = _mails(rows, services)
    shared.read(notices, components)
    _set_told_at(mails, shared)
    return mails


def letter(mail: MailRow, shared: Shared) -> Letter:
    """Return the letter that ``load.load`` makes of the delivery; no query is made."""
    notice = shared.notices[mail.notice_id]
    return Letter(
        name=f"{notice.uid.hex}-{mail.pk}",
        address=mail.address,
        contact_name=mail.contact_name,
        language=mail.language,
        zone=ZoneInfo(mail.zone),
        kind=mail.kind,
        notice=notice,
        said=shared.said(mail.notice_id),
        accounts=tuple(_told(account, shared) for account in mail.accounts),
        feed_url=mail.feed_url,
        told_at=mail.told_at,
    )


def _told(row: AccountRow, shared: Shared) -> Told:
    customer = Customer(
        pk=row.customer_id,
        account=row.account,
        name=row.name,
        region=shared.regions[row.region_id],
        tier=shared.tiers[row.tier_id],
        notice_days=row.notice_days,
    )
    services = (
        NoticeService(
            object_id=service.object_id,
            window_number=service.window_number,
            component=shared.components[service.component_id],
            impact=service.impact,
            fresh=service.fresh,
        )
        for service in row.services
    )
    return Told(customer, tuple(services))


def _mails(rows: Iterable[tuple[Any, ...]], services: Mapping[tuple[int, int], Sequence[ServiceRow]]) -> dict[int, MailRow]:
    """Return the mails of what ``_MAILS`` found: a row for each account."""
    mails: dict[int, MailRow] = {}
    without_feed = {}
    for row in rows:
        pk, notice, kind, address, language, zone, contact, name, version, stored, *_account = row
        if pk not in mails:
            feed_url = None if version is None else feeds.stored_address(contact, version, stored)
            if feed_url is None and contact is not None:
                without_feed[pk] = contact
            mails[pk] = MailRow(pk, notice, kind, address, language, zone, name or "", feed_url or "", [])
        mails[pk].accounts.append(AccountRow._make((*row[10:], services.get((notice, row[10]), ()))))
    if without_feed:
        made = feeds.ensure_contacts(without_feed.values())
        for pk, contact in without_feed.items():
            mails[pk].feed_url = made[contact]
    return mails


def _set_told_at(mails: dict[int, MailRow], shared: Shared) -> None:
    reminders = {
        pk: (shared.notices[mail.notice_id], [account.customer_id for account in mail.accounts]) for pk, mail in mails.items() if mail.kind == Kind.REMINDER
    }
    for pk, told_at in last_told(reminders).items():
        mails[pk].told_at = told_at
