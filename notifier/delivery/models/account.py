"""Which accounts a mail speaks of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from notifier.delivery.models.delivery import Delivery


class Account(models.Model):
    """One account that a delivery lists, frozen at fan-out."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="accounts", verbose_name=_("delivery"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["delivery", "customer"], name="delivery_account_once")]

    def __str__(self) -> str:
        """Return the customer."""
        return str(self.customer)
