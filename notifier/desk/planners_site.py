"""The admin site: its names, and a first page that says what needs a planner's eye."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifier.desk.dashboard import dashboard, notices_on_their_way

PERMISSION = "maintenance.view_maintenance"
"""To see the dashboard."""


class PlannersSite(AdminSite):
    """Django's admin under the planners' names."""

    site_title = _("Maintenance desk")
    site_header = _("Maintenance desk")
    index_title = _("Maintenance desk")
    index_template = "admin/desk/index.html"
    site_url = None
    enable_nav_sidebar = False

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the apps with the planners' daily work first."""
        order = ("maintenance", "customers", "delivery")
        found = super().get_app_list(request, app_label)
        return sorted(found, key=lambda app: order.index(app["app_label"]) if app["app_label"] in order else len(order))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add the part of the first page that refreshes itself."""
        return [path("on-their-way/", self.admin_view(self.on_their_way), name="desk_on_their_way"), *super().get_urls()]

    def on_their_way(self, request: HttpRequest) -> HttpResponse:
        """Show the notices of which mails are still to come, and nothing else."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        return TemplateResponse(request, "admin/desk/on_their_way.html", {"on_their_way": notices_on_their_way(now=timezone.now())})

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Return the first page, with the dashboard for those who may see maintenance."""
        shown = {"dashboard": dashboard(now=timezone.now())} if request.user.has_perm(PERMISSION) else {}
        return super().index(request, {**shown, **(extra_context or {})})
