"""Find a slot: a page that asks what is to be done and shows when it could be; everything stands in its address, nothing is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from timezone_field import TimeZoneFormField

from customers.models import Component, Operator
from maintenance import slot_search
from maintenance.models import Maintenance
from maintenance.notices import title_of
from maintenance.slot_search import Slots, Work
from maintenance.slots import Slot
from maintenance.states import Impact
from notifier.desk.admin.rows import ObjectsField, RowSet, ScopeRows
from notifier.desk.shown import ShownMoment

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

DAYS = 60
"""How far the search goes unless told otherwise."""
_MOST_OBJECTS = 1000


class WishForm(forms.Form):
    """How long, how bad, on which days, by whose clocks."""

    minutes = forms.IntegerField(label=gettext_lazy("length (minutes)"), min_value=1, max_value=slot_search.MOST_HOURS * 60)
    impact = forms.ChoiceField(label=gettext_lazy("impact"), choices=Impact.choices)
    first = forms.DateField(label=gettext_lazy("first day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=gettext_lazy("last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    timezone = TimeZoneFormField(label=gettext_lazy("time zone"), help_text=gettext_lazy("of the days, and of the times shown"))


class WorkForm(forms.Form):
    """What is said of work that is not booked yet, besides its components."""

    supplier = forms.ModelChoiceField(
        label=gettext_lazy("supplier"),
        queryset=Operator.objects.all(),
        required=False,
        empty_label=gettext_lazy("(our own work)"),
    )
    objects = ObjectsField(label=gettext_lazy("only these objects"), help_text=gettext_lazy("one object id a line; empty: every service in the scope"), rows=2)

    def clean_objects(self) -> tuple[str, ...]:
        """Refuse more than a database takes in one question."""
        objects: tuple[str, ...] = self.cleaned_data["objects"]
        if len(objects) > _MOST_OBJECTS:
            raise ValidationError(_("%(number)d are too many; %(most)d are allowed"), params={"number": len(objects), "most": _MOST_OBJECTS})
        return objects


@dataclass(frozen=True)
class ShownSlot:
    """``book``: the query with which the booking form begins; both moments in UTC, with the planner's zone."""

    start: ShownMoment
    end: ShownMoment
    sims: int
    conflicts: tuple[str, ...]
    book: str

    @classmethod
    def of(cls, slot: Slot, zone: ZoneInfo) -> "ShownSlot":
        """Show a slot by the clocks of ``zone``."""
        query = {"start": slot.start.isoformat(), "end": slot.end.isoformat(), "timezone": zone.key}
        return cls(ShownMoment.of(slot.start, zone), ShownMoment.of(slot.end, zone), slot.sims, slot.conflicts, urlencode(query))


class SlotsPage:
    """The parts of the page, and what was found; a draft (``reference`` in the address) says itself what is to be done."""

    def __init__(self, query: QueryDict, maintenance: Maintenance | None, *, now: datetime) -> None:
        """Search where the address says enough."""
        data = query if "minutes" in query else None
        self.maintenance = maintenance
        begin = _usual(maintenance, now=now)
        self.wish = WishForm(data or (begin if maintenance else None), initial=begin)
        self.work_form: WorkForm | None = None
        self.scopes: RowSet | None = None
        if maintenance is None:
            lists = {"components": list(Component.objects.all()), "operators": list(Operator.objects.all())}
            self.work_form = WorkForm(data)
            self.scopes = ScopeRows(data, prefix="scope", form_kwargs=lists)
        self.slots: Slots | None = self._search(now=now) if data is not None or maintenance else None

    @property
    def found(self) -> list[ShownSlot]:
        """The slots as they are shown."""
        zone = ZoneInfo(str(self.wish.cleaned_data["timezone"])) if self.slots else ZoneInfo("UTC")
        return [ShownSlot.of(slot, zone) for slot in self.slots.offered] if self.slots else []

    @property
    def earliest(self) -> ShownMoment | None:
        """From when on work is legal for everybody hit."""
        return ShownMoment.of(self.slots.earliest, ZoneInfo(str(self.wish.cleaned_data["timezone"]))) if self.slots else None

    def _search(self, *, now: datetime) -> Slots | None:
        """Return what is found, or None where something is refused: the fields say what."""
        parts = [part for part in (self.wish, self.work_form, self.scopes) if part is not None]
        if not all([part.is_valid() for part in parts]):  # noqa: C419  # every part is to say what is wrong with it
            return None
        entered = self.wish.cleaned_data
        try:
            asked = slot_search.wanted(
                length=timedelta(minutes=entered["minutes"]),
                first=entered["first"],
                last=entered["last"],
                zone=ZoneInfo(str(entered["timezone"])),
                impact=Impact(entered["impact"]),
            )
        except ValidationError as error:
            self.wish.add_error(None, error)
            return None
        work = self._work()
        return slot_search.search(work, asked, now=now) if work else None

    def _work(self) -> Work | None:
        if self.maintenance:
            return slot_search.work_of(self.maintenance)
        if self.work_form is None or self.scopes is None:
            return None
        rows = [row.scope() for row in self.scopes.entered()]
        try:
            return slot_search.work_on(rows, objects=self.work_form.cleaned_data["objects"], supplier=self.work_form.cleaned_data["supplier"])
        except ValidationError as error:
            self.work_form.add_error(None, error)
        return None


def show(admin: "ModelAdmin[Maintenance]", request: HttpRequest) -> HttpResponse:
    """Return the page."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    reference = request.GET.get("reference", "")
    maintenance = get_object_or_404(Maintenance, reference=reference) if reference else None
    now = timezone.now()
    context: dict[str, Any] = {
        "title": _("Find a slot"),
        "opts": Maintenance._meta,
        "maintenance": maintenance,
        "heading": title_of(maintenance) if maintenance else "",
        "page": SlotsPage(request.GET, maintenance, now=now),
        "may_book": admin.has_add_permission(request),
    }
    return TemplateResponse(request, "admin/desk/slots.html", {**admin.admin_site.each_context(request), **context})


def _usual(maintenance: Maintenance | None, *, now: datetime) -> dict[str, Any]:
    """Return what the page begins with: two hours of an outage, or what the draft says, in the days from today on."""
    window = maintenance.windows.order_by("number").first() if maintenance else None
    zone = ZoneInfo(str(maintenance.timezone)) if maintenance else ZoneInfo("UTC")
    today = now.astimezone(zone).date()
    length = window.end - window.start if window else timedelta(hours=2)
    return {
        "minutes": length // timedelta(minutes=1),
        "impact": maintenance.impact if maintenance else Impact.OUTAGE.value,
        "first": today,
        "last": today + timedelta(days=DAYS - 1),
        "timezone": zone.key,
    }
