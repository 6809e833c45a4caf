"""The booking form: it builds a Draft, lets ``booking`` judge and store it, and puts what is refused on its fields."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q, prefetch_related_objects
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from timezone_field import TimeZoneFormField

from customers.models import Component, Operator
from maintenance import booking
from maintenance.draft import Draft, WindowDraft
from maintenance.models import Incident, Maintenance
from maintenance.states import Impact, WindowState
from maintenance.stored_draft import as_draft
from notifier.desk.admin.rows import ObjectsField, RowSet, ScopeRows, TextRow, WindowRows, moment
from notifier.desk.admin.wall_time_field import WallTimeField, written

_PLACE = re.compile(r"(?P<part>scope|windows|texts|objects)(?:\[(?P<key>[\w-]+)\])?(?:\.(?P<field>\w+))?(?:\[(?P<item>\d+)\])?")


class FactsForm(forms.Form):
    """What is said once of a piece of work."""

    reference = forms.CharField(label=gettext_lazy("reference"), max_length=40)
    supplier = forms.ModelChoiceField(
        label=gettext_lazy("supplier"),
        queryset=Operator.objects.all(),
        required=False,
        empty_label=gettext_lazy("(our own work)"),
    )
    supplier_reference = forms.CharField(label=gettext_lazy("supplier's reference"), max_length=100, required=False)
    supplier_notified_at = WallTimeField(
        label=gettext_lazy("supplier told us at"),
        help_text=gettext_lazy("by the clocks of the time zone below; may be left empty"),
        required=False,
    )
    timezone = TimeZoneFormField(label=gettext_lazy("time zone"), help_text=gettext_lazy("of the times of the windows below"))
    objects = ObjectsField(label=gettext_lazy("only these objects"), help_text=gettext_lazy("one object id a line; empty: every service in the scope"), rows=3)
    impact = forms.ChoiceField(label=gettext_lazy("impact"), choices=[("", "---------"), *Impact.choices])
    expected_outage_minutes = forms.IntegerField(
        label=gettext_lazy("expected outage (minutes)"),
        min_value=0,
        max_value=100_000,
        help_text=gettext_lazy("minutes in each window in which service is really affected"),
    )
    incident = forms.ModelChoiceField(
        label=gettext_lazy("incident"),
        queryset=Incident.objects.filter(Q(closed_at__isnull=True) | Q(p1_identified_at__isnull=False)),
        required=False,
        empty_label=gettext_lazy("(none: planned work)"),
        help_text=gettext_lazy("only a P1 allows less notice, as an emergency"),
    )
    accept_english = forms.BooleanField(
        label=gettext_lazy("send English where a translation is missing"),
        required=False,
        help_text=gettext_lazy("the mail says in the reader's language that our text is in English"),
    )


class BookingForm:
    """All parts of the form; ``save`` stores a new draft, or what a draft says now. Announced work keeps its reference."""

    def __init__(self, maintenance: Maintenance | None, *, data: QueryDict | None = None, zone: str = "UTC", window: WindowDraft | None = None) -> None:
        """``zone``: the time zone that a new draft begins with; ``window``: its first window."""
        stored: dict[str, Any] = {"facts": {"timezone": zone, "expected_outage_minutes": 0}}
        if window:
            stored["windows"] = [_window_row(window, ZoneInfo(zone))]
        if data is not None:
            stored = {}  # a row counts where something was typed, not where it differs from what is stored
        elif maintenance:
            stored = _stored(maintenance)
        lists = {"components": list(Component.objects.all()), "operators": list(Operator.objects.all())}
        self.maintenance = maintenance
        self.facts = FactsForm(data, initial=stored.get("facts"))
        if maintenance and maintenance.state != WindowState.DRAFT:
            self.facts.fields["reference"].disabled = True
            self.facts.initial = {**self.facts.initial, "reference": maintenance.reference}
        self.scopes = ScopeRows(data, prefix="scope", initial=stored.get("scopes"), form_kwargs=lists)
        self.windows = WindowRows(data, prefix="windows", initial=stored.get("windows"))
        self.texts = {
            language: TextRow(data, prefix=f"texts-{language}", initial=stored.get("texts", {}).get(language)) for language, _name in settings.LANGUAGES
        }

    def save(self, *, by: str, now: datetime) -> Maintenance | None:
        """Return the draft as stored, or None where something is refused: the fields say what, and keep what was typed."""
        draft = self.draft()
        if draft is None:
            return None
        try:
            if self.maintenance is None:
                return booking.book(draft, by=by, now=now)
            return booking.rewrite(self.maintenance, draft, by=by, now=now)
        except ValidationError as error:
            self.refuse(error, draft)
        return None

    @property
    def has_errors(self) -> bool:
        """Whether any part has something to complain of."""
        forms_and_rows = [self.facts, *self.scopes.forms, *self.windows.forms, *self.texts.values()]
        return any(form.errors for form in forms_and_rows) or any(rows.non_form_errors() for rows in (self.scopes, self.windows))

    def draft(self) -> Draft | None:
        """Return what was entered, or None where something is wrong: its field says what."""
        parts: list[forms.Form | RowSet] = [self.facts, self.scopes, self.windows, *self.texts.values()]
        if not all([part.is_valid() for part in parts]):  # noqa: C419  # every part is to say what is wrong with it
            return None
        facts = dict(self.facts.cleaned_data)
        zone = ZoneInfo(str(facts.pop("timezone")))
        windows = [row.window(zone) for row in self.windows.entered()]
        texts = {language: row.text() for language, row in self.texts.items()}
        facts["supplier_notified_at"] = moment(self.facts, "supplier_notified_at", zone) if facts["supplier_notified_at"] else None
        if None in windows or self.facts.errors:
            return None
        return Draft(
            timezone=zone,
            scopes=tuple(row.scope() for row in self.scopes.entered()),
            windows=tuple(window for window in windows if window),
            impact=Impact(facts.pop("impact")),
            texts={language: text for language, text in texts.items() if text},
            **facts,
        )

    def refuse(self, error: ValidationError, draft: Draft | None) -> None:
        """Put each message of a refusal on the field that it is about."""
        if draft is None or not hasattr(error, "error_dict"):
            self.facts.add_error(None, error)
            return
        for name, messages in error.message_dict.items():
            found = _PLACE.fullmatch(name)
            if found:
                self._place_in_part(messages, draft, **found.groupdict())
            else:
                self.facts.add_error(None if name == NON_FIELD_ERRORS or name not in self.facts.fields else name, messages)

    def _place_in_part(self, messages: list[str], draft: Draft, *, part: str, key: str | None, field: str | None, item: str | None) -> None:
        rows = {"scope": self.scopes, "windows": self.windows}.get(part)
        if part == "objects":
            self.facts.add_error("objects", _about(messages, draft.objects[int(key or 0)]))
        elif part == "texts" and key:
            self.texts[key].add_error(field, messages)
        elif rows is None:
            self.facts.add_error(None, [_("Texts: %(message)s") % {"message": message} for message in messages])
        elif key is None:
            rows.non_form_errors().extend(messages)
        else:
            about = _about(messages, draft.windows[int(key)].objects[int(item)]) if item else messages
            list(rows.entered())[int(key)].add_error(field, about)


def _about(messages: list[str], line: str) -> list[str]:
    return [_("%(line)s: %(message)s") % {"line": line, "message": message} for message in messages]


def _stored(maintenance: Maintenance) -> dict[str, Any]:
    """Return what is booked or announced and still to come, as the parts' initial values."""
    zone: ZoneInfo = maintenance.timezone
    elsewhere = {"objects", "supplier", "incident", "supplier_notified_at"}
    facts = {name: getattr(maintenance, name) for name in FactsForm.base_fields if name not in elsewhere}
    prefetch_related_objects([maintenance], "windows__objects_named", "scopes__component", "scopes__operator", "objects_named", "texts")
    draft = as_draft(maintenance)
    announced = maintenance.state != WindowState.DRAFT
    return {
        "facts": {
            **facts,
            "supplier": maintenance.supplier_id,
            "incident": maintenance.incident_id,
            "supplier_notified_at": written(draft.supplier_notified_at, zone) if draft.supplier_notified_at else "",
            "objects": "\n".join(draft.objects),
        },
        "scopes": [{"component": row.component.slug, "domain": row.domain, "operator": row.operator.pk if row.operator else ""} for row in draft.scopes],
        "windows": [_window_row(window, zone) | ({"number": window.number} if announced else {}) for window in draft.windows],
        "texts": {language: asdict(text) for language, text in draft.texts.items()},
    }


def _window_row(window: WindowDraft, zone: ZoneInfo) -> dict[str, Any]:
    return {"start": written(window.start, zone), "end": written(window.end, zone), "objects": "\n".join(window.objects), "alternate": window.alternate}
