"""The admin site: its names, and a first page that says what needs a planner's eye."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifier.desk.dashboard import dashboard


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

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Return the first page, with the dashboard for those who may see maintenance."""
        shown = {"dashboard": dashboard(now=timezone.now())} if request.user.has_perm("maintenance.view_maintenance") else {}
        return super().index(request, {**shown, **(extra_context or {})})
