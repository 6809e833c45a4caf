"""What people decide about an incident, as pages: a POST shows what would follow, a second one, confirmed, does it. A GET changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from maintenance import emergencies, incidents
from maintenance.models import Incident, Notice, NoticeCustomer, RootCauseReport
from maintenance.root_causes import readers
from maintenance.states import Priority
from notifier.desk.nudge import nudge
from notifier.desk.refuting import refute as refute_and_tell
from notifier.desk.shown import utc

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

PERMISSION = "maintenance.override_priority"
CLOSING = "maintenance.change_incident"
CONFIRMED = "confirmed"


class WhyForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("reason"), strip=True, max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}))


class OverrideForm(WhyForm):
    """Which priority counts, and why."""

    priority = forms.ChoiceField(label=gettext_lazy("priority"), choices=[("", "---------"), *((one.value, one.label) for one in incidents.BY_HAND)])
    field_order = ("priority", "reason")


@dataclass(frozen=True)
class Decision:
    """One page: what is asked, what would follow, what is done. ``follows`` is asked after the verb, in what is then taken back."""

    title: str
    intro: str
    button: str
    form: forms.Form
    verb: Callable[[], Sequence[Notice]]
    follows: Callable[[Sequence[Notice]], list[str]]
    done: str


@dataclass(frozen=True)
class Asked:
    """One person's request about one incident."""

    admin: "ModelAdmin[Incident]"
    request: HttpRequest
    incident: Incident
    now: datetime

    @classmethod
    def of(cls, admin: "ModelAdmin[Incident]", request: HttpRequest, pk: int, *, permission: str = PERMISSION) -> "Asked":
        """Find the incident. Raises PermissionDenied for those without the right."""
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return cls(admin, request, get_object_or_404(Incident, pk=pk), timezone.now())

    @property
    def by(self) -> str:
        """Who asks."""
        return self.request.user.get_username()

    def answer(self, decision: Decision) -> HttpResponse:
        """Ask, show what would follow, or do it."""
        if not decision.form.is_valid():
            return self._page("incident_decision", decision)
        try:
            if CONFIRMED in self.request.POST:
                return self._carry_out(decision)
            return self._page("incident_confirm", decision, follows=self._rehearsed(decision))
        except ValidationError as error:
            if not decision.form.fields:
                return self._refused(error)
            by_field = set(getattr(error, "error_dict", ())) <= set(decision.form.fields)
            decision.form.add_error(None, error if by_field else error.messages)
            return self._page("incident_decision", decision)

    def _rehearsed(self, decision: Decision) -> list[str]:
        with transaction.atomic():
            follows = decision.follows(decision.verb())
            transaction.set_rollback(True)
        self.incident.refresh_from_db()
        return follows

    def _carry_out(self, decision: Decision) -> HttpResponse:
        with transaction.atomic():
            issued = decision.verb()
            said = decision.follows(issued)
        if issued:
            transaction.on_commit(nudge, robust=True)
        self.admin.log_change(self.request, self.incident, decision.done)
        messages.success(self.request, decision.done)
        for line in said:
            messages.info(self.request, line)
        return self._back()

    def _page(self, template: str, decision: Decision, **context: Any) -> HttpResponse:  # noqa: ANN401  # any template context
        shared = {"title": decision.title, "decision": decision, "incident": self.incident, "shown": computed_beside(self.incident), "confirmed": CONFIRMED}
        site = self.admin.admin_site.each_context(self.request)
        return TemplateResponse(self.request, f"admin/desk/{template}.html", {**site, "opts": Incident._meta, **shared, **context})

    def _refused(self, error: ValidationError) -> HttpResponse:
        for line in error.messages:
            messages.error(self.request, line)
        return self._back()

    def _back(self) -> HttpResponse:
        return redirect("admin:maintenance_incident_change", self.incident.pk)


def computed_beside(incident: Incident) -> str:
    """Return the priority that counts, with the computed one where it is another."""
    if incident.priority == incident.computed_priority:
        return incident.get_priority_display()
    return _("%(priority)s (computed %(computed)s)") % {
        "priority": incident.get_priority_display(),
        "computed": incident.get_computed_priority_display(),
    }


