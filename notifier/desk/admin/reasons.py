"""One reason for many: a page between the choice in a list and what is done. A GET changes nothing, and neither does an empty reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

PERMISSION = "maintenance.announce_maintenance"
GIVEN = "reason"
"""The input whose presence says that the page was filled in."""
_FIRST = 10


class ReasonForm(forms.Form):
    """Why the work goes on all the same, or went on."""

    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Auditors read it; customers do not."),
    )


@dataclass(frozen=True)
class Asking:
    """What the page says. ``give`` does it and returns what to tell; its ValidationError is shown on the page."""

    title: str
    intro: str
    chosen: Sequence[str]
    give: Callable[[str], str]


def ask(admin: "ModelAdmin[Any]", request: HttpRequest, asking: Asking) -> HttpResponse | None:
    """Return the page that asks for the reason; None once it was given, so that the list is shown again."""
    if not asking.chosen:
        messages.warning(request, _("None of these needs a reason."))
        return None
    form = ReasonForm(request.POST if GIVEN in request.POST else None, use_required_attribute=False)
    if form.is_valid():
        try:
            messages.success(request, asking.give(form.cleaned_data["reason"]))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return None
    context: dict[str, Any] = {
        "title": asking.title,
        "opts": admin.opts,
        "asking": asking,
        "form": form,
        "first": asking.chosen[:_FIRST],
        "more": max(0, len(asking.chosen) - _FIRST),
        "posted": [(name, value) for name in ("action", "select_across", "index", ACTION_CHECKBOX_NAME) for value in request.POST.getlist(name)],
    }
    return TemplateResponse(request, "admin/desk/reasons.html", {**admin.admin_site.each_context(request), **context})


def may_act(request: HttpRequest) -> bool:
    """Tell whether a planner may give reasons and record evidence."""
    return request.user.has_perm(PERMISSION)
