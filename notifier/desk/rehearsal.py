"""Carry a verb out, fan its notice out, look, and take everything back: what is seen is exactly what would go out."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Count, Max
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance import notices
from maintenance.models import Breach, Maintenance, Notice, NoticeCustomer
from maintenance.standing import account_sample
from maintenance.states import Kind
from notifier.delivery.fanout import fan_out
from notifier.delivery.models import Account, Delivery
from notifier.desk.differences import differences
from notifier.desk.shown import ShownMoment, language_name

Seen = TypeVar("Seen")
Verb = Callable[[], object]


@dataclass(frozen=True)
class KindRow:
    """What one kind of notice would tell: ``accounts`` are the first ten and how many more; ``until``: by when it must be accepted to be in time.

    ``passed``: that moment is over, as what was told before was never accepted.
    """

    kind: Kind
    customers: int
    mails: int
    languages: str
    accounts: str
    until: ShownMoment | None
    passed: bool = False

    @property
    def name(self) -> str:
        """The kind in words."""
        return str(capfirst(self.kind.label))

    @property
    def notice(self) -> str:
        """What is asked of its notice, where that is no moment."""
        if self.kind == Kind.LATE:
            return _("cannot be in time: a breach")
        return _("an emergency needs none") if self.kind == Kind.EMERGENCY else _("needs none of its own")


@dataclass(frozen=True)
class Rehearsal:
    """How many mails would go to how many customers in how many languages; ``unreached``: customers told who have no contact.

    ``untouched``: customers who stand told and hear nothing; ``breaches``: accounts for whom a breach would be recorded;
    ``changes``: what would be said otherwise than before.
    """

    mails: int = 0
    customers: int = 0
    languages: int = 0
    unreached: tuple[str, ...] = ()
    kinds: tuple[KindRow, ...] = ()
    untouched: int = 0
    breaches: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return the numbers in words."""
        if not self.mails:
            return _("No mail will go out.")
        return _("%(mails)s to %(customers)s in %(languages)s will go out.") % {
            "mails": ngettext("%(count)d mail", "%(count)d mails", self.mails) % {"count": self.mails},
            "customers": ngettext("%(count)d customer", "%(count)d customers", self.customers) % {"count": self.customers},
            "languages": ngettext("%(count)d language", "%(count)d languages", self.languages) % {"count": self.languages},
        }

    @property
    def breach_sample(self) -> str:
        """The first accounts for whom a breach would be recorded, and how many more."""
        return account_sample(self.breaches)

    @property
    def unreached_sample(self) -> str:
        """The first accounts without a contact, and how many more."""
        return account_sample(self.unreached)


def rehearse(maintenance: Maintenance, verb: Verb, *, now: datetime) -> Rehearsal:
    """Return what the verb would tell and record. Raises the ValidationError with which the verb refuses."""
    before = notices.latest(maintenance)
    breaches = Breach.objects.aggregate(last=Max("pk"))["last"] or 0

    def look(issued: Sequence[Notice], mails: int) -> Rehearsal:
        recorded = Breach.objects.filter(pk__gt=breaches, window__maintenance=maintenance).order_by("customer__account")
        accounts = tuple(dict.fromkeys(recorded.values_list("customer__account", flat=True)))
        if not issued:
            return Rehearsal(breaches=accounts)
        reached = Account.objects.filter(delivery__notice__in=issued).values("customer_id")
        told = NoticeCustomer.objects.filter(notice__in=issued)
        unreached = told.filter(customer__roles__isnull=True).order_by("customer__account").values_list("customer__account", flat=True)
        return Rehearsal(
            mails=mails,
            customers=reached.distinct().count(),
            languages=Delivery.objects.filter(notice__in=issued).order_by().values("language").distinct().count(),
            unreached=tuple(unreached),
            kinds=_kinds(maintenance, issued, now=now),
            untouched=notices.stands_told(maintenance).exclude(pk__in=told.values("customer")).count(),
            breaches=accounts,
            changes=tuple(differences(before.said, issued[-1].said, maintenance.timezone)) if before else (),
        )

    return taken_back(maintenance, verb, look, now=now)


def taken_back(maintenance: Maintenance, verb: Verb, look: Callable[[Sequence[Notice], int], Seen], *, now: datetime) -> Seen:
    """Return what ``look`` sees of the notices that the verb issued and of the number of their mails; nothing of it stays."""
    last = maintenance.notices.aggregate(last=Max("revision"))["last"] or 0
    with transaction.atomic():
        verb()
        issued = list(maintenance.notices.filter(revision__gt=last).order_by("revision"))
        seen = look(issued, sum(fan_out(notice, now=now) for notice in issued))
        transaction.set_rollback(True)
    return seen


def _kinds(maintenance: Maintenance, issued: Sequence[Notice], *, now: datetime) -> tuple[KindRow, ...]:
    accounts: dict[str, list[str]] = defaultdict(list)
    deadlines: dict[str, datetime] = {}
    for kind, account, deadline in NoticeCustomer.objects.filter(notice__in=issued).values_list("kind", "customer__account", "deadline"):
        accounts[kind].append(account)
        if deadline is not None:
            deadlines[kind] = min(deadline, deadlines.get(kind, deadline))
    mails: dict[str, int] = defaultdict(int)
    languages: dict[str, set[str]] = defaultdict(set)
    rows = Delivery.objects.filter(notice__in=issued).order_by().values_list("kind", "language").annotate(number=Count("pk"))
    for kind, language, number in rows:
        mails[kind] += number
        languages[kind].add(language_name(language))
    return tuple(
        KindRow(
            kind=kind,
            customers=len(accounts[kind]),
            mails=mails[kind],
            languages=", ".join(sorted(languages[kind])),
            accounts=account_sample(accounts[kind]),
            until=ShownMoment.of(deadlines[kind], maintenance.timezone) if kind in deadlines else None,
            passed=kind in deadlines and deadlines[kind] < now,
        )
        for kind in Kind
        if kind in accounts
    )
