"""What stands in the way of a window besides the promise: freezes, and other work on the same customers.

Times are half open: what ends exactly when the window begins is no obstacle. A freeze is hard for our own work; for a supplier's, for an
emergency and in a conflict a planner goes on by giving a reason, which is kept.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from customers.models import Customer, Service
from maintenance.decisions import when
from maintenance.impact import hit_services
from maintenance.models import Acknowledgement, Freeze, Maintenance, Window
from maintenance.reach import HELD, Held, reaches
from maintenance.standing import account_sample
from maintenance.states import Basis, Obstacle, WindowState

STANDING = (WindowState.ANNOUNCED, WindowState.IN_PROGRESS)
"""States of other work's windows that count; nobody was told of a draft."""


@dataclass(frozen=True)
class Found:
    """An obstacle of window number ``window``, ``what`` in the planner's words. ``free_from``: when a hard one would let the window begin (UTC).

    ``kept``: the same words in the language of the settings, by which it is known again whoever reads it.
    """

    obstacle: Obstacle
    hard: bool
    window: int
    what: str
    free_from: datetime | None = None
    kept: str = field(default="", compare=False)


def find(maintenance: Maintenance, windows: Sequence[Window], *, instead: bool = False) -> tuple[Found, ...]:
    """Return what stands in the way of the windows, which have primary keys; their times are taken as they are, stored or not.

    ``instead``: they take the place of all that the maintenance has to come. The number of queries does not depend on how many windows,
    freezes or other pieces of work there are.
    """
    if not windows:
        return ()
    start, end = min(window.start for window in windows), max(window.end for window in windows)
    freezes = list(Freeze.objects.filter(end__gt=start).select_related("region", "component", "customer").order_by("start", "pk"))
    rivals = Window.objects.filter(state__in=STANDING, start__lt=end, end__gt=start).exclude(pk__in=[window.pk for window in windows])
    if instead:
        rivals = rivals.exclude(maintenance=maintenance, state=WindowState.ANNOUNCED)
    others = list(rivals.select_related("maintenance").order_by("start", "pk"))
    hit = hit_services(maintenance)
    in_order = sorted(windows, key=lambda one: one.number)
    meets = any(_overlap(one, other) for number, one in enumerate(in_order) for other in (*in_order[number + 1 :], *others))
    frozen = any(_overlap(one, freeze) for one in in_order for freeze in freezes)
    if not meets and not frozen and not hit.filter(backup__in=hit.values("pk")).exists():
        return ()
    scene = _Scene(maintenance, others, freezes)
    found = scene.words(in_order, others)
    with override(settings.LANGUAGE_CODE):
        kept = scene.words(in_order, others)
    return tuple(replace(one, kept=same.what) for one, same in zip(found, kept, strict=True))


def unacknowledged(maintenance: Maintenance, windows: Sequence[Window], *, instead: bool = False) -> tuple[Found, ...]:
    """Return what stands in the way and nobody has given a reason for; no reason counts for a hard one."""
    found = find(maintenance, windows, instead=instead)
    known = set(Acknowledgement.objects.filter(maintenance=maintenance).values_list("obstacle", "what")) if found else set()
    return tuple(one for one in found if one.hard or (one.obstacle.value, one.kept) not in known)


def check(maintenance: Maintenance, windows: Sequence[Window], *, acknowledged: str, by: str, now: datetime) -> None:
    """Let the windows pass, which are all that is to come of the maintenance; keep the reason ``acknowledged`` for each obstacle that has none.

    Raises ValidationError: ``freeze`` for those that no reason overcomes, ``acknowledge`` where a reason is missing.
    """
    new = unacknowledged(maintenance, windows, instead=True)
    hard = [one for one in new if one.hard]
    if hard:
        raise _refusal([_with_way_out(one, maintenance) for one in hard], code="freeze")
    if new and not acknowledged.strip():
        raise _refusal([*(one.what for one in new), _("To go on all the same, give a reason.")], code="acknowledge")
    Acknowledgement.objects.bulk_create(
        Acknowledgement(maintenance=maintenance, obstacle=one.obstacle, what=one.kept, reason=acknowledged.strip(), recorded_at=now, recorded_by=by)
        for one in new
    )


def _with_way_out(found: Found, maintenance: Maintenance) -> str:
    free = when(found.free_from, maintenance.timezone) if found.free_from else ""
    return _("%(what)s Our own work waits; this window could begin on %(free)s.") % {"what": found.what, "free": free}


def _refusal(lines: Iterable[str], *, code: str) -> ValidationError:
    error = ValidationError([ValidationError(line, code=code) for line in lines])
    error.code = code  # Django sets it for a single message only
    return error


