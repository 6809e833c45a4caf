"""What a planner is shown of mail on the first page: nothing, as long as it goes out."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifier import durations
from notifier.delivery.gauges import Gauges
from notifier.delivery.line_watch import near_lines
from notifier.delivery.standstill import PATIENCE
from notifier.desk.shown import ShownMoment

MOST = 5
CLOSED = "closed"
"""The state of a breaker that lets mail through."""


@dataclass(frozen=True)
class Near:
    """A notice (primary key) with mails that have to be accepted soon, and are not."""

    notice: int
    name: str
    mails: int
    line: ShownMoment


@dataclass(frozen=True)
class MailTrouble:
    """Sentences about what is wrong, the notices whose line is near, and how quickly mail is accepted."""

    lines: tuple[str, ...]
    near: tuple[Near, ...]
    pace: str


def mail_trouble(found: Gauges, *, now: datetime) -> MailTrouble | None:
    """Return what is wrong, None where nothing is."""
    lines = []
    if found.oldest_due_seconds >= PATIENCE.total_seconds():
        for_so_long = durations.duration(int(found.oldest_due_seconds // 60))
        lines.append(_("Mail has been due for %(duration)s and is not accepted.") % {"duration": for_so_long})
    shut = sorted(transport for transport, state in found.breakers.items() if state != CLOSED)
    lines += [_("Nothing is handed to %(transport)s for now: it does not answer.") % {"transport": transport} for transport in shut]
    near = [
        Near(row.notice.pk, row.name, row.mails, ShownMoment.of(row.line, row.notice.maintenance.timezone))
        for row in near_lines(now=now)[:MOST]
        if row.notice.maintenance is not None  # only what is planned has a line
    ]
    return MailTrouble(tuple(lines), tuple(near), _pace(found)) if lines or near else None


def _pace(found: Gauges) -> str:
    due = sum(found.due.values())
    words = ngettext("%(number)d mail is due", "%(number)d mails are due", due) % {"number": due}
    if found.median_seconds is None:
        return _("%(due)s; none was accepted in the last hour.") % {"due": words}
    took = {"due": words, "median": round(found.median_seconds), "worst": round(found.worst_seconds or 0)}
    return _("%(due)s; in the last hour mail was accepted within %(median)d s (median), %(worst)d s (worst).") % took
