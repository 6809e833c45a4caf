"""A notice: what is said of a maintenance at one revision."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from maintenance.models.maintenance import Maintenance
from maintenance.said import Said


class Notice(models.Model):
    """An immutable snapshot: ``said_json`` is ``said.Said``; who is told is in NoticeCustomer, what is hit in NoticeService."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    maintenance = models.ForeignKey(Maintenance, models.PROTECT, related_name="notices", verbose_name=_("maintenance"))
    revision = models.PositiveIntegerField(_("revision"))
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.CharField(_("issued by"), max_length=150)
    said_json = models.JSONField(_("what is said"))
    decision = models.JSONField(_("decision"), default=dict, help_text=_("the policy's version, inputs and answer"))

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["maintenance_id", "revision"]
        constraints = [models.UniqueConstraint(fields=["maintenance", "revision"], name="notice_once_a_revision")]

    def __str__(self) -> str:
        """Return reference and revision."""
        return f"{self.maintenance.reference} r{self.revision}"

    @property
    def said(self) -> Said:
        """What is said, as values."""
        return Said.from_json(self.said_json)
