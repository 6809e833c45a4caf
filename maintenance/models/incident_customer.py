"""How many of one customer's SIMs an incident touches."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
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

    def clean(self) -> None:
        """Refuse more SIMs than the customer has: they would raise the priority by a mistake."""
        customer = Customer.objects.filter(pk=self.customer_id).first()
        if customer is not None and (self.sims or 0) > customer.sim_base:
            message = gettext("%(account)s has %(base)d SIMs, so no more can be affected; where that is wrong, correct the customer's SIM base first.")
            raise ValidationError({"sims": message % {"account": customer.account, "base": customer.sim_base}})
