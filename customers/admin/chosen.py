"""Rows edited inside another row's page, each with fields that search while one types."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.db.models import ForeignKey, Model
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest

from customers.admin.typed import TabularInline


class ChosenSelect(AutocompleteSelect):
    """Shows the row that its own row was loaded with; Django's asks the database once more for each field of each row."""

    chosen: Model | None = None

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Return the one option that is chosen, below the empty one where that is allowed."""
        if self.chosen is None or [str(one) for one in value] != [str(self.chosen.pk)]:
            return super().optgroups(name, value, attrs) if any(value) else [(None, self._empty(name), 0)]
        label = self.choices.field.label_from_instance(self.chosen)
        return [(None, [*self._empty(name), self.create_option(name, self.chosen.pk, label, True, 1)], 0)]  # noqa: FBT003  # Django's signature

    def _empty(self, name: str) -> list[Any]:
        return [] if self.is_required else [self.create_option(name, "", "", False, 0)]  # noqa: FBT003  # Django's signature


if TYPE_CHECKING:
    _Form = ModelForm[Any]
else:
    _Form = ModelForm


class ChosenForm(_Form):
    """Hands each searching field the row that was loaded with its own."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # whatever ModelForm takes
        """Look at what the instance holds; nothing is loaded for it."""
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            widget = field.widget.widget if isinstance(field.widget, RelatedFieldWidgetWrapper) else field.widget
            if isinstance(widget, ChosenSelect) and name in self.instance._state.fields_cache:  # noqa: SLF001  # there is no public way to ask
                widget.chosen = getattr(self.instance, name)


class ChosenInline(TabularInline[Any, Any]):
    """Loads what ``autocomplete_fields`` point at together with the rows: the page costs the same for one row and for many."""

    form = ChosenForm
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:  # noqa: ANN401  # a query set of whatever model
        """Join what is shown."""
        return super().get_queryset(request).select_related(*self.autocomplete_fields)

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **options: Any) -> ModelChoiceField[Any] | None:  # noqa: ANN401  # Django's signature
        """Use the widget that knows its row."""
        if db_field.name in self.autocomplete_fields:
            options["widget"] = ChosenSelect(db_field, self.admin_site, using=options.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **options)
