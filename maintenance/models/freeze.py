"""A time in which no work is to be done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Component, Customer, Region
from customers.plain_text import single_line


class Freeze(models.Model):
    """Of everything, or of one region, component or customer; our own, or asked for by a customer. Hard for own work, a warning for a supplier's."""

    name = models.CharField(_("name"), max_length=100, validators=[single_line])
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    component = models.ForeignKey(Component, models.PROTECT, null=True, blank=True, verbose_name=_("component"))
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="freezes", verbose_name=_("customer"))
    asked_for_by = models.CharField(_("asked for by"), max_length=200, blank=True, default="", help_text=_("who at the customer; empty: our own"))

    class Meta:
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        ordering = ["-start", "id"]
        indexes = [models.Index(fields=["end"], name="freeze_by_end")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")),
                name="freeze_ends_after_it_starts",
                violation_error_message=_("A freeze must end after it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(region__isnull=True, component__isnull=True)
                | models.Q(region__isnull=True, customer__isnull=True)
                | models.Q(component__isnull=True, customer__isnull=True),
                name="freeze_of_one_thing",
                violation_error_message=_("A freeze is of everything, or of one region, component or customer."),
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name
