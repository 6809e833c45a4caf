"""A notice: what is said of a maintenance at one revision."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from maintenance.models.incident import Incident
from maintenance.models.maintenance import Maintenance
from maintenance.said import Said


class Notice(models.Model):
    """An immutable snapshot: ``said_json`` is ``said.Said``; who is told is in NoticeCustomer, what is hit in NoticeService.

    ``about``: the number of the one window that it is about (start, completion, reminder ...), 0 for the whole maintenance.
    A root-cause report is told of an ``incident``, everything else of a maintenance.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    maintenance = models.ForeignKey(Maintenance, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name=_("maintenance"))
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name=_("incident"))
    revision = models.PositiveIntegerField(_("revision"))
    about = models.PositiveSmallIntegerField(_("window"), default=0)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.CharField(_("issued by"), max_length=150)
    said_json = models.JSONField(_("what is said"))
    decision = models.JSONField(_("decision"), default=dict, help_text=_("the policy's version, inputs and answer"))

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["maintenance_id", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["maintenance", "revision"], name="notice_once_a_revision"),
            models.UniqueConstraint(fields=["incident", "revision"], name="notice_once_a_report"),
            models.CheckConstraint(
                condition=models.Q(maintenance__isnull=False, incident__isnull=True) | models.Q(maintenance__isnull=True, incident__isnull=False),
                name="notice_of_maintenance_or_incident",
            ),
        ]

    def __str__(self) -> str:
        """Return reference and revision."""
        return f"{self.said.reference} r{self.revision}"

    @property
    def said(self) -> Said:
        """What is said, as values."""
        return Said.from_json(self.said_json)
