"""Issue a notice: the snapshot of what is said, to whom, and what is hit, all in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, DateTimeField, Exists, IntegerField, OuterRef, QuerySet, Value, When
from django.utils.translation import gettext as _

from customers.models import Customer, Service
from maintenance.impact import hit_services
from maintenance.insert_select import insert_select
from maintenance.models import Maintenance, Notice, NoticeCustomer, NoticeService, Window
from maintenance.models.notice_service import EVERY_WINDOW
from maintenance.said import Interval, Said, SaidText, SaidWindow
from maintenance.states import Basis, Impact, Kind, WindowState


def snapshot(
    maintenance: Maintenance,
    *,
    previous: Mapping[int, Interval] | None = None,
    reason: str = "",
    as_emergency: bool = False,
) -> Said:
    """Return what would be said of a maintenance as it stands; ``previous``: intervals told before, by window number.

    The incident is named where a window is an emergency, or with ``as_emergency``: planned work has no need of its P1.
    """
    windows = list(maintenance.windows.all())
    narrowed = set(maintenance.objects_named.filter(window__isnull=False).values_list("window_id", flat=True))
    emergency = as_emergency or any(window.basis == Basis.EMERGENCY for window in windows)
    incident = maintenance.incident if emergency else None
    return Said(
        reference=maintenance.reference,
        supplier=maintenance.supplier.code if maintenance.supplier else "",
        supplier_reference=maintenance.supplier_reference,
        impact=Impact(maintenance.impact),
        expected_outage_minutes=min(maintenance.expected_outage_minutes, _longest_minutes(windows)),
        windows=tuple(
            SaidWindow(
                number=window.number,
                start=window.start,
                end=window.end,
                state=WindowState(window.state),
                sequence=window.sequence,
                narrowed=window.pk in narrowed,
                emergency=as_emergency or window.basis == Basis.EMERGENCY,
                previous=(previous or {}).get(window.number),
            )
            for window in windows
        ),
        texts={text.language: SaidText(text.title, text.impact, text.description) for text in maintenance.texts.all()},
        incident=incident.reference if incident else "",
        incident_title=incident.title if incident else "",
        reason=reason,
    )


def _longest_minutes(windows: Sequence[Window]) -> int:
    """Return how long the longest window lasts: service cannot be affected for longer within one, whatever was typed."""
    return max(((window.end - window.start) // timedelta(minutes=1) for window in windows), default=0)


def issue(maintenance: Maintenance, *, said: Said, by: str, now: datetime, decision: dict[str, Any]) -> Notice:
    """Store the notice of the maintenance's present revision; whom it tells is added by ``tell``."""
    return Notice.objects.create(
        maintenance=maintenance,
        revision=maintenance.revision,
        issued_at=now,
        issued_by=by,
        said_json=said.to_json(),
        decision=decision,
    )


def tell(notice: Notice, customers: QuerySet[Customer], kind: Kind, *, deadlines: Mapping[str, datetime | None] | None = None) -> int:
    """Add customers to a notice; ``deadlines``: by time zone, the last moment at which acceptance is in time. Returns how many."""
    whens = [When(timezone=zone, then=Value(moment, output_field=DateTimeField())) for zone, moment in (deadlines or {}).items() if moment]
    rows = (
        customers.filter(pk__gt=0)
        .order_by("pk")
        .annotate(
            for_notice=Value(notice.pk, output_field=IntegerField()),
            of_kind=Value(str(kind), output_field=CharField()),
            until=Case(*whens, default=Value(None, output_field=DateTimeField()), output_field=DateTimeField()),
        )
        .values_list("for_notice", "pk", "of_kind", "until")
    )
    return insert_select(NoticeCustomer, ("notice", "customer", "kind", "deadline"), rows)


def name_services(notice: Notice, maintenance: Maintenance) -> None:
    """Freeze what is hit now, for the customers that the notice tells."""
    narrowed = [window for window in maintenance.windows.all() if window.objects_named.exists()]
    if len(narrowed) < maintenance.windows.count():
        _name(notice, maintenance, None)
    for window in narrowed:
        _name(notice, maintenance, window)


def _name(notice: Notice, maintenance: Maintenance, window: Window | None) -> None:
    told = NoticeCustomer.objects.filter(notice=notice, customer=OuterRef("customer")).exclude(kind=Kind.CANCELLED)
    hit: QuerySet[Service] = hit_services(maintenance, window).filter(Exists(told)).order_by("pk")
    rows = hit.annotate(
        for_notice=Value(notice.pk, output_field=IntegerField()),
        number=Value(window.number if window else EVERY_WINDOW, output_field=IntegerField()),
        worst=Value(maintenance.impact, output_field=CharField()),
    ).values_list("for_notice", "customer_id", "number", "object_id", "component_id", "worst")
    insert_select(NoticeService, ("notice", "customer", "window_number", "object_id", "component", "impact"), rows)


def repeat_services(notice: Notice, earlier: Notice, *, kinds: Sequence[Kind]) -> None:
    """Name the services of an earlier notice again, for the customers that the notice tells by one of ``kinds``."""
    told = NoticeCustomer.objects.filter(notice=notice, customer=OuterRef("customer"), kind__in=kinds)
    rows = (
        NoticeService.objects.filter(Exists(told), notice=earlier)
        .order_by("pk")
        .annotate(for_notice=Value(notice.pk, output_field=IntegerField()))
        .values_list("for_notice", "customer_id", "window_number", "object_id", "component_id", "impact")
    )
    insert_select(NoticeService, ("notice", "customer", "window_number", "object_id", "component", "impact"), rows)


def latest(maintenance: Maintenance) -> Notice | None:
    """Return the maintenance's newest notice."""
    return maintenance.notices.order_by("-revision").first()


def told_by(notice: Notice | None) -> QuerySet[Customer]:
    """Return the customers that a notice told of work that will touch them."""
    told = NoticeCustomer.objects.filter(notice=notice, customer=OuterRef("pk")).exclude(kind=Kind.CANCELLED)
    return Customer.objects.filter(Exists(told)) if notice else Customer.objects.none()


def missing_languages(maintenance: Maintenance, languages: Mapping[str, int]) -> list[str]:
    """Return the languages of readers in which the planner has written nothing."""
    written = set(maintenance.texts.values_list("language", flat=True))
    return sorted(set(languages) - written)


def intervals(notice: Notice | None) -> dict[int, Interval]:
    """Return the intervals that a notice told, by window number."""
    return {window.number: Interval(window.start, window.end) for window in notice.said.windows} if notice else {}


def title_of(maintenance: Maintenance) -> str:
    """Return a title for planners: in English where there is one."""
    titles = {text.language: text.title for text in maintenance.texts.all()}
    return titles.get("en") or next(iter(titles.values()), _("(no title)"))
