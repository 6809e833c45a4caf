"""A day and a time of day as two inputs, as one wall time of a zone that is known only when the whole form is."""

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from maintenance.walltime import readings

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

YEARS = range(2000, 2101)


class WallTimeWidget(forms.MultiWidget):
    """A date with the browser's own picker, and a time as text, since an offset may be written after it."""

    def __init__(self) -> None:
        """Two inputs, named ``_date`` and ``_time``."""
        super().__init__(
            widgets={
                "date": forms.DateInput(attrs={"type": "date", "aria-label": _("date")}),
                "time": forms.TextInput(attrs={"placeholder": "23:00", "size": 11, "autocomplete": "off", "aria-label": _("time of day")}),
            },
        )

    def decompress(self, value: str | None) -> list[str]:
        """Split what ``written`` returns."""
        date, _separator, time = (value or "").partition("T")
        return [date, time]


class WallTimeField(forms.MultiValueField):
    """Cleans to ``2026-12-14T23:00``, with an offset where one was typed; ``walltime.parse`` judges it."""

    widget = WallTimeWidget

    def __init__(self, *, label: "StrOrPromise", help_text: "StrOrPromise" = "", required: bool = True) -> None:
        """Both inputs are needed, or neither where it is not ``required``."""
        parts = (forms.CharField(max_length=10), forms.CharField(max_length=12))
        super().__init__(fields=parts, label=label, help_text=help_text, required=required, require_all_fields=True)

    def compress(self, data_list: list[str]) -> str:
        """Join day and time of day; the year must be one that arithmetic on dates can bear."""
        if not data_list:
            return ""
        year = data_list[0].partition("-")[0]
        if not year.isascii() or not year.isdigit() or int(year) not in YEARS:
            raise ValidationError(_("Write the date as 2026-12-14, with a year from 2000 to 2100."), code="year")
        return "T".join(data_list)


def written(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment as wall time of ``zone``, with the offset only where the clocks show that time twice."""
    local = moment.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    twice = len(readings(wall, zone)) > 1
    return (local if twice else wall).isoformat(timespec="minutes")
