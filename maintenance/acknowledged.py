"""Which obstacles a planner knew of. They are kept in the words in which they were shown, so in any of our languages."""

from collections.abc import Sequence
from dataclasses import dataclass

from maintenance.models import Acknowledgement, Maintenance, Window
from maintenance.obstacles import Found, find


@dataclass(frozen=True)
class Judged:
    """What stands in the way, in the language in force, and by what it was acknowledged."""

    found: Found
    acknowledged: Acknowledgement | None = None


def judged(maintenance: Maintenance, windows: Sequence[Window]) -> tuple[Judged, ...]:
    """Return what stands in the way of the windows, each with its acknowledgement where there is one: one query more than ``find``."""
    found = find(maintenance, windows)
    rows = Acknowledgement.objects.filter(maintenance=maintenance).order_by("pk") if found else ()
    known = {(row.obstacle, row.what): row for row in rows}
    return tuple(Judged(one, known.get((one.obstacle.value, one.kept))) for one in found)
