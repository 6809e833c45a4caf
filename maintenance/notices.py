"""Issue a notice: the snapshot of what is said, to whom, and what is hit, all in the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, CharField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from customers.models import Customer, Service
from maintenance.concerned import concerned
from maintenance.impact import hit_by_any_window, hit_services
from maintenance.insert_select import insert_select
from maintenance.models import Maintenance, Notice, NoticeCustomer, NoticeService, Served, Window
from maintenance.rules import rules
from maintenance.said import EVERY_WINDOW, Interval, Said, SaidEnding, SaidText, SaidWindow
from maintenance.states import CONTENT_KINDS, WITHDRAWING_KINDS, Basis, Impact, Kind, WindowState

_SPEAKING = (*CONTENT_KINDS, *WITHDRAWING_KINDS)
_MOST_KEYS = 10_000
"""So many go into one list of a query."""
_SERVICE_FIELDS = ("notice", "customer", "window_number", "object_id", "component", "impact", "fresh", "joined")


@dataclass(frozen=True)
class Row:
    """What one customer is told; moments as in NoticeCustomer."""

    customer: int
    kind: Kind
    deadline: datetime | None = None
    stale_at: datetime | None = None
    bases: Mapping[int, Basis] = field(default_factory=dict)


@dataclass(frozen=True)
class Circumstances:
    """What a snapshot says besides the maintenance itself. ``before``: what was said last.

    ``as_emergency``: as if each window were one; ``names_incident``: the P1 is named although the windows are planned for those told before;
    ``names_lateness``: likewise when we learned of what is too late for some.
    """

    before: Said | None = None
    reason: str = ""
    as_emergency: bool = False
    names_incident: bool = False
    names_lateness: bool = False
    ending: SaidEnding | None = None


def snapshot(maintenance: Maintenance, windows: Sequence[Window] | None = None, around: Circumstances = Circumstances()) -> Said:  # frozen
    """Return what would be said of a maintenance with these windows (left out: as they are stored).

    The incident is named where a window is an emergency: planned work has no need of its P1.
    """
    windows = list(maintenance.windows.all()) if windows is None else windows
    narrowed = set(maintenance.objects_named.filter(window__isnull=False).values_list("window_id", flat=True))
    emergency = around.as_emergency or around.names_incident or any(window.basis == Basis.EMERGENCY for window in windows)
    late = around.names_lateness or any(window.basis == Basis.LATE for window in windows)
    incident = maintenance.incident if emergency else None
    before = around.before
    minutes = min(maintenance.expected_outage_minutes, _longest_minutes(windows))
    return Said(
        reference=maintenance.reference,
        supplier=maintenance.supplier.code if maintenance.supplier else "",
        supplier_reference=maintenance.supplier_reference,
        impact=Impact(maintenance.impact),
        expected_outage_minutes=minutes,
        windows=tuple(_said(window, before, narrowed=window.pk in narrowed, as_emergency=around.as_emergency) for window in windows),
        texts={text.language: SaidText(text.title, text.impact, text.description) for text in maintenance.texts.all()},
        incident=incident.reference if incident else "",
        incident_title=incident.title if incident else "",
        reason=around.reason,
        learned_at=maintenance.learned_at if late else None,
        supplier_notified_at=maintenance.supplier_notified_at if late else None,
        ending=around.ending,
        previous_impact=before.impact if before and before.impact != maintenance.impact else None,
        previous_minutes=before.expected_outage_minutes if before and before.expected_outage_minutes != minutes else None,
    )


def _said(window: Window, before: Said | None, *, narrowed: bool, as_emergency: bool) -> SaidWindow:
    told = before.window(window.number) if before else None
    changed = told is not None and (told.start, told.end) != (window.start, window.end)
    return SaidWindow(
        number=window.number,
        start=window.start,
        end=window.end,
        state=WindowState(window.state),
        sequence=window.sequence,
        narrowed=narrowed,
        emergency=as_emergency or window.basis == Basis.EMERGENCY,
        previous=Interval(told.start, told.end) if told and changed else None,
        late=window.basis == Basis.LATE,
        alternate=window.alternate,
        overran_from=window.overran_from,
    )


def _longest_minutes(windows: Sequence[Window]) -> int:
    """Return how long the longest window lasts: service cannot be affected for longer within one, whatever was typed."""
    return max((((window.overran_from or window.end) - window.start) // timedelta(minutes=1) for window in windows), default=0)


def issue(maintenance: Maintenance, *, said: Said, by: str, now: datetime, decision: dict[str, Any], about: int = 0) -> Notice:
    """Store the notice of the maintenance's present revision; whom it tells is added by ``tell``. ``about``: the one window concerned."""
    return Notice.objects.create(
        maintenance=maintenance,
        revision=maintenance.revision,
        about=about,
        issued_at=now,
        issued_by=by,
        said_json=said.to_json(),
        decision=decision,
    )


