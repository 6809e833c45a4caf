"""The planner's admin of maintenance: list, booking form, page with the verbs. It writes nothing itself: ``booking`` does."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import available_timezones

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, DateTimeField, Exists, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maintenance import notices
from maintenance.draft import WindowDraft
from maintenance.models import Maintenance, MaintenanceText, NoticeCustomer, Shortfall, Window
from maintenance.states import Kind, WindowState
from notifier.desk.admin import preview_page, slots_page, verbs
from notifier.desk.admin.booking_form import BookingForm
from notifier.desk.admin.language_rows import text_rows
from notifier.desk.admin.maintenance_page import facts, notice_rows, page
from notifier.desk.admin.wall_time_field import YEARS
from notifier.desk.hits import hit_rows
from notifier.desk.shown import ShownMoment
from notifier.desk.shown_progress import refresh

if TYPE_CHECKING:  # the stubs' class takes types, Django's own does not
    MaintenanceModelAdmin = admin.ModelAdmin[Maintenance]
else:
    MaintenanceModelAdmin = admin.ModelAdmin


class OpenShortfalls(admin.SimpleListFilter):
    """Work for which somebody is not served in time."""

    title = gettext_lazy("shortfalls")
    parameter_name = "shortfalls"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, str]]:
        """Offer one choice beside all."""
        return [("open", gettext_lazy("open"))]  # type: ignore[list-item]  # lazy text, translated when shown

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Maintenance]) -> QuerySet[Maintenance]:
        """Keep those with an open one."""
        found = Exists(Shortfall.objects.filter(window__maintenance=OuterRef("pk"), cleared_at__isnull=True))
        return queryset.filter(found) if self.value() == "open" else queryset


@admin.register(Maintenance)
class MaintenanceAdmin(MaintenanceModelAdmin):
    """List and search; add and change are pages of our own."""

    list_display = ("reference", "title", "state", "first_window", "impact", "customers_hit", "supplier")
    list_filter = ("state", OpenShortfalls, "impact", ("supplier", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("supplier",)
    list_per_page = 50
    search_fields = ("reference", "supplier_reference", "texts__title")
    search_help_text = gettext_lazy("reference, supplier's reference or title")
    show_full_result_count = False
    change_list_template = "admin/desk/maintenance_list.html"
    actions = None

    class Media:
        css: ClassVar = {"all": ["desk/desk.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Maintenance]:
        """Bring everything that the list shows, in a number of queries that does not depend on its length."""
        return (
            super()
            .get_queryset(request)
            .annotate(first_start=_first_start(), number_of_customers=_number_of_customers())
            .prefetch_related(Prefetch("texts", MaintenanceText.objects.only("maintenance", "language", "title")))
        )

    @admin.display(description=gettext_lazy("title"))
    def title(self, row: Maintenance) -> str:
        """Show the English title, or another one where there is none."""
        return notices.title_of(row)

    @admin.display(description=gettext_lazy("first window"), ordering="first_start")
    def first_window(self, row: Any) -> str:  # noqa: ANN401  # a row with annotations
        """Show when it starts, in the maintenance's zone and in UTC."""
        if row.first_start is None:
            return "–"
        shown = ShownMoment.of(row.first_start, row.timezone)
        return format_html('{}<br><span class="desk-quiet">{}</span>', shown.local, shown.utc)

    @admin.display(description=gettext_lazy("customers"), ordering="number_of_customers")
    def customers_hit(self, row: Any) -> int:  # noqa: ANN401  # a row with annotations
        """Show how many were told, or would be."""
        return int(row.number_of_customers)

    def get_urls(self) -> list[URLPattern]:
        """Add the verbs and the preview."""
        wrap = self.admin_site.admin_view
        of_work = {**verbs.OF_WORK, "preview": preview_page.show}
        own = [path(f"<int:pk>/{_dashed(name)}/", wrap(partial(view, self)), name=f"desk_{name}") for name, view in of_work.items()]
        own += [path(f"<int:pk>/{_dashed(name)}/<int:number>/", wrap(partial(view, self)), name=f"desk_{name}") for name, view in verbs.OF_WINDOW.items()]
        own.append(path("<int:pk>/notices/", wrap(self.notices_view), name="desk_notices"))
        own.append(path("slots/", wrap(partial(slots_page.show, self)), name="desk_slots"))
        return [*own, *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Maintenance | None = None) -> bool:  # noqa: ARG002  # Django's own signature
        """Nobody: work is cancelled, and stays as evidence."""
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002  # Django's own signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002  # Django's own signature
    ) -> HttpResponse:
        """Show or take the booking form; with ``object_id`` the page of that maintenance."""
        if object_id is None:
            return self._book(request)
        maintenance = get_object_or_404(Maintenance, pk=object_id if object_id.isdigit() else None)
        return self._change(request, maintenance)

    def notices_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the notices alone: the page asks for them again as long as mails are on their way."""
        maintenance = get_object_or_404(Maintenance, pk=pk)
        if not self.has_view_permission(request, maintenance):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        rows = notice_rows(maintenance, now=timezone.now())
        shown = {"maintenance": maintenance, "notices": rows, "refresh": refresh(row.progress for row in rows)}
        return TemplateResponse(request, "admin/desk/notice_rows.html", shown)

    def _book(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        zone, window = _slot(request)
        form = BookingForm(None, data=posted, zone=zone or _usual_zone(request.user.get_username()), window=window)
        maintenance = form.save(by=request.user.get_username(), now=timezone.now()) if posted is not None else None
        if maintenance is None:
            return self._page(request, title=_("Book maintenance"), form=form)
        self.log_addition(request, maintenance, _("Booked."))
        messages.success(request, _("%(reference)s is booked. Nobody has been told yet.") % {"reference": maintenance.reference})
        return redirect("admin:maintenance_maintenance_change", maintenance.pk)

    def _change(self, request: HttpRequest, maintenance: Maintenance) -> HttpResponse:
        editable = maintenance.state == WindowState.DRAFT and self.has_change_permission(request, maintenance)
        if not self.has_view_permission(request, maintenance):
            raise PermissionDenied
        if request.method == "POST" and not editable:
            if not self.has_change_permission(request, maintenance):
                raise PermissionDenied
            return HttpResponseNotAllowed(["GET"])
        posted = request.POST if request.method == "POST" else None
        form = BookingForm(maintenance, data=posted) if editable else None
        if form and posted is not None and form.save(by=request.user.get_username(), now=timezone.now()):
            self.log_change(request, maintenance, _("Rewritten."))
            messages.success(request, _("%(reference)s is saved. Nobody has been told yet.") % {"reference": maintenance.reference})
            return redirect("admin:maintenance_maintenance_change", maintenance.pk)
        return self._page(
            request,
            title=maintenance.reference,
            form=form,
            original=maintenance,
            may_use_verbs=request.user.has_perm(verbs.PERMISSION),
            **page(maintenance, now=timezone.now()),
            **({} if form else facts(maintenance)),
        )

    def _page(self, request: HttpRequest, *, form: BookingForm | None, **context: Any) -> HttpResponse:  # noqa: ANN401  # any template context
        texts = text_rows(form, context.get("original"), context.get("languages", ())) if form else context.get("texts")
        context |= {"opts": self.opts, "form": form, "texts": texts}
        return TemplateResponse(request, "admin/desk/maintenance.html", {**self.admin_site.each_context(request), **context})


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _slot(request: HttpRequest) -> tuple[str, WindowDraft | None]:
    """Return time zone and window that the address names, as the slot finder's links do; nothing where it names none."""
    try:
        start, end = (datetime.fromisoformat(request.GET[name]).astimezone(UTC) for name in ("start", "end"))
    except (KeyError, ValueError, OverflowError):
        return "", None
    zone = request.GET.get("timezone", "")
    if zone not in available_timezones() or not all(moment.year in YEARS for moment in (start, end)):
        return "", None
    return zone, WindowDraft(start, end)


def _usual_zone(username: str) -> str:
    """Return the zone that the planner used last."""
    last = Maintenance.objects.filter(created_by=username).order_by("-pk").values_list("timezone", flat=True).first()
    return str(last) if last else "UTC"


def _first_start() -> Subquery:
    windows = Window.objects.filter(maintenance=OuterRef("pk")).order_by("start")
    return Subquery(windows.values("start")[:1], output_field=DateTimeField())


def _number_of_customers() -> Coalesce:
    """Return whom the newest notice told or, where there is none, whom the work hits now."""
    newest = NoticeCustomer.objects.filter(notice__maintenance=OuterRef("pk")).exclude(kind=Kind.CANCELLED).order_by().values("notice__revision")
    told = newest.order_by("-notice__revision").annotate(number=Count("customer_id", distinct=True)).values("number")[:1]
    hit = hit_rows().filter(maintenance=OuterRef("pk")).values("maintenance").annotate(number=Count("held_customer", distinct=True)).values("number")
    return Coalesce(Subquery(told), Subquery(hit), 0, output_field=IntegerField())
