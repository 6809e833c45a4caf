"""What caused a P1 and what was done about it: owed after closing, until it is filed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from maintenance.models.incident import Incident


class RootCauseReport(models.Model):
    """Opened when a P1 is closed, for the customers hit whose tier gets one (DOMAIN.md, Priorities), or while none is entered at all.

    ``chased_at``: when somebody was last reminded.
    """

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="root_cause", verbose_name=_("incident"))
    opened_at = models.DateTimeField(_("opened at"))
    due_at = models.DateTimeField(_("due at"))
    chased_at = models.DateTimeField(_("chased at"), null=True, blank=True)
    filed_at = models.DateTimeField(_("filed at"), null=True, blank=True)
    filed_by = models.CharField(_("filed by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("root-cause report")
        verbose_name_plural = _("root-cause reports")
        ordering = ["due_at", "id"]

    def __str__(self) -> str:
        """Return the incident."""
        return str(self.incident)