def tell(notice: Notice, rows: Iterable[Row]) -> int:
    """Add customers to a notice, each with the clock by which its notice is counted now; return how many."""
    rows = list(rows)
    speaking = [row.customer for row in rows if row.kind in _SPEAKING]
    known = concerned(speaking, notice.maintenance, days=rules().days) if speaking and notice.maintenance else {}
    told = [
        NoticeCustomer(
            notice=notice,
            customer_id=row.customer,
            kind=row.kind,
            deadline=row.deadline,
            stale_at=row.stale_at,
            bases={str(number): str(basis) for number, basis in row.bases.items()},
            zone=known[row.customer].clock.zone if row.customer in known else "",
            days=known[row.customer].clock.days if row.customer in known else 0,
        )
        for row in rows
    ]
    NoticeCustomer.objects.bulk_create(told, batch_size=2000)
    return len(told)


@dataclass(frozen=True)
class Naming:
    """Which services a notice names of those that are hit. ``besides``: primary keys of services that it passes over.

    ``joined_since``: what is held since then has joined; whoever is told so hears only of that and of what was named before.
    """

    besides: Collection[int] = ()
    joined_since: datetime | None = None


def name_services(notice: Notice, maintenance: Maintenance, windows: Sequence[Window], which: Naming = Naming()) -> None:  # frozen
    """Freeze what these windows hit now, for the customers whom the notice tells of work to come."""
    numbers = maintenance.objects_named.filter(window__isnull=False).values_list("window_id", flat=True)
    narrowed = set(numbers)
    if any(window.pk not in narrowed for window in windows):
        _name(notice, maintenance, None, which)
    for window in windows:
        if window.pk in narrowed:
            _name(notice, maintenance, window, which)


def _name(notice: Notice, maintenance: Maintenance, window: Window | None, which: Naming) -> None:
    told = NoticeCustomer.objects.filter(notice=notice, customer=OuterRef("customer"), kind__in=CONTENT_KINDS)
    named = NoticeService.objects.filter(notice__maintenance=maintenance, customer=OuterRef("customer"), object_id=OuterRef("object_id"))
    hit: QuerySet[Service] = hit_services(maintenance, window).filter(Exists(told)).order_by("pk")
    joined: Any = Value(value=False, output_field=BooleanField())
    keys = list(which.besides)
    for begin in range(0, len(keys), _MOST_KEYS):
        hit = hit.exclude(pk__in=keys[begin : begin + _MOST_KEYS])
    joined_since = which.joined_since
    if joined_since is not None:
        stands = Exists(standing_services(maintenance, before=notice.revision))
        hit = hit.filter(Exists(told.exclude(kind=Kind.JOINED)) | stands | Q(held_since__gt=joined_since))
        joined = Case(When(~stands, held_since__gt=joined_since, then=Value(value=True)), default=Value(value=False), output_field=BooleanField())
    rows = hit.annotate(
        for_notice=Value(notice.pk, output_field=IntegerField()),
        number=Value(window.number if window else EVERY_WINDOW, output_field=IntegerField()),
        worst=Value(maintenance.impact, output_field=CharField()),
        first=~Exists(named.exclude(notice=notice)),
        came=joined,
    ).values_list("for_notice", "customer_id", "number", "object_id", "component_id", "worst", "first", "came")
    insert_select(NoticeService, _SERVICE_FIELDS, rows)


def standing_services(maintenance: Maintenance, *, before: int | None = None) -> QuerySet[NoticeService]:
    """Return, for an outer row with ``customer`` and ``object_id``, what the customer's standing notice names of it; ``before``: a revision."""
    told = NoticeCustomer.objects.filter(notice__maintenance=maintenance, customer=OuterRef("customer"), kind__in=_SPEAKING)
    if before is not None:
        told = told.filter(notice__revision__lt=before)
    newest = told.order_by("-notice__revision")
    return NoticeService.objects.annotate(standing=Subquery(newest.values("notice")[:1]), said=Subquery(newest.values("kind")[:1])).filter(
        customer=OuterRef("customer"), object_id=OuterRef("object_id"), notice=F("standing"), said__in=[kind for kind in _SPEAKING if kind != Kind.CANCELLED]
    )


