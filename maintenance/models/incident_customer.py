"""How many of one customer's SIMs an incident touches."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from maintenance.models.incident import Incident


class IncidentCustomer(models.Model):
    """Entered by a person: services share SIMs, so nothing can be added up (DOMAIN.md, Priorities)."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="customers", verbose_name=_("incident"))
    customer = models.ForeignKey(Customer, models.PROTECT, verbose_name=_("customer"))
    sims = models.PositiveIntegerField(_("SIMs affected"))

    class Meta:
        verbose_name = _("customer affected")
        verbose_name_plural = _("customers affected")
        ordering = ["customer_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "customer"],
                name="incident_customer_once",
                violation_error_message=_("This customer is entered already."),
            ),
        ]

    def __str__(self) -> str:
        """Return account and number."""
        return f"{self.customer}: {self.sims}"
