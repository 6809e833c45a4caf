"""What the verbs ask for."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maintenance.models import Window
from maintenance.said import SaidEnding
from maintenance.states import FollowUp, Outcome, ServiceNow
from notifier.desk.admin.rows import moment
from notifier.desk.admin.wall_time_field import WallTimeField
from notifier.desk.shown import ShownMoment

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _words(label: "StrOrPromise", *, required: bool = True, help_text: "StrOrPromise" = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})
    return forms.CharField(label=label, required=required, max_length=2000, help_text=help_text, widget=widget)


class ReasonForm(forms.Form):
    """Why; customers read it."""

    reason = _words(gettext_lazy("reason"), help_text=gettext_lazy("stands in the mail as you write it"))


class BreachReasonForm(forms.Form):
    """Why work starts although somebody was not served in time."""

    reason = _words(
        gettext_lazy("reason"),
        required=False,
        help_text=gettext_lazy("kept with the breach; left empty, it is owed and can be given afterwards"),
    )


class TimesForm(forms.Form):
    """Wall times of the maintenance's zone."""

    def moments(self, zone: ZoneInfo) -> dict[str, datetime]:
        """Return the moments (UTC) of the times entered; where one is none or two its field says so, and it is left out."""
        found = {name: moment(self, name, zone) for name in ("start", "end") if name in self.fields} if self.is_valid() else {}
        return {name: at for name, at in found.items() if at}


class MoveForm(TimesForm):
    """Other times for a window."""

    start = WallTimeField(label=gettext_lazy("start"))
    end = WallTimeField(label=gettext_lazy("end"))


class ExtendForm(TimesForm):
    """A later end for running work."""

    end = WallTimeField(label=gettext_lazy("new end"))
    reason = _words(gettext_lazy("reason"), required=False, help_text=gettext_lazy("stands in the mail as you write it; may be left empty"))


class AlternateForm(forms.Form):
    """Which window the alternate replaces."""

    instead_of = forms.TypedChoiceField(
        label=gettext_lazy("instead of"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("the window that it replaces is cancelled"),
    )

    def __init__(self, windows: Sequence[Window], *args: Any, **options: Any) -> None:  # noqa: ANN401  # what Form takes
        """``windows``: those that can be replaced."""
        super().__init__(*args, **options)
        listed = [(str(window.number), _shown(window)) for window in windows]
        choice = self.fields["instead_of"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [*listed, ("", _("none: the others stay"))]
        if len(listed) == 1:
            self.initial["instead_of"] = listed[0][0]


class EndingForm(forms.Form):
    """How work ended that was not completed."""

    outcome = forms.ChoiceField(label=gettext_lazy("outcome"), choices=Outcome.choices, widget=forms.RadioSelect)
    service_now = forms.ChoiceField(label=gettext_lazy("service now"), choices=ServiceNow.choices, widget=forms.RadioSelect)
    follow_up = forms.ChoiceField(label=gettext_lazy("what comes next"), choices=FollowUp.choices, widget=forms.RadioSelect)
    note = _words(gettext_lazy("note"), required=False, help_text=gettext_lazy("stands in the mail as you write it; may be left empty"))

    def ending(self) -> SaidEnding:
        """Return what was entered; the form is valid."""
        entered = self.cleaned_data
        return SaidEnding(Outcome(entered["outcome"]), ServiceNow(entered["service_now"]), FollowUp(entered["follow_up"]), entered["note"])


def _shown(window: Window) -> str:
    zone = window.maintenance.timezone
    times = {"window": window, "start": ShownMoment.of(window.start, zone), "end": ShownMoment.of(window.end, zone).local}
    return _("%(window)s: %(start)s to %(end)s") % times
