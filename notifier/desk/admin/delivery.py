"""Deliveries: one mail each, and what became of it."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifier.delivery.models import Delivery, DeliveryState
from notifier.delivery.resend import Verdict, send_again
from notifier.desk.admin import unknown
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.admin.reasons import may_act
from notifier.desk.nudge import nudge
from notifier.desk.shown import utc


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """Which mail went to whom, and why one did not."""

    list_display = ("address", "notice", "kind", "state", "reason", "attempts", "accepted", "language", "timezone")
    list_filter = ("state", "kind", "language")
    list_select_related = ("notice__maintenance",)
    search_fields = ("address", "notice__maintenance__reference", "customers__account", "reason")
    search_help_text = _("address, reference, account or reason")
    actions = ("send_again", "has_arrived", "send_unknown_again")
    change_list_template = "admin/desk/delivery_list.html"
    fields = (
        "notice",
        "kind",
        "address",
        "listed",
        "language",
        "timezone",
        "state",
        "reason",
        "attempts",
        "due",
        "until",
        "handed_over",
        "accepted",
        "hop",
        "hop_detail",
    )

    class Media:
        css: ClassVar = {"all": ["desk/desk.css"]}

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        """Let the pages of notices link to their mails."""
        return lookup == "notice__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]  # the stubs want a request, Django passes one

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever announces may have mails sent again."""
        return may_act(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer for mails whose fate is unknown what is of use for them, in the list that shows just these."""
        found: dict[str, Any] = super().get_actions(request)
        of_unknown = {"has_arrived", "send_unknown_again"}
        shown = of_unknown if request.GET.get("state__exact") == DeliveryState.UNKNOWN else {"send_again"}
        return {name: action for name, action in found.items() if name in shown}

    @admin.action(description=_("It has arrived"), permissions=["act"])
    def has_arrived(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse | None:
        """Ask how that is known, and record it."""
        return unknown.has_arrived(self, request, queryset)

    @admin.action(description=_("Send again, though it may have arrived"), permissions=["act"])
    def send_unknown_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Put those whose fate is unknown and that can still be in time back into the queue, and say what became of each."""
        unknown.send_again(self, request, queryset)

    @admin.action(description=_("Send again"), permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Put those that failed and can still be in time back into the queue, and say what became of each."""
        with transaction.atomic():
            found = send_again(queryset, by=request.user.get_username(), now=timezone.now())
            for row in Delivery.objects.filter(pk__in=found[Verdict.AGAIN]):
                self.log_change(request, row, _("Sent again."))
            if found[Verdict.AGAIN]:
                transaction.on_commit(nudge, robust=True)
        for verdict, keys in found.items():
            if keys:
                level = messages.SUCCESS if verdict is Verdict.AGAIN else messages.WARNING
                self.message_user(request, _told(verdict, len(keys)), level)

    @admin.display(description=_("accounts"))
    def listed(self, row: Delivery) -> str:
        """Show the accounts that the mail speaks of."""
        return ", ".join(row.customers.order_by("account").values_list("account", flat=True))

    @admin.display(description=_("due at"), ordering="due_at")
    def due(self, row: Delivery) -> str:
        """Show the time in UTC."""
        return utc(row.due_at)

    @admin.display(description=_("deadline"), ordering="deadline")
    def until(self, row: Delivery) -> str:
        """Show the time in UTC."""
        return utc(row.deadline)

    @admin.display(description=_("handed over at"), ordering="handed_over_at")
    def handed_over(self, row: Delivery) -> str:
        """Show the time in UTC."""
        return utc(row.handed_over_at)

    @admin.display(description=_("accepted at"), ordering="accepted_at")
    def accepted(self, row: Delivery) -> str:
        """Show the time in UTC."""
        return utc(row.accepted_at)


def _told(verdict: Verdict, count: int) -> str:
    texts = {
        Verdict.AGAIN: ngettext("%(count)d mail is sent again.", "%(count)d mails are sent again.", count),
        Verdict.NOT_FAILED: ngettext(
            "%(count)d mail is not sent again: it has not failed.",
            "%(count)d mails are not sent again: they have not failed.",
            count,
        ),
        Verdict.NO_READER: ngettext(
            "%(count)d mail is not sent again: its contact is gone, or serves none of its accounts any more.",
            "%(count)d mails are not sent again: their contacts are gone, or serve none of their accounts any more.",
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
