"""Find who is not served in time, keep the shortfalls in step with it, and tell the planners: at once, and again before the start.

Whoever looks twice, or at the same time as another worker, finds the same and writes it once.
"""

import logging
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from maintenance import obstacles, shortfalls
from maintenance.coverage import unserved_by_window
from maintenance.models import Maintenance, NoticeCustomer, Served, Shortfall, Window
from maintenance.models.window import LAST_MOMENT
from maintenance.states import CONTENT_KINDS, Basis, Cause, Kind, WindowState
from notifier.delivery import causes
from notifier.delivery.alerts import about, raise_alert, unraised
from notifier.delivery.models import AlertKind

logger = logging.getLogger(__name__)

LISTED = 50
"""A mail names so many, and says how many more there are."""
LONGEST_UNSEEN_SECONDS = 3600
"""All work is looked at closely after so long at most: the days agreed with a customer, or its time zone, may have changed."""
_seen = {"at": -math.inf}
Found = dict[int, dict[int, Cause]]
"""By window (primary key): why which customer (primary key) is short of notice."""


def keep_shortfalls(*, now: datetime) -> None:
    """Bring the shortfalls of all work that is still to come in step with who is served; one maintenance that fails holds up no other."""
    shortfalls.clear_gone(now=now)
    everything = time.monotonic() - _seen["at"] >= LONGEST_UNSEEN_SECONDS
    for maintenance, windows in _in_question(everything=everything, now=now).items():
        try:
            _keep(maintenance, windows, now=now)
        except Exception:  # one piece of work holds up no other; it is tried again with the next look
            logger.exception("the shortfalls of %s cannot be found", maintenance.reference)
    if everything:
        _seen["at"] = time.monotonic()


def keep(maintenance: Maintenance, *, now: datetime) -> None:
    """Do so for one maintenance, whatever its notices look like."""
    windows = list(_coming(now=now).filter(maintenance=maintenance).order_by("number"))
    for window in windows:
        window.maintenance = maintenance
    _keep(maintenance, windows, now=now)


def tell_what_is_open(*, now: datetime) -> None:
    """Raise the go/no-go of each window whose start is near: what is open, or that nothing is; one window that fails holds up no other."""
    for window in _go_no_go_due(now=now):
        try:
            raise_alert(AlertKind.GO_NO_GO, _go_no_go_key(window), _open_facts(window), now=now)
        except Exception:  # as above
            logger.exception("the go/no-go of %s was not raised", window)


@dataclass(frozen=True)
class _Row:
    """A new shortfall as the mail names it."""

    account: str
    cause: str
    window: Window


def _in_question(*, everything: bool, now: datetime) -> dict[Maintenance, list[Window]]:
    """Return the windows at which to look, in two or three queries; ``everything``: all that are to come.

    Where every notice that needed its days was accepted before its deadline, later ones only took away from it and nobody can be
    short; so only the others are looked at closely, and, once more, those whose start is near.
    """
    coming = _coming(now=now)
    if not everything:
        coming = coming.filter(maintenance__in=list(_suspects(coming, now=now).values_list("pk", flat=True)))
    found: dict[Maintenance, list[Window]] = defaultdict(list)
    for window in coming.select_related("maintenance__supplier").order_by("maintenance_id", "number"):
        found[window.maintenance].append(window)
    return found


def _suspects(coming: QuerySet[Window], *, now: datetime) -> QuerySet[Maintenance]:
    near = [window.maintenance_id for window in _go_no_go_due(now=now)]
    of_it = {"maintenance": OuterRef("pk")}
    emergencies = NoticeCustomer.objects.filter(notice__maintenance=OuterRef("pk"), kind=Kind.EMERGENCY)  # their P1 may not excuse them any more
    return Maintenance.objects.filter(
        Q(pk__in=near)
        | Exists(Shortfall.objects.filter(window__maintenance=OuterRef("pk"), window__in=coming, cleared_at__isnull=True))
        | Exists(coming.filter(**of_it, basis=Basis.LATE))
        | Q(Exists(emergencies), incident__p1_until__isnull=False)
        | Exists(_not_accepted_in_time().filter(notice__maintenance=OuterRef("pk"))),
        Exists(coming.filter(**of_it)),
    )


def _coming(*, now: datetime) -> QuerySet[Window]:
    """Return the windows of which somebody may be short of notice: still to come, and no emergencies of what is a P1 still.

    What was lowered may be a P1 again; where somebody was found short meanwhile, that is looked at until it is cleared.
    """
    excused = Q(basis=Basis.EMERGENCY, maintenance__incident__p1_until__isnull=True)
    found_short = Exists(Shortfall.objects.filter(window=OuterRef("pk"), cleared_at__isnull=True))
    return Window.objects.filter(~excused | found_short, state=WindowState.ANNOUNCED, end__gt=now)


def _not_accepted_in_time() -> "QuerySet[NoticeCustomer]":
    """Return who was told by a notice with a deadline, and accepted neither it nor a later one by then, and was not told to forget it.

    Work told as added later, as an emergency or late has no deadline, though it may have windows that keep the full notice; there it
    counts whether the notice was accepted at all.
    """
    until = Coalesce(OuterRef("deadline"), Value(LAST_MOMENT), output_field=DateTimeField())
    accepted = Served.objects.filter(customer=OuterRef("customer"), revoked_at__isnull=True, accepted_at__lte=until)
    later = {"notice__maintenance": OuterRef("notice__maintenance"), "notice__revision__gt": OuterRef("notice__revision")}
    return NoticeCustomer.objects.filter(
        ~Exists(accepted.filter(notice=OuterRef("notice"))),
        ~Exists(accepted.filter(**later)),
        ~Exists(NoticeCustomer.objects.filter(customer=OuterRef("customer"), kind=Kind.CANCELLED, **later)),
        Q(deadline__isnull=False) | Q(kind__in=(Kind.JOINED, Kind.EMERGENCY, Kind.LATE)),
        kind__in=CONTENT_KINDS,
    )


