"""Root-cause reports: what is owed until when, the words in each language, who gets them, and filing."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from customers.models import ContactRole
from maintenance import impact, root_causes
from maintenance.models import Notice, RootCauseReport
from maintenance.root_cause_due import still_owed
from notifier.desk.admin.root_cause_form import ReportForm
from notifier.desk.nudge import nudge
from notifier.desk.shown import language_name, utc

if TYPE_CHECKING:  # the stubs' class takes types, Django's own does not
    ReportModelAdmin = admin.ModelAdmin[RootCauseReport]
else:
    ReportModelAdmin = admin.ModelAdmin

CONFIRMED = "confirmed"
FILING = "file"
"""The name of the button that asks to file what was typed."""


@dataclass(frozen=True)
class State:
    """Where a report stands; ``code`` is the colour's."""

    code: str
    label: str

    @classmethod
    def of(cls, report: RootCauseReport, *, owed: bool, now: datetime) -> "State":
        """Return it as of ``now``; ``owed``: whether somebody gets it, as far as customers are entered."""
        if report.filed_at is not None:
            return cls("completed", pgettext("root-cause report", "filed"))
        if report.incident.refuted_at is not None:
            return cls("cancelled", pgettext("root-cause report", "not owed: never was a P1"))
        if not owed:
            return cls("cancelled", pgettext("root-cause report", "not owed: no customer entered gets one"))
        if report.due_at < now:
            return cls("failed", pgettext("root-cause report", "overdue"))
        return cls("in_progress", pgettext("root-cause report", "due"))