def not_told_of(maintenance: Maintenance) -> QuerySet[Service]:
    """Return the services that the work hits and that their customers do not stand told of."""
    return hit_by_any_window(maintenance).filter(~Exists(standing_services(maintenance)))


def repeat_services(notice: Notice, *, impact: str | None = None) -> None:
    """Name again, for every customer that the notice tells and whose services are not named yet, what its standing notice named.

    ``impact``: said of all of them now; left out, each keeps its own.
    """
    told = NoticeCustomer.objects.filter(notice=notice, customer=OuterRef("customer"))
    named = NoticeService.objects.filter(notice=notice, customer=OuterRef("customer"))
    heard = Served.objects.filter(notice=OuterRef("notice"), customer=OuterRef("customer"), revoked_at__isnull=True)
    standing = (
        NoticeCustomer.objects.filter(
            customer=OuterRef("customer"),
            notice__maintenance=notice.maintenance_id,
            notice__revision__lt=notice.revision,
            kind__in=_SPEAKING,
        )
        .order_by("-notice__revision")
        .values("notice")[:1]
    )
    rows = (
        NoticeService.objects.filter(Exists(told), ~Exists(named), notice__maintenance=notice.maintenance_id, notice=Subquery(standing))
        .order_by("pk")
        .annotate(
            for_notice=Value(notice.pk, output_field=IntegerField()),
            worst=Value(impact, output_field=CharField()) if impact else F("impact"),
            again=Case(When(Exists(heard), then=Value(value=False)), default=F("fresh"), output_field=BooleanField()),
            came=Value(value=False, output_field=BooleanField()),
        )
        .values_list("for_notice", "customer_id", "window_number", "object_id", "component_id", "worst", "again", "came")
    )
    insert_select(NoticeService, _SERVICE_FIELDS, rows)


def keep_services(notice: Notice, before: Mapping[int, Notice], windows: Collection[SaidWindow]) -> None:
    """Name again, for the customers (primary keys) beside their standing notice, what that named of these windows alone."""
    rows = []
    for standing in set(before.values()):
        customers = [customer for customer, one in before.items() if one == standing]
        for begin in range(0, len(customers), _MOST_KEYS):
            named = standing.services.filter(customer__in=customers[begin : begin + _MOST_KEYS]).order_by("pk")
            rows += [
                NoticeService(
                    notice=notice,
                    customer_id=row.customer_id,
                    window_number=window.number,
                    object_id=row.object_id,
                    component_id=row.component_id,
                    impact=row.impact,
                )
                for row in named
                for window in windows
                if row.window_number in window.named_by
            ]
    NoticeService.objects.bulk_create(rows, batch_size=2000)


def latest(maintenance: Maintenance) -> Notice | None:
    """Return the newest notice that says, or takes back, what is to come, be it to nobody."""
    told = NoticeCustomer.objects.filter(notice=OuterRef("pk"))
    return maintenance.notices.filter(Exists(told.filter(kind__in=_SPEAKING)) | ~Exists(told)).order_by("-revision").first()


def stands_told(maintenance: Maintenance) -> QuerySet[Customer]:
    """Return the customers whose newest notice tells them of work that will touch them."""
    rows = NoticeCustomer.objects.filter(notice__maintenance=maintenance, kind__in=_SPEAKING)
    newest = rows.filter(customer=OuterRef("customer")).order_by("-notice__revision").values("pk")[:1]
    told = rows.filter(pk=Subquery(newest)).exclude(kind=Kind.CANCELLED)
    return Customer.objects.filter(pk__in=told.values("customer"))


def missing_languages(maintenance: Maintenance, languages: Mapping[str, int]) -> list[str]:
    """Return the languages of readers in which the planner has written nothing."""
    written = set(maintenance.texts.values_list("language", flat=True))
    return sorted(set(languages) - written)


def title_of(maintenance: Maintenance) -> str:
    """Return a title for planners: in English where there is one."""
    titles = {text.language: text.title for text in maintenance.texts.all()}
    return titles.get("en") or next(iter(titles.values()), _("(no title)"))
