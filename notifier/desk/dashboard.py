"""What needs a planner's eye today: a constant number of queries, however much there is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Min, Q

from maintenance import notices
from maintenance.clocks import Clock
from maintenance.models import Breach, Maintenance, Notice, RootCauseReport, Shortfall, Window
from maintenance.policy import deadline
from maintenance.root_cause_due import still_owed
from maintenance.rules import rules
from maintenance.states import WindowState
from notifier.delivery import breaker, gauges
from notifier.delivery.progress import on_their_way, progress
from notifier.desk.hits import hit_rows
from notifier.desk.mail_trouble import MailTrouble, mail_trouble
from notifier.desk.shown import ShownMoment, utc
from notifier.desk.shown_progress import ShownProgress, refresh

AHEAD = timedelta(days=14)
BACK = timedelta(days=14)
SOON = timedelta(days=3)
"""How long before a draft becomes too late it is shown."""
MOST = 15
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class NextWindow:
    """A window that begins within ``AHEAD`` or is in progress; ``overruns``: it takes longer than was announced, or nobody has said that it ended."""

    window: Window
    title: str
    start: ShownMoment
    end: ShownMoment
    overruns: bool = False


@dataclass(frozen=True)
class NearWindow:
    """A window whose go or no go is due, with its open shortfalls and how many of them have no reason."""

    window: Window
    start: ShownMoment
    shortfalls: int
    unexplained: int


@dataclass(frozen=True)
class ReportDue:
    """A root-cause report that is owed by ``due``."""

    report: RootCauseReport
    due: str
    overdue: bool


@dataclass(frozen=True)
class OnTheirWay:
    """The notices of which mails are still to come, and after how many seconds to look again."""

    notices: tuple[tuple[Notice, ShownProgress], ...]
    refresh: int


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
    """``failed`` and ``unknown`` count mails of the last ``BACK``; ``shortfalls`` those that are open; ``owed`` breaches without a reason."""

    windows: tuple[NextWindow, ...]
    more_windows: int
    waiting: int
    failed: int
    unknown: int
    shortfalls: int
    owed: int
    overruns: int
    drafts: tuple[LateDraft, ...]
    near: tuple[NearWindow, ...]
    reports: tuple[ReportDue, ...]
    near_hours: int
    on_their_way: OnTheirWay
    trouble: MailTrouble | None


def dashboard(*, now: datetime) -> Dashboard:
    """Return the state of things at ``now``."""
    windows = _next_windows(now=now)
    mail = gauges.gauges(now=now, breakers=breaker.states())
    return Dashboard(
        windows=tuple(windows[:MOST]),
        more_windows=max(0, len(windows) - MOST),
        shortfalls=shortfalls(),
        owed=Breach.objects.filter(reason="").count(),
        overruns=sum(row.overruns for row in windows),
        drafts=_late_drafts(now=now),
        near=_near(now=now),
        reports=_reports_due(now=now),
        near_hours=settings.GO_NO_GO_HOURS,
        on_their_way=notices_on_their_way(now=now),
        waiting=mail.queued + mail.sending,
        failed=gauges.failed(since=now - BACK),
        unknown=mail.unknown,
        trouble=mail_trouble(mail, now=now),
    )


def shortfalls() -> int:
    """Count the open shortfalls: a customer each, and a window."""
    return Shortfall.objects.filter(cleared_at__isnull=True).count()


def notices_on_their_way(*, now: datetime) -> OnTheirWay:
    """Return the newest of them with how far they are, by the clocks of their work."""
    rows = on_their_way(most=MOST)
    found = progress(rows, now=now)
    shown = {row: ShownProgress.of(found[row.pk], row.maintenance.timezone if row.maintenance else _UTC, now=now) for row in rows}
    return OnTheirWay(tuple(shown.items()), refresh(shown.values()))


def _near(*, now: datetime) -> tuple[NearWindow, ...]:
    """Return the windows whose go or no go is due, the next first."""
    rows = (
        Window.objects.filter(state=WindowState.ANNOUNCED, alternate=False, start__gt=now, start__lte=now + timedelta(hours=settings.GO_NO_GO_HOURS))
        .annotate(
            open_shortfalls=Count("shortfalls", filter=Q(shortfalls__cleared_at__isnull=True), distinct=True),
            unexplained=Count("shortfalls", filter=Q(shortfalls__cleared_at__isnull=True, shortfalls__reason=""), distinct=True),
        )
        .select_related("maintenance")
        .order_by("start", "pk")[:MOST]
    )
    return tuple(NearWindow(row, ShownMoment.of(row.start, row.maintenance.timezone), row.open_shortfalls, row.unexplained) for row in rows)


def _reports_due(*, now: datetime) -> tuple[ReportDue, ...]:
    """Return the root-cause reports that are owed, the first due first."""
    rows = still_owed().select_related("incident").order_by("due_at", "pk")[:MOST]
    return tuple(ReportDue(row, utc(row.due_at), overdue=row.due_at < now) for row in rows)


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
            overruns=row.state == WindowState.IN_PROGRESS and (row.end <= now or row.overran_from is not None),
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
        last = min(moment for zone in zones.get(row.pk, {"UTC"}) if (moment := deadline(starts=[start], clock=Clock(zone, in_force.days))))
        by = last - in_force.margin
        if by < now + SOON:
            zone = row.timezone
            found.append(LateDraft(row, notices.title_of(row), ShownMoment.of(start, zone), ShownMoment.of(by, zone), too_late=by < now))
    return tuple(found)