@admin.register(RootCauseReport)
class RootCauseReportAdmin(ReportModelAdmin):
    """Opened by closing a P1; nothing is added or deleted by hand."""

    list_display = ("reference", "title", "state", "due", "customers", "filed")
    list_filter = (("filed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("incident",)
    list_per_page = 50
    search_fields = ("incident__reference", "incident__title")
    search_help_text = gettext_lazy("the incident's reference or title")
    show_full_result_count = False
    actions = None

    class Media:
        css: ClassVar = {"all": ["desk/desk.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # Django's own signature
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RootCauseReport | None = None) -> bool:  # noqa: ARG002  # Django's own signature
        """Nobody."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RootCauseReport]:
        """Count the customers in the same query: all that are entered, and those owed one."""
        owed = Count("incident__customers", filter=Q(incident__customers__customer__tier__root_cause_report=True))
        return super().get_queryset(request).annotate(owed_number=owed, entered_number=Count("incident__customers"))

    def get_urls(self) -> list[URLPattern]:
        """Add filing."""
        view = self.admin_site.admin_view(partial(_file, self))
        return [path("<int:pk>/file/", view, name="desk_file_report"), *super().get_urls()]

    @admin.display(description=gettext_lazy("incident"), ordering="incident__reference")
    def reference(self, row: RootCauseReport) -> str:
        """Show the incident's reference."""
        return row.incident.reference

    @admin.display(description=gettext_lazy("title"))
    def title(self, row: RootCauseReport) -> str:
        """Show the incident's title."""
        return row.incident.title

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: RootCauseReport) -> SafeString:
        """Show where it stands."""
        state = State.of(row, owed=self.customers(row) > 0 or not getattr(row, "entered_number", 0), now=timezone.now())
        return format_html('<span class="desk-state desk-state-{}">{}</span>', state.code, state.label)

    @admin.display(description=gettext_lazy("due at"), ordering="due_at")
    def due(self, row: RootCauseReport) -> str:
        """Show the time in UTC."""
        return utc(row.due_at)

    @admin.display(description=gettext_lazy("filed at"), ordering="filed_at")
    def filed(self, row: RootCauseReport) -> str:
        """Show the time in UTC."""
        return utc(row.filed_at)

    @admin.display(description=gettext_lazy("customers"))
    def customers(self, row: RootCauseReport) -> int:
        """Show how many are owed one."""
        return int(getattr(row, "owed_number", 0))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002  # Django's own signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002  # Django's own signature
    ) -> HttpResponse:
        """Show the report, and take its words."""
        report = get_object_or_404(RootCauseReport, pk=object_id if object_id and object_id.isdigit() else None)
        if not self.has_view_or_change_permission(request, report) or (request.method == "POST" and not self.has_change_permission(request, report)):
            raise PermissionDenied
        if request.method != "POST":
            return _page(self, request, report, ReportForm(root_causes.written(report)))
        form = ReportForm({}, data=request.POST)
        texts = form.texts()
        if texts is None:
            return _page(self, request, report, form)
        try:
            root_causes.write(report, texts)
        except ValidationError as error:
            form.refuse(error)
            return _page(self, request, report, form)
        self.log_change(request, report, _("Written."))
        if FILING in request.POST:
            return _confirm(self, request, report)
        messages.success(request, _("The report is saved. Nobody has been told yet."))
        return redirect("admin:maintenance_rootcausereport_change", report.pk)


def _file(admin: RootCauseReportAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """File the words as they are stored; nothing happens by GET."""
    if request.method != "POST" or CONFIRMED not in request.POST:
        return HttpResponseNotAllowed(["POST"])
    report = get_object_or_404(RootCauseReport, pk=pk)
    if not admin.has_change_permission(request, report):
        raise PermissionDenied
    try:
        notice = root_causes.file_report(report, root_causes.written(report), by=request.user.get_username(), now=timezone.now())
    except ValidationError as error:
        for line in error.messages:
            messages.error(request, line)
    else:
        transaction.on_commit(nudge, robust=True)
        admin.log_change(request, report, _("Filed."))
        told = notice.customers.count()
        messages.success(request, ngettext("The report goes to %(count)d customer.", "The report goes to %(count)d customers.", told) % {"count": told})
    return redirect("admin:maintenance_rootcausereport_change", report.pk)


def _confirm(admin: RootCauseReportAdmin, request: HttpRequest, report: RootCauseReport) -> HttpResponse:
    """Show who would get which words; refused is told on the form's page."""
    texts = root_causes.written(report)
    try:
        with transaction.atomic():
            root_causes.file_report(report, texts, by=request.user.get_username(), now=timezone.now())
            transaction.set_rollback(True)
    except ValidationError as error:
        form = ReportForm(texts)
        form.refuse(error)
        return _page(admin, request, report, form)
    report.refresh_from_db()
    words = [(language_name(language), text) for language, text in texts.items()]
    title = _("File the report of %(reference)s") % {"reference": report.incident.reference}
    return _rendered(admin, request, report, "root_cause_confirm", title, words=words, confirmed=CONFIRMED)


def _page(admin: RootCauseReportAdmin, request: HttpRequest, report: RootCauseReport, form: ReportForm) -> HttpResponse:
    title = _("Root-cause report of %(reference)s") % {"reference": report.incident.reference}
    readers = impact.reading_languages(root_causes.readers(report))
    notices = [(notice, utc(notice.issued_at)) for notice in Notice.objects.filter(incident=report.incident_id).order_by("revision")]
    may_write = admin.has_change_permission(request, report)
    return _rendered(admin, request, report, "root_cause", title, form=form, texts=form.shown(readers), notices=notices, may_write=may_write, filing=FILING)


def _rendered(admin: RootCauseReportAdmin, request: HttpRequest, report: RootCauseReport, template: str, title: str, **context: Any) -> HttpResponse:  # noqa: ANN401  # any template context
    customers = root_causes.readers(report)
    reached = set(ContactRole.objects.filter(customer__in=customers).values_list("customer_id", flat=True))
    about = {
        "title": title,
        "opts": RootCauseReport._meta,
        "report": report,
        "state": State.of(report, owed=still_owed().filter(pk=report.pk).exists(), now=timezone.now()),
        "due": utc(report.due_at),
        "filed": utc(report.filed_at),
        "entered": report.incident.customers.exists(),
        "readers": [(customer, customer.pk in reached) for customer in customers],
        "languages": [(language_name(code), number) for code, number in sorted(impact.reading_languages(customers).items())],
    }
    return TemplateResponse(request, f"admin/desk/{template}.html", {**admin.admin_site.each_context(request), **about, **context})
