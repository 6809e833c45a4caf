"""Mails whose fate is unknown, chosen from the list of deliveries: found to have arrived, or sent again. A GET changes nothing."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.unknown import Verdict, was_accepted
from notifier.delivery.unknown import send_again as put_back
from notifier.desk.admin.rows import moment
from notifier.desk.admin.wall_time_field import WallTimeField
from notifier.desk.nudge import nudge
from notifier.desk.shown import utc

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

GIVEN = "note"
"""The input whose presence says that the page was filled in."""
_FIRST = 10
_NONE = gettext_lazy("The fate of none of these is unknown any more.")
_UTC = ZoneInfo("UTC")


class ArrivedForm(forms.Form):
    """How it is known that the mails arrived, and since when."""

    note = forms.CharField(
        label=gettext_lazy("how it is known"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("the line of the mail server's log, the ticket, who at the customer has it; auditors read it"),
    )
    at = WallTimeField(
        label=gettext_lazy("taken over at (UTC)"),
        required=False,
        help_text=gettext_lazy("as the log says; empty: when its answer was given up, since a mail that arrived was taken over by then"),
    )


def has_arrived(admin: "ModelAdmin[Delivery]", request: HttpRequest, chosen: QuerySet[Delivery]) -> HttpResponse | None:
    """Return the page that asks how it is known; None once it is recorded, so that the list is shown again."""
    rows = list(chosen.filter(state=DeliveryState.UNKNOWN).select_related("notice__maintenance", "notice__incident").order_by("pk"))
    if not rows:
        messages.warning(request, _NONE)
        return None
    form = ArrivedForm(request.POST if GIVEN in request.POST else None, use_required_attribute=False)
    if form.is_valid() and _record(admin, request, rows, form):
        return None
    context: dict[str, Any] = {
        "title": _("It has arrived"),
        "opts": admin.opts,
        "form": form,
        "number": len(rows),
        "first": [(row, utc(row.handed_over_at)) for row in rows[:_FIRST]],
        "more": max(0, len(rows) - _FIRST),
        "posted": [(name, value) for name in ("action", "select_across", "index", ACTION_CHECKBOX_NAME) for value in request.POST.getlist(name)],
    }
    return TemplateResponse(request, "admin/desk/arrived.html", {**admin.admin_site.each_context(request), **context})


def _record(admin: "ModelAdmin[Delivery]", request: HttpRequest, rows: list[Delivery], form: ArrivedForm) -> bool:
    """Write it down for all or, where it is refused, for none, and say so."""
    at = moment(form, "at", _UTC) if form.cleaned_data["at"] else None
    if form.errors:
        return False
    try:
        done = _record_all(admin, request, rows, form.cleaned_data["note"], at)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    said = ngettext("%(count)d mail is recorded as arrived.", "%(count)d mails are recorded as arrived.", done)
    messages.success(request, said % {"count": done})
    if done < len(rows):
        messages.warning(request, _told(Verdict.NOT_UNKNOWN, len(rows) - done))
    return True


@transaction.atomic
def _record_all(admin: "ModelAdmin[Delivery]", request: HttpRequest, rows: list[Delivery], note: str, at: datetime | None) -> int:
    done = 0
    for row in rows:
        if was_accepted(row, by=request.user.get_username(), now=timezone.now(), note=note, at=at):
            admin.log_change(request, row, _("Found to have arrived: %(note)s") % {"note": note})
            done += 1
    return done


def send_again(admin: "ModelAdmin[Delivery]", request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
    """Put them back into the queue, and say what became of each."""
    with transaction.atomic():
        found = put_back(chosen, by=request.user.get_username(), now=timezone.now())
        for row in Delivery.objects.select_related("notice").filter(pk__in=found[Verdict.AGAIN]):
            admin.log_change(request, row, _("Sent again, though it may have arrived."))
        if found[Verdict.AGAIN]:
            transaction.on_commit(nudge, robust=True)
    if not any(found.values()):
        messages.warning(request, _NONE)
    for verdict, keys in found.items():
        if keys:
            level = messages.SUCCESS if verdict is Verdict.AGAIN else messages.WARNING
            messages.add_message(request, level, _told(verdict, len(keys)))


def _told(verdict: Verdict, count: int) -> str:
    texts = {
        Verdict.AGAIN: ngettext("%(count)d mail is sent again.", "%(count)d mails are sent again.", count),
        Verdict.NOT_UNKNOWN: ngettext(
            "%(count)d mail is left as it is: its fate is known by now.",
            "%(count)d mails are left as they are: their fate is known by now.",
            count,
        ),
        Verdict.NO_READER: ngettext(
            "%(count)d mail is not sent again: its contact is gone, or does not serve all of its accounts any more.",
            "%(count)d mails are not sent again: their contacts are gone, or do not serve all of their accounts any more.",
            count,
        ),
        Verdict.REPLACED: ngettext(
            "%(count)d mail is not sent again: a newer notice says otherwise.",
            "%(count)d mails are not sent again: newer notices say otherwise.",
            count,
        ),
        Verdict.TOO_LATE: ngettext(
            "%(count)d mail is not sent again: it would come too late.",
            "%(count)d mails are not sent again: they would come too late.",
            count,
        ),
    }
    return texts[verdict] % {"count": count}