def override(admin: "ModelAdmin[Incident]", request: HttpRequest, pk: int) -> HttpResponse:
    """Raise or lower the priority."""
    asked = Asked.of(admin, request, pk)
    incident, form = asked.incident, OverrideForm(request.POST or None, use_required_attribute=False)
    was_refuted, before = incident.refuted_at is not None, incident.priority

    def verb() -> Sequence[Notice]:
        entered = form.cleaned_data
        incidents.override_priority(incident, priority=entered["priority"], reason=entered["reason"], by=asked.by, now=asked.now)
        return ()

    def follows(_issued: Sequence[Notice]) -> list[str]:
        lines = [_("The priority is %(priority)s, until this is taken back.") % {"priority": computed_beside(incident)}]
        if incident.priority == Priority.P1:
            lines.append(_("It allows emergency maintenance."))
            if was_refuted:
                lines.append(_("That it was found never to have been a P1 does not count any more."))
        elif before == Priority.P1:
            lines.append(_("That it was a P1 is kept: it still allows its lasting repair as an emergency. If it never was one, say that instead."))
        return lines

    title = _("Raise or lower the priority of %(reference)s") % {"reference": incident.reference}
    intro = _("The computed priority is kept beside yours. Your name and reason stand with the incident for good.")
    done = _("The priority of incident %(reference)s is set.") % {"reference": incident.reference}
    return asked.answer(Decision(title, intro, _("Set the priority"), form, verb, follows, done))


def take_back(admin: "ModelAdmin[Incident]", request: HttpRequest, pk: int) -> HttpResponse:
    """Let the computed priority count again."""
    asked = Asked.of(admin, request, pk)
    incident, form = asked.incident, WhyForm(request.POST or None, use_required_attribute=False)

    def verb() -> Sequence[Notice]:
        incidents.take_back_override(incident, reason=form.cleaned_data["reason"], by=asked.by, now=asked.now)
        return ()

    def follows(_issued: Sequence[Notice]) -> list[str]:
        return [_("The priority is %(priority)s.") % {"priority": computed_beside(incident)}]

    title = _("Let the computed priority of %(reference)s count again") % {"reference": incident.reference}
    done = _("The computed priority of incident %(reference)s counts again.") % {"reference": incident.reference}
    return asked.answer(Decision(title, _("Your name and reason stand with the incident for good."), _("Take it back"), form, verb, follows, done))


def refute(admin: "ModelAdmin[Incident]", request: HttpRequest, pk: int) -> HttpResponse:
    """Record that it never was a P1; what was announced for it and has not begun stops."""
    asked = Asked.of(admin, request, pk)
    incident, form = asked.incident, WhyForm(request.POST or None, use_required_attribute=False)

    def verb() -> Sequence[Notice]:
        return refute_and_tell(incident, reason=form.cleaned_data["reason"], by=asked.by, now=asked.now)

    title = _("%(reference)s never was a P1") % {"reference": incident.reference}
    intro = _(
        "It allows no emergency any more, and no other number of SIMs makes it a P1 again. Emergencies announced for it that have not begun are "
        "postponed without a new date, and your reason stands in the mails as you write it. Work in progress goes on."
    )
    done = _("Incident %(reference)s is recorded as never having been a P1.") % {"reference": incident.reference}
    return asked.answer(Decision(title, intro, _("It never was a P1"), form, verb, _stopped, done))


def close(admin: "ModelAdmin[Incident]", request: HttpRequest, pk: int) -> HttpResponse:
    """Close it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = Asked.of(admin, request, pk, permission=CLOSING)
    incident = asked.incident

    def verb() -> Sequence[Notice]:
        incidents.close_incident(incident, now=asked.now)
        return ()

    def follows(_issued: Sequence[Notice]) -> list[str]:
        report = RootCauseReport.objects.filter(incident=incident).first()
        if report is None:
            return [_("No root-cause report is owed.")]
        accounts = list(readers(report).values_list("account", flat=True))
        if not accounts:
            return [_("A root-cause report is due on %(due)s. No customer is entered yet; enter whom it hit.") % {"due": utc(report.due_at)}]
        return [_("A root-cause report is due on %(due)s for %(accounts)s.") % {"due": utc(report.due_at), "accounts": ", ".join(accounts)}]

    title = _("Close %(reference)s") % {"reference": incident.reference}
    done = _("Incident %(reference)s is closed.") % {"reference": incident.reference}
    return asked.answer(Decision(title, "", _("Close the incident"), forms.Form(request.POST), verb, follows, done))


def _stopped(issued: Sequence[Notice]) -> list[str]:
    windows = emergencies.stopped(issued)
    if not windows:
        return [_("No emergency that has not begun rests on it.")]
    told = NoticeCustomer.objects.filter(notice__in=issued).values("customer").distinct().count()
    return [
        _("Emergencies that stop: %(windows)s.") % {"windows": ", ".join(windows)},
        ngettext("%(count)d customer is told.", "%(count)d customers are told.", told) % {"count": told},
    ]
