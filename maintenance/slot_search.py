"""Find slots for a piece of work: what the pure search of ``slots`` needs to know is asked of the database, in a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import CharField, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from customers.models import Domain, Operator, Region, Service
from customers.office_hours import OfficeHours
from maintenance.clocks import Clock
from maintenance.decisions import when
from maintenance.draft import ScopeDraft
from maintenance.models import Freeze, Maintenance, NamedObject, Window
from maintenance.obstacles import STANDING, freeze_of
from maintenance.reach import HELD, Held, Reach, reaches
from maintenance.rules import rules
from maintenance.slots import Office, Slot, Taken, Wanted, best, days_between, earliest
from maintenance.states import Impact

MOST_DAYS = 366
MOST_HOURS = 7 * 24
_YEARS = range(2000, 2101)


@dataclass(frozen=True)
class Work:
    """What is to be done: the services hit, the components worked on (primary keys), the supplier whose work it is, and itself where it is stored."""

    services: QuerySet[Service]
    components: frozenset[int]
    supplier: Operator | None = None
    maintenance: Maintenance | None = None


@dataclass(frozen=True)
class Slots:
    """``offered``: the best first. ``earliest``: the first moment that is legal for everybody hit. ``freezes``: those in the days asked for, in words."""

    offered: tuple[Slot, ...]
    earliest: datetime
    freezes: tuple[str, ...]
    customers: int


@dataclass(frozen=True)
class _Hit:
    """Whom the work hits, counted by what matters for the time."""

    clocks: tuple[Clock, ...]
    offices: tuple[Office, ...]
    regions: frozenset[int]
    customers: int


def work_of(maintenance: Maintenance) -> Work:
    """Return the work of a stored draft, its windows' own objects among it: the services of ``impact.hit_by_any_window``.

    The scopes stand in the question as values: asked for row by row they would take PostgreSQL seconds.
    """
    scopes = list(maintenance.scopes.values_list("component_id", "domain", "operator_id"))
    matches = Q(pk__in=())
    for component, domain, operator in scopes:
        matches |= Q(component=component, domain=domain, **({"operator": operator} if operator else {}))
    hit = Service.objects.filter(matches)
    named = NamedObject.objects.filter(maintenance=maintenance)
    narrowed = set(named.values_list("window_id", flat=True).order_by().distinct())
    if None in narrowed:
        hit = hit.filter(object_id__in=named.filter(window__isnull=True).values("object_id"))
    if narrowed >= set(maintenance.windows.values_list("pk", flat=True)):
        hit = hit.filter(object_id__in=named.filter(window__isnull=False).values("object_id"))
    return Work(hit, frozenset(component for component, _domain, _operator in scopes), maintenance.supplier, maintenance)


def work_on(scopes: Collection[ScopeDraft], *, objects: Collection[str] = (), supplier: Operator | None = None) -> Work:
    """Return the work on some scopes, narrowed by object ids where there are any. Raises ValidationError for a scope that cannot be."""
    _check_scopes(scopes)
    matches = Q()
    for scope in scopes:
        matches |= Q(component=scope.component, domain=scope.domain, **({"operator": scope.operator} if scope.operator else {}))
    hit = Service.objects.filter(matches)
    if objects:
        hit = hit.filter(object_id__in=objects)
    return Work(hit, frozenset(scope.component.pk for scope in scopes), supplier)


def _check_scopes(scopes: Collection[ScopeDraft]) -> None:
    if not scopes:
        raise ValidationError(_("name at least one component"), code="scope")
    for scope in scopes:
        if scope.domain not in scope.component.domains():
            words = {"component": scope.component.slug, "domain": scope.domain}
            raise ValidationError(_("%(component)s cannot be in the domain %(domain)s"), code="scope", params=words)
        if scope.operator and scope.domain != Domain.MNO:
            raise ValidationError(_("only the domain mno has operators"), code="scope")


def wanted(*, length: timedelta, first: date, last: date, zone: ZoneInfo, impact: Impact) -> Wanted:
    """Return what to look for. Raises ValidationError for a length or days that make no sense, by the field's name."""
    errors = {}
    if not timedelta() < length <= timedelta(hours=MOST_HOURS):
        errors["minutes"] = [_("must be from 1 to %(most)d") % {"most": MOST_HOURS * 60}]
    if first.year not in _YEARS:
        errors["first"] = [_("must be in a year from 2000 to 2100")]
    if last < first:
        errors["last"] = [_("must not be before the first day")]
    elif (last - first).days >= MOST_DAYS:
        errors["last"] = [_("must be less than %(most)d days after the first day") % {"most": MOST_DAYS}]
    if errors:
        raise ValidationError(errors)
    return Wanted(length, first, last, zone, felt=impact != Impact.NO_IMPACT)


