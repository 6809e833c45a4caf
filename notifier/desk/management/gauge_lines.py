"""The gauges of delivery as lines of text, for whoever sits at a terminal; programs read the JSON."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from maintenance.states import Kind
from notifier.delivery.gauges import Gauges


def gauge_lines(found: Gauges) -> list[str]:
    """Return one line a gauge; times in seconds."""
    return [
        _("oldest due: %(seconds).0f s") % {"seconds": found.oldest_due_seconds},
        _("due: %(mails)s") % {"mails": _by_kind(found.due)},
        _("waiting for their time: %(mails)s") % {"mails": _by_kind(found.waiting)},
        _("sending: %(number)d") % {"number": found.sending},
        _("unknown: %(number)d") % {"number": found.unknown},
        _("failed in the last 24 hours: %(number)d") % {"number": found.failed},
        _accepted(found),
        *(_("%(transport)s: breaker %(state)s") % {"transport": transport, "state": state} for transport, state in found.breakers.items()),
    ]


def _by_kind(mails: Mapping[str, int]) -> str:
    kinds = ", ".join(f"{Kind(kind).label} {number}" for kind, number in mails.items())
    return f"{sum(mails.values())} ({kinds})" if kinds else "0"


def _accepted(found: Gauges) -> str:
    if found.median_seconds is None or found.worst_seconds is None:
        return _("accepted in the last hour: 0")
    took = {"number": found.accepted, "median": found.median_seconds, "worst": found.worst_seconds}
    return _("accepted in the last hour: %(number)d, within %(median).1f s (median), %(worst).1f s (worst)") % took
