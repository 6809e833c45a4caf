"""The repeated parts of the booking form: what the work is on, when, and the planner's words in each language."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext_lazy as _

from customers.models import Component, Domain, Operator
from maintenance import walltime
from maintenance.draft import ScopeDraft, WindowDraft
from maintenance.said import SaidText
from notifier.desk.admin.wall_time_field import WallTimeField

if TYPE_CHECKING:  # the stubs' class takes types, Django's own does not
    from django_stubs_ext import StrOrPromise

    Rows = forms.BaseFormSet[forms.Form]
else:
    Rows = forms.BaseFormSet


class ObjectsField(forms.CharField):
    """Object ids, one a line; cleans to a tuple."""

    def __init__(self, *, label: "StrOrPromise", help_text: "StrOrPromise", rows: int) -> None:
        """``rows``: how high the input is."""
        super().__init__(label=label, help_text=help_text, required=False, widget=forms.Textarea(attrs={"rows": rows, "cols": 30, "spellcheck": "false"}))

    def clean(self, value: Any) -> Any:  # noqa: ANN401  # Django's own signature
        """Return the lines that are not empty, without the spaces around them."""
        lines = (line.strip() for line in str(super().clean(value)).splitlines())
        return tuple(line for line in lines if line)


DOMAINS = [(domain.value, domain.label) for domain in (Domain.PROVIDER, Domain.MNO)]


class ScopeRow(forms.Form):
    """A component in a domain, of an operator or any."""

    component = forms.ChoiceField(label=_("component"))
    domain = forms.ChoiceField(label=_("domain"), choices=[("", "---------"), *DOMAINS])
    operator = forms.ChoiceField(label=_("operator"), required=False)

    def __init__(self, *args: Any, components: Sequence[Component], operators: Sequence[Operator], **options: Any) -> None:  # noqa: ANN401  # what Form takes
        """Take the lists, which are loaded once for all rows."""
        super().__init__(*args, **options)
        self._components = {row.slug: row for row in components}
        self._operators = {str(row.pk): row for row in operators}
        groups: dict[str, list[tuple[str, str]]] = {}
        for row in components:
            groups.setdefault(row.group, []).append((row.slug, str(row)))
        choices: dict[str, forms.ChoiceField] = {name: field for name, field in self.fields.items() if isinstance(field, forms.ChoiceField)}
        choices["component"].choices = [("", "---------"), *groups.items()]
        choices["operator"].choices = [("", _("any")), *((str(row.pk), row.code) for row in operators)]

    def scope(self) -> ScopeDraft:
        """Return what was entered; the form is valid."""
        entered = self.cleaned_data
        return ScopeDraft(self._components[entered["component"]], entered["domain"], self._operators.get(entered["operator"]))


class WindowRow(forms.Form):
    """Start and end as wall times of the maintenance's zone. ``number``: which window of announced work it is."""

    start = WallTimeField(label=_("start"))
    end = WallTimeField(label=_("end"))
    objects = ObjectsField(label=_("only these objects"), help_text=_("one object id a line; empty: all that the work is on"), rows=2)
    alternate = forms.BooleanField(label=_("alternate"), required=False)
    number = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def window(self, zone: ZoneInfo) -> WindowDraft | None:
        """Return what was entered, in UTC; where a time does not exist or exists twice, note that on its field and return None."""
        start, end = (moment(self, name, zone) for name in ("start", "end"))
        entered = self.cleaned_data
        return WindowDraft(start, end, entered["objects"], entered["alternate"], entered["number"]) if start and end else None


class TextRow(forms.Form):
    """The planner's words in one language; a row counts where anything is written."""

    title = forms.CharField(label=_("title"), required=False, widget=forms.TextInput(attrs={"class": "vTextField"}))
    impact = forms.CharField(label=_("impact in words"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}))
    description = forms.CharField(
        label=_("description"),
        required=False,
        strip=False,
        help_text=_("Markdown: **bold**, lists, links"),
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
    )

    def text(self) -> SaidText | None:
        """Return what was written, or None where nothing was."""
        text = SaidText(**{name: self.cleaned_data[name].replace("\r\n", "\n") for name in ("title", "impact", "description")})
        return text if (text.title + text.impact + text.description).strip() else None


class RowSet(Rows):
    """Rows that can be added, taken away and left empty; ``blank`` of them are shown at first."""

    blank = 1

    def initial_form_count(self) -> int:
        """None: each row may be emptied, those that came filled too."""
        return 0

    def total_form_count(self) -> int:
        """Return how many rows there are."""
        if self.is_bound:
            return super().total_form_count()
        return len(self.initial or ()) or self.blank

    def entered(self) -> Iterator[Any]:
        """Yield the rows that count: neither empty nor taken away."""
        for row in self.forms:
            if row.has_changed() and not row.cleaned_data.get(DELETION_FIELD_NAME):
                yield row


def moment(form: forms.Form, name: str, zone: ZoneInfo) -> datetime | None:
    """Return a field's wall time in UTC; where there is none or two, note both readings on the field and return None."""
    try:
        return walltime.parse(form.cleaned_data[name], zone)
    except ValidationError as error:
        form.add_error(name, error)
    return None


ScopeRows = cast("type[RowSet]", forms.formset_factory(ScopeRow, formset=RowSet, can_delete=True, max_num=100))
WindowRows = cast("type[RowSet]", forms.formset_factory(WindowRow, formset=RowSet, can_delete=True, max_num=1000))
