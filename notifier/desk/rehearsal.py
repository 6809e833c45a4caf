"""Carry a verb out, fan its notice out, count, and take everything back: what is counted is exactly what would go out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.models import Notice
from notifier.delivery.fanout import fan_out
from notifier.delivery.models import Account, Delivery


@dataclass(frozen=True)
class Rehearsal:
    """How many mails would go to how many customers in how many languages; ``unreached``: customers told who have no contact."""

    mails: int = 0
    customers: int = 0
    languages: int = 0
    unreached: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return the numbers in words."""
        if not self.mails:
            return _("No mail will go out.")
        return _("%(mails)s to %(customers)s in %(languages)s will go out.") % {
            "mails": ngettext("%(count)d mail", "%(count)d mails", self.mails) % {"count": self.mails},
            "customers": ngettext("%(count)d customer", "%(count)d customers", self.customers) % {"count": self.customers},
            "languages": ngettext("%(count)d language", "%(count)d languages", self.languages) % {"count": self.languages},
        }


def rehearse(verb: Callable[[], Notice | None], *, now: datetime) -> Rehearsal:
    """Return what the verb's notice would send. Raises the ValidationError with which the verb refuses."""
    with transaction.atomic():
        notice = verb()
        counted = _count(notice, now=now) if notice else Rehearsal()
        transaction.set_rollback(True)
    return counted


def _count(notice: Notice, *, now: datetime) -> Rehearsal:
    mails = fan_out(notice, now=now)
    reached = Account.objects.filter(delivery__notice=notice).values("customer_id")
    return Rehearsal(
        mails=mails,
        customers=reached.distinct().count(),
        languages=Delivery.objects.filter(notice=notice).order_by().values("language").distinct().count(),
        unreached=tuple(notice.customers.filter(customer__roles__isnull=True).order_by("customer__account").values_list("customer__account", flat=True)),
    )
