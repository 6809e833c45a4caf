"""That a customer has agreed in writing to shorter notice."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from maintenance.models.window import Window
from maintenance.states import Impact


class Consent(models.Model):
    """For one window with the times, impact and minutes of outage that it had then; it settles a shortfall, and is never "in time".

    More than that needs consent of its own: times outside these, a worse impact, more minutes.
    """

    window = models.ForeignKey(Window, models.PROTECT, related_name="consents", verbose_name=_("window"))
    customer = models.ForeignKey(Customer, models.PROTECT, verbose_name=_("customer"))
    start = models.DateTimeField(_("start agreed to"))
    end = models.DateTimeField(_("end agreed to"))
    impact = models.CharField(_("impact agreed to"), max_length=20, choices=Impact, default=Impact.NO_IMPACT)
    minutes = models.PositiveIntegerField(_("minutes of outage agreed to"), default=0)
    given_at = models.DateTimeField(_("given at"))
    given_by = models.CharField(_("given by"), max_length=200, help_text=_("who at the customer"))
    document = models.CharField(_("document"), max_length=300, help_text=_("where the writing is kept"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("recorded by"), max_length=150)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~models.Q(document=""), name="consent_is_written")]

    def __str__(self) -> str:
        """Return window and customer."""
        return f"{self.window}: {self.customer}"
