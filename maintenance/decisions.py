"""Ask the policy about stored rows, and say its refusals in the planner's words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance import policy
from maintenance.incidents import as_p1
from maintenance.models import Maintenance
from maintenance.states import Basis


def rules() -> policy.Rules:
    """Return the rules that the settings give; never less than the floor of ten days."""
    return policy.Rules(
        days=max(10, settings.NOTICE_DAYS),
        margin=timedelta(hours=settings.NOTICE_MARGIN_HOURS),
        days_after_p1=settings.EMERGENCY_DAYS_AFTER_P1,
    )


def decide(maintenance: Maintenance, *, starts: Sequence[datetime], zones: Mapping[str, int], now: datetime) -> tuple[Basis, dict[str, Any]]:
    """Return by which rule windows that start then may be announced now, and the record of the decision.

    Raises ValidationError with the shortage, the first starts that would do, and what is wrong with the incident named.
    """
    in_force = rules()
    shortage = policy.forecast(starts=starts, zones=zones, now=now, rules=in_force)
    incident = as_p1(maintenance.incident)
    answer = policy.basis(shortage=shortage, incident=incident, starts=starts, rules=in_force)
    if answer is None and shortage is not None:
        raise ValidationError(refusal(shortage, starts=starts, maintenance=maintenance, incident=incident, in_force=in_force), code="notice")
    record = {
        "policy": policy.VERSION,
        "days": in_force.days,
        "margin_hours": in_force.margin // timedelta(hours=1),
        "starts": [start.isoformat() for start in starts],
        "zones": dict(zones),
        "incident": incident.reference if incident else "",
        "asked_at": now.isoformat(),
        "answer": str(answer),
    }
    return Basis(answer or Basis.PLANNED), record


def refusal(
    shortage: policy.Shortage, *, starts: Sequence[datetime], maintenance: Maintenance, incident: policy.P1 | None, in_force: policy.Rules
) -> list[str]:
    """Return what is wrong, by how much, the earliest starts that would do, and why the incident does not help."""
    zone: ZoneInfo = maintenance.timezone
    lines = [
        ngettext(
            "Too little notice by %(short)s for the window that starts on %(start)s: "
            "%(days)d days and a margin of %(hours)d hours are needed for %(customers)d customer in %(zone)s.",
            "Too little notice by %(short)s for the window that starts on %(start)s: "
            "%(days)d days and a margin of %(hours)d hours are needed for %(customers)d customers in %(zone)s.",
            shortage.customers,
        )
        % {
            "short": span(shortage.short_by),
            "start": when(shortage.start, zone),
            "days": in_force.days,
            "hours": in_force.margin // timedelta(hours=1),
            "customers": shortage.customers,
            "zone": shortage.zone,
        },
        _("Earliest start: %(earliest)s if every mail is accepted at once; %(comfortable)s with the margin of %(hours)d hours.")
        % {
            "earliest": when(shortage.earliest, zone),
            "comfortable": when(shortage.comfortable, zone),
            "hours": in_force.margin // timedelta(hours=1),
        },
    ]
    if incident is None:
        lines.append(_("Less notice is allowed only for an emergency, which needs an incident that is a P1."))
    elif incident.identified_at is None:
        lines.append(
            _("Incident %(reference)s is %(priority)s; only a P1 allows emergency maintenance.")
            % {"reference": incident.reference, "priority": incident.priority},
        )
    else:
        late = next(start for start in sorted(starts) if not policy.justifies(incident, start=start, rules=in_force))
        lines.append(
            _("Incident %(reference)s was closed more than %(days)d days before the start on %(start)s.")
            % {"reference": incident.reference, "days": in_force.days_after_p1, "start": when(late, zone)},
        )
    return lines


def span(length: timedelta) -> str:
    """Return a length of time as days, hours and minutes, rounded up to the minute."""
    minutes = -(-length // timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    parts = [
        (days, ngettext("%d day", "%d days", days)),
        (rest // 60, ngettext("%d hour", "%d hours", rest // 60)),
        (rest % 60, ngettext("%d minute", "%d minutes", rest % 60)),
    ]
    return " ".join(text % number for number, text in parts if number) or _("less than a minute")


def when(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment in the planner's zone, with the offset, as files write it."""
    return f"{moment.astimezone(zone).strftime('%Y-%m-%d %H:%M %z')} {zone.key}"
