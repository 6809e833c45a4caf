"""Customers not served in time: found, explained, settled by notice given otherwise or by the customer's own consent. Nothing is ever deleted.

All moments are aware; ``by`` names who does it. A refusal is a ValidationError in the planner's words and changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from customers.models import Customer
from maintenance import impact
from maintenance.models import Breach, Consent, Maintenance, Notice, NoticeCustomer, Served, Shortfall, Window
from maintenance.states import SPOKEN, Basis, Cause, Hop, Impact, WindowState

GONE = (WindowState.CANCELLED, WindowState.POSTPONED)
"""States of windows that will not take place: nobody is short of notice for them."""
_FEW = 500
"""Up to so many keys go into a query."""


@transaction.atomic
def record(window: Window, causes: Mapping[int, Cause], *, now: datetime) -> list[Shortfall]:
    """Open a shortfall for each customer (primary key) that has none, and give the open ones the present cause; return the new ones.

    A record that was wrong stays the cause, whatever its mails do. Of two workers one opens: the maintenance is held.
    """
    Maintenance.objects.select_for_update().get(pk=window.maintenance_id)
    standing = {row.customer_id: row for row in _open(window)}
    changed: dict[Cause, list[int]] = defaultdict(list)
    for customer, cause in causes.items():
        row = standing.get(customer)
        if row is not None and row.cause not in {cause, Cause.RECORD}:
            changed[cause].append(row.pk)
    for cause, rows in changed.items():
        for some in _portions(rows):
            Shortfall.objects.filter(pk__in=some, cleared_at__isnull=True).update(cause=cause)
    new = [Shortfall(window=window, customer_id=customer, cause=cause, found_at=now) for customer, cause in sorted(causes.items()) if customer not in standing]
    return Shortfall.objects.bulk_create(new, batch_size=_FEW)


def clear(window: Window, customer_ids: Collection[int], *, now: datetime) -> int:
    """Close the open shortfalls of customers (primary keys) that are covered after all, or whose window went away; return how many."""
    wanted = set(customer_ids)
    rows = [row.pk for row in _open(window) if row.customer_id in wanted]
    return sum(Shortfall.objects.filter(pk__in=some, cleared_at__isnull=True).update(cleared_at=now) for some in _portions(rows))


def clear_gone(*, now: datetime) -> int:
    """Close the open shortfalls of windows that will not take place; return how many."""
    open_rows = Shortfall.objects.filter(cleared_at__isnull=True, window__state__in=GONE)
    return open_rows.update(cleared_at=now) if open_rows.exists() else 0


def open_for(window: Window) -> QuerySet[Shortfall]:
    """Return the window's open shortfalls with their customers, by account."""
    return _open(window).select_related("customer").order_by("customer__account")


def unexplained(window: Window) -> QuerySet[Shortfall]:
    """Return the open shortfalls that still need a reason or the customer's consent before the start.

    Where notice is late by a planner's own decision its lateness has its reason already; whoever it did not reach has none.
    """
    wanting = open_for(window).filter(reason="").exclude(customer__in=agreed(window))
    return wanting.exclude(cause=Cause.TOO_LATE) if window.basis == Basis.LATE else wanting


@transaction.atomic
def give_reason(shortfalls: Iterable[Shortfall], *, reason: str, by: str, now: datetime) -> int:
    """Say, for many at once, why the work goes on all the same; return how many. When it starts, this becomes the breach's reason.

    Raises ValidationError without a reason, and where a window has begun or is over: then the reason belongs to the breach.
    """
    words = _needed(reason, _("Give a reason."))
    keys = [row.pk for row in shortfalls]
    rows = [
        row for some in _portions(keys) for row in Shortfall.objects.select_for_update(of=("self",)).filter(pk__in=some).select_related("window__maintenance")
    ]
    begun = sorted({str(row.window) for row in rows if row.window.state != WindowState.ANNOUNCED})
    if begun:
        raise ValidationError(
            _("Only work that is still to come can be given a reason beforehand; these are not: %(windows)s."),
            code="state",
            params={"windows": ", ".join(begun)},
        )
    return sum(Shortfall.objects.filter(pk__in=some, cleared_at__isnull=True).update(reason=words, reason_by=by, reason_at=now) for some in _portions(keys))


def give_breach_reason(breaches: Iterable[Breach], *, reason: str, by: str) -> int:
    """Give the reason that is still owed, for many at once; return how many. One that has a reason keeps it: it is evidence."""
    words = _needed(reason, _("Give a reason."))
    return sum(Breach.objects.filter(pk__in=some, reason="").update(reason=words, reason_by=by) for some in _portions([row.pk for row in breaches]))


