"""Which customers a contact serves, and as what."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.contact import Contact
from customers.models.customer import Customer


class Role(models.TextChoices):
    """What a contact does for a customer."""

    OPERATIONS = "operations", _("operations")  # runs the devices
    TECHNICAL = "technical", _("technical")  # knows the configuration
    MANAGER = "manager", _("manager")  # answers for the contract
    NOC = "noc", _("NOC")  # an integrator's control room that serves many accounts


class ContactRole(models.Model):
    """One contact serving one customer."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="roles", verbose_name=_("contact"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="roles", verbose_name=_("customer"))
    role = models.CharField(_("role"), max_length=16, choices=Role)

    class Meta:
        verbose_name = _("contact of a customer")
        verbose_name_plural = _("contacts of customers")
        ordering = ["customer_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "contact"],
                name="contact_serves_customer_once",
                violation_error_message=_("This contact serves the customer already."),
            ),
        ]

    def __str__(self) -> str:
        """Return the role's name."""
        return self.get_role_display()
