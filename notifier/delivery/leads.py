"""The opening paragraphs of a mail, by kind, made inside ``translation.override`` of the reader's language."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.states import WITHDRAWING_KINDS, Kind
from notifier import moments
from notifier.delivery.letter import Letter


def lead(letter: Letter) -> list[str]:
    """Return what this notice means, why it comes late or takes something back, and whose work it is."""
    said = letter.said
    paragraphs = [_opening(letter)]
    if letter.kind == Kind.LATE:
        paragraphs += _late(letter)
    if letter.kind in (*WITHDRAWING_KINDS, Kind.EASED) and said.reason:
        paragraphs.append(_("Reason: %(reason)s") % {"reason": said.reason})
    if letter.kind == Kind.ROOT_CAUSE:
        return paragraphs
    if said.supplier and said.supplier_reference:
        names = {"supplier": said.supplier, "reference": said.supplier_reference}
        paragraphs.append(_("This is work of our supplier %(supplier)s, whose reference for it is %(reference)s.") % names)
    elif said.supplier:
        paragraphs.append(_("This is work of our supplier %(supplier)s.") % {"supplier": said.supplier})
    return paragraphs


def _opening(letter: Letter) -> str:
    if letter.kind == Kind.EMERGENCY:
        return _emergency(letter)
    if letter.kind == Kind.REMINDER:
        return _reminder(letter)
    return {
        Kind.ANNOUNCED.value: _("Maintenance is planned that affects services of yours. Below is when, what you will notice and how to reach us."),
        Kind.JOINED.value: _(
            "Maintenance is planned that affects services of yours. You receive this notice now because they were added to your account "
            "after the work had been announced."
        ),
        Kind.REVISED.value: _("Maintenance that we told you about has changed. This notice replaces what we told you before."),
        Kind.EASED.value: _(
            "Maintenance that we told you about has changed within what we announced: it will not affect you more than we said. There is nothing for you to do."
        ),
        Kind.CORRECTED.value: _(
            "We have corrected our description of maintenance that we told you about. Times, impact and services affected stay as they were. "
            "There is nothing for you to do."
        ),
        Kind.CANCELLED.value: _(
            "The maintenance that we told you about will not take place, and your services are not affected. There is nothing for you to do."
        ),
        Kind.POSTPONED.value: _(
            "The maintenance that we told you about will not take place at the time given below. A new date is not fixed yet; "
            "we will announce it in a notice of its own."
        ),
        Kind.LATE.value: _("Maintenance that affects services of yours will take place at short notice."),
        Kind.STARTED.value: _("The maintenance that we told you about has started. Below is when it is due to end and what you will notice until then."),
        Kind.EXTENDED.value: _("The maintenance in progress takes longer than we announced. The new end is given below. We apologise for the inconvenience."),
        Kind.COMPLETED.value: _(
            "The work planned for the time given below has been completed. Your services should be working as usual. "
            "If one of them is not, please contact support."
        ),
        Kind.NOT_COMPLETED.value: _("The work planned for the time given below has ended without being completed."),
        Kind.ROOT_CAUSE.value: _("An incident of priority P1 affected services of yours. This report tells you what caused it and what was done about it."),
    }[letter.kind]


def _emergency(letter: Letter) -> str:
    sentence = ngettext(
        "This is emergency maintenance. It takes place without the usual notice of %(days)d day, because of the P1 incident %(incident)s (%(title)s).",
        "This is emergency maintenance. It takes place without the usual notice of %(days)d days, because of the P1 incident %(incident)s (%(title)s).",
        settings.NOTICE_DAYS,
    )
    return sentence % {"days": settings.NOTICE_DAYS, "incident": letter.said.incident, "title": letter.said.incident_title}


def _reminder(letter: Letter) -> str:
    if letter.told_at is None:
        return _("This is a reminder of maintenance that we told you about. Nothing has changed since then.")
    day = moments.day(letter.told_at, letter.zone, letter.language)
    return _("This is a reminder of maintenance that we told you about on %(date)s. Nothing has changed since then.") % {"date": day}


def _late(letter: Letter) -> list[str]:
    """Return the broken promise with an apology, and since when we and the supplier knew."""
    days = _promised_days(letter)
    promise = ngettext(
        "We have promised you notice of at least %(days)d day for planned maintenance. This notice does not keep that promise, and we apologise for it.",
        "We have promised you notice of at least %(days)d days for planned maintenance. This notice does not keep that promise, and we apologise for it.",
        days,
    )
    paragraphs = [promise % {"days": days}]
    if letter.said.learned_at:
        paragraphs.append(_("We learned of this work on %(moment)s.") % {"moment": _both(letter.said.learned_at, letter)})
    if letter.said.supplier_notified_at:
        paragraphs.append(_("Our supplier told us of it on %(moment)s.") % {"moment": _both(letter.said.supplier_notified_at, letter)})
    return paragraphs


def _promised_days(letter: Letter) -> int:
    """Return the notice that was promised: the most that an account's contract or region asks for."""
    customers = [account.customer for account in letter.accounts]
    return max(settings.NOTICE_DAYS, *(days or 0 for one in customers for days in (one.notice_days, one.region.notice_days)))


def _both(moment: datetime, letter: Letter) -> str:
    local = moments.full(moment, letter.zone, letter.language)
    if letter.zone.key in {"UTC", "Etc/UTC"}:
        return local
    return _("%(local)s = %(utc)s") % {"local": local, "utc": moments.in_utc(moment, letter.language)}
