"""Wall times that people write, turned into UTC; those that do not exist or exist twice are refused with the readings offered."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_FIRST_YEAR, _LAST_YEAR = 1971, 9997
"""Years that every zone and both databases can reckon with, notice days and margins added or taken away."""


def readings(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the moments (UTC, earliest first) at which the clocks of ``zone`` show ``wall``: one, none or two of them."""
    found = []
    for fold in (0, 1):
        moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall.replace(fold=0) and moment not in found:
            found.append(moment)
    return sorted(found)


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) at which the clocks of ``zone`` show ``wall``.

    A ``wall`` with an offset of its own is one moment already, and is taken where the zone has that offset then.
    Raises ValidationError where the wall time does not exist, exists twice, or the offset is not the zone's.
    """
    if wall.tzinfo is not None:
        moment = wall.astimezone(UTC)
        if moment.astimezone(zone).utcoffset() != wall.utcoffset():
            raise ValidationError(
                _("%(wall)s has an offset that %(zone)s does not have then; it would be %(right)s"),
                code="offset",
                params={"wall": _iso(wall), "zone": zone.key, "right": _iso(moment.astimezone(zone))},
            )
        return moment
    found = readings(wall, zone)
    if not found:
        before, after = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC).astimezone(zone) for fold in (0, 1))
        raise ValidationError(
            _("%(wall)s does not exist in %(zone)s: the clocks go forward then; write %(before)s or %(after)s"),
            code="gap",
            params={"wall": _iso(wall), "zone": zone.key, "before": _iso(before), "after": _iso(after)},
        )
    if len(found) > 1:
        raise ValidationError(
            _("%(wall)s exists twice in %(zone)s: the clocks go back then; write %(first)s or %(second)s"),
            code="fold",
            params={
                "wall": _iso(wall),
                "zone": zone.key,
                "first": _iso(found[0].astimezone(zone)),
                "second": _iso(found[1].astimezone(zone)),
            },
        )
    return found[0]


def parse(text: str, zone: ZoneInfo) -> datetime:
    """Read ``YYYY-MM-DDTHH:MM`` (ISO 8601, seconds and offset optional) as wall time of ``zone``; return the moment in UTC."""
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValidationError(_("%(text)s is not a time such as 2026-12-14T23:00"), code="format", params={"text": repr(text)}) from error
    if "T" not in text.upper() and " " not in text.strip():
        raise ValidationError(_("%(text)s has no time of day; write it as 2026-12-14T23:00"), code="format", params={"text": repr(text)})
    if wall.second or wall.microsecond:
        raise ValidationError(_("%(text)s has seconds; windows are given to the minute"), code="format", params={"text": repr(text)})
    if not _FIRST_YEAR <= wall.year <= _LAST_YEAR:
        raise ValidationError(_("%(text)s is not a time such as 2026-12-14T23:00"), code="format", params={"text": repr(text)})
    return to_utc(wall, zone)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
