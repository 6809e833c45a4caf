"""That a customer is not served in time for a window."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from maintenance.models.window import Window
from maintenance.states import Cause


class Shortfall(models.Model):
    """Found by the tick, shown at once, kept for ever. ``cleared_at``: notice reached the customer in time after all, or the window went away.

    ``reason`` is why the work goes on all the same: given before the start, it becomes the breach's.
    """

    window = models.ForeignKey(Window, models.PROTECT, related_name="shortfalls", verbose_name=_("window"))
    customer = models.ForeignKey(Customer, models.PROTECT, verbose_name=_("customer"))
    cause = models.CharField(_("cause"), max_length=12, choices=Cause)
    found_at = models.DateTimeField(_("found at"))
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="")
    reason_by = models.CharField(_("reason by"), max_length=150, blank=True, default="")
    reason_at = models.DateTimeField(_("reason at"), null=True, blank=True)

    class Meta:
        verbose_name = _("shortfall")
        verbose_name_plural = _("shortfalls")
        ordering = ["-found_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["window", "customer"], condition=models.Q(cleared_at__isnull=True), name="shortfall_open_once"),
            models.CheckConstraint(
                condition=models.Q(reason="") | (~models.Q(reason_by="") & models.Q(reason_at__isnull=False)),
                name="shortfall_reason_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        """Return window and customer."""
        return f"{self.window}: {self.customer}"
