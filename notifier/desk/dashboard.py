"""What needs a planner's eye today: a constant number of queries, however much there is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q

from maintenance import notices
from maintenance.decisions import rules
from maintenance.models import Maintenance, NoticeCustomer, Served, Window
from maintenance.policy import deadline
from maintenance.states import Kind, WindowState
from notifier.delivery.models import Delivery, DeliveryState
from notifier.desk.hits import hit_rows
from notifier.desk.shown import ShownMoment

AHEAD = timedelta(days=14)
BACK = timedelta(days=14)
SOON = timedelta(days=3)
"""How long before a draft becomes too late it is shown."""
MOST = 15


@dataclass(frozen=True)
class NextWindow:
    """A window that begins within ``AHEAD`` or is in progress."""

    window: Window
    title: str
    start: ShownMoment
    end: ShownMoment


@dataclass(frozen=True)
class LateDraft:
    """A draft whose first window can be announced until ``announce_by`` (margin kept), or no more."""

    maintenance: Maintenance
    title: str
    start: ShownMoment
    announce_by: ShownMoment
    too_late: bool


@dataclass(frozen=True)
class Dashboard:
    """``failed`` and ``unknown`` count mails of the last ``BACK``; ``shortfalls`` customers not served in time, per maintenance still to come."""

    windows: tuple[NextWindow, ...]
    more_windows: int
    waiting: int
    failed: int
    unknown: int
    shortfalls: int
    drafts: tuple[LateDraft, ...]


def dashboard(*, now: datetime) -> Dashboard:
    """Return the state of things at ``now``."""
    windows = _next_windows(now=now)
    mails = Delivery.objects.aggregate(
        waiting=Count("pk", filter=Q(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING])),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED, settled_at__gte=now - BACK)),
        unknown=Count("pk", filter=Q(state=DeliveryState.UNKNOWN)),
    )
    return Dashboard(
        windows=tuple(windows[:MOST]),
        more_windows=max(0, len(windows) - MOST),
        shortfalls=shortfalls(now=now),
        drafts=_late_drafts(now=now),
        **mails,
    )


def shortfalls(*, now: datetime) -> int:
    """Count (maintenance, customer) where the deadline has passed and no notice was accepted by then, as long as a window is to come."""
    same = {"customer": OuterRef("customer"), "notice__maintenance": OuterRef("notice__maintenance"), "notice__revision__gte": OuterRef("notice__revision")}
    served = Served.objects.filter(**same, revoked_at__isnull=True, accepted_at__lte=OuterRef("deadline"))
    replaced = NoticeCustomer.objects.filter(
        Q(deadline__isnull=False) | Q(kind=Kind.CANCELLED),
        customer=OuterRef("customer"),
        notice__maintenance=OuterRef("notice__maintenance"),
        notice__revision__gt=OuterRef("notice__revision"),
    )
    to_come = Window.objects.filter(maintenance=OuterRef("notice__maintenance"), state__in=[WindowState.ANNOUNCED, WindowState.IN_PROGRESS])
    missed = NoticeCustomer.objects.filter(~Exists(served), ~Exists(replaced), Exists(to_come), deadline__lt=now).exclude(kind=Kind.CANCELLED)
    return missed.values("notice__maintenance", "customer").distinct().count()


def _next_windows(*, now: datetime) -> list[NextWindow]:
    rows = (
        Window.objects.filter(Q(state=WindowState.IN_PROGRESS) | Q(state=WindowState.ANNOUNCED, start__lt=now + AHEAD, end__gt=now))
        .select_related("maintenance")
        .prefetch_related("maintenance__texts")
        .order_by("start", "pk")
    )
    return [
        NextWindow(
            row,
            notices.title_of(row.maintenance),
            ShownMoment.of(row.start, row.maintenance.timezone),
            ShownMoment.of(row.end, row.maintenance.timezone),
        )
        for row in rows
    ]


def _late_drafts(*, now: datetime) -> tuple[LateDraft, ...]:
    """Return the drafts that can be announced for ``SOON`` only, judged by the clocks of everyone whom they hit; emergencies aside."""
    in_force = rules()
    horizon = now + timedelta(days=in_force.days + 1) + in_force.margin + SOON
    drafts = list(
        Maintenance.objects.filter(state=WindowState.DRAFT)
        .annotate(first_start=Min("windows__start"))
        .filter(first_start__lt=horizon, first_start__gt=now)
        .filter(Q(incident__isnull=True) | Q(incident__p1_identified_at__isnull=True))
        .prefetch_related("texts")
        .order_by("first_start")[:MOST],
    )
    zones: dict[int, set[str]] = {}
    for pk, zone in hit_rows().filter(maintenance__in=[row.pk for row in drafts]).values_list("maintenance_id", "held_zone").distinct():
        zones.setdefault(pk, set()).add(str(zone))
    found = []
    for row in drafts:
        start: datetime = row.first_start
        last = min(moment for zone in zones.get(row.pk, {"UTC"}) if (moment := deadline(starts=[start], zone=zone, rules=in_force)))
        by = last - in_force.margin
        if by < now + SOON:
            zone = row.timezone
            found.append(LateDraft(row, notices.title_of(row), ShownMoment.of(start, zone), ShownMoment.of(by, zone), too_late=by < now))
    return tuple(found)
