"""Which services the windows of several pieces of work hit, judged in memory by the rules of ``impact.hit_services``."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from maintenance.models import NamedObject, Scope


class Held(NamedTuple):
    """A service, in the order of ``HELD``; ``component``, ``operator``, ``customer`` and ``backup`` are primary keys."""

    pk: int
    customer: int
    component: int
    domain: str
    operator: int | None
    object_id: str
    backup: int | None = None


HELD = ("pk", "customer_id", "component_id", "domain", "operator_id", "object_id", "backup_id")


@dataclass(frozen=True)
class Reach:
    """What a piece of work is on. Without ``objects`` it is all that its scopes match; ``of_windows`` narrows windows, by primary key."""

    scopes: frozenset[tuple[int, str, int | None]]
    objects: frozenset[str] = frozenset()
    of_windows: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def hits(self, window: int, held: Held) -> bool:
        """Tell whether a window hits a service."""
        own = self.of_windows.get(window)
        if (self.objects and held.object_id not in self.objects) or (own and held.object_id not in own):
            return False
        return (held.component, held.domain, None) in self.scopes or (held.component, held.domain, held.operator) in self.scopes

    def names(self, window: int) -> frozenset[str] | None:
        """Return the object ids that a window is narrowed to, None where it hits all that the scopes match."""
        own = self.of_windows.get(window)
        if own and self.objects:
            return own & self.objects
        return own or self.objects or None


def reaches(maintenance: Collection[int]) -> dict[int, Reach]:
    """Return what each piece of work (primary keys) is on, in two queries."""
    scopes: dict[int, set[tuple[int, str, int | None]]] = defaultdict(set)
    for pk, component, domain, operator in Scope.objects.filter(maintenance__in=maintenance).values_list(
        "maintenance_id", "component_id", "domain", "operator_id"
    ):
        scopes[pk].add((component, domain, operator))
    named: dict[int, dict[int | None, set[str]]] = defaultdict(lambda: defaultdict(set))
    for pk, window, object_id in NamedObject.objects.filter(maintenance__in=maintenance).values_list("maintenance_id", "window_id", "object_id"):
        named[pk][window].add(object_id)
    return {
        pk: Reach(
            frozenset(scopes[pk]),
            frozenset(named[pk].get(None, ())),
            {window: frozenset(objects) for window, objects in named[pk].items() if window is not None},
        )
        for pk in maintenance
    }
