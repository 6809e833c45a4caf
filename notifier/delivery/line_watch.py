"""Tell the planners, while there is time, which announcements are not accepted yet although the last moment for it comes near.

A mail that waits for its time by plan (office hours, pacing) is no cause for alarm, however near the line: it was planned to be in time.
It is one that was to go out and is not accepted.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, DateField, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from maintenance.models import Notice, Served
from notifier.delivery import replaced, settle, standstill
from notifier.delivery.alerts import about_notice, raise_alert, unraised
from notifier.delivery.models import Account, AlertKind, Delivery, DeliveryState
from notifier.delivery.shortfall_watch import LISTED

logger = logging.getLogger(__name__)

GRACE = timedelta(minutes=15)
"""So long a mail may take from when it was first due: announced with no more than the margin, it begins this near to its line."""
CLOSE = timedelta(hours=1)
GRACE_WHEN_CLOSE = timedelta(minutes=2)
"""Where the line is as close as this, there is no time for the longer grace."""
_found: dict[str, set[str]] = {"before": set()}
"""What the last look of this process found: after a start mail has yet to be tried, and that may be all that was missing."""
_OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNKNOWN)


@dataclass(frozen=True)
class NearLine:
    """Mails of a notice that are not accepted; ``line`` is the first moment of its (UTC) ``day`` by which one of them has to be."""

    notice: Notice
    day: date
    line: datetime
    mails: int

    @property
    def name(self) -> str:
        """Return reference and revision."""
        return f"{self.notice.maintenance.reference if self.notice.maintenance else ''} r{self.notice.revision}"

    def key(self, *, now: datetime) -> str:
        """Return what the alert is known by: one when the alarm's time has come, another when three quarters of it are gone."""
        last = self.line - now <= timedelta(hours=settings.ALARM_HOURS) / 4
        return f"not_accepted:{self.notice.pk}:{self.day.isoformat()}:{'last' if last else 'first'}"


def near_lines(*, now: datetime) -> list[NearLine]:
    """Return the notices with mails for which it gets late, the nearest line first: three queries, and one more where there are any."""
    found: dict[tuple[int, date], tuple[datetime, int]] = {}
    for state in _OPEN:  # each by its own index
        mails = _late(now=now).filter(state=state, **({"due_at__lte": now + settle.SLOWEST_RETRY} if state == DeliveryState.QUEUED else {}))
        days = mails.annotate(day=_day()).values("notice", "day").order_by().annotate(line=Min("deadline"), number=Count("pk"))
        for notice, day, line, number in days.values_list("notice", "day", "line", "number"):
            first, before = found.get((notice, day), (line, 0))
            found[notice, day] = (min(first, line), before + number)
    notices = Notice.objects.select_related("maintenance__supplier").in_bulk({notice for notice, _day in found}) if found else {}
    rows = [NearLine(notices[notice], day, line, number) for (notice, day), (line, number) in found.items()]
    return sorted(rows, key=lambda row: (row.line, row.notice.pk))


def tell_what_is_not_accepted(*, now: datetime) -> None:
    """Raise an alert for each notice that was found before, and log it: where mail is down the alert will not arrive either."""
    rows = {row.key(now=now): row for row in near_lines(now=now)}
    before, _found["before"] = _found["before"], set(rows)
    for key in sorted(unraised(rows.keys() & before)):
        row = rows[key]
        facts = _facts(row, now=now)
        if raise_alert(AlertKind.NOT_ACCEPTED, key, facts, now=now):
            words = "%s is not accepted yet and has to be by %s (mails: %d, customers: %d)"
            logger.error(words, row.name, facts["line"], facts["mails"], facts["number"])


def _late(*, now: datetime) -> QuerySet[Delivery]:
    """Return the mails, in whatever state, whose line is near and still to come, that were to go out, with an account not served otherwise."""
    taken = Q(first_due_at__isnull=True) | Q(first_due_at__lte=now - GRACE) | Q(first_due_at__lte=now - GRACE_WHEN_CLOSE, deadline__lte=now + CLOSE)
    return Delivery.objects.filter(
        taken,
        Exists(_unserved().filter(delivery=OuterRef("pk"))),
        deadline__gt=now,
        deadline__lte=now + timedelta(hours=settings.ALARM_HOURS),
    )


def _unserved() -> QuerySet[Account]:
    """Return the accounts, of any delivery, that no mail of its notice has reached, and to which no newer notice says otherwise."""
    served = Served.objects.filter(notice=OuterRef("delivery__notice"), customer=OuterRef("customer"), revoked_at__isnull=True)
    gone = replaced.replaced_accounts().filter(pk=OuterRef("pk"))
    return Account.objects.filter(~Exists(served), ~Exists(gone))


def _facts(row: NearLine, *, now: datetime) -> dict[str, Any]:
    waits = ~Q(state=DeliveryState.QUEUED) | Q(due_at__lte=now + settle.SLOWEST_RETRY)
    mails = _late(now=now).annotate(day=_day()).filter(waits, notice=row.notice, state__in=_OPEN, day=row.day)
    accounts = list(_accounts(mails))
    return {
        **about_notice(row.notice),
        "line": row.line.isoformat(),
        "mails": row.mails,
        "number": len(accounts),
        "customers": [{"account": account} for account in accounts[:LISTED]],
        "more": max(0, len(accounts) - LISTED),
        "reasons": standstill.reasons(mails),
    }


def _accounts(mails: QuerySet[Delivery]) -> Iterable[str]:
    accounts = _unserved().filter(delivery__in=mails.values("pk"))
    return accounts.order_by("customer__account").values_list("customer__account", flat=True).distinct()


def _day() -> TruncDate:
    return TruncDate("deadline", tzinfo=UTC, output_field=DateField())