def _keep(maintenance: Maintenance, windows: Sequence[Window], *, now: datetime) -> None:
    found, _accounts = _find(maintenance, windows, now=now)
    if _in_step(_standing(windows), found):
        return  # nothing to write, so nobody need wait
    with transaction.atomic():
        locked = Maintenance.objects.select_for_update().get(pk=maintenance.pk)
        again = list(locked.windows.filter(pk__in=[window.pk for window in windows], state=WindowState.ANNOUNCED).order_by("number"))
        for window in again:
            window.maintenance = locked
        found, accounts = _find(locked, again, now=now)
        standing = _standing(again)
        new: list[_Row] = []
        for window in again:
            rows = shortfalls.record(window, found[window.pk], now=now)
            shortfalls.clear(window, standing[window.pk].keys() - found[window.pk].keys(), now=now)
            new += [_Row(accounts[row.customer_id], str(row.cause), window) for row in rows if not _is_meant(window, row)]
        if new:
            raise_alert(AlertKind.SHORTFALL, f"shortfall:{maintenance.pk}:{now.isoformat()}", _shortfall_facts(locked, new), now=now)


def _find(maintenance: Maintenance, windows: Sequence[Window], *, now: datetime) -> tuple[Found, dict[int, str]]:
    """Return the causes by window, and the accounts of the customers."""
    unserved = unserved_by_window(maintenance, windows)
    accounts = {item.customer_id: item.account for items in unserved.values() for item in items}
    tracks = causes.tracks(maintenance, accounts)
    return {window.pk: tracks.causes(unserved[window.number], now=now) for window in windows}, accounts


def _standing(windows: Iterable[Window]) -> Found:
    """Return the open shortfalls in the form of what is found."""
    standing: Found = {window.pk: {} for window in windows}
    for window, customer, cause in Shortfall.objects.filter(window__in=list(standing), cleared_at__isnull=True).values_list(
        "window_id", "customer_id", "cause"
    ):
        standing[window][customer] = Cause(cause)
    return standing


def _in_step(standing: Found, found: Found) -> bool:
    return all(
        standing[window].keys() == found[window].keys()
        and all(cause in {Cause.RECORD, found[window][customer]} for customer, cause in standing[window].items())
        for window in found
    )


def _is_meant(window: Window, row: Shortfall) -> bool:
    """Tell whether a planner decided it: late notice is too late by intention, and is a breach already."""
    return window.basis == Basis.LATE and row.cause == Cause.TOO_LATE


def _shortfall_facts(maintenance: Maintenance, new: Sequence[_Row]) -> dict[str, Any]:
    windows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in new:
        windows[row.account, row.cause].append(row.window.number)
    customers = [{"account": account, "cause": cause, "windows": numbers} for (account, cause), numbers in sorted(windows.items())]
    hit = {row.window.number for row in new}
    return {
        **about(maintenance),
        **({"window": min(hit)} if len(hit) == 1 else {}),
        "number": len({row.account for row in new}),
        "start": min(row.window.start for row in new).isoformat(),
        **_first(customers, "customers", "more"),
    }


def _first(rows: Sequence[Mapping[str, Any]], name: str, more: str) -> dict[str, Any]:
    return {name: list(rows[:LISTED]), more: max(0, len(rows) - LISTED)}


def _go_no_go_key(window: Window) -> str:
    return f"go_no_go:{window.pk}:{window.start.isoformat()}"


def _go_no_go_due(*, now: datetime) -> list[Window]:
    """Return the windows that start within the hours set, were announced before that, and have had no go/no-go for that start: two queries."""
    ahead = timedelta(hours=settings.GO_NO_GO_HOURS)
    near = _coming(now=now).filter(alternate=False, start__gt=now, start__lte=now + ahead, promised_since__lte=F("start") - ahead)
    windows = list(near.select_related("maintenance").order_by("start", "pk"))
    open_keys = unraised(_go_no_go_key(window) for window in windows)
    return [window for window in windows if _go_no_go_key(window) in open_keys]


def _open_facts(window: Window) -> dict[str, Any]:
    wanting = shortfalls.unexplained(window)
    customers = [{"account": row.customer.account, "cause": str(row.cause)} for row in wanting]
    faults = [{"account": fault.account, "contact": fault.contact, "reason": fault.reason} for fault in causes.contact_faults(window.maintenance)]
    unknown, in_the_way = causes.unknown_mails(window.maintenance), [one.kept for one in obstacles.unacknowledged(window.maintenance, [window])]
    return {
        **about(window.maintenance),
        "window": window.number,
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
        **_first(customers, "customers", "more"),
        **_first(faults, "faults", "more_faults"),
        "explained": shortfalls.open_for(window).count() - len(customers),
        "unknown": unknown,
        "obstacles": in_the_way,
        "nothing_open": not (customers or faults or unknown or in_the_way),
    }
