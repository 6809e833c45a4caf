"""That a customer was served with a notice, and when: the one thing that policy reads of delivery."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from maintenance.models.notice import Notice
from maintenance.states import Hop


class Served(models.Model):
    """``accepted_at`` (UTC) is when the first contact's notice was taken over, or a person told; ``hop`` says by whom or how.

    Of notice that a person gave (by telephone, letter or at a meeting), ``detail`` says to whom, ``recorded_by`` who wrote it
    down, and ``document`` where the proof is.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="served", verbose_name=_("notice"))
    customer = models.ForeignKey(Customer, models.PROTECT, verbose_name=_("customer"))
    accepted_at = models.DateTimeField(_("accepted at"))
    hop = models.CharField(_("accepted by"), max_length=10, choices=Hop)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    document = models.CharField(_("document"), max_length=300, blank=True, default="")
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("customer served")
        verbose_name_plural = _("customers served")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["notice", "customer", "hop"], condition=models.Q(revoked_at__isnull=True), name="served_once")]

    def __str__(self) -> str:
        """Return customer and time."""
        return f"{self.customer}: {self.accepted_at:%Y-%m-%d %H:%M} UTC"
