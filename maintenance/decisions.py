"""Ask the policy about stored rows, and say its refusals in the planner's words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance import policy
from maintenance.concerned import Concerned, count_clocks
from maintenance.incidents import as_p1
from maintenance.models import Maintenance, Window
from maintenance.rules import rules
from maintenance.standing import account_sample

MOST_LINES = 5
"""Of one refusal: the worst clocks; the others are counted."""


def excuses(maintenance: Maintenance) -> Callable[[datetime], bool]:
    """Return what tells, of a start, whether the maintenance's incident allows an emergency then, as far as is known now."""
    incident, in_force = as_p1(maintenance.incident), rules()
    return lambda start: incident is not None and policy.justifies(incident, start=start, rules=in_force)


def decide(
    maintenance: Maintenance,
    hits: Sequence[tuple[Window, frozenset[int]]],
    known: Mapping[int, Concerned],
    *,
    now: datetime,
    late: bool = False,
) -> tuple[policy.Verdict, dict[str, Any]]:
    """Return by which rule each window (by number) may be announced now to the customers beside it, and the record of the decision.

    ``known``: account and clock by customer. ``late``: what cannot keep the notice is to be told all the same. Raises ValidationError
    with the shortages, the first starts that would do, the customers concerned, and what is wrong with the incident named.
    """
    in_force = rules()
    incident = as_p1(maintenance.incident)
    asked = [policy.Asked(window.number, window.start, count_clocks(customers, known)) for window, customers in hits]
    verdict = policy.judge(asked, now=now, rules=in_force, incident=incident, late=late)
    if verdict.refused:
        error = ValidationError(refusal(verdict.refused, asked, hits, known, maintenance=maintenance, now=now))
        error.code = "notice"  # a list of messages loses the code that is given with it
        raise error
    return verdict, {
        "policy": policy.VERSION,
        "margin_hours": in_force.margin // timedelta(hours=1),
        "days_after_p1": in_force.days_after_p1,
        "incident": incident.reference if incident else "",
        "asked_at": now.isoformat(),
        "windows": [
            {
                "window": one.window,
                "start": one.start.isoformat(),
                "clocks": [[clock.zone, clock.days, customers] for clock, customers in one.clocks.items()],
                "answer": str(verdict.bases[one.window]),
            }
            for one in asked
        ],
    }


def refusal(
    refused: Sequence[policy.Shortage],
    asked: Sequence[policy.Asked],
    hits: Sequence[tuple[Window, frozenset[int]]],
    known: Mapping[int, Concerned],
    *,
    maintenance: Maintenance,
    now: datetime,
) -> list[str]:
    """Return what is wrong, by how much, for whom, the earliest starts that would do, and why the incident does not help."""
    in_force = rules()
    zone: ZoneInfo = maintenance.timezone
    lines = [_too_short(short, zone, in_force) for short in refused[:MOST_LINES]]
    if len(refused) > MOST_LINES:
        more = len(refused) - MOST_LINES
        lines.append(ngettext("and %(count)d more time zone or window.", "and %(count)d more time zones or windows.", more) % {"count": more})
    short_clocks = {(short.window, short.clock) for short in refused}
    accounts = {known[one].account for window, customers in hits for one in customers if one in known and (window.number, known[one].clock) in short_clocks}
    if accounts:
        lines.append(_("Customers concerned: %(accounts)s.") % {"accounts": account_sample(accounts)})
    windows = {short.window for short in refused}
    at_once, comfortable = policy.earliest([one for one in asked if one.window in windows], now=now, rules=in_force)
    lines.append(
        _("Earliest start: %(earliest)s if every mail is accepted at once; %(comfortable)s with the margin of %(hours)d hours.")
        % {"earliest": when(at_once, zone), "comfortable": when(comfortable, zone), "hours": in_force.margin // timedelta(hours=1)},
    )
    return [*lines, _no_emergency(refused, as_p1(maintenance.incident), zone, in_force)]


def _too_short(short: policy.Shortage, zone: ZoneInfo, in_force: policy.Rules) -> str:
    sentence = ngettext(
        "Too little notice for window %(window)d, which starts on %(start)s: %(given)s for %(customers)d customer in %(zone)s, "
        "%(days)d days needed (%(hours)d hours of margin are taken off).",
        "Too little notice for window %(window)d, which starts on %(start)s: %(given)s for %(customers)d customers in %(zone)s, "
        "%(days)d days needed (%(hours)d hours of margin are taken off).",
        short.customers,
    )
    return sentence % {
        "window": short.window,
        "start": when(short.start, zone),
        "given": span(short.given),
        "customers": short.customers,
        "zone": short.clock.zone,
        "days": max(short.clock.days, in_force.days),
        "hours": in_force.margin // timedelta(hours=1),
    }


def _no_emergency(refused: Sequence[policy.Shortage], incident: policy.P1 | None, zone: ZoneInfo, in_force: policy.Rules) -> str:
    if incident is None:
        return _("Less notice is allowed only for an emergency, which needs an incident that is a P1.")
    if incident.identified_at is None or incident.ended_at is None:  # an open P1 is never refused
        return _("Incident %(reference)s is %(priority)s; only a P1 allows emergency maintenance.") % {
            "reference": incident.reference,
            "priority": incident.priority,
        }
    late = min(short.start for short in refused)
    return _("Incident %(reference)s has not been a P1 since %(ended)s, more than %(days)d days before the start on %(start)s.") % {
        "reference": incident.reference,
        "ended": when(incident.ended_at, zone),
        "days": in_force.days_after_p1,
        "start": when(late, zone),
    }


def span(length: timedelta) -> str:
    """Return a length of time as days, hours and minutes, rounded down to the minute; "none" where there is none."""
    minutes = length // timedelta(minutes=1)
    if minutes <= 0:
        return _("no notice at all")
    days, rest = divmod(minutes, 24 * 60)
    parts = [
        (days, ngettext("%d day", "%d days", days)),
        (rest // 60, ngettext("%d hour", "%d hours", rest // 60)),
        (rest % 60, ngettext("%d minute", "%d minutes", rest % 60)),
    ]
    return " ".join(text % number for number, text in parts if number)


def when(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment in the planner's zone, with the offset, as files write it."""
    return f"{moment.astimezone(zone).strftime('%Y-%m-%d %H:%M %z')} {zone.key}"
