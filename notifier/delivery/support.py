"""How to reach support, in which language and when: one entry for each arrangement that the accounts of a mail have."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.office_hours import OfficeHours, Week, reopens, week_seen_from
from maintenance.said import SaidWindow
from notifier import moments
from notifier.delivery.letter import Told


@dataclass(frozen=True)
class Support:
    """One way to support, in sentences; ``accounts`` names those that it is for where there are several ways."""

    accounts: str
    email: str
    phone: str
    hours: tuple[str, ...]
    languages: str
    outside: str = ""
    reopens: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Arrangement:
    email: str
    phone: str
    language: str
    hours: OfficeHours
    around_the_clock: bool


def support_for(accounts: Iterable[Told], windows: Sequence[SaidWindow], *, first: datetime, language: str, zone: ZoneInfo) -> list[Support]:
    """Return how each account reaches support; ``windows`` are those that take place, ``first`` the moment whose offsets are shown."""
    codes = defaultdict(list)
    for account in accounts:
        codes[_arrangement(account)].append(account.customer.account)
    return [
        Support(
            accounts=", ".join(named) if len(codes) > 1 else "",
            email=arrangement.email,
            phone=arrangement.phone,
            hours=_hours(arrangement.hours, first, language, zone),
            languages=_languages(arrangement, language),
            outside=_outside(arrangement, windows),
            reopens=_reopening(arrangement, windows, language, zone),
        )
        for arrangement, named in codes.items()
    ]


def _arrangement(account: Told) -> _Arrangement:
    region, tier = account.customer.region, account.customer.tier
    hours = OfficeHours(ZoneInfo(str(region.timezone)), tier.opens, tier.closes, region.slug)
    return _Arrangement(region.support_email, region.support_phone, region.language, hours, tier.around_the_clock)


def _hours(hours: OfficeHours, first: datetime, language: str, zone: ZoneInfo) -> tuple[str, ...]:
    here = week_seen_from(hours.zone, first, hours)
    lines = [_("Office hours: %(hours)s, except on public holidays.") % {"hours": _week(here, language, hours.zone)}]
    if here.opens.astimezone(zone).utcoffset() != here.opens.astimezone(hours.zone).utcoffset():
        lines.append(_("In your time zone: %(hours)s.") % {"hours": _week(week_seen_from(zone, first, hours), language, zone)})
    return tuple(lines)


def _week(week: Week, language: str, zone: ZoneInfo) -> str:
    return _("%(first)s to %(last)s, %(opens)s to %(closes)s, %(zone)s") % {
        "first": moments.weekday(week.first, language),
        "last": moments.weekday(week.last, language),
        "opens": moments.clock(week.opens, zone, language),
        "closes": moments.clock(week.closes, zone, language),
        "zone": moments.named_offset(week.opens, zone, language),
    }


def _languages(arrangement: _Arrangement, language: str) -> str:
    spoken = {"language": moments.language_name(arrangement.language, language)}
    if not arrangement.around_the_clock:
        return _("Support answers in %(language)s. Outside office hours it is closed.") % spoken
    if arrangement.language == "en":
        return _("Support answers in English at all hours.")
    return _("In office hours support answers in %(language)s; outside office hours it speaks English only.") % spoken


def _outside(arrangement: _Arrangement, windows: Sequence[SaidWindow]) -> str:
    """Return what to know where some of the work is done outside office hours (DOMAIN.md, The provider, and Support tiers)."""
    closed = [window for window in windows if reopens(window.start, window.end, arrangement.hours)]
    if not closed:
        return ""
    if arrangement.around_the_clock:
        return _("This work takes place at least partly outside office hours, when support speaks English only.")
    return ngettext(
        "This work takes place at least partly outside office hours, when support is closed. It reopens at this time:",
        "This work takes place at least partly outside office hours, when support is closed. It reopens at these times:",
        len({reopens(window.start, window.end, arrangement.hours) for window in closed}),
    )


def _reopening(arrangement: _Arrangement, windows: Sequence[SaidWindow], language: str, zone: ZoneInfo) -> tuple[str, ...]:
    if arrangement.around_the_clock:
        return ()
    found = {reopens(window.start, window.end, arrangement.hours) for window in windows}
    return tuple(moments.full(moment, zone, language) for moment in sorted(moment for moment in found if moment))