def search(work: Work, asked: Wanted, *, now: datetime, most: int = 10) -> Slots:
    """Return the best slots: legal if announced now with the margin, without a freeze, and ranked as ``slots.best`` says."""
    hit = _hit(work)
    accepted_at = now + rules().margin
    start, after = days_between(asked)
    freezes = _freezes(work, hit, start, after + asked.length, asked.zone)
    found = best(
        asked,
        clocks=hit.clocks,
        accepted_at=accepted_at,
        freezes=freezes,
        conflicts=_conflicts(work, start, after + asked.length, asked.zone),
        offices=hit.offices,
        most=most,
    )
    return Slots(tuple(found), earliest(hit.clocks, accepted_at=accepted_at), tuple(freeze.what for freeze in freezes), hit.customers)


def _hit(work: Work) -> _Hit:
    """Ask in two queries, one row a customer: the largest of its services says how many SIMs are hit, its base how many at most."""
    regions = {region.pk: region for region in Region.objects.all()}
    rows = (
        work.services.order_by()
        .annotate(zone=Cast("customer__timezone", CharField()))  # as text: a zone object for each row is of no use
        .values_list("customer_id", "customer__sim_base", "zone", "customer__region_id", "customer__notice_days")
        .annotate(most=Max("sims"))
    )
    sims = Counter[tuple[str, int]]()
    days: set[tuple[str, int, int | None]] = set()
    customers = 0
    for _customer, base, zone, region, agreed, used in rows:
        customers += 1
        sims[zone, region] += min(used, base or used)
        days.add((zone, region, agreed))
    least = max(rules().days, (work.supplier and work.supplier.notice_days) or 0)
    clocks = {Clock(zone, max(least, agreed or 0, regions[region].notice_days or 0)) for zone, region, agreed in days}
    return _Hit(
        clocks=tuple(sorted(clocks)) or (Clock("UTC", least),),
        offices=tuple(
            Office(OfficeHours(ZoneInfo(zone), regions[region].opens, regions[region].closes, regions[region].slug), number)
            for (zone, region), number in sims.items()
        ),
        regions=frozenset(region for _zone, region in sims),
        customers=customers,
    )


def _freezes(work: Work, hit: _Hit, start: datetime, end: datetime, zone: ZoneInfo) -> list[Taken]:
    """Return the freezes of what the work hits; one of a component also where it is worked on and nobody holds it."""
    of_customer = Exists(work.services.filter(customer=OuterRef("customer")))
    everything = Q(region__isnull=True, component__isnull=True, customer__isnull=True)
    of_ours = Q(region__in=hit.regions) | Q(component__in=work.components) | Q(of_customer, customer__isnull=False)
    rows = Freeze.objects.filter(everything | of_ours, start__lt=end, end__gt=start).select_related("region", "component", "customer")
    return [
        Taken(
            row.start,
            row.end,
            _("“%(name)s” of %(of)s, %(start)s to %(end)s") % {"name": row.name, "of": freeze_of(row), **_times(row, zone)},
        )
        for row in rows.order_by("start", "pk")
    ]


def _conflicts(work: Work, start: datetime, end: datetime, zone: ZoneInfo) -> list[Taken]:
    """Return the windows of other work that hit a customer of ours, or a service that backs up one of ours, or is backed up by one."""
    windows = Window.objects.filter(state__in=STANDING, start__lt=end, end__gt=start).select_related("maintenance").order_by("start", "pk")
    if work.maintenance:
        windows = windows.exclude(maintenance=work.maintenance)
    others = list(windows)
    if not others:
        return []
    known = reaches({window.maintenance_id for window in others})
    kinds = _kinds_at_stake(work)
    named = _named_at_stake(work, known)

    def meets(window: Window) -> bool:
        reach = known[window.maintenance_id]
        names = reach.names(window.pk)
        at_stake = kinds if names is None else (held for name in names for held in named.get(name, ()))
        return any(reach.hits(window.pk, held) for held in at_stake)

    met = filter(meets, others)
    return [Taken(window.start, window.end, _("%(window)s, %(start)s to %(end)s") % {"window": window, **_times(window, zone)}) for window in met]


def _at_stake(work: Work) -> QuerySet[Service]:
    """Return every service of the customers hit, and those that stand in for a service hit, whosever they are."""
    hit = work.services.order_by()
    backups = Q(backup__in=hit.values("pk")) | Q(pk__in=hit.filter(backup__isnull=False).values("backup"))
    return Service.objects.filter(Q(customer__in=hit.values("customer")) | backups).order_by()


def _kinds_at_stake(work: Work) -> list[Held]:
    """Return what kinds of service are at stake: work that names no objects hits one where it hits its kind."""
    rows = _at_stake(work).values_list("component_id", "domain", "operator_id").distinct()
    return [Held(0, 0, component, domain, operator, "") for component, domain, operator in rows]


def _named_at_stake(work: Work, known: Mapping[int, Reach]) -> dict[str, list[Held]]:
    """Return the services at stake that other work names, by object id."""
    if not any(reach.objects or reach.of_windows for reach in known.values()):
        return {}
    named = NamedObject.objects.filter(maintenance__in=list(known)).values("object_id")
    found = defaultdict(list)
    for row in _at_stake(work).filter(object_id__in=named).values_list(*HELD):
        held = Held(*row)
        found[held.object_id].append(held)
    return found


def _times(of: Freeze | Window, zone: ZoneInfo) -> dict[str, str]:
    return {"start": when(of.start, zone), "end": when(of.end, zone)}
