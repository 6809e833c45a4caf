"""A service as a row of its customer's page."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.admin.chosen import ChosenForm
from customers.models import Service

_WIDTHS = {"object_id": 12, "component": 13, "operator": 8, "backup": 9, "held_since": 11}
"""In em: there are many columns."""


class ServiceForm(ChosenForm):
    """Takes the backup by its object id: a list of all services in each row would grow with their square."""

    backup = forms.CharField(
        label=gettext_lazy("backup"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("object id of the customer's service that takes over while this one is down"),
    )

    held_since = forms.DateTimeField(
        label=gettext_lazy("held since (UTC)"),
        required=False,
        help_text=gettext_lazy("when the customer got it, now unless written; earlier than today where the record was missing"),
    )

    class Meta:
        model = Service
        fields = ["object_id", "component", "domain", "operator", "sims", "backup", "held_since"]

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # whatever ModelForm takes
        """Show the backup's object id, and all of it in the width of a page."""
        super().__init__(*args, **options)
        self.initial["backup"] = self.instance.backup.object_id if self.instance.backup else ""
        for name, width in _WIDTHS.items():
            widget = self.fields[name].widget
            (widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget).attrs["style"] = f"width: {width}em"

    def clean_held_since(self) -> datetime:
        """Return what was typed, or what the row says: to the second only where it was typed."""
        typed: datetime | None = self.cleaned_data["held_since"]
        return typed if typed and "held_since" in self.changed_data else self.instance.held_since

    def clean_backup(self) -> Service | None:
        """Return the service of that object id, which must be another one of the same customer's."""
        name = self.cleaned_data["backup"].strip()
        if name == self.initial["backup"]:
            kept: Service | None = self.instance.backup
            return kept
        if name == self.cleaned_data.get("object_id"):
            raise ValidationError(_("A service cannot be its own backup."), code="backup")
        found = Service.objects.filter(customer=self.instance.customer_id, object_id=name).first() if name else None
        if name and found is None:
            raise ValidationError(_("The customer has no service %(object_id)s; save that first."), code="backup", params={"object_id": name})
        return found