@transaction.atomic
def serve_otherwise(  # noqa: PLR0913  # who, when, how and where it is written down: an auditor asks for each
    notice: Notice, customer: Customer, *, how: Hop, at: datetime, to_whom: str, document: str, by: str, now: datetime
) -> Served:
    """Record that a person gave this notice, by telephone, by letter or at a meeting, to ``to_whom`` of the customer; ``document``: where the proof is.

    It counts from ``at`` as any acceptance does. Raises ValidationError where the notice was not issued by then, the moment is still to
    come, the customer is not told by it, or it is recorded already.
    """
    Notice.objects.select_for_update().get(pk=notice.pk)
    if how not in SPOKEN:
        raise _refusal("how", _("Only notice given by telephone, letter or at a meeting is recorded by hand."), code="how")
    if at > now:
        raise _refusal("at", _("This moment is still to come."), code="future")
    if at < notice.issued_at:
        raise _refusal("at", _("The notice was not issued then."), code="before")
    _check_told(notice, customer)
    if Served.objects.filter(notice=notice, customer=customer, hop=how, revoked_at__isnull=True).exists():
        raise ValidationError(_("This is recorded already."), code="twice")
    served = Served(
        notice=notice,
        customer=customer,
        accepted_at=at,
        hop=how,
        detail=_needed(to_whom, _("Say who was told."), field="to_whom"),
        document=_needed(document, _("Say where the proof is kept."), field="document"),
        recorded_by=by,
        recorded_at=now,
    )
    served.full_clean(validate_unique=False, validate_constraints=False)
    served.save()
    return served


@transaction.atomic
def consent(window: Window, customer: Customer, *, given_at: datetime, given_by: str, document: str, by: str, now: datetime) -> Consent:
    """Record that the customer (``given_by`` there) agreed in writing to the window as it is now with less notice; ``document``: where it is.

    As it is now: its times, its impact, the minutes of outage expected.

    Raises ValidationError where the moment is still to come or not before the start, the window does not hit the customer, or will
    not take place.
    """
    current = Window.objects.select_for_update(of=("self",)).select_related("maintenance").get(pk=window.pk)
    if current.state in GONE:
        raise ValidationError(_("Window %(window)s will not take place."), code="state", params={"window": str(current)})
    if given_at > now:
        raise _refusal("given_at", _("This moment is still to come."), code="future")
    if given_at >= current.start:
        raise _refusal("given_at", _("Consent is given before the work starts."), code="late")
    told = NoticeCustomer.objects.filter(notice__maintenance=current.maintenance_id, customer=customer)
    if not told.exists() and not impact.hit_customers(current.maintenance).filter(pk=customer.pk).exists():
        raise ValidationError(
            _("%(account)s is not hit by %(reference)s."),
            code="customer",
            params={"account": customer.account, "reference": current.maintenance.reference},
        )
    given = Consent(
        window=current,
        customer=customer,
        start=current.start,
        end=current.end,
        impact=current.maintenance.impact,
        minutes=_minutes(current),
        given_at=given_at,
        given_by=_needed(given_by, _("Say who agreed."), field="given_by"),
        document=_needed(document, _("Say where the writing is kept."), field="document"),
        recorded_at=now,
        recorded_by=by,
    )
    given.full_clean(validate_constraints=False)
    given.save()
    return given


def agreed(window: Window) -> set[int]:
    """Return the customers (primary keys) who agreed in writing to at least what the window is now: its times, its impact, its minutes of outage."""
    impact_now = Impact(window.maintenance.impact)
    enough = Q() if impact_now == Impact.NO_IMPACT else Q(minutes__gte=_minutes(window))
    as_bad = [one for one in Impact if one.severity >= impact_now.severity]
    given = Consent.objects.filter(enough, window=window, start__lte=window.start, end__gte=window.end, impact__in=as_bad)
    return set(given.values_list("customer_id", flat=True))


def _minutes(window: Window) -> int:
    """Return the minutes of outage to expect: no more than the window has, whatever was typed."""
    return min(window.maintenance.expected_outage_minutes, (window.end - window.start) // timedelta(minutes=1))


def _open(window: Window) -> QuerySet[Shortfall]:
    return Shortfall.objects.filter(window=window, cleared_at__isnull=True)


def _check_told(notice: Notice, customer: Customer) -> None:
    if not NoticeCustomer.objects.filter(notice=notice, customer=customer).exists():
        raise ValidationError(
            _("%(account)s is not told by this notice."),
            code="customer",
            params={"account": customer.account},
        )


def _needed(text: str, message: str, *, field: str = "reason") -> str:
    words = text.strip()
    if not words:
        raise _refusal(field, message, code="missing")
    return words


def _refusal(field: str, message: str, *, code: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})


def _portions(keys: list[int]) -> list[list[int]]:
    return [keys[begin : begin + _FEW] for begin in range(0, len(keys), _FEW)]
