"""What a newer notice replaces, or comes too late, customer by customer: the one place that says which mail is no longer to be sent to whom."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from maintenance.models import Notice, NoticeCustomer
from maintenance.states import CONTENT_KINDS, PROGRESS_KINDS, WITHDRAWING_KINDS, Kind
from notifier.delivery.models import Account, Delivery


def replaced_accounts() -> "QuerySet[Account]":
    """Return the accounts, of any delivery, to which a newer notice of the same maintenance says otherwise."""
    newer = NoticeCustomer.objects.filter(
        notice__maintenance=OuterRef("delivery__notice__maintenance"),
        notice__revision__gt=OuterRef("delivery__notice__revision"),
    )
    return Account.objects.exclude(_stays("delivery__kind", newer, about=OuterRef("delivery__notice__about")))


def later_notices(notice: Any) -> "QuerySet[Notice]":  # noqa: ANN401  # a number or an OuterRef
    """Return the notice itself where a newer one of its maintenance exists, whatever that says to whom; else nothing."""
    return Notice.objects.filter(pk=notice, maintenance__notices__revision__gt=F("revision")).order_by()


def not_replaced(notice: Notice, *, kind: str) -> Q:
    """Return the condition on rows with a ``customer``, told by the notice as ``kind`` says, that no newer notice says otherwise to it."""
    later = Notice.objects.filter(maintenance=notice.maintenance_id, revision__gt=notice.revision)
    if not later.exists():
        return Q()  # nearly always: the database is spared a question about every customer
    return _stays(kind, NoticeCustomer.objects.filter(notice__in=later), about=notice.about)


def standing() -> "QuerySet[NoticeCustomer]":
    """Return what customers are told, of any notice, that no newer notice of the same maintenance says otherwise."""
    newer = NoticeCustomer.objects.filter(notice__maintenance=OuterRef("notice__maintenance"), notice__revision__gt=OuterRef("notice__revision"))
    return NoticeCustomer.objects.filter(_stays("kind", newer, about=OuterRef("notice__about")))


def late_accounts(*, until: datetime) -> "QuerySet[Account]":
    """Return the accounts, of any delivery, whose own deadline is before ``until``: by then it would not be in time for them."""
    told = NoticeCustomer.objects.filter(notice=OuterRef("delivery__notice"), customer=OuterRef("customer"), deadline__lt=until)
    return Account.objects.filter(Exists(told))


def trim(touched: Collection[int]) -> None:
    """Take the replaced accounts from deliveries that the caller has locked, by their keys; what is left of them sets the deadline."""
    take_off(replaced_accounts(), touched)


def take_off(gone: "QuerySet[Account]", touched: Collection[int]) -> None:
    """Take these accounts from deliveries that the caller has locked, by their keys; what is left of them sets the deadline."""
    if not touched:
        return
    Account.objects.filter(pk__in=list(gone.filter(delivery__in=touched).values_list("pk", flat=True))).delete()
    left = NoticeCustomer.objects.filter(notice=OuterRef("notice"), customer__in=Account.objects.filter(delivery=OuterRef(OuterRef("pk"))).values("customer"))
    earliest = left.order_by().values("notice").annotate(first=Min("deadline")).values("first")
    Delivery.objects.filter(pk__in=touched).update(deadline=Subquery(earliest))


def _stays(kind: str, newer: "QuerySet[NoticeCustomer]", *, about: Any) -> Q:  # noqa: ANN401  # a number or an OuterRef
    """Return the rule: what is to come replaces what was, and progress replaces what was said earlier of the same window.

    What withdraws (cancelled, postponed) and a root cause stay true whatever comes after them. Written without a negation of
    ``kind``: that of a relation to many rows would speak of all of them.
    """
    newer = newer.filter(customer=OuterRef("customer"))
    content = Exists(newer.filter(kind__in=(*CONTENT_KINDS, *WITHDRAWING_KINDS)))
    progress = Exists(newer.filter(kind__in=PROGRESS_KINDS, notice__about=about))
    not_by_content = Q(**{f"{kind}__in": [one for one in Kind if one not in (*CONTENT_KINDS, Kind.REMINDER)]})
    not_by_progress = Q(**{f"{kind}__in": [one for one in Kind if one not in (*PROGRESS_KINDS, Kind.REMINDER)]})
    return (not_by_content | ~Q(content)) & (not_by_progress | ~Q(progress))
