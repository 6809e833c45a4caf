"""One planner's request about one maintenance."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from maintenance.models import Maintenance, Window
from notifier.desk.nudge import nudge

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

PERMISSION = "maintenance.announce_maintenance"
LATE_PERMISSION = "maintenance.send_late_notice"
CONFIRMED = "confirmed"
EDIT = "edit"
PREVIEW = "preview"
BUTTONS = (CONFIRMED, EDIT, PREVIEW)
"""Names of the buttons: do it, back to the form, show the mails."""


@dataclass(frozen=True)
class Request:
    """What a planner asks of a maintenance, and when."""

    admin: "ModelAdmin[Maintenance]"
    request: HttpRequest
    maintenance: Maintenance
    now: datetime

    @classmethod
    def of(cls, admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> "Request":
        """Find the maintenance. Raises PermissionDenied for those who may not use the verbs."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return cls(admin, request, get_object_or_404(Maintenance, pk=pk), timezone.now())

    @property
    def by(self) -> str:
        """Who asks."""
        return self.request.user.get_username()

    @property
    def may_be_late(self) -> bool:
        """Whether the planner has the right to send late notice."""
        return self.request.user.has_perm(LATE_PERMISSION)

    def window(self, number: int) -> Window:
        """Return one of the windows, or the page that it was not found."""
        found = get_object_or_404(Window, maintenance=self.maintenance, number=number)
        found.maintenance = self.maintenance
        return found

    def kept(self, *, without: set[str]) -> list[tuple[str, str]]:
        """Return what was posted, to be posted again by the next page, but for its own inputs and the buttons."""
        left_out = {"csrfmiddlewaretoken", *BUTTONS, *without}
        return [(name, value) for name, values in self.request.POST.lists() if name not in left_out for value in values]

    def page(self, template: str, title: str, **context: Any) -> HttpResponse:  # noqa: ANN401  # any template context
        """Return a page of the admin about the maintenance."""
        shared = {"title": title, "maintenance": self.maintenance, "opts": Maintenance._meta, "buttons": {name: name for name in BUTTONS}}
        return TemplateResponse(self.request, f"admin/desk/{template}.html", {**self.admin.admin_site.each_context(self.request), **shared, **context})

    def back(self) -> HttpResponse:
        """Return to the maintenance's page."""
        return redirect("admin:maintenance_maintenance_change", self.maintenance.pk)

    def refused(self, error: ValidationError) -> HttpResponse:
        """Return to the maintenance's page with the reasons on top."""
        for line in error.messages:
            messages.error(self.request, line)
        return self.back()

    def carry_out(self, verb: Callable[[], object], done: str) -> HttpResponse:
        """Do it, have the mails sent, and say so. Raises the ValidationError with which the verb refuses."""
        verb()
        transaction.on_commit(nudge, robust=True)
        self.admin.log_change(self.request, self.maintenance, done)
        messages.success(self.request, done)
        return self.back()
