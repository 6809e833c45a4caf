"""What a person decided about an incident's priority, and why."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from maintenance.models.incident import Incident
from maintenance.states import Priority


class Verdict(models.TextChoices):
    """What was decided."""

    SET = "set", pgettext_lazy("verdict", "priority set")  # raised or lowered, whatever is computed
    TAKEN_BACK = "taken_back", pgettext_lazy("verdict", "taken back")  # the computed priority counts again
    REFUTED = "refuted", pgettext_lazy("verdict", "never was a P1")  # it justifies nothing any more


class IncidentJudgement(models.Model):
    """Only added to: the incident itself shows what is in force. ``priority`` is what counted afterwards, ``computed_priority`` what was computed then."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="judgements", verbose_name=_("incident"))
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict)
    priority = models.CharField(_("priority"), max_length=4, choices=Priority)
    computed_priority = models.CharField(_("computed priority"), max_length=4, choices=Priority)
    reason = models.TextField(_("reason"))
    made_by = models.CharField(_("made by"), max_length=150)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("decision on the priority")
        verbose_name_plural = _("decisions on the priority")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="incident_judgement_has_reason")]

    def __str__(self) -> str:
        """Return what was decided, and the priority."""
        return f"{self.get_verdict_display()}: {self.priority}"
