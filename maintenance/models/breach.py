"""That work was started, or told late, although a customer had not been served in time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from maintenance.models.window import Window


class Breach(models.Model):
    """Recorded for ever, by whom and why; never called compliant (DESIGN.md, Notice 6). An empty ``reason`` is still owed: nothing blocks at night."""

    window = models.ForeignKey(Window, models.PROTECT, related_name="breaches", verbose_name=_("window"))
    customer = models.ForeignKey(Customer, models.PROTECT, verbose_name=_("customer"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("recorded by"), max_length=150)
    reason = models.TextField(_("reason"), blank=True)
    reason_by = models.CharField(_("reason by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("breach")
        verbose_name_plural = _("breaches")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["window", "customer"], name="breach_once")]

    def __str__(self) -> str:
        """Return window and customer."""
        return f"{self.window}: {self.customer}"
