"""Notices: what was said, and by which decision."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from maintenance.models import Notice
from maintenance.states import Basis
from notifier.desk.admin.read_only import ReadOnlyAdmin
from notifier.desk.shown import language_name, utc


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin[Notice]):
    """A snapshot, with links to whom it told."""

    list_display = ("__str__", "issued", "issued_by", "customers_told")
    list_filter = ("issued_at",)
    list_select_related = ("maintenance",)
    search_fields = ("maintenance__reference", "issued_by")
    fields = ("maintenance", "revision", "issued", "issued_by", "told", "decided", "texts", "snapshot")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        """Count the customers in the same query."""
        return super().get_queryset(request).annotate(told_number=Count("customers"))

    @admin.display(description=_("issued at"), ordering="issued_at")
    def issued(self, row: Notice) -> str:
        """Show the time in UTC."""
        return utc(row.issued_at)

    @admin.display(description=_("customers told"), ordering="told_number")
    def customers_told(self, row: Notice) -> int:
        """Show how many."""
        return int(getattr(row, "told_number", 0))

    @admin.display(description=_("told"))
    def told(self, row: Notice) -> SafeString:
        """Link to the customers and the mails."""
        links = (
            (reverse("admin:maintenance_noticecustomer_changelist"), "notice__id__exact", _("customers told")),
            (reverse("admin:delivery_delivery_changelist"), "notice__id__exact", _("deliveries")),
        )
        return format_html_join(" · ", '<a href="{}?{}={}">{}</a>', ((address, name, row.pk, label) for address, name, label in links))

    @admin.display(description=_("texts"))
    def texts(self, row: Notice) -> SafeString:
        """Show the planner's words as they were sent."""
        texts = row.said.texts
        return format_html_join(
            "",
            '<details class="desk-said"><summary>{}: {}</summary><p>{}</p><pre>{}</pre></details>',
            ((language_name(language), text.title, text.impact, text.description) for language, text in texts.items()),
        )

    @admin.display(description=_("what is said"))
    def snapshot(self, row: Notice) -> SafeString:
        """Show the stored values, without the texts."""
        return _pretty({name: value for name, value in row.said_json.items() if name != "texts"})

    @admin.display(description=_("decision"))
    def decided(self, row: Notice) -> SafeString:
        """Show the policy's version, inputs and answer; the inputs in full below."""
        lines = format_html_join("", "<li>{}</li>", ((line,) for line in decision_lines(row.decision)))
        return format_html('<ul class="desk-reasons">{}</ul><details><summary>{}</summary>{}</details>', lines, _("as it is kept"), _pretty(row.decision))


def decision_lines(decision: Mapping[str, Any]) -> list[str]:
    """Return a decision in words: by which policy, when, and for each window the answer and for whom it was asked."""
    lines = []
    if "policy" in decision:
        words = gettext("Policy %(version)s, asked on %(when)s, with a margin of %(hours)s hours.")
        asked = {"version": decision["policy"], "when": _moment(decision.get("asked_at")), "hours": decision.get("margin_hours", "–")}
        lines.append(words % asked)
    if "answer" in decision:
        lines.append(str(decision["answer"]))
    if "windows" in decision and not decision["windows"]:
        lines.append(gettext("Nothing needed notice of its own."))
    for window in decision.get("windows", ()):
        customers = sum(number for _zone, _days, number in window["clocks"])
        clocks = ", ".join(f"{zone} {days}" for zone, days, _number in window["clocks"]) or "UTC"
        words = ngettext(
            "Window %(window)s, which starts on %(start)s: %(answer)s, for %(count)d customer (zones and days of notice: %(clocks)s).",
            "Window %(window)s, which starts on %(start)s: %(answer)s, for %(count)d customers (zones and days of notice: %(clocks)s).",
            customers,
        )
        answer = Basis(window["answer"]).label if window["answer"] in Basis.values else window["answer"]
        lines.append(words % {"window": window["window"], "start": _moment(window["start"]), "answer": answer, "count": customers, "clocks": clocks})
    return lines


def _moment(written: str | None) -> str:
    return utc(datetime.fromisoformat(written)) if written else "–"


def _pretty(value: object) -> SafeString:
    return format_html('<pre class="desk-json">{}</pre>', json.dumps(value, ensure_ascii=False, indent=2))