class _Scene:
    """Everything that is needed to judge the windows, loaded once."""

    def __init__(self, maintenance: Maintenance, others: Collection[Window], freezes: Sequence[Freeze]) -> None:
        self.maintenance, self.freezes = maintenance, freezes
        self.reaches = reaches({maintenance.pk, *(window.maintenance_id for window in others)})
        hit = hit_services(maintenance)
        at_stake = Q(customer__in=hit.values("customer")) | Q(backup__in=hit.values("pk")) | Q(pk__in=hit.filter(backup__isnull=False).values("backup"))
        self.held = [Held(*row) for row in Service.objects.filter(at_stake).order_by("pk").values_list(*HELD)]
        backups = [(held.pk, held.backup) for held in self.held if held.backup is not None]
        self.pairs = [pair for service, backup in backups for pair in ((service, backup), (backup, service))]
        customers = Customer.objects.filter(pk__in=hit.values("customer")).values_list("pk", "account", "region_id")
        self.accounts = {pk: account for pk, account, _region in customers}
        self.regions = {pk: region for pk, _account, region in customers}
        self._hit: dict[int, dict[int, Held]] = {}

    def words(self, windows: Sequence[Window], others: Sequence[Window]) -> list[Found]:
        """Return what stands in the way of each window, in its order; a pair of the windows is told of the first."""
        return [found for number, window in enumerate(windows) for found in self.about(window, (*windows[number + 1 :], *others))]

    def about(self, window: Window, others: Iterable[Window]) -> Iterator[Found]:
        """Yield what stands in the way of one window; ``others`` are those that it may meet."""
        for freeze in self.freezes:
            if _overlap(window, freeze) and self._freezes(freeze, window):
                yield self._frozen(freeze, window)
        with_backup = self._with_backup(self._services(window), self._services(window))
        if with_backup:
            yield self._conflict(window, _("Window %(window)s hits services together with their backups, of %(customers)s."), with_backup)
        for other in others:
            if _overlap(window, other):
                yield from self._met(window, other)

    def _met(self, window: Window, other: Window) -> Iterator[Found]:
        mine, theirs = self._services(window), self._services(other)
        both = {held.customer for held in mine.values()} & {held.customer for held in theirs.values()}
        if both:
            yield self._conflict(window, _("Window %(window)s meets %(other)s, %(start)s to %(end)s; both hit %(customers)s."), both, other)
        with_backup = self._with_backup(mine, theirs)
        if with_backup:
            what = _("Window %(window)s meets %(other)s, %(start)s to %(end)s: one hits services and the other their backups, of %(customers)s.")
            yield self._conflict(window, what, with_backup, other)

    def _services(self, window: Window) -> dict[int, Held]:
        """Return the services that a window hits, by primary key."""
        if window.pk not in self._hit:
            reach = self.reaches[window.maintenance_id]
            self._hit[window.pk] = {held.pk: held for held in self.held if reach.hits(window.pk, held)}
        return self._hit[window.pk]

    def _with_backup(self, mine: Mapping[int, Held], theirs: Mapping[int, Held]) -> set[int]:
        """Return the customers of those of my services that back up one of theirs, or are backed up by one."""
        return {mine[one].customer for one, other in self.pairs if one in mine and other in theirs}

    def _freezes(self, freeze: Freeze, window: Window) -> bool:
        """Tell whether a freeze is of something that the window hits; of a component also where it is worked on and nobody holds it."""
        if freeze.component_id is not None and self.reaches[window.maintenance_id].names(window.pk) is None:
            return any(component == freeze.component_id for component, _domain, _operator in self.reaches[window.maintenance_id].scopes)
        return bool(self._customers(freeze, window)) or not any((freeze.region_id, freeze.component_id, freeze.customer_id))

    def _customers(self, freeze: Freeze, window: Window) -> set[int]:
        """Return the customers hit that the freeze is about."""
        return {
            held.customer
            for held in self._services(window).values()
            if freeze.region_id in {None, self.regions[held.customer]}
            and freeze.component_id in {None, held.component}
            and freeze.customer_id in {None, held.customer}
        }

    def _frozen(self, freeze: Freeze, window: Window) -> Found:
        hard = self.maintenance.supplier_id is None and window.basis != Basis.EMERGENCY
        what = _("Window %(window)s is in the freeze “%(name)s” of %(of)s, %(start)s to %(end)s; it hits %(customers)s.") % {
            "window": window,
            "name": freeze.name,
            "of": freeze_of(freeze),
            "customers": self._named(self._customers(freeze, window)),
            **self._times(freeze),
        }
        return Found(Obstacle.FREEZE, hard, window.number, what, self._free_from(window) if hard else None)

    def _free_from(self, window: Window) -> datetime:
        """Return the first moment from which the whole length of the window is in no freeze of what it hits."""
        start, length = window.start, window.end - window.start
        for freeze in self.freezes:  # in the order of their starts
            if freeze.start < start + length and start < freeze.end and self._freezes(freeze, window):
                start = freeze.end
        return start

    def _conflict(self, window: Window, what: str, customers: Collection[int], other: Window | None = None) -> Found:
        words = {"window": window, "other": other, "customers": self._named(customers), **(self._times(other) if other else {})}
        return Found(Obstacle.CONFLICT, hard=False, window=window.number, what=what % words)

    def _times(self, of: Freeze | Window) -> dict[str, str]:
        return {"start": when(of.start, self.maintenance.timezone), "end": when(of.end, self.maintenance.timezone)}

    def _named(self, customers: Collection[int]) -> str:
        """Return how many customers there are, the first accounts, and how many more."""
        accounts = [self.accounts[pk] for pk in customers]
        count = ngettext("%(count)d customer", "%(count)d customers", len(accounts)) % {"count": len(accounts)}
        return f"{count}: {account_sample(accounts)}" if accounts else count


def freeze_of(freeze: Freeze) -> str:
    """Return what a freeze is of, in words: the freeze was loaded with its region, component and customer."""
    return str(freeze.region or freeze.component or freeze.customer or _("everything"))


def _overlap(window: Window, other: Window | Freeze) -> bool:
    return window.start < other.end and other.start < window.end
