"""An incident: what alone can justify emergency maintenance, where it is a P1."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Domain, Operator
from customers.plain_text import single_line
from maintenance.states import Priority, PrivateApn


class Incident(models.Model):
    """``computed_priority`` comes from the table (DOMAIN.md); a person with the right may raise or lower it, with a reason: ``priority`` is what counts.

    ``p1_identified_at`` stays when the priority falls, the incident is closed or is refuted. ``refuted_at``: it was found never to
    have been a P1, and justifies nothing any more; only a person can make it one again. Earlier decisions are in IncidentJudgement.
    ``p1_until``: when it ceased to be a P1, lowered, refuted or closed, whichever came first; empty while it is an open one.
    """

    reference = models.CharField(_("reference"), max_length=40, unique=True, validators=[single_line])
    title = models.CharField(_("title"), max_length=200, validators=[single_line])
    domain = models.CharField(_("domain"), max_length=8, choices=Domain)
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, blank=True, verbose_name=_("operator"))
    sims = models.PositiveIntegerField(_("SIMs affected"), help_text=_("over all customers"))
    private_apn = models.CharField(_("private APN"), max_length=10, choices=PrivateApn, default=PrivateApn.UNAFFECTED)
    computed_priority = models.CharField(_("computed priority"), max_length=4, choices=Priority, default=Priority.NONE, editable=False)
    priority = models.CharField(_("priority"), max_length=4, choices=Priority, editable=False)
    override_by = models.CharField(_("priority set by"), max_length=150, blank=True, default="", editable=False)
    override_reason = models.TextField(_("reason for the priority"), blank=True, default="", editable=False)
    override_at = models.DateTimeField(_("priority set at"), null=True, blank=True, editable=False)
    customer_view = models.TextField(_("customer's own view"), blank=True, default="")
    opened_at = models.DateTimeField(_("opened at"), editable=False)
    p1_identified_at = models.DateTimeField(_("identified as P1 at"), null=True, blank=True, editable=False)
    p1_until = models.DateTimeField(_("was a P1 until"), null=True, blank=True, editable=False)
    refuted_at = models.DateTimeField(_("found never to have been a P1 at"), null=True, blank=True, editable=False)
    refuted_by = models.CharField(_("found by"), max_length=150, blank=True, default="", editable=False)
    refuted_reason = models.TextField(_("why it never was a P1"), blank=True, default="", editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-opened_at", "-id"]
        permissions = [("override_priority", "Can raise or lower an incident's priority")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(closed_at__gte=models.F("opened_at")),
                name="incident_closed_after_opened",
                violation_error_message=_("An incident is closed after it was opened."),
            ),
            models.CheckConstraint(
                condition=models.Q(priority=models.F("computed_priority")) | ~models.Q(override_reason="") | models.Q(refuted_at__isnull=False),
                name="incident_override_has_reason",
                violation_error_message=_("A priority other than the computed one needs a reason."),
            ),
            models.CheckConstraint(
                condition=~models.Q(priority="P1") | models.Q(p1_identified_at__isnull=False),
                name="incident_p1_was_identified",
                violation_error_message=_("A P1 has the time at which it was identified."),
            ),
            models.CheckConstraint(
                condition=models.Q(p1_identified_at__isnull=True) | models.Q(priority="P1", closed_at__isnull=True) | models.Q(p1_until__isnull=False),
                name="incident_former_p1_has_end",
                violation_error_message=_("What was a P1 has the time at which it ceased to be one."),
            ),
            models.CheckConstraint(
                condition=models.Q(refuted_at__isnull=True) | ~models.Q(priority="P1"),
                name="incident_refuted_is_no_p1",
                violation_error_message=_("What was found never to have been a P1 is none."),
            ),
            models.CheckConstraint(
                condition=models.Q(refuted_at__isnull=True) | ~models.Q(refuted_reason=""),
                name="incident_refuted_has_reason",
                violation_error_message=_("Finding that an incident never was a P1 needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        """Return reference and priority."""
        return f"{self.reference} ({self.priority})"

    def clean(self) -> None:
        """Refuse what the table of priorities has no row for (DOMAIN.md, Priorities): it would be left out of account unseen."""
        if self.private_apn in {PrivateApn.IMPAIRED, PrivateApn.DOWN} and self.domain != Domain.MNO:
            raise ValidationError({"private_apn": _("Counts in an MNO's domain only; elsewhere the number of SIMs decides.")})
