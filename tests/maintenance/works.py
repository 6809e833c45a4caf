"""Rows of other people's work and of freezes, written directly: what stands in the way does not ask how it came to stand."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from customers.models import Operator
from maintenance.models import Freeze, Maintenance, NamedObject, Notice, Scope, Window
from maintenance.said import Said, SaidWindow
from maintenance.states import TOLD_STATES, Impact, WindowState
from tests.factories import BY, NOW, component

START = NOW + timedelta(days=30)
HOUR = timedelta(hours=1)
ZONE = "Europe/London"


def work(
    reference: str,
    *windows: tuple[datetime, datetime] | tuple[datetime, datetime, tuple[str, ...]],
    state: str = "announced",
    scopes: Iterable[tuple[str, str, Operator | None]] = (("netpro.ipsec", "provider", None),),
    objects: Iterable[str] = (),
    **fields: Any,  # noqa: ANN401  # any field of Maintenance
) -> Maintenance:
    """Return work in that state; each window may end with the objects that narrow it. Without any it is from START on, for two hours."""
    row = Maintenance.objects.create(
        **{"reference": reference, "timezone": ZONE, "impact": "outage", "expected_outage_minutes": 30, "created_at": NOW, "created_by": BY} | fields,
        state=state,
    )
    for slug, domain, operator in scopes:
        Scope.objects.create(maintenance=row, component=component(slug), domain=domain, operator=operator)
    NamedObject.objects.bulk_create(NamedObject(maintenance=row, object_id=name) for name in objects)
    nights = windows or [(START, START + 2 * HOUR)]
    if state in TOLD_STATES:
        said = tuple(SaidWindow(number, start, end, WindowState(state), 0) for number, (start, end, *_objects) in enumerate(nights, start=1))
        told = Said(reference, Impact(row.impact), row.expected_outage_minutes, said, {}).to_json()
        Notice.objects.create(maintenance=row, revision=1, issued_at=NOW, issued_by=BY, said_json=told)
    for number, (start, end, *narrowed) in enumerate(nights, start=1):
        made = Window.objects.create(maintenance=row, number=number, start=start, end=end, state=state, promised_since=NOW, changed_at=NOW)
        NamedObject.objects.bulk_create(NamedObject(maintenance=row, window=made, object_id=name) for names in narrowed for name in names)
    return row


def windows_of(maintenance: Maintenance) -> list[Window]:
    """Return its windows as a verb holds them."""
    return list(maintenance.windows.select_related("maintenance").order_by("number"))


def freeze(name: str = "Black Friday", *, start: datetime = START, end: datetime = START + 2 * HOUR, **of: Any) -> Freeze:  # noqa: ANN401  # any field of Freeze
    """Return a freeze of everything, or of what is given; without times exactly as long as ``work``."""
    return Freeze.objects.create(name=name, start=start, end=end, **of)
